"""The queue of sessions that start: a few at once, the others in order, each told its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

Told = Callable[[int], None]
"""Called with one's place in the queue, 1 for the next."""


class StartQueue:
    """So many start at once."""

    def __init__(self, most: int) -> None:
        """Let so many start at once."""
        self._free = most
        self._waiting: list[tuple[asyncio.Future[None], Told]] = []

    async def enter(self, told: Told) -> None:
        """Wait for one's turn; the place in the queue is told at once where there is one."""
        if self._free > 0 and not self._waiting:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (turn, told)
        self._waiting.append(entry)
        told(len(self._waiting))
        try:
            await turn
        except asyncio.CancelledError:
            if entry in self._waiting:
                self._waiting.remove(entry)
            elif turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """One has started, or will not; the next one's turn."""
        self._free += 1
        while self._free > 0 and self._waiting:
            turn, _told = self._waiting.pop(0)
            if not turn.done():
                self._free -= 1
                turn.set_result(None)

    def tell(self) -> None:
        """Tell all who wait their place, for whoever knows how often: a class moves up often."""
        for place, (_turn, told) in enumerate(self._waiting, start=1):
            told(place)
