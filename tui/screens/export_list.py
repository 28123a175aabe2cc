"""The list of what can be copied or saved at the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.screens.dialog import Dialog
from tui.screens.exports import Export
from tui.sim.model.value import value
from tui.widgets.line import pad
from tui.words import Words


class Way(StrEnum):
    """What is done with what was chosen."""

    COPY = "copy"
    SAVE = "save"


@value
class Choice:
    """What was chosen, and what for."""

    export: Export
    way: Way


class ExportList(Dialog[Choice]):
    """One row for each thing; enter copies, or saves what no clipboard takes."""

    DEFAULT_CSS = """
    ExportList OptionList { max-height: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,c,ㅛ,ㅊ", "choose('copy')", "copy", show=False),
        Binding("s,ㄴ,ctrl+s", "choose('save')", "save", show=False),
        *(Binding(str(i), f"mark({i})", show=False) for i in range(1, 10)),
    ]

    def __init__(self, found: Sequence[Export], words: Words, *, saves: bool = True) -> None:
        """Take what there is, and whether it can be saved, too."""
        super().__init__()
        self._found = found
        self._saves = saves
        self.words = words

    def compose(self) -> ComposeResult:
        """A framed list."""
        with Vertical(classes="box") as box:
            if self._saves:
                box.border_title = self.words("Save or copy")
                box.border_subtitle = self.words("enter copy · s save · 1-9 choose · esc back")
            else:
                box.border_title = self.words("Copy")
                box.border_subtitle = self.words("enter copy · 1-9 choose · esc back")
            yield OptionList(*(Option(self._text(i)) for i in range(len(self._found))))

    def on_mount(self) -> None:
        """Begin at what is under the cursor."""
        self.query_one(OptionList).highlighted = 0

    def _text(self, index: int) -> Text:
        """Number, name and note; a long note ends with a sign, as the list cuts it."""
        export = self._found[index]
        number = f"{index + 1}" if index < 9 else " "
        note = self.words("{note} (save only)", note=export.note) if export.binary else export.note
        label = pad(export.label, 16) if len(export.label) <= 16 else export.label
        return Text.assemble((f"{number} ", "dim"), (label, "bold"), (f"  {note}", "dim"))

    def action_mark(self, number: int) -> None:
        """Go to a row by its digit."""
        if number <= len(self._found):
            self.query_one(OptionList).highlighted = number - 1

    def action_choose(self, way: str) -> None:
        """Copy or save the row."""
        index = self.query_one(OptionList).highlighted
        if index is None:
            return
        export = self._found[index]
        self.dismiss(Choice(export, Way.SAVE if export.binary else Way(way)))

    def on_option_list_option_selected(self) -> None:
        """Enter or a click copies."""
        self.action_choose(Way.COPY.value)
