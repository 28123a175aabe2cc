"""One packet under several CNI plugins, as many columns as there is room for, the rest aside."""

from __future__ import annotations

from textual.reactive import reactive

from tui.comparison.plugin_table import PLUGINS_READING, plugin_rows
from tui.comparison.plugins import PluginComparison
from tui.comparison.table import Row
from tui.sim.model.value import replace
from tui.theme import Role
from tui.widgets.comparison_sheet import table_lines
from tui.widgets.line import BLANK, Line, wrap
from tui.widgets.pane import Pane
from tui.words import Words

LABEL, COLUMN = 16, 26
"""Cells of the labels at the left, and of a plugin's column, at least."""


class PluginSheet(Pane):
    """A column for each plugin; the one in use stands first, and stays in view."""

    comparison: reactive[PluginComparison | None] = reactive(None, repaint=False)
    """What is shown; None while it is being made."""
    first: reactive[int] = reactive(0, repaint=False)
    """How many of the other plugins are aside at the left."""

    def __init__(self, current: str, words: Words, *, id: str) -> None:
        """Take the plugin in use and the language."""
        super().__init__(id=id)
        self._current = current
        self.words = words

    def watch_comparison(self) -> None:
        """Here it is."""
        self.renew()

    def watch_first(self) -> None:
        """Other columns."""
        self.renew()

    def validate_first(self, first: int) -> int:
        """Never past the last one."""
        others = len(self.comparison.ways) - 1 if self.comparison is not None else 0
        return min(max(first, 0), max(others - (self._columns(self.size.width) - 1), 0))

    @staticmethod
    def _columns(width: int) -> int:
        return max((width - LABEL) // COLUMN, 1)

    def lines(self, width: int) -> list[Line]:
        """Who sends to whom, the columns, which are aside, and how it is read."""
        found, words = self.comparison, self.words
        if found is None:
            return [Line.of((words("The simulator sends the packets …"), Role.QUIET))]
        rows = [self._beside(row, width) for row in plugin_rows(found, words)]
        return [
            Line.of((f"{found.source} → {found.destination}", Role.STRONG)),
            Line.of((self._aside(found, width), Role.QUIET)),
            *table_lines(rows, width, self._current, LABEL),
            BLANK,
            *(Line(row) for row in wrap([(words(PLUGINS_READING), Role.QUIET)], width)),
        ]

    def _beside(self, row: Row, width: int) -> Row:
        """The cell of the plugin in use, then those of as many others as there is room for."""
        head, others = row.cells[:1], row.cells[1:]
        shown = self._columns(width) - 1
        if not shown:
            return replace(row, cells=row.cells[self.first : self.first + 1])
        return replace(row, cells=(*head, *others[self.first : self.first + shown]))

    def _aside(self, found: PluginComparison, width: int) -> str:
        """How many plugins there is no room for, at either side."""
        shown = self._columns(width) - 1
        others = len(found.ways) - 1 if shown else len(found.ways)
        left, right = self.first, max(others - self.first - max(shown, 1), 0)
        parts = [
            self.words("← {count} more", count=left) if left else "",
            self.words("{count} more →", count=right) if right else "",
        ]
        return "   ".join(part for part in parts if part)
