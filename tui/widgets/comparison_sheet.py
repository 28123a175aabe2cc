"""The rows of a comparison: the modes in columns, and the cost curve as a plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len
from textual.reactive import reactive

from tui.comparison.modes import Comparison
from tui.comparison.plot import MARKS, plot
from tui.comparison.table import (
    COST_KEY,
    CURVE_HEADING,
    CURVE_NOTES,
    READING,
    Row,
    RowKind,
    comparison_rows,
    curve_rows,
    curve_series,
)
from tui.sim.engine.cost import CostPoint
from tui.theme import Role
from tui.widgets.line import BLANK, Line, Span, pad, wrap
from tui.widgets.pane import Pane
from tui.words import Words

LABEL = 14
"""Cells of the labels at the left."""
WIDEST_COLUMN = 28
"""Cells that a column takes where there is room."""
LOWEST, HIGHEST = 8, 16
"""Rows that a plot takes."""
SERIES = (Role.REPLY, Role.SERVICE, Role.TUNNEL)
"""How the marks of iptables, nftables and IPVS look; their shapes differ, too."""

_LABELS: Mapping[RowKind, Role] = {
    RowKind.HEAD: Role.FAINT,
    RowKind.PASSED: Role.TITLE,
    RowKind.COST: Role.QUIET,
    RowKind.TOTAL: Role.STRONG,
    RowKind.RECEIVER: Role.QUIET,
}
_CELLS: Mapping[RowKind, Role] = {
    RowKind.HEAD: Role.TITLE,
    RowKind.PASSED: Role.PLAIN,
    RowKind.COST: Role.QUIET,
    RowKind.TOTAL: Role.STRONG,
    RowKind.RECEIVER: Role.PLAIN,
}


class ComparisonSheet(Pane):
    """One packet's way through every mode, a column each."""

    def __init__(self, comparison: Comparison, current: str, words: Words, *, id: str) -> None:
        """Take the comparison and the mode in use, whose column is marked."""
        super().__init__(id=id)
        self._comparison = comparison
        self._current = current
        self.words = words

    def lines(self, width: int) -> list[Line]:
        """Who sends to whom, the table, and how it is read."""
        found, words = self._comparison, self.words
        flow = found.ways[0].trace.flow
        pinned = f"   {words('pinned to {pin}', pin=found.pin)}" if found.pin else ""
        heading = f"{flow.source} → {flow.destination}{pinned}"
        rows = table_lines(tuple(comparison_rows(found, words)), width, self._current)
        notes = f"{words(COST_KEY)} {words(READING)}"
        return [
            *(Line(row) for row in wrap([(heading, Role.STRONG)], width)),
            BLANK,
            *rows,
            BLANK,
            *(Line(row) for row in wrap([(notes, Role.QUIET)], width)),
        ]


