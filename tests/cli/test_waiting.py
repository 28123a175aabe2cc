"""An explorer that was mounted before a fork is, after it, what a fresh one is."""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.bench.terminal import Terminal
from tui.cli.forked_loop import ForkedLoop

pytestmark = pytest.mark.slow

CHILD = str(Path(__file__).with_name("mounted_child.py"))
LESSON = ("lesson", "service", "--step", "chains")
Picture = list[list[object]]


class Session:
    """What an explorer in a fork shows, and how it ends."""

    def __init__(self, folder: Path, how: str, **environment: str) -> None:
        self.folder, self.how = folder / how, how
        self.folder.mkdir(exist_ok=True)
        self.environment = {
            "XDG_STATE_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder), **environment,
        }  # fmt: skip

    @property
    def mark(self) -> Path:
        return self.folder / "went-on"

    def pictures(
        self, *words: str, keys: tuple[bytes, ...] = (), size: tuple[int, int] = (120, 40)
    ) -> list[Picture]:
        """The screen with all its colours, at first and after each key."""
        command = [sys.executable, CHILD, self.how, str(self.mark), *words]
        with Terminal(command, *size, environment=self.environment) as terminal:
            found = [settled(terminal)]
            for key in keys:
                terminal.press(key)
                found.append(settled(terminal))
            return found


def settled(terminal: Terminal) -> Picture:
    while not terminal.text.strip():
        assert terminal.read(20.0), "it shows nothing"
    while terminal.read(0.6):
        pass
    screen = terminal.screen
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


ALIKE = {
    "as mounted": (LESSON, (120, 40)),
    "narrower": (LESSON, (80, 24)),
    "wider": (LESSON, (200, 60)),
    "too small": (LESSON, (40, 12)),
    "light": ((*LESSON, "--theme", "light"), (120, 40)),
    "the course, in Korean": (("--lang", "ko"), (100, 30)),
}


@pytest.mark.parametrize(("words", "size"), ALIKE.values(), ids=ALIKE)
def test_it_shows_what_a_fresh_one_shows(
    words: tuple[str, ...], size: tuple[int, int], tmp_path: Path
) -> None:
    keys = (b"\r", b"\x1b[C", b"\x1b[C", b"?")
    waiting, fresh = Session(tmp_path, "waiting"), Session(tmp_path, "fresh")
    shown = waiting.pictures(*words, keys=keys, size=size)
    assert shown == fresh.pictures(*words, keys=keys, size=size)
    assert waiting.mark.exists()
    assert not fresh.mark.exists()


def test_who_is_new_is_led_around(tmp_path: Path) -> None:
    shown = [
        Session(tmp_path, how, K8SNET_NO_TOUR="0").pictures(keys=(b"\r", b"\x1b"))
        for how in ("waiting", "fresh")
    ]
    assert shown[0] == shown[1]
    assert shown[0][0] != shown[0][2]


def test_it_opens_where_the_learner_left_off(tmp_path: Path) -> None:
    before, *_ = Session(tmp_path, "waiting").pictures(*LESSON)
    again, *_ = Session(tmp_path, "waiting").pictures()
    assert again == before


UNFIT = {
    "no colour": (LESSON, {"NO_COLOR": "1"}),
    "fewer colours": (LESSON, {"COLORTERM": ""}),
    "plain signs": ((*LESSON, "--ascii"), {}),
    "the sandbox": (("sandbox",), {}),
}


@pytest.mark.parametrize(("words", "environment"), UNFIT.values(), ids=UNFIT)
def test_what_it_cannot_be_is_made_afresh(
    words: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    waiting = Session(tmp_path, "waiting", **environment)
    assert waiting.pictures(*words) == Session(tmp_path, "fresh", **environment).pictures(*words)
    assert not waiting.mark.exists()


def test_it_ends_in_order(tmp_path: Path) -> None:
    session = Session(tmp_path, "waiting")
    command = [sys.executable, CHILD, session.how, str(session.mark), *LESSON]
    with Terminal(command, environment=session.environment) as terminal:
        settled(terminal)
        terminal.press(b"q")
        end, ended = time.monotonic() + 20, None
        while ended is None and time.monotonic() < end:
            terminal.read(0.1)
            ended = os.waitid(os.P_PID, terminal.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    assert ended is not None
    assert (ended.si_code, ended.si_status) == (os.CLD_EXITED, 0)


# ---------------------------------------------------------------- its loop


def test_a_loop_goes_on_in_each_child_by_itself() -> None:
    loop = ForkedLoop()
    halfway = loop.create_task(asyncio.sleep(0.05, "done"))
    loop.run_until_complete(asyncio.sleep(0))
    children = [forked(loop, halfway) for _ in range(3)]
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0, 0, 0]
    assert loop.run_until_complete(halfway) == "done"
    loop.close()


def forked(loop: ForkedLoop, task: "asyncio.Task[str]") -> int:
    """A child that closes what it inherited, and in which a thread wakes the loop."""
    pid = os.fork()
    if pid == 0:
        os.closerange(3, 256)
        loop.wake_alone()
        woken = loop.create_future()
        threading.Timer(0.05, loop.call_soon_threadsafe, (woken.set_result, None)).start()
        loop.run_until_complete(asyncio.wait_for(woken, 5))
        os._exit(0 if loop.run_until_complete(task) == "done" else 1)
    return pid
