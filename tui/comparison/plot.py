"""A small plot of marks on logarithmic axes, as rows of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil, floor, log10

from tui.sim.model.value import value

Points = Sequence[tuple[int, int]]
"""Points of one series: both coordinates are 1 at least."""


MARKS = "●◆○"
"""A mark for each series, one cell wide."""
_BETWEEN = "·"
_UPRIGHT, _LEVEL, _TICK, _CORNER = "│─┤└"

_LABEL = 10
"""Cells for a number at the left, up to a million, and a space."""
_Cell = tuple[str, int | None]


@value
class Piece:
    """Some characters of one row."""

    text: str
    """The characters."""
    series: int | None = None
    """Number of the series they belong to; None for axes and the empty ground."""


@value
class _Scale:
    """From a number to a cell, the powers of ten at even distances."""

    low: float
    high: float
    cells: int

    def cell(self, number: float) -> int:
        """The cell of a number, from 0."""
        share = (log10(number) - self.low) / (self.high - self.low)
        return round(share * (self.cells - 1))


def plot(series: Mapping[str, Points], width: int, height: int) -> list[tuple[Piece, ...]]:
    """The rows of a plot of so many cells; marks that fall together stand side by side.

    Numbers stand at the powers of ten at the left, and below at each place that has a mark.
    """
    points = [point for each in series.values() for point in each]
    if not points:
        return []
    across = _scale([x for x, _ in points], max(width - _LABEL - 4, 8), whole=False)
    up = _scale([y for _, y in points], max(height - 2, 3), whole=True)
    board = _board(series, across, up)
    rows = [_row(board[y], y, up) for y in reversed(range(up.cells))]
    axis = " " * _LABEL + _CORNER + _LEVEL * len(board[0])
    return [*rows, (Piece(axis),), (Piece(_numbers(sorted({x for x, _ in points}), across)),)]


def _scale(numbers: Sequence[int], cells: int, *, whole: bool) -> _Scale:
    """An axis that holds these numbers; a whole one ends at powers of ten."""
    low, high = log10(min(numbers)), log10(max(numbers))
    if whole:
        low, high = floor(low), ceil(high)
    return _Scale(low, high if high > low else low + 1, cells)


def _board(series: Mapping[str, Points], across: _Scale, up: _Scale) -> list[list[_Cell]]:
    """The ground with dots and marks; a mark may be moved aside, so there is room at the right."""
    board: list[list[_Cell]] = [[(" ", None)] * (across.cells + 3) for _ in range(up.cells)]
    for number, points in enumerate(series.values()):
        for one, other in pairwise(points):
            _connect(board, one, other, (across, up), (_BETWEEN, number))
    for number, points in enumerate(series.values()):
        for x, y in points:
            column, row = across.cell(x), board[up.cell(y)]
            while row[column][0] in MARKS and column + 1 < len(row):
                column += 1
            row[column] = (MARKS[number % len(MARKS)], number)
    return board


def _connect(
    board: list[list[_Cell]],
    one: tuple[int, int],
    other: tuple[int, int],
    scales: tuple[_Scale, _Scale],
    dot: _Cell,
) -> None:
    """Dots along the straight line between two points."""
    across, up = scales
    start, end = across.cell(one[0]), across.cell(other[0])
    low, high = log10(one[1]), log10(other[1])
    for column in range(start + 1, end):
        y = low + (high - low) * (column - start) / (end - start)
        board[up.cell(10**y)][column] = dot


def _row(cells: list[_Cell], y: int, up: _Scale) -> tuple[Piece, ...]:
    ticks = {up.cell(10**n): 10**n for n in range(floor(up.low), ceil(up.high) + 1)}
    label = f"{ticks[y]:>{_LABEL - 1},} {_TICK}" if y in ticks else ""
    pieces = [Piece(label or " " * _LABEL + _UPRIGHT)]
    for text, series in cells:
        if pieces[-1].series == series:
            pieces[-1] = Piece(pieces[-1].text + text, series)
        else:
            pieces.append(Piece(text, series))
    return tuple(pieces)


def _numbers(numbers: Sequence[int], across: _Scale) -> str:
    """The numbers below the axis, each in the middle under its mark where there is room."""
    text = ""
    for number in numbers:
        label = f"{number:,}"
        wanted = _LABEL + 1 + across.cell(number) - len(label) // 2
        if wanted > len(text) or not text:
            text = text.ljust(wanted) + label
    return text
