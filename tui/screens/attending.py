"""A session's part in a workshop: what the class hears of it, and what it is told."""

from __future__ import annotations

from textual.reactive import reactive
from textual.timer import Timer

from tui.course.lesson import Course, Lesson
from tui.formats.packet_text import packet_of, packet_text
from tui.screens.touring import Touring
from tui.session import Session
from tui.sim.model.settings import ProxyMode
from tui.store.progress import ProgressStore
from tui.words import Words
from tui.words.language import _
from tui.workshop.hosting import Workshop
from tui.workshop.messages import (
    ClassView,
    Ending,
    Followed,
    Hidden,
    Message,
    Said,
    Shown,
)

PACE = 0.25
"""Seconds between two things that are shown to the class."""
_LONG = 30.0
"""Seconds for which the instructor's words stay."""
ENDINGS = {
    "idle": _("No key was pressed for long: this session ends in {seconds} seconds."),
    "long": _("This session has lasted long: it ends in {seconds} seconds."),
    "closing": _("The workshop ends: this session ends in {seconds} seconds."),
}
"""Why a session ends."""


class Attending(Touring):
    """Follows the instructor, or is the instructor's."""

    follows: reactive[bool] = reactive(False, repaint=False)
    """Whether the learner goes where the instructor goes."""
    leads: reactive[bool] = reactive(False, repaint=False)
    """Whether the class is shown what this session shows."""

    def __init__(self, words: Words, course: Course | None, store: ProgressStore | None) -> None:
        """Take the language, the course, and the learner's progress."""
        super().__init__(words, course, store)
        self._workshop: Workshop | None = None
        self._shown: Shown | None = None
        self._pacer: Timer | None = None
        self.classroom = ClassView(seats=(), questions=())
        """The class as the instructor was told last."""

    def attend(self, workshop: Workshop | None) -> None:
        """Listen to the workshop that this session is part of."""
        self._workshop = workshop
        if workshop is not None:
            workshop.channel.listen(self._told)
            if workshop.instructor:
                self._pacer = self.set_interval(PACE, self._show_class, pause=True)
                self.call_after_refresh(self.action_class)

    def class_works(self, name: str) -> bool | None:
        """Whether there is a class; None: not about that."""
        return self._workshop is not None if name == "class" else None

    def action_class(self) -> None:
        """Follow or stop following; for the instructor, look at the class."""
        if self._workshop is None:
            return
        if self._workshop.instructor:
            from tui.screens.classroom import Classroom

            self.app.push_screen(Classroom(self, self.words))
            return
        self.follows = not self.follows
        self._workshop.channel.tell(Followed(on=self.follows))
        if self.follows:
            self.notify(self.words("You follow the instructor. P ends that."), timeout=6)
            if self._shown is not None:
                self._join(self._shown)
        else:
            self.notify(self.words("You go your own way."), timeout=4)

    # ------------------------------------------------------------ what the workshop says

    def _told(self, message: Message) -> None:
        match message:
            case Said(text=text):
                title = self.words("The instructor")
                self.notify(text, title=title, timeout=_LONG, markup=False)
            case Ending(why=why, seconds=seconds):
                text = self.words(ENDINGS[why], seconds=seconds)
                self.notify(text, severity="warning", timeout=_LONG)
            case Shown():
                self._shown = message
                if self.follows:
                    self._join(message)
            case Hidden():
                self._shown = None
                if self.follows:
                    self.notify(self.words("The instructor leads no longer."), timeout=6)
            case ClassView():
                self.classroom = message
                self.class_seen(message)
            case _:
                pass

    def class_seen(self, view: ClassView) -> None:
        """The class is another; a screen that shows it is told."""
        from tui.screens.classroom import Classroom

        if isinstance(self.app.screen, Classroom):
            self.app.screen.view = view

    def _join(self, shown: Shown) -> None:
        """Where the instructor is: lesson, step, mode, plugin, packet and its step."""
        player, lesson = self._player, self.lesson_called(shown.lesson)
        if player is None or lesson is None:
            text = self.words("The instructor shows something outside of your lessons.")
            self.notify(text, timeout=6)
            return
        try:
            page, session = player.opened(lesson, shown.step)
            session = _as_shown(session, shown)
        except Exception as error:
            self.complain(error)
            return
        self.take((page, session))
        self.page_turned()

    def lesson_called(self, lesson: str) -> Lesson | None:
        """The lesson with an id."""
        return self._player.course.lesson(lesson) if self._player is not None else None

    # ------------------------------------------------------------ leading

    def lead(self, on: bool) -> None:
        """Show the class what this session shows, or stop."""
        self.leads = on
        if self._workshop is None or self._pacer is None:
            return
        self._shown = None
        if on:
            self._show_class()
            self._pacer.resume()
        else:
            self._pacer.pause()
            self._workshop.channel.tell(Hidden())

    def say(self, text: str) -> None:
        """Say something to everybody."""
        if self._workshop is not None and text.strip():
            self._workshop.channel.tell(Said(text=text.strip()))

    def _show_class(self) -> None:
        """Tell the class what stands here, if that is something else than before."""
        page, session = self.page, self.session
        if self._workshop is None or session is None:
            return
        shown = Shown(
            lesson=page.lesson.id if page is not None else "",
            step=page.step.id if page is not None else "",
            mode=session.world.mode_name,
            plugin=session.world.cni,
            packet=packet_text(session.injection, session.choices) if session.injection else "",
            position=session.position,
        )
        if shown != self._shown:
            self._shown = shown
            self._workshop.channel.tell(shown)


def _as_shown(session: Session, shown: Shown) -> Session:
    """The session in the instructor's setting, with the packet where it was. Raises ValueError."""
    if session.world.mode_name != shown.mode:
        session = session.with_mode(ProxyMode(shown.mode))
    if session.world.cni != shown.plugin:
        session = session.with_plugin(shown.plugin)
    if not shown.packet:
        return session
    injection, choices = packet_of(shown.packet)
    return session.injected(injection, choices).moved_to(shown.position)
