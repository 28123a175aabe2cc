"""A session of a workshop, and the workshop's end of its line."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tui.app import K8sNetApp
from tui.course.catalogue import load_course
from tui.screens.explorer import ExplorerScreen
from tui.store.progress import ProgressStore
from tui.workshop.channel import Channel
from tui.workshop.hosting import Workshop
from tui.workshop.messages import Message, Shown, line_of, message_of

COURSE = load_course()


class Line:
    """The workshop's end of a session's line."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.settimeout(5)
        self._file = self._ours.makefile("rb")
        self.channel = Channel(self._theirs)

    def tell(self, message: Message) -> None:
        self._ours.sendall(line_of(message))

    def heard(self) -> Message:
        return message_of(self._file.readline())

    def waiting(self) -> list[Message]:
        """All that was told and not heard yet."""
        found = []
        self._ours.settimeout(0.05)
        try:
            while line := self._file.readline():
                found.append(message_of(line))
        except TimeoutError:
            pass
        # a file that timed out once is not read again
        self._file = self._ours.makefile("rb")
        self._ours.settimeout(5)
        return found

    def shown(self) -> Shown:
        """The last that was shown."""
        return [each for each in self.waiting() if isinstance(each, Shown)][-1]

    def close(self) -> None:
        self._file.close()
        self._ours.close()
        self._theirs.close()


@asynccontextmanager
async def attending(
    line: Line,
    *,
    instructor: bool = False,
    at: str = "container",
    size: tuple[int, int] = (120, 40),
    lang: str = "en",
    store: ProgressStore | None = None,
    toasts: bool = False,
) -> AsyncIterator[tuple[Pilot[None], ExplorerScreen]]:
    """A session that stands at a lesson and a step, `service:hook`; an instructor's explorer."""
    lesson, _, step = at.partition(":")
    workshop = Workshop(line.channel, instructor=instructor, name="kim")
    course = COURSE if lang == "en" else load_course(None, lang)
    app = K8sNetApp(course, lesson, step or None, store=store, workshop=workshop)
    async with app.run_test(size=size, notifications=toasts) as pilot:
        await pilot.pause()
        screen = app.screen_stack[0]
        assert isinstance(screen, ExplorerScreen)
        yield pilot, screen


async def passed(pilot: Pilot[None]) -> None:
    """What was sent over a line has arrived and shows."""
    await asyncio.sleep(0.1)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def place(screen: ExplorerScreen) -> tuple[str, str]:
    """Lesson and step."""
    assert screen.page is not None
    return screen.page.lesson.id, screen.page.step.id


def notices(pilot: Pilot[None]) -> list[str]:
    """What was said, the oldest first."""
    return [str(each.message) for each in pilot.app._notifications]


def header(screen: ExplorerScreen) -> str:
    """The row at the top."""
    from tui.widgets.header_line import HeaderLine

    return screen.query_one(HeaderLine).text_rows()[0]
