"""A short list to choose one thing from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.screens.dialog import Dialog
from tui.sim.model.value import value
from tui.widgets.line import pad


@value
class Entry:
    """One line of a menu."""

    value: str
    """What choosing it gives."""
    label: str
    """A word or two."""
    note: str = ""
    """What to know of it."""
    dim: bool = False
    """It can be looked at, but does not work."""


class Menu(Dialog[str]):
    """A list; enter, a click or a digit chooses, the key that opened it moves on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m,c,ㅡ,ㅊ", "next", "next", show=False),
        *(Binding(str(i), f"pick({i})", show=False) for i in range(1, 10)),
    ]

    def __init__(self, title: str, entries: Sequence[Entry], current: str = "") -> None:
        """Name the menu, its entries, and the one in use; a menu of things to do has none."""
        super().__init__()
        self._title = title
        self._entries = entries
        self._current = current
        self._widest = max((cell_len(entry.label) for entry in entries), default=0)

    def compose(self) -> ComposeResult:
        """A framed list."""
        with Vertical(classes="box") as box:
            box.border_title = self._title
            box.border_subtitle = "enter · esc"
            yield OptionList(
                *(
                    Option(self._text(i, entry), id=entry.value)
                    for i, entry in enumerate(self._entries, 1)
                )
            )

    def on_mount(self) -> None:
        """Begin at the one in use."""
        values = [entry.value for entry in self._entries]
        chosen = values.index(self._current) if self._current in values else 0
        self.query_one(OptionList).highlighted = chosen

    def _text(self, number: int, entry: Entry) -> Text:
        mark = "● " if entry.value == self._current else "○ " if self._current else ""
        digit = number if number < 10 else " "
        style = "dim" if entry.dim else "bold"
        return Text.assemble(
            (f"{digit} {mark}", "dim"),
            (pad(entry.label, self._widest), style),
            (f" {entry.note}", "dim"),
        )

    def action_next(self) -> None:
        """The next entry."""
        self.query_one(OptionList).action_cursor_down()

    def action_pick(self, number: int) -> None:
        """Choose by digit."""
        if number <= len(self._entries):
            self.dismiss(self._entries[number - 1].value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose."""
        self.dismiss(event.option.id)
