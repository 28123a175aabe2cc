"""Lessons on the screen: pages, predictions, packets that a page sends, things to find."""

from __future__ import annotations

import time

from textual import on
from textual.reactive import reactive

from tui.course.lesson import Activity, Course, Lesson
from tui.screens.lesson_player import LessonPlayer, Stand
from tui.screens.sending import Sending
from tui.screens.sights import is_sight, sought
from tui.session import Unit
from tui.sim.model.value import replace
from tui.sim.trace import Trace
from tui.store.progress import ProgressStore
from tui.widgets.lesson_page import Enter, Page
from tui.widgets.lesson_pane import LessonPane
from tui.words import Words


class Learning(Sending):
    """Holds the page of the lesson beside the session."""

    page: reactive[Page | None] = reactive(None, repaint=False)
    """The page; None in the sandbox."""
    sought: reactive[tuple[str, ...]] = reactive((), repaint=False)
    """What the page is about: the map shows it first."""

    def __init__(self, words: Words, course: Course | None, store: ProgressStore | None) -> None:
        """Take the language, the course, and the learner's progress."""
        super().__init__(words)
        self._player = LessonPlayer(course, store, time.time) if course is not None else None
        self._old: Trace | None = None
        self._judged: Trace | None = None

    def keep_in(self, store: ProgressStore) -> None:
        """The learner's progress, which was not known before; nothing is played yet."""
        if self._player is not None:
            self._player = LessonPlayer(self._player.course, store, time.time)

    # ------------------------------------------------------------ page and session

    def validate_page(self, page: Page | None) -> Page | None:
        """The page as the session makes it: is a packet on its way, and in which setting."""
        session = self.session
        if page is None or session is None:
            return page
        gone = page.step.kind is Activity.INJECT and session.trace is None
        return replace(
            page,
            sent=page.sent and not gone,
            decided=page.decided if session.trace is self._judged else 0,
            walking=session.trace is not self._old and not session.at_end,
            mode=session.world.proxy.mode,
            plugin=session.world.cni,
            changed=self._player is not None and self._player.is_changed(session.world),
        )

    def watch_session(self) -> None:
        """The page says what the session makes of it."""
        super().watch_session()
        self.page = self.page

    def watch_page(self) -> None:
        """The map shows what the page is about."""
        if self.page is not None and self.session is not None:
            self.sought = sought(self.page, self.session.world)

    def learn_works(self, name: str) -> bool | None:
        """Whether an action of lessons does anything; None: not one of these."""
        if name == "lessons":
            return self._player is not None
        if name in ("lesson_next", "lesson_back"):
            page = self.page
            return page is not None and (name == "lesson_next" or page.number > 0)
        return None

    def open_lesson(self, lesson_id: str | None, step: str = "") -> None:
        """A lesson by id, else where the learner left off, else the first."""
        player = self._player
        if player is None:
            return
        lesson = player.course.lesson(lesson_id) if lesson_id else None
        if lesson is None:
            place = player.last_place()
            if place is not None:
                lesson, step = place
            elif player.course.lessons:
                lesson = player.course.lessons[0]
        if lesson is not None:
            self._open(player, lesson, step)

    def _open(self, player: LessonPlayer, lesson: Lesson, step: str) -> None:
        try:
            stand = player.opened(lesson, step)
        except Exception as error:
            self.complain(error)
            return
        self.take(stand)
        self.page_turned()

    def take(self, stand: Stand) -> None:
        """Show a page and its session."""
        page, session = stand
        if session is not self.session:
            self.playing = False
            self.session = session
        here = self.page
        if here is None or (here.lesson, here.number) != (page.lesson, page.number):
            self._old = session.trace
        self.page = page

    def page_turned(self) -> None:
        """Another page is open; for screens that show it."""

    # ------------------------------------------------------------ turning

    def go_on(self) -> None:
        """What the enter key does on this page."""
        player, page = self._player, self.page
        if player is None or page is None:
            return
        match page.enter:
            case Enter.CHOOSE:
                self._urge(page)
            case Enter.ANSWER:
                self.answer_number(page.cursor + 1)
            case Enter.SEND:
                self._send_page(player, page)
            case Enter.WALK:
                self.go(Unit.HOOK, 1)
            case _:
                self.action_lesson_next()

    def _urge(self, page: Page) -> None:
        """Say on the page that it waits for an answer, or for the setting that it is about."""
        self.page = replace(page, urged=True)
        self.page_wanted()

    def page_wanted(self) -> None:
        """The page has something to say; for screens that may not show it."""

    def _send_page(self, player: LessonPlayer, page: Page) -> None:
        session = self.session
        if session is None or page.step.packet is None:
            return
        injection = page.step.packet.injection

        def sent() -> None:
            self.remember(injection)
            here = self.page
            if here is not None and here.step is page.step:  # else the page was turned meanwhile
                self.page = replace(here, sent=True)
            self.packet_sent()

        self.change(lambda: player.sent(page, session)[1], sent)

    def _finish(self, player: LessonPlayer, page: Page) -> None:
        self.page = player.finished(page)
        following = player.following(page.lesson)
        self.notify(self.words("Lesson done: {title}", title=page.lesson.title), timeout=3)
        if following is not None:
            self._open(player, following, "")
        else:
            self.action_lessons()

    def action_lesson_next(self) -> None:
        """The next page, whether or not this one is done."""
        player, page, session = self._player, self.page, self.session
        if player is None or page is None or session is None:
            return
        if page.is_last:
            self._finish(player, page)
        else:
            self.take(player.turned(page, session, 1))
            self.page_turned()

    def action_lesson_back(self) -> None:
        """The page before."""
        player, page, session = self._player, self.page, self.session
        if player is not None and page is not None and session is not None:
            self.take(player.turned(page, session, -1))
            self.page_turned()

    def action_lessons(self) -> None:
        """All lessons."""
        player = self._player
        if player is None:
            return
        done = {lesson.id: player.done(lesson) for lesson in player.course.lessons}
        current = self.page.lesson.id if self.page else ""

        def chosen(lesson_id: str | None) -> None:
            if lesson_id:
                self.open_lesson(lesson_id)

        from tui.screens.lessons import Lessons

        self.app.push_screen(Lessons(player.course, done, current, self.words), chosen)

    # ------------------------------------------------------------ answering

    def answer(self, value: str) -> None:
        """Judge a prediction, and let its packet show why."""
        player, page, session = self._player, self.page, self.session
        if player is None or page is None or session is None or not page.asks:
            return
        if page.strays:
            self._urge(page)
            return
        try:
            stand = player.answered(page, session, value)
        except Exception as error:
            self.complain(error)
            return
        if page.step.packet is not None:
            self.remember(page.step.packet.injection)
        self._judged = stand[1].trace
        self.take(stand)

    def answer_number(self, number: int) -> None:
        """The answer by its digit, from 1."""
        choice = self.page.choice(number) if self.page is not None else None
        if choice is not None:
            self.answer(choice.value)

    def looked_at(self, place: str, device: str) -> None:
        """Something on the map was inspected: perhaps it was what the page asked for."""
        player, page, session = self._player, self.page, self.session
        if player is None or page is None or session is None or not page.seeks:
            return
        sight = page.step.find
        if sight is not None and is_sight(sight, session.world.network, place, device):
            self.page = player.found(page)
            self.page_wanted()

    @on(LessonPane.Marked)
    def _marked(self, event: LessonPane.Marked) -> None:
        if self.page is not None and self.page.asks:
            self.page = self.page.marking(event.by)

    @on(LessonPane.Answered)
    def _answered(self, event: LessonPane.Answered) -> None:
        self.answer(event.value)

    @on(LessonPane.GoneOn)
    def _gone_on(self) -> None:
        self.go_on()
