"""The rows of a comparison: the modes in columns, and the cost curve as a plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
            ("─" * (cells - full), Role.FAINT),
            (f" {known}/{wanted}", Role.QUIET),
        )

    def _plot(self, width: int) -> Iterator[Line]:
        """The legend, the plot in as much of the height as is left, and its axis."""
        series = curve_series(self.points)
        legend: list[Span] = [(f"{self.words('rules and lookups')}   ", Role.QUIET)]
        for mark, name, role in zip(MARKS, series, SERIES, strict=True):
            legend += [(f"{mark} ", role), (f"{name}   ", Role.PLAIN)]
        yield Line(tuple(legend))
        room = self.scrollable_content_region.height - 14
        for row in plot(series, width - 1, min(max(room, LOWEST), HIGHEST)):
            yield Line(
                tuple((p.text, Role.FAINT if p.series is None else SERIES[p.series]) for p in row)
            )
        axis = self.words("Services")
        yield Line.of((f"{axis:>{max(width - 1, 1)}}", Role.FAINT))


def table_lines(rows: Sequence[Row], width: int, current: str) -> list[Line]:
    """A table in columns of one width; the column of the current mode has its head marked."""
    columns = max((len(row.cells) for row in rows), default=1)
    size = max(min((width - LABEL) // columns, WIDEST_COLUMN), 8)
    return [_line(row, size, current) for row in rows]


def _line(row: Row, size: int, current: str) -> Line:
    spans: list[Span] = [(pad(row.label, LABEL - 1) + " ", _LABELS[row.kind])]
    for text in row.cells:
        marked = row.kind is RowKind.HEAD and text == current
        role = Role.NOW_TEXT if marked else _CELLS[row.kind]
        spans.append((pad(f"▸ {text}" if marked else text, size - 1) + " ", role))
    return Line(tuple(spans))
