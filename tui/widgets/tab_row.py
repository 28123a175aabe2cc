"""Tabs for screens that are too small for all panes; digits choose, where they are free to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.message import Message
from textual.reactive import reactive

from tui.theme import Role
from tui.widgets.line import Line, Span
from tui.widgets.pane import Pane


class TabRow(Pane):
    """`1 lesson  2 map  [3 chain]`."""

    tabs: reactive[tuple[tuple[str, str], ...]] = reactive((), repaint=False)
    """Id and label of each tab, in order."""
    active: reactive[str] = reactive("", repaint=False)
    """Id of the one in use."""
    numbered: reactive[bool] = reactive(True, repaint=False)
    """Whether digits choose a tab; if something else has them, none is shown."""

    @dataclass
    class TabChosen(Message):
        """A tab was clicked."""

        tab: str
        """Its id."""

    def watch_tabs(self, tabs: Sequence[tuple[str, str]]) -> None:
        """Show other tabs."""
        self.renew()

    def watch_active(self) -> None:
        """Mark another tab."""
        self.renew()

    def watch_numbered(self) -> None:
        """Show the digits, or not."""
        self.renew()

    def lines(self, width: int) -> list[Line]:
        """One row; labels give way to digits where there is no room."""
        full = self._spans(short=False)
        fits = not self.numbered or sum(cell_len(text) for text, _ in full) <= width
        return [Line(tuple(full if fits else self._spans(short=True)))]

    def _spans(self, *, short: bool) -> list[Span]:
        spans: list[Span] = []
        for i, (tab, label) in enumerate(self.tabs, 1):
            full = f" {i} {label} " if self.numbered else f" {label} "
            if tab == self.active:
                spans.append((full, Role.NOW))
            else:
                spans.append((f" {i} " if short else full, Role.QUIET))
        return spans

    def clicked(self, line: Line, column: int) -> None:
        """Choose the tab under the pointer."""
        x = 0
        for (tab, _), (text, _) in zip(self.tabs, line.spans, strict=False):
            x += cell_len(text)
            if column < x:
                self.post_message(self.TabChosen(tab))
                return
