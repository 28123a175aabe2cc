"""Every screen as it was when somebody last looked at it; `make snapshots` writes it anew."""

from difflib import unified_diff
from pathlib import Path

import pytest

from tests.snapshots.record import FOLDER, snapshots
from tests.snapshots.scenes import SCENES, SPOKEN, Scene

pytestmark = pytest.mark.slow

MOST_BYTES = 4_000_000


def differences(file: Path, now: str) -> list[str]:
    """The rows that are no longer what they were, or are new."""
    kept = file.read_text(encoding="utf-8") if file.is_file() else ""
    name = str(file.relative_to(FOLDER))
    return list(unified_diff(kept.splitlines(), now.splitlines(), name, "now", lineterm="", n=1))


def test_a_screen_is_what_it_was(scene: Scene, spoken: str) -> None:
    found = [
        row
        for name, text in snapshots(scene, spoken).items()
        for row in differences(FOLDER / name, text)
    ]
    if found:
        found.append("`make snapshots` takes these pictures anew, if this is how it should look")
        pytest.fail("\n".join(found), pytrace=False)


def test_no_picture_is_left_of_a_screen_that_is_gone() -> None:
    sizes = {
        f"{lang}/{scene.name}-{width}x{height}.txt"
        for lang in SPOKEN
        for scene in SCENES
        for width, height in scene.sizes_in(lang)
    }
    themes = {f"styles/{s.name}-{t}.txt" for s in SCENES if s.styled for t in ("dark", "light")}
    kept = {str(file.relative_to(FOLDER)) for file in FOLDER.glob("*/*.txt")}
    assert kept == sizes | themes


def test_pictures_are_small_enough_to_be_kept() -> None:
    assert sum(file.stat().st_size for file in FOLDER.glob("*/*.txt")) < MOST_BYTES


def test_scenes_have_names_of_their_own() -> None:
    assert len({scene.name for scene in SCENES}) == len(SCENES)
