"""The footer: the keys that work at this moment, and nothing else. They can be clicked."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.message import Message
from textual.reactive import reactive

from tui.actions import Action, Group
from tui.theme import Role
from tui.widgets.line import Line, Span
from tui.widgets.pane import Pane
from tui.words import Words, use


class KeyBar(Pane):
    """One row of keys with their labels, as many as fit; help stays last."""

    actions: reactive[tuple[Action, ...]] = reactive((), repaint=False)
    """What works, in order."""

    @dataclass
    class Pressed(Message):
        """A key was clicked."""

        action: str
        """Id of its action."""

    def __init__(
        self, words: Words | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """An empty bar."""
        super().__init__(id=id, classes=classes)
        self.words = words or use()
        self._targets: list[tuple[int, str]] = []

    def watch_actions(self) -> None:
        """Show other keys."""
        self.renew()

    def lines(self, width: int) -> list[Line]:
        """One row."""
        chosen = self._fitting(width)
        spans: list[Span] = []
        self._targets = []
        last: Group | None = None
        used = 0
        for each in chosen:
            if last is not None and each.group is not last:
                spans.append(("│", Role.FAINT))
            pieces = self._pieces(each)
            spans += pieces
            used = sum(cell_len(text) for text, _ in spans)
            self._targets.append((used, each.id))
            last = each.group
        return [Line(tuple(spans))]

    def _pieces(self, each: Action) -> list[Span]:
        return [(f" {each.shown_key} ", Role.KEY), (f"{self.words(each.label)} ", Role.QUIET)]

    def _fitting(self, width: int) -> list[Action]:
        """The first ones that fit, and always the last, which is help."""
        sizes = [sum(cell_len(text) for text, _ in self._pieces(each)) + 1 for each in self.actions]
        if not sizes:
            return []
        left = width - sizes[-1]
        kept = []
        for each, size in zip(self.actions[:-1], sizes[:-1], strict=True):
            if size > left:
                continue
            kept.append(each)
            left -= size
        return [*kept, self.actions[-1]]

    def clicked(self, line: Line, column: int) -> None:
        """Do what the key under the pointer does."""
        for end, name in self._targets:
            if column < end:
                self.post_message(self.Pressed(name))
                return
