"""The instructor's view of the class, live; from here the class is spoken to and led."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.events import Resize
from textual.reactive import reactive
from textual.widgets import Input

from tui.actions import action
from tui.screens.dialog import Dialog
from tui.widgets.class_sheet import ClassHead, ClassSheet, Named
from tui.widgets.missed_sheet import MissedSheet
from tui.words import Words
from tui.workshop.messages import LONGEST_TEXT, ClassView

if TYPE_CHECKING:
    from tui.screens.attending import Attending

BESIDE = 150
"""Columns from which on what is missed stands beside the table, and not under it."""


class Classroom(Dialog[None]):
    """Who is where, who is stuck, what the class misses.

    It fills the screen and is what the instructor looks at most, so it has some of the
    explorer's keys.
    """

    DEFAULT_CSS = """
    Classroom > .box { width: 100%; max-width: 100%; height: 100%; max-height: 100%; }
    Classroom #seats { height: 1fr; }
    Classroom #missed {
        height: 36%; border-top: solid $border;
        border-title-color: $primary; border-title-style: bold;
    }
    Classroom #missed:focus-within { border-top: solid $accent; border-title-color: $accent; }
    Classroom.-beside #sheets { layout: horizontal; }
    Classroom.-beside #seats { width: 1fr; height: 100%; }
    Classroom.-beside #missed { width: 40%; height: 100%; }
    Classroom #sheets { height: 1fr; }
    Classroom ClassSheet, Classroom MissedSheet { height: 1fr; }
    Classroom ClassHead, Classroom ClassSheet, Classroom MissedSheet {
        background: $surface;
        scrollbar-background: $surface; scrollbar-background-hover: $surface;
        scrollbar-background-active: $surface; scrollbar-color: $border;
        scrollbar-color-hover: $primary; scrollbar-color-active: $accent;
    }
    Classroom Input { display: none; }
    Classroom.-speaks Input { display: block; }
    """
    AUTO_FOCUS = "ClassSheet"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(action("class").all_keys), "leave", show=False),
        Binding("m,ㅡ,f4", "speak", show=False),
        Binding("l,ㅣ,f6", "lead", show=False),
        Binding(",".join(action("theme").all_keys), "app.toggle_theme", show=False),
        Binding("ctrl+q", "app.quit", show=False),
    ]

    view: reactive[ClassView | None] = reactive(None, repaint=False)
    """The class at this moment."""
    leads: reactive[bool] = reactive(False, repaint=False)
    """Whether the class is shown what the explorer shows."""

    def __init__(self, explorer: Attending, words: Words) -> None:
        """Take the instructor's explorer, which the class may be shown."""
        super().__init__()
        self._explorer = explorer
        self.words = words
        self.set_reactive(Classroom.leads, explorer.leads)

    def compose(self) -> ComposeResult:
        """The table, what is missed, and a line for what is to be said."""
        words, view = self.words, Classroom.view
        with Vertical(classes="box") as box:
            box.border_title = words("The class")
            with Container(id="sheets"):
                with Vertical(id="seats"):
                    yield ClassHead(words).data_bind(view, Classroom.leads)
                    yield ClassSheet(words, self._named).data_bind(view)
                with Vertical(id="missed") as missed:
                    missed.border_title = (
                        f" {words('Missed most')} "  # Textual's own are beside a corner
                    )
                    yield MissedSheet(words, self._named).data_bind(view)
            yield Input(placeholder=words("to everybody; enter sends"), max_length=LONGEST_TEXT)

    def on_mount(self) -> None:
        """Show what is known."""
        self.view = self._explorer.classroom
        self._show_keys()

    def on_resize(self, event: Resize) -> None:
        """One beside the other where there is room."""
        self.set_class(event.size.width >= BESIDE, "-beside")

    def _show_keys(self) -> None:
        lead = self.words("l stop leading") if self.leads else self.words("l lead")
        rest = self.words("m message · tab ↑ ↓ scroll · esc explorer")
        if self.has_class("-speaks"):
            keys = self.words("enter send · esc back")
        else:
            keys = f"{lead} · {rest}"
        self.query_one(".box", Vertical).border_subtitle = keys

    def _named(self, lesson_id: str, step_id: str) -> Named:
        lesson = self._explorer.lesson_called(lesson_id)
        if lesson is None:
            return Named(lesson_id, heading=step_id)
        step = lesson.step(step_id)
        if step is None:
            return Named(lesson.title, heading=step_id)
        return Named(
            lesson.title,
            f"{lesson.position(step_id) + 1}/{len(lesson.steps)}",
            step.heading,
            {choice.value: choice.label for choice in step.choices},
        )

    # ------------------------------------------------------------ leading and speaking

    def action_lead(self) -> None:
        """Lead the class, or stop."""
        self._explorer.lead(not self._explorer.leads)
        self.leads = self._explorer.leads
        self._show_keys()
        if self.leads:
            text = self.words("Who follows goes where your explorer goes; esc leads there.")
            self.notify(text, timeout=5)

    def action_speak(self) -> None:
        """Write something to everybody."""
        self.add_class("-speaks")
        self._show_keys()
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _said(self, event: Input.Submitted) -> None:
        if self._explorer.say(event.value):
            here = sum(seat.here for seat in self.view.seats) if self.view is not None else 0
            self.notify(self.words("Said to {count} learners.", count=here), timeout=4)
        event.input.clear()
        self._be_silent()

    def action_leave(self) -> None:
        """Back to the explorer, or from the message to the class; what was written stays."""
        if self.has_class("-speaks"):
            self._be_silent()
        else:
            self.dismiss(None)

    def _be_silent(self) -> None:
        self.remove_class("-speaks")
        self._show_keys()
        self.query_one(ClassSheet).focus()
