"""`make snapshots`: the pictures that the tests compare with, as text; look before you commit.

    python -m tests.snapshots.record [NAME ...]

A file holds the rows of one screen in one language at one size. For screens whose colours
matter a second file shows a letter for each cell, and under it what the letters mean.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from string import ascii_letters, digits, punctuation

from rich.cells import cell_len

from tests.snapshots.scenes import SCENES, SPOKEN, Scene
from tests.snapshots.stage import DARK, LIGHT, Picture, album, variant
from tui.words.language import ENGLISH

FOLDER = Path(__file__).parent
LETTERS = ascii_letters + digits + punctuation.replace(".", "")


def snapshots(scene: Scene, lang: str) -> Mapping[str, str]:
    """Every file of a scene in a language: its name under the folder, and its text."""
    return dict(chain(_texts(scene, lang), _styles(scene) if lang == ENGLISH else ()))


def _texts(scene: Scene, lang: str) -> Iterator[tuple[str, str]]:
    for width, height in scene.sizes_in(lang):
        rows = album(scene, lang)[(width, height), DARK].rows
        text = "\n".join(row.rstrip() for row in rows)
        yield f"{lang}/{scene.name}-{width}x{height}.txt", text.rstrip("\n") + "\n"


def _styles(scene: Scene) -> Iterator[tuple[str, str]]:
    if scene.styled:
        dark = album(scene, ENGLISH)[scene.sizes[0], DARK]
        yield f"styles/{scene.name}-dark.txt", style_text(dark)
        yield f"styles/{scene.name}-light.txt", style_text(variant(scene, ENGLISH, LIGHT))


def style_text(picture: Picture) -> str:
    """A letter for the style of each cell, the commonest a dot, then the legend."""
    counts: dict[str, int] = {}
    for text, style in chain.from_iterable(picture.pieces):
        counts[style] = counts.get(style, 0) + cell_len(text)
    commonest = max(counts, key=counts.__getitem__)
    others = (style for style in counts if style != commonest)
    letters = {commonest: ".", **dict(zip(others, LETTERS, strict=False))}
    rows = ("".join(letters[s] * cell_len(t) for t, s in row) for row in picture.pieces)
    legend = (f"{letter} {style}" for style, letter in letters.items())
    return "\n".join((*rows, "", *legend)) + "\n"


def main(names: list[str]) -> None:
    """Write the files of the scenes that were named, or of all; what belongs to none goes."""
    written = set()
    for scene in SCENES:
        if names and scene.name not in names:
            continue
        for lang in SPOKEN:
            for name, text in snapshots(scene, lang).items():
                file = FOLDER / name
                file.parent.mkdir(exist_ok=True)
                file.write_text(text, encoding="utf-8")
                written.add(file)
    if not names:
        for file in set(FOLDER.glob("*/*.txt")) - written:
            file.unlink()
    print(f"{len(written)} files in {FOLDER}; `git diff` shows what has changed")


if __name__ == "__main__":
    main(sys.argv[1:])
