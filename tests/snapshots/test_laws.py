"""What must hold on every screen, at every size, in every language."""

from collections.abc import Iterator

import pytest
from rich.cells import cell_len
from rich.style import Style

from tests.snapshots.scenes import SINGLE, Scene
from tests.snapshots.stage import DARK, PLAIN, Picture, album, variant
from tui.words.language import ENGLISH
from tui.words.twins import ascii_twin

pytestmark = pytest.mark.slow


def test_a_row_is_as_wide_as_the_screen(scene: Scene, lang: str) -> None:
    for (size, _), picture in album(scene, lang).items():
        assert len(picture.rows) == size[1]
        wrong = [row for row in picture.rows if cell_len(row) != size[0]]
        assert not wrong, size


def test_nothing_is_cut_without_a_sign(scene: Scene, lang: str) -> None:
    for (size, look), picture in album(scene, lang).items():
        if look == DARK and size > SINGLE:
            assert not picture.cut, size


def test_frames_are_whole(scene: Scene, lang: str) -> None:
    for (size, look), picture in album(scene, lang).items():
        if look == DARK:
            assert not list(broken_frames(picture)), size


def test_without_colour_there_is_none(scene: Scene) -> None:
    styles = {style for row in variant(scene, ENGLISH, PLAIN).pieces for _, style in row}
    coloured = [s for s in styles if not _colourless(Style.parse(s))]
    assert not coloured


def test_ascii_and_light_say_the_same_as_dark(scene: Scene) -> None:
    dark = album(scene, ENGLISH)[scene.sizes[0], DARK]
    assert variant(scene, ENGLISH, PLAIN).rows == tuple(ascii_twin(row) for row in dark.rows)


def test_ascii_is_ascii(scene: Scene) -> None:
    assert not [row for row in variant(scene, ENGLISH, PLAIN).rows if not row.isascii()]


def _colourless(style: Style) -> bool:
    return all(c is None or c.is_default for c in (style.color, style.bgcolor))


# ---------------------------------------------------------------- frames

SIDES = frozenset("│├┤┼╂┿┝┥┠┨┃║▐▌▆▇█▅▄▃▂▁")
"""What the side of a frame may be: a line, what crosses it, a scrollbar."""
EDGE = "─"
"""Where a pane ends that has scrolled the rest of a frame out of view."""


def broken_frames(picture: Picture) -> Iterator[str]:
    """Frames whose corners do not stand where they belong: ╭ and ╮, under them ╰ and ╯."""
    for y, row in enumerate(picture.cells):
        for left in (x for x, cell in enumerate(row) if cell == "╭"):
            right = next((x for x in range(left + 1, len(row)) if row[x] in {"╭", "╮"}), None)
            if right is None or row[right] != "╮":
                yield f"╭ without ╮ in row {y}: {picture.rows[y]}"
                continue
            ends = [_end(picture, x, y, corner) for x, corner in ((left, "╰"), (right, "╯"))]
            if None in ends or ends[0] != ends[1]:
                yield f"╭ in row {y}, column {left} ends in rows {ends}: {picture.rows[y]}"


def _end(picture: Picture, x: int, top: int, corner: str) -> int | None:
    """The row in which the side under a corner ends; None where it is broken."""
    for y in range(top + 1, picture.size[1]):
        cell = picture.cells[y][x]
        if cell in (corner, EDGE):
            return y
        if cell not in SIDES:
            return None
    return None
