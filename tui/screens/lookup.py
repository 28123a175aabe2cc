"""A dialog in which one thing of many is looked up: a field, and the list of what matches."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList

from tui.screens.dialog import Dialog, Result


class Lookup(Dialog[Result]):
    """A field over a list: up and down move the list while the field keeps the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    def fill(self, text: str) -> None:
        """List what matches the text of the field."""
        raise NotImplementedError

    def field_and_list(self, placeholder: str) -> ComposeResult:
        """The field, with what to type there, and the list below it."""
        yield Input(placeholder=placeholder, compact=True)
        yield OptionList(compact=True)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.fill(event.value)

    def action_move(self, by: int) -> None:
        """A row on or back in the list."""
        rows = self.query_one(OptionList)
        if by > 0:
            rows.action_cursor_down()
        else:
            rows.action_cursor_up()