class CurveSheet(Pane):
    """What the first packet of a connection costs as the cluster grows."""

    points: reactive[tuple[CostPoint, ...]] = reactive((), repaint=False)
    """The points that are known so far."""
    wanted: reactive[int] = reactive(0, repaint=False)
    """How many points there will be."""

    def __init__(self, words: Words, *, id: str) -> None:
        """Take the language."""
        super().__init__(id=id)
        self.words = words

    def watch_points(self) -> None:
        """One more point, or all."""
        self.renew()

    def lines(self, width: int) -> list[Line]:
        """Heading, plot, table, and what it teaches; while it is computed, how far it is."""
        words = self.words
        rows = [Line.of((words(CURVE_HEADING), Role.STRONG)), *self._progress(width)]
        if self.points:
            rows += [BLANK, *self._plot(width), BLANK]
            rows += table_lines(tuple(curve_rows(self.points, words)), width, "")
            rows += [BLANK, Line.of((words(COST_KEY), Role.QUIET))]
        for note in CURVE_NOTES:
            rows += [BLANK, *(Line(row) for row in wrap([(words(note), Role.PLAIN)], width))]
        return rows

    def _progress(self, width: int) -> Iterator[Line]:
        """A bar while there are points to come."""
        known, wanted = len(self.points), self.wanted
        if known >= wanted:
            return
        label = self.words("The simulator sends the packets …")
        cells = max(min(width - len(label) - 10, 30), 4)
        full = cells * known // wanted
        yield Line.of(
            (f"{label} ", Role.QUIET),
            ("━" * full, Role.NOW_TEXT),
            ("─" * (cells - full), Role.LINE),
            (f" {known}/{wanted}", Role.QUIET),
        )

    def _plot(self, width: int) -> Iterator[Line]:
        """The legend, the plot in as much of the height as is left, and its axis."""
        series = curve_series(self.points)
        legend: list[Span] = [(f"{self.words('rules and lookups')}   ", Role.QUIET)]
        for mark, name, role in zip(MARKS, series, SERIES, strict=True):
            legend += [(f"{mark} ", role), (f"{name}   ", Role.PLAIN)]
        yield Line(tuple(legend))
        room = self.room.height - 14
        for row in plot(series, width - 1, min(max(room, LOWEST), HIGHEST)):
            yield Line(
                tuple((p.text, Role.FAINT if p.series is None else SERIES[p.series]) for p in row)
            )
        axis = self.words("Services")
        yield Line.of((f"{axis:>{max(width - 1, 1)}}", Role.FAINT))


def table_lines(rows: Sequence[Row], width: int, current: str, label: int = LABEL) -> list[Line]:
    """A table in columns of one width, cells broken at spaces; a block per column where narrow.

    The column of the current mode has its head marked.
    """
    columns = max((len(row.cells) for row in rows), default=1)
    size = max(min((width - label) // columns, WIDEST_COLUMN), 8)
    words = [word for row in rows for cell in _cells(row, current) for word in cell.split()]
    if max(map(cell_len, words), default=0) < size:
        return [line for row in rows for line in _across(row, size, current, label)]
    return [line for i in range(columns) for line in _block(rows, i, width, current, label)]


def _cells(row: Row, current: str) -> list[str]:
    """The row's texts, the head of the current mode marked."""
    head = row.kind is RowKind.HEAD
    return [f"▸ {text}" if head and text == current else text for text in row.cells]


def _role(row: Row, text: str) -> Role:
    return Role.NOW_TEXT if text.startswith("▸ ") else _CELLS[row.kind]


def _across(row: Row, size: int, current: str, room: int) -> list[Line]:
    """One row of the table, as high as its highest cell."""
    label = wrap([(row.label, _LABELS[row.kind])], room - 1)
    cells = [wrap([(text, _role(row, text))], size - 1) for text in _cells(row, current)]
    sizes = (room, *[size] * len(cells))
    height = max(map(len, (label, *cells)))
    return [
        Line(tuple(span for each, room in zip((label, *cells), sizes, strict=True)
                   for span in _padded(each[i] if i < len(each) else (), room)))
        for i in range(height)
    ]  # fmt: skip


def _padded(spans: Sequence[Span], size: int) -> tuple[Span, ...]:
    used = sum(cell_len(text) for text, _ in spans)
    return (*spans, (" " * (size - used), Role.PLAIN))


def _block(rows: Sequence[Row], column: int, width: int, current: str, room: int) -> Iterator[Line]:
    """One column as a list under its head; labels that the columns share are repeated."""
    for row in rows:
        text = _cells(row, current)[column]
        if row.kind is RowKind.HEAD:
            yield from ([BLANK] if column else [])
            yield Line.of((text, _role(row, text)))
        elif text:
            pieces = wrap([(text, _CELLS[row.kind])], max(width - room - 2, 8))
            for i, piece in enumerate(pieces):
                label = pad(row.label if i == 0 else "", room - 1)
                yield Line.of((f"  {label} ", _LABELS[row.kind]), *piece)
