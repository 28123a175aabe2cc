"""Pictures of the screen, in the user's data directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from time import localtime, strftime


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
    place = folder if folder is not None else screenshots_folder()
    place.mkdir(parents=True, exist_ok=True)
    stem = f"k8snet-tui-{strftime('%Y-%m-%d-%H%M%S', localtime(at))}"
    file, number = place / f"{stem}.svg", 2
    while file.exists():
        file, number = place / f"{stem}-{number}.svg", number + 1
    file.write_text(svg, encoding="utf-8")
    return file
