"""A session's part in a workshop: what it is told there, and the key that takes part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.course.lesson import Course
from tui.screens.leading import Leading
from tui.sim.model.shown import printable
from tui.store.progress import ProgressStore
from tui.words import Words
from tui.words.language import _

if TYPE_CHECKING:
    from tui.workshop.messages import ClassView, Message

_LONG = 30.0
"""Seconds for which somebody's words stay."""
ENDINGS = {
    "idle": _("No key was pressed for long: this session ends in {seconds} seconds."),
    "long": _("This session has lasted long: it ends in {seconds} seconds."),
    "closing": _("The workshop ends: this session ends in {seconds} seconds."),
}
"""Why a session ends."""


class Attending(Leading):
    """Hears its workshop; a learner's follows, the instructor's sees the class and leads it."""

    def __init__(self, words: Words, course: Course | None, store: ProgressStore | None) -> None:
        """Take the language, the course, and the learner's progress."""
        super().__init__(words, course, store)
        self.classroom: ClassView | None = None
        """The class as the instructor was told last."""

    def attend(self) -> None:
        """Listen to the workshop, if this session is part of one; its instructor sees the class."""
        workshop = self.workshop
        if workshop is not None:
            workshop.channel.listen(self._hear)
            if workshop.instructor:
                self.call_after_refresh(self.action_class)

    def class_works(self, name: str) -> bool | None:
        """Whether there is a class; None: not about that."""
        return self.workshop is not None if name == "class" else None

    def action_class(self) -> None:
        """Follow or stop following; for the instructor, look at the class."""
        if self.workshop is None:
            return
        if not self.workshop.instructor:
            self.follow(not self.follows)
            return
        from tui.screens.classroom import Classroom

        self.app.push_screen(Classroom(self, self.words))

    # ------------------------------------------------------------ what the workshop says

    def _hear(self, message: Message) -> None:
        from tui.workshop.messages import ClassView, Ending, Hidden, Said, Shown, Unkept

        match message:
            case Said(text=text):
                self._hear_words(text)
            case Ending(why=why, seconds=seconds):
                text = self.words(ENDINGS[why], seconds=seconds)
                self.notify(text, severity="warning", timeout=_LONG)
            case Unkept(problem=problem):
                text = self.words("The class is kept until the server ends: {problem}",
                                  problem=printable(problem))  # fmt: skip
                self.notify(text, severity="error", timeout=_LONG, markup=False)
            case Shown():
                self.take_shown(message)
            case Hidden():
                self.take_hidden()
            case ClassView():
                self.classroom = message
                self._show_classroom(message)
            case _:
                pass

    def _hear_words(self, text: str) -> None:
        """Show somebody's words as they are, and nothing that a terminal obeys."""
        own = self.workshop is not None and self.workshop.instructor
        title = self.words("The workshop") if own else self.words("The instructor")
        self.notify(printable(text), title=title, timeout=_LONG, markup=False)

    def _show_classroom(self, view: ClassView) -> None:
        """The class is another; a screen that shows it is told."""
        from tui.screens.classroom import Classroom

        for screen in self.app.screen_stack:
            if isinstance(screen, Classroom):
                screen.view = view
