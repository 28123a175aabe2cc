"""What is known of a crash, in the user's state directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from time import localtime, strftime

from tui.store.sqlite import progress_file


def crashes_folder(environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Path:
    """Where logs of crashes are kept: beside the learner's progress."""
    return progress_file(environment, home).parent


def save_crash(text: str, at: float, folder: Path | None = None) -> Path:
    """Write a log under the time of the crash. Raises OSError, RuntimeError."""
    place = folder if folder is not None else crashes_folder()
    place.mkdir(parents=True, exist_ok=True)
    file = place / f"crash-{strftime('%Y-%m-%d-%H%M%S', localtime(at))}.log"
    file.write_text(text, encoding="utf-8")
    return file
