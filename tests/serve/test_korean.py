"""A workshop in Korean: from the first question on, and OpenSSH's client shows every letter."""

import os
import re
import shutil
import signal

import pytest

from tests.serve.ssh_at_a_terminal import SshAtATerminal
from tests.serve.workshop_server import JOIN_CODE, WorkshopServer, learner

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]

LESSON = "lesson service --no-tour --step 2"


@pytest.mark.skipif(shutil.which("ssh") is None, reason="needs OpenSSH's client")
def test_it_asks_and_answers_in_korean() -> None:
    with WorkshopServer("--lang", "ko", "--limit", "session_seconds=3600") as server:
        words = [
            "ssh", "-F", "none", "-t", "-p", str(server.port), "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null", "-o", "PubkeyAuthentication=no",
            "class@127.0.0.1", LESSON,
        ]  # fmt: skip
        first = SshAtATerminal(words)
        first.shows("참가 코드: ")
        first.press(f"{JOIN_CODE}\r")
        first.shows("이름: ")
        first.press("최,은지\r")
        first.shows("이름에는 글자와 숫자")
        first.shows("이름: ")
        first.press("최은지\r")
        first.shows("최은지 님, 환영합니다.")
        first.shows("시작합니다. ")
        code = re.search(r"복귀 코드는 (\d{3} \d{3})", first.seen.decode())
        assert code is not None
        first.press("\r")
        first.shows("서비스")
        for pid in server.sessions():
            os.kill(pid, signal.SIGKILL)
        first.shows("세션이 밖에서 종료되었습니다")
        first.shows("다시 접속하면 하던 곳에서 이어집니다")
        first.ended()
        again = SshAtATerminal(words)
        again.shows("참가 코드: ")
        again.press(f"{JOIN_CODE}\r")
        again.shows("이름: ")
        again.press("최은지\r")
        again.shows("최은지 님은 전에 참가한 적이 있습니다.")
        again.shows("복귀 코드 또는 다른 이름: ")
        again.press(f"{code[1]}\r")
        again.shows("서비스")
        again.press("q")
        assert again.ended() == 0


async def test_the_language_of_a_terminal_goes_before_the_workshops() -> None:
    with WorkshopServer("--limit", "sessions=1") as server:
        one = await learner(server, JOIN_CODE, "one", command=LESSON)
        await one.shows("2 of")
        english, korean = {"LANG": "en_US.UTF-8"}, {"LANG": "ko_KR.UTF-8"}
        for name, environment, said in (
            ("two", english, "all 1 seats are taken"),
            ("three", korean, "자리 1개가 모두 찼습니다"),
        ):
            late = await learner(server, JOIN_CODE, name, command=LESSON, environment=environment)
            assert await late.ended() == 75
            assert said in late.raw.decode()
        await one.leave()
