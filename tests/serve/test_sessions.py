"""Learners come over SSH, and find the explorer and what they had done."""

import os
import re
import signal
from pathlib import Path

import asyncssh
import pytest

from tests.serve.workshop_server import (
    JOIN_CODE,
    WorkshopServer,
    connected,
    learner,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]

LESSON = "lesson container --no-tour"
TITLE = "One namespace, many"


async def test_a_learner_picks_a_name_and_gets_a_return_code(workshop: WorkshopServer) -> None:
    kim = await learner(workshop, JOIN_CODE, "kim", command=LESSON)
    assert kim.client.asked[:2] == ["Join code: ", "Your name: "]
    assert re.search(r"Welcome, kim\. Your return code is \d{3} \d{3}\.", kim.client.told[-1])
    await kim.shows(TITLE)
    kim.press("q")
    assert await kim.ended() == 0
    assert b"\x1b[?1049l" in kim.raw, "the first screen is back"


async def test_who_comes_back_goes_on_where_he_was(workshop: WorkshopServer) -> None:
    lee = await learner(workshop, JOIN_CODE, "이름", command="lesson service --no-tour --step 3")
    code = "".join(re.findall(r"\d", lee.client.told[-1]))
    await lee.shows("3 of")
    lee.press("q")
    await lee.ended()
    again = await learner(workshop, JOIN_CODE, "이름", code)
    assert "이름 was here before" in again.client.told[-1]
    await again.comes_back_to("3 of")
    await again.leave()


async def test_nobody_gets_in_under_another_ones_name(workshop: WorkshopServer) -> None:
    connection, _ = await connected(workshop, JOIN_CODE, "park")
    connection.close()
    await connection.wait_closed()
    with pytest.raises((asyncssh.PermissionDenied, asyncssh.DisconnectError)):
        await connected(workshop, JOIN_CODE, "PARK", "000 000")


async def test_without_the_join_code_nobody_gets_in() -> None:
    with WorkshopServer("--limit", "failures=2") as server:
        for _ in range(2):
            with pytest.raises((asyncssh.PermissionDenied, asyncssh.DisconnectError)):
                await connected(server, "wrong", "eve")
        with pytest.raises(asyncssh.DisconnectError, match="too many wrong codes"):
            await connected(server, JOIN_CODE, "eve")
        assert "join code" in server.told()


async def test_keys_are_known_again_and_unknown_keys_are_not(tmp_path: Path) -> None:
    known = asyncssh.generate_private_key("ssh-ed25519", comment="choi@laptop")
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    keys = tmp_path / "keys"
    keys.write_bytes(known.export_public_key())
    with WorkshopServer("--keys", str(keys)) as server:
        first = await learner(server, client_keys=[known], command="lesson service --no-tour")
        await first.shows("Your name [choi]:")
        first.press("최은지\r")
        await first.shows("1 of")
        first.press("q")
        await first.ended()
        again = await learner(server, client_keys=[known])
        await again.comes_back_to("1 of")
        assert not again.client.asked
        assert b"Your name" not in again.raw
        assert "logged in as 최은지" in server.told()
        with pytest.raises((asyncssh.PermissionDenied, asyncssh.DisconnectError)):
            await connected(server, "wrong", "x", client_keys=[stranger])
        await again.leave()


async def test_nobody_is_the_instructor_without_a_key(workshop: WorkshopServer) -> None:
    with pytest.raises((asyncssh.PermissionDenied, asyncssh.DisconnectError)):
        await connected(workshop, JOIN_CODE, "instructor", user="instructor")


async def test_the_screen_follows_the_window(workshop: WorkshopServer) -> None:
    one = await learner(workshop, JOIN_CODE, "wide", command=LESSON)
    await one.shows(TITLE)
    assert "node-c" not in one.text
    one.screen.resize(40, 120)
    one.process.change_terminal_size(120, 40)
    await one.shows("node-c")
    await one.leave()


