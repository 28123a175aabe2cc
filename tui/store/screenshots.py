"""Pictures of the screen and whatever else was asked to be kept, in the user's data directory."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from time import localtime, strftime

_NOT_IN_NAMES = re.compile(r"[^\w.-]")
"""An ending may hold a node's name, and a file says what it likes."""
_LONGEST_ENDING = 150


def screenshots_folder(
    environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> Path:
    """The folder's place by the XDG base directory specification.

    Raises RuntimeError where there is no home directory.
    """
    data = Path(environment.get("XDG_DATA_HOME", ""))
    if not data.is_absolute():
        data = (home if home is not None else Path.home()) / ".local" / "share"
    return data / "k8snet-tui"


def save_screenshot(svg: str, at: float, folder: Path | None = None) -> Path:
    """Write a picture under the time at which it was taken. Raises OSError, RuntimeError."""
    return save_file(svg.encode(), at, ".svg", folder)


def save_file(content: bytes, at: float, ending: str, folder: Path | None = None) -> Path:
    """Write a file under a time and an ending, `-trace.json`; one that is there already stays.

    Raises OSError, RuntimeError.
    """
    place = folder if folder is not None else screenshots_folder()
    place.mkdir(parents=True, exist_ok=True)
    stem = f"k8snet-tui-{strftime('%Y-%m-%d-%H%M%S', localtime(at))}"
    safe = _NOT_IN_NAMES.sub("_", ending)[-_LONGEST_ENDING:]
    for number in count(1):
        file = place / (f"{stem}{safe}" if number == 1 else f"{stem}-{number}{safe}")
        try:
            with file.open("xb") as new:
                new.write(content)
        except FileExistsError:
            continue
        return file
    raise AssertionError("there is always another number")
