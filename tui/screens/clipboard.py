"""The terminal's clipboard, by its escape sequence OSC 52, and what is said of it."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from tui.screens.saving import is_hosted
from tui.widgets.line import fit
from tui.words import Words

LARGEST = 74_994
"""Bytes that every terminal takes: with base64 and the sequence around them they are 100,000."""

_SAID = 100
"""Cells of what was copied that the notice shows."""


def copy(screen: Screen[Any], text: str, what: str, words: Words) -> bool:
    """Copy a text and say what it was; of one that is too big say so, and copy nothing.

    Whether the terminal obeys is nothing that it tells.
    """
    size = len(text.encode())
    if size > LARGEST:
        sizes = {"size": -(-size // 1000), "most": LARGEST // 1000}
        said = words("Too big to copy: {size} kB, and terminals take {most} kB.", **sizes)
        if not is_hosted(screen):
            said = words(
                "Too big to copy: {size} kB, and terminals take {most} kB. Save it instead.",
                **sizes,
            )
        screen.notify(said, severity="warning", markup=False)
        return False
    screen.app.copy_to_clipboard(text)
    screen.notify(words("Copied: {what}", what=fit(what, _SAID)), timeout=3, markup=False)
    return True