async def test_colour_is_true_and_can_be_refused(workshop: WorkshopServer) -> None:
    bright = await learner(workshop, JOIN_CODE, "bright", command=LESSON)
    await bright.shows(TITLE)
    assert b"38;2;" in bright.raw
    await bright.leave()
    plain = await learner(
        workshop, JOIN_CODE, "plain", command=LESSON, environment={"NO_COLOR": "1"}
    )
    await plain.shows(TITLE)
    assert b"38;2;" not in plain.raw
    await plain.leave()


async def test_korean_is_spoken_to_who_asks_for_it(workshop: WorkshopServer) -> None:
    one = await learner(
        workshop, JOIN_CODE, "korean", command=LESSON, environment={"LANG": "ko_KR.UTF-8"}
    )
    await one.shows("컨테이너", "다음")
    await one.leave()


async def test_the_mouse_opens_a_pane(workshop: WorkshopServer) -> None:
    one = await learner(workshop, JOIN_CODE, "mouse", command=LESSON)
    await one.shows(TITLE)
    await one.settled()
    row = next(i for i, text in enumerate(one.screen.display) if "2 map" in text)
    column = one.screen.display[row].index("2 map") + 2
    one.press(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")
    await one.shows("node-a")
    await one.leave()


async def test_a_place_that_is_not_there_is_answered_in_a_sentence(
    workshop: WorkshopServer,
) -> None:
    one = await learner(workshop, JOIN_CODE, "lost", command="lesson nowhere")
    assert await one.ended() == 2
    assert "there is no such lesson" in " ".join(one.text.split())


async def test_without_a_terminal_a_sentence_says_what_is_missing(
    workshop: WorkshopServer,
) -> None:
    connection, _ = await connected(workshop, JOIN_CODE, "dumb")
    result = await connection.run("lesson service")
    assert (result.exit_status, "ssh -t" in str(result.stdout)) == (2, True)
    connection.close()
    await connection.wait_closed()


async def test_a_session_is_not_root_and_holds_nothing_of_the_server(
    workshop: WorkshopServer,
) -> None:
    before = set(workshop.sessions())
    one = await learner(workshop, JOIN_CODE, "bounded", command=LESSON)
    await one.shows(TITLE)
    (pid,) = set(workshop.sessions()) - before
    status = Path(f"/proc/{pid}/status").read_text()
    uids = re.search(r"Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", status)
    assert uids is not None
    if os.geteuid() == 0:
        assert {int(each) for each in uids.groups()} < set(range(70_000, 80_000))
        assert re.search(r"Groups:\s*$", status, re.MULTILINE)
    assert "NoNewPrivs:\t1" in status
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert re.search(rf"Max data size\s+{256 << 20}\s", limits)
    assert re.search(r"Max core file size\s+0\s", limits)
    kinds = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    sockets = [kind for kind in kinds if kind.startswith("socket:")]
    assert len(sockets) <= 3, "its line to the class, and the two of its event loop"
    assert not any("workshop.sqlite3" in kind or "host_key" in kind for kind in kinds)
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    assert JOIN_CODE.encode() not in environment
    await one.leave()


async def test_a_client_that_goes_takes_its_session_with_it(workshop: WorkshopServer) -> None:
    before = set(workshop.sessions())
    one = await learner(workshop, JOIN_CODE, "gone", command=LESSON)
    await one.shows(TITLE)
    (pid,) = set(workshop.sessions()) - before
    one.connection.abort()
    await _over(pid)


async def test_a_session_that_is_killed_leaves_a_sane_terminal_and_a_word(
    workshop: WorkshopServer,
) -> None:
    before = set(workshop.sessions())
    one = await learner(workshop, JOIN_CODE, "killed", command=LESSON)
    await one.shows(TITLE)
    (pid,) = set(workshop.sessions()) - before
    os.kill(pid, signal.SIGKILL)
    assert await one.ended() == 128 + 9
    assert one.raw.rindex(b"\x1b[?1049l") < one.raw.rindex(b"connect again")


async def _over(pid: int, within: float = 8.0) -> None:
    import asyncio

    for _ in range(int(within / 0.1)):
        if not Path(f"/proc/{pid}").exists():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"process {pid} is still there")
