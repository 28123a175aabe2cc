"""The language that was chosen on the screen, kept for the next start beside the progress."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tui.store.sqlite import progress_file

_LANGUAGE = re.compile(r"[a-z]{2,8}(?:[-_][A-Za-z]{2,8})?")


def language_file(environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Path:
    """Where the choice is kept. Raises RuntimeError where there is no home directory."""
    return progress_file(environment, home).with_name("language")


def chosen_language(file: Path | None = None) -> str | None:
    """The language chosen last; None where none was, or where that cannot be read."""
    try:
        text = (file or language_file()).read_text(encoding="utf-8")[:40].strip()
    except (OSError, RuntimeError, UnicodeDecodeError):
        return None
    return text if _LANGUAGE.fullmatch(text) else None


def choose_language(lang: str, file: Path | None = None) -> None:
    """Keep a choice. Where it cannot be kept, it holds for this run."""
    with suppress(OSError, RuntimeError):
        place = file or language_file()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{lang}\n", encoding="utf-8")
