"""The instructor's view of the class, live; from here the class is spoken to and led."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.reactive import reactive
from textual.widgets import Input

from tui.actions import action
from tui.screens.dialog import Dialog
from tui.widgets.class_sheet import ClassSheet
from tui.words import Words
from tui.workshop.messages import LONGEST_TEXT, ClassView

if TYPE_CHECKING:
    from tui.screens.attending import Attending


class Classroom(Dialog[None]):
    """Who is where, who is stuck, what the class misses."""

    DEFAULT_CSS = """
    Classroom > .box { width: 116; height: 94%; max-height: 94%; }
    Classroom ClassSheet { height: 1fr; background: $surface; }
    Classroom Input { display: none; }
    Classroom.-speaks Input { display: block; }
    """
    AUTO_FOCUS = "ClassSheet"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(action("class").all_keys), "leave", show=False),
        Binding("m,ㅡ,f4", "speak", show=False),
        Binding("l,ㅣ,f6", "lead", show=False),
    ]

    view: reactive[ClassView | None] = reactive(None, repaint=False)
    """The class at this moment."""

    def __init__(self, explorer: Attending, words: Words) -> None:
        """Take the instructor's explorer, which the class may be shown."""
        super().__init__()
        self._explorer = explorer
        self.words = words

    def compose(self) -> ComposeResult:
        """The table, and a line for what is to be said."""
        with Vertical(classes="box") as box:
            box.border_title = self.words("The class")
            box.border_subtitle = self._keys()
            yield ClassSheet(self.words, self._named).data_bind(view=Classroom.view)
            yield Input(
                placeholder=self.words("to everybody; enter sends"), max_length=LONGEST_TEXT
            )

    def on_mount(self) -> None:
        """Show what is known."""
        self.view = self._explorer.classroom

    def _keys(self) -> str:
        leads = self._explorer.leads
        lead = self.words("l stop leading") if leads else self.words("l lead the class")
        return f"{lead} · {self.words('m message · ↑ ↓ scroll · esc explorer')}"

    def _named(self, lesson_id: str, step_id: str) -> tuple[str, str, str]:
        """What a lesson and a step are called here; ids where there is no such lesson."""
        lesson = self._explorer.lesson_called(lesson_id)
        if lesson is None:
            return lesson_id, "", step_id
        step = lesson.step(step_id)
        number = f"{lesson.position(step_id) + 1}/{len(lesson.steps)}" if step is not None else ""
        return lesson.title, number, step.heading if step is not None else step_id

    def action_lead(self) -> None:
        """Lead the class, or stop."""
        self._explorer.lead(not self._explorer.leads)
        self.query_one(".box", Vertical).border_subtitle = self._keys()

    def action_speak(self) -> None:
        """Write something to everybody."""
        self.add_class("-speaks")
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _said(self, event: Input.Submitted) -> None:
        self._explorer.say(event.value)
        event.input.clear()
        self._be_silent()

    def action_leave(self) -> None:
        """Back to the explorer, or from the message to the class."""
        if self.has_class("-speaks"):
            self._be_silent()
        else:
            self.dismiss(None)

    def _be_silent(self) -> None:
        self.remove_class("-speaks")
        self.query_one(ClassSheet).focus()
