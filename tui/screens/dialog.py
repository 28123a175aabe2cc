"""What every dialog has in common: a framed box in the middle, and escape to leave."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A box over the screen; escape leaves without a result."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 55%; }
    Dialog > .box {
        width: 84; max-width: 96%; height: auto; max-height: 92%;
        border: heavy $accent; background: $surface; padding: 0 1;
        border-title-color: $accent; border-title-style: bold;
        border-subtitle-color: $foreground 72%;
    }
    Dialog OptionList {
        height: auto; max-height: 14; border: none; background: $surface; padding: 0;
        scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    Dialog OptionList:focus { border: none; background-tint: $foreground 0%; }
    Dialog OptionList, Dialog .box {
        scrollbar-background: $surface; scrollbar-background-hover: $surface;
        scrollbar-background-active: $surface; scrollbar-color: $border;
        scrollbar-color-hover: $primary; scrollbar-color-active: $accent;
    }
    Dialog Input { border: none; height: 1; padding: 0 1; background: $panel; }
    Dialog Input:focus { border: none; background: $panel; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", show=False),
    ]

    def action_leave(self) -> None:
        """Go back without a result."""
        self.dismiss(None)
