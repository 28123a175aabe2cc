"""Asking whoever comes by key for a name, on the terminal that will show the explorer."""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import Awaitable, Callable

from tui.serve.login import name_prompt
from tui.store.workshop import Attendee, NameTaken, WorkshopStore
from tui.words import Words
from tui.workshop.names import LONGEST, name_of
from tui.workshop.unfit import UnfitName

_ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)
"""Arrows and other keys that write nothing."""
_OVER = "\r\n\x04"
_BACK = "\x7f\b"
_ANEW = "\x15"
_LEAVE = "\x03"


class Question:
    """One line that is typed as an answer; it shows what is typed."""

    def __init__(self, text: str, write: Callable[[bytes], None]) -> None:
        """Ask; inside a running event loop."""
        self._text, self._write = text, write
        self._typed = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._show()

    async def answer(self) -> str:
        """What was typed. Raises CancelledError where somebody would rather leave."""
        return await self._answer

    def take(self, data: bytes) -> None:
        """Keys; what comes after the answer is passed over."""
        for sign in _ESCAPES.sub("", self._decoder.decode(data)):
            if self._answer.done():
                return
            self._press(sign)
        self._show()

    def close(self) -> None:
        """Nothing more will be typed."""
        self._press("\n")

    def _press(self, sign: str) -> None:
        if self._answer.done():
            return
        if sign in _OVER:
            self._answer.set_result(self._typed)
            self._write(b"\r\n")
        elif sign in _LEAVE:
            self._answer.cancel()
        elif sign in _BACK:
            self._typed = self._typed[:-1]
        elif sign in _ANEW:
            self._typed = ""
        elif sign.isprintable() and len(self._typed) < LONGEST:
            self._typed += sign

    def _show(self) -> None:
        """Draw the line anew: how wide its last letter is need not be known."""
        if not self._answer.done():
            self._write(f"\r\x1b[K{self._text}{self._typed}".encode())


async def named(
    store: WorkshopStore,
    newcomer: Attendee,
    ask: Callable[[str], Awaitable[str]],
    words: Words,
) -> Attendee:
    """The learner under a name of their own choice."""
    why = ""
    while True:
        typed = (await ask(why + name_prompt(words, newcomer.name))).strip()
        if not typed or typed == newcomer.name:
            return newcomer
        try:
            return store.rename(newcomer, name_of(typed))
        except UnfitName as problem:
            why = f"{words.unfit(problem)}. "
        except NameTaken:
            why = words("Somebody has that name. ")
