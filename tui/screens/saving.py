"""Writing a file that was asked for, and saying where it is, or why it is not."""

from __future__ import annotations

import time
from typing import Any

from textual.screen import Screen

from tui.store.screenshots import save_file
from tui.words import Words


def save(screen: Screen[Any], content: bytes, ending: str, words: Words) -> None:
    """Keep the content in a new file of the data directory."""
    if is_refused(screen, words):
        return
    try:
        file = save_file(content, time.time(), ending)
    except (OSError, RuntimeError) as error:
        text = words("This cannot be saved: {error}", error=str(error))
        screen.notify(text, severity="error", markup=False)
    else:
        screen.notify(words("Saved: {file}", file=str(file)), markup=False)


def is_hosted(screen: Screen[Any]) -> bool:
    """Whether this is a workshop's machine, on which people have no files of their own."""
    return getattr(screen.app, "workshop", None) is not None


def is_refused(screen: Screen[Any], words: Words) -> bool:
    """Whether nothing is saved here, since here is a workshop's machine; that is said then."""
    if not is_hosted(screen):
        return False
    text = words("Nothing is saved on the workshop's machine; y copies to your own clipboard.")
    screen.notify(text, severity="warning", timeout=8)
    return True
