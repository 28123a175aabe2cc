"""Two forms for edits: one value in a line, and objects as YAML. Each says what is wrong in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label, TextArea

from tui.screens.dialog import Dialog
from tui.sim.model.value import value
from tui.words import Words


@value
class Fault:
    """What is wrong with what was written."""

    text: str
    """A sentence."""
    line: int | None = None
    """The line of it, from 1, where that is known."""


Try = Callable[[str], Awaitable[Fault | None]]
"""Makes the edit that a text asks for; gives what is wrong with it, or nothing."""


class Ask(Dialog[bool]):
    """One value to type. Gives true once it was taken."""

    DEFAULT_CSS = """
    Ask #hint { color: $foreground 72%; width: 100%; height: auto; }
    Ask #error { color: $error; width: 100%; height: auto; }
    """

    def __init__(self, title: str, now: str, hint: str, words: Words, attempt: Try) -> None:
        """Take what is asked for, what it is now, what may be typed, and a way to try it."""
        super().__init__()
        self._title, self._now, self._hint = title, now, hint
        self.words = words
        self._attempt = attempt

    def compose(self) -> ComposeResult:
        """A line, what may be typed, and what is wrong."""
        with Vertical(classes="box") as box:
            box.border_title = self._title
            box.border_subtitle = self.words("enter change · esc back")
            yield Input(self._now, compact=True)
            yield Label(self._hint, id="hint", markup=False)
            yield Label("", id="error", markup=False)

    def on_mount(self) -> None:
        """Begin to type."""
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one("#error", Label).update("")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        self.run_worker(self._tried(event.value.strip()), exclusive=True)

    async def _tried(self, text: str) -> None:
        fault = await self._attempt(text)
        if fault is None:
            self.dismiss(True)
        else:
            self.query_one("#error", Label).update(f"✗ {fault.text}")


class Write(Dialog[bool]):
    """Objects as YAML. Gives true once the text was taken."""

    DEFAULT_CSS = """
    Write > .box { width: 96%; height: 92%; }
    Write TextArea { height: 1fr; border: none; padding: 0; background: $panel; }
    Write TextArea:focus { border: none; }
    Write #said { width: 100%; height: auto; max-height: 5; color: $foreground 72%; }
    Write #said.-wrong { color: $error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f5", "take", "take", show=False, priority=True),
        Binding("escape", "leave", "back", show=False, priority=True),
    ]

    def __init__(self, title: str, text: str, words: Words, attempt: Try) -> None:
        """Take the text to begin with, and a way to try another."""
        super().__init__()
        self._title, self._text = title, text
        self.words = words
        self._attempt = attempt
        self._warned = False

    def compose(self) -> ComposeResult:
        """The text, and under it what is wrong or what to know."""
        with Vertical(classes="box") as box:
            box.border_title = self._title
            box.border_subtitle = self.words("ctrl+s or F5 change · esc back")
            yield TextArea(self._text, show_line_numbers=True, soft_wrap=False, compact=True)
            hint = self.words("Objects left out are deleted; further ones can follow after ---.")
            yield Label(hint, id="said", markup=False)

    def on_mount(self) -> None:
        """Begin to write."""
        self.query_one(TextArea).focus()

    @on(TextArea.Changed)
    def _typed(self) -> None:
        self._warned = False

    def action_take(self) -> None:
        """Make the edit."""
        self.run_worker(self._tried(self.query_one(TextArea).text), exclusive=True)

    async def _tried(self, text: str) -> None:
        fault = await self._attempt(text)
        if fault is None:
            self.dismiss(True)
            return
        where = self.words("line {line}: ", line=fault.line) if fault.line else ""
        self._say(f"✗ {where}{fault.text}")
        if fault.line:
            self.query_one(TextArea).move_cursor((fault.line - 1, 0), center=True)

    def action_leave(self) -> None:
        """Go back without a change; what was written is not thrown away without a word."""
        if self._warned or self.query_one(TextArea).text == self._text:
            self.dismiss(None)
            return
        self._warned = True
        self._say(self.words("What you wrote is not taken yet: esc once more throws it away."))

    def _say(self, text: str) -> None:
        said = self.query_one("#said", Label)
        said.update(text)
        said.add_class("-wrong")
