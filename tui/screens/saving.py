"""Writing a file that was asked for, and saying where it is, or why it is not."""

from __future__ import annotations

import time
from typing import Any

from textual.screen import Screen

from tui.store.screenshots import save_file
from tui.words import Words


def save(screen: Screen[Any], content: bytes, ending: str, words: Words) -> None:
    """Keep the content in a new file of the data directory."""
    try:
        file = save_file(content, time.time(), ending)
    except (OSError, RuntimeError) as error:
        text = words("This cannot be saved: {error}", error=str(error))
        screen.notify(text, severity="error", markup=False)
    else:
        screen.notify(words("Saved: {file}", file=str(file)), markup=False)
