"""The rows of a pane as the compositor takes them: its frame, and its lines between the edges.

Textual draws the frame, once for as long as it stays what it is. Its own cache asks for every
style of the pane for each row anew; a step repaints some thirty rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.segment import Segment
from textual.geometry import Region, Size, Spacing
from textual.strip import Strip

from tui.widgets.line import BLANK, Line

DrawnByTextual = Callable[[Region], list[Strip]]
"""Rows of a widget with border and padding, as Textual draws them."""


class Painting:
    """What a pane looked like when it was painted last."""

    def __init__(self, textual: DrawnByTextual) -> None:
        """Begin with nothing kept."""
        self._textual = textual
        self.forget()

    def forget(self) -> None:
        """Frame or styles are others now."""
        self._size = Size(0, 0)
        self._rows: dict[int, tuple[Line, Strip]] = {}
        self._left: tuple[Segment, ...] = ()
        self._right: tuple[Segment, ...] = ()
        self.forget_titles()

    def forget_titles(self) -> None:
        """The frame says something else."""
        self._above: list[Strip] | None = None
        self._below: list[Strip] | None = None

    def rows(
        self,
        shown: Sequence[Line],
        size: Size,
        gutter: Spacing,
        strip_of: Callable[[Line], Strip],
    ) -> list[Strip]:
        """All rows of a pane of this size: the lines shown, blank ones, and what is around them.

        A line that was painted before, the same object, is not drawn again.
        """
        if size != self._size:
            self.forget()
            self._size = size
            self._take_edges(gutter)
        height = max(size.height - gutter.height, 0)
        lines = [*shown[:height], *[BLANK] * (height - len(shown))]
        before, self._rows = self._rows, {}
        inside = [self._row(line, before, strip_of) for line in lines]
        return [*self._head(gutter.top), *inside, *self._foot(gutter.bottom)]

    def _row(
        self,
        line: Line,
        before: dict[int, tuple[Line, Strip]],
        strip_of: Callable[[Line], Strip],
    ) -> Strip:
        kept = self._rows.get(id(line)) or before.get(id(line))
        if kept is None:
            drawn = (*self._left, *strip_of(line), *self._right)
            kept = (line, Strip(drawn, self._size.width))
        self._rows[id(line)] = kept
        return kept[1]

    def _take_edges(self, gutter: Spacing) -> None:
        width = self._size.width
        if gutter.width and self._size.height > gutter.height:
            [row] = self._textual(Region(0, gutter.top, width, 1))
            self._left = tuple(row.crop(0, gutter.left))
            self._right = tuple(row.crop(width - gutter.right, width))

    def _head(self, height: int) -> Iterable[Strip]:
        if self._above is None:
            self._above = self._drawn(0, height)
        return self._above

    def _foot(self, height: int) -> Iterable[Strip]:
        if self._below is None:
            self._below = self._drawn(self._size.height - height, height)
        return self._below

    def _drawn(self, row: int, height: int) -> list[Strip]:
        return self._textual(Region(0, row, self._size.width, height)) if height else []
