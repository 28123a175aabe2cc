"""A short list to choose one thing from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
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
    about: tuple[str, ...] = ()
    """Sentences below the list while the entry is lit."""


_NARROWEST = 12
"""Cells of the column of labels, at least."""


_KEYS = "1234567890"


class Menu(Dialog[str]):
    """A list; enter, a click or a digit chooses, the key that opened it moves on."""

    DEFAULT_CSS = """
    Menu OptionList { max-height: 62vh; }
    Menu #about { height: auto; max-height: 5; color: $foreground 72%; padding: 0 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m,c,ㅡ,ㅊ", "next", "next", show=False),
        *(Binding(key, f"pick({i})", show=False) for i, key in enumerate(_KEYS, 1)),
    ]

    def __init__(self, title: str, entries: Sequence[Entry], current: str = "") -> None:
        """Name the menu, its entries, and the one in use; a menu of things to do has none."""
        super().__init__()
        self._title = title
        self._entries = entries
        self._current = current
        self._widest = max((_NARROWEST, *(cell_len(entry.label) for entry in entries)))

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
            if any(entry.about for entry in self._entries):
                yield Static(id="about", markup=False)

    def on_mount(self) -> None:
        """Begin at the one in use."""
        values = [entry.value for entry in self._entries]
        chosen = values.index(self._current) if self._current in values else 0
        self.query_one(OptionList).highlighted = chosen

    def _text(self, number: int, entry: Entry) -> Text:
        mark = "● " if entry.value == self._current else "○ " if self._current else ""
        digit = _KEYS[number - 1] if number <= len(_KEYS) else " "
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

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say more about the entry that is lit."""
        entry = next((each for each in self._entries if each.value == event.option.id), None)
        for about in self.query("#about").results(Static):
            about.update(" ".join(entry.about) if entry is not None else "")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose."""
        self.dismiss(event.option.id)
