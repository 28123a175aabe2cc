"""Explorers that are mounted in the fork server, so that a session only has to go on.

What an explorer does before it shows anything of its learner's - reading stylesheets, making
widgets, giving each its styles - is done once. A fork then takes the terminal and opens what was
asked for. Nothing here ever was anybody's: the one that waits has no store and no lesson.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui.app import K8sNetApp
from tui.cli.forked_loop import ForkedLoop
from tui.cli.late_terminal import LateTerminal
from tui.course.lesson import Course

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.pilot import Pilot

SIZE = (120, 40)
"""Columns and rows for which it is arranged; a terminal of another size is one that was resized."""
_TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


class Waiting:
    """An explorer that is nobody's yet."""

    def __init__(self, course: Course) -> None:
        """Mount it, without a terminal. Raises what keeps it from being mounted."""
        self.course = course
        self._loop = ForkedLoop()
        self._mounted = asyncio.Event()
        with _environment(_TERMINAL), _streams_kept():
            self.app = K8sNetApp(course=course, waits=True)
            self.app.driver_class = LateTerminal
            self._run = self._loop.create_task(self._ran())
            self._loop.run_until_complete(self._ready())
            self._streams = sys.stdout, sys.stderr

    async def _ran(self) -> None:
        await self.app.run_async(size=SIZE, auto_pilot=self._settled)

    async def _settled(self, pilot: Pilot[object]) -> None:
        await pilot.pause()
        self._mounted.set()

    async def _ready(self) -> None:
        mounted = asyncio.create_task(self._mounted.wait())
        await asyncio.wait((mounted, self._run), return_when=asyncio.FIRST_COMPLETED)
        if not mounted.done():
            raise self.app.failure or RuntimeError("the explorer ended before it was mounted")

    def fits(self, course: Course, *, plain: bool) -> bool:
        """Whether it can be the explorer of this process: what cannot be changed is the same."""
        return course is self.course and not plain and _has_all_colours(os.environ)

    def go_on(self, begin: Callable[[], None], *, mouse: bool) -> None:
        """In a child: take its terminal, begin, and run to the end."""
        self._loop.wake_alone()
        with _streams_kept():
            sys.stdout, sys.stderr = self._streams
            self._loop.run_until_complete(self._gone_on(begin, mouse))

    async def _gone_on(self, begin: Callable[[], None], mouse: bool) -> None:
        def take() -> None:
            driver = self.app._driver
            assert isinstance(driver, LateTerminal)
            driver.take(mouse=mouse)
            self.app.call_later(begin)

        self.app.call_later(take)
        await self._run


def _has_all_colours(environment: Mapping[str, str]) -> bool:
    """Whether a terminal is like the one for which it was mounted."""
    colours = environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit")
    dumb = environment.get("TERM", "").strip().lower() in ("dumb", "unknown")
    return colours and not dumb and "NO_COLOR" not in environment


@contextmanager
def _environment(given: Mapping[str, str]) -> Iterator[None]:
    """The variables that an explorer reads when it is made, and none besides."""
    was = dict(os.environ)
    os.environ.pop("NO_COLOR", None)
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(was)


@contextmanager
def _streams_kept() -> Iterator[None]:
    """A program that runs catches what is printed; one that rests must not."""
    was = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout, sys.stderr = was
