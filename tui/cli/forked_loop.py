"""An event loop that is there before a fork, and goes on after it."""

from __future__ import annotations

import asyncio
import selectors


class ForkedLoop(asyncio.SelectorEventLoop):
    """Runs in the parent until things are ready, then in each child on its own.

    Its tasks are memory like any other, and poll(2) keeps nothing in the kernel. What parent and
    child would share is the pair of sockets by which signals and threads wake the loop.
    """

    def __init__(self) -> None:
        """Not running, and with nothing to run."""
        super().__init__(selectors.PollSelector())

    def wake_alone(self) -> None:
        """In a child that has closed what it inherited: wake by a pair of its own."""
        self._remove_reader(self._ssock.fileno())  # type: ignore[attr-defined]
        for inherited in (self._ssock, self._csock):  # type: ignore[attr-defined]
            inherited.detach()
        self._internal_fds -= 1  # type: ignore[attr-defined]
        self._make_self_pipe()  # type: ignore[attr-defined]
