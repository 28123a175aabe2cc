"""Lessons on the screen: pages, predictions, packets that a page sends, things to find."""

from __future__ import annotations

import time

from textual import on
from textual.reactive import reactive

from tui.course.lesson import Course, Lesson
from tui.screens.lesson_player import LessonPlayer, Stand, is_sight, strays
from tui.screens.sending import Sending
from tui.store.progress import ProgressStore
from tui.widgets.lesson_page import Page
from tui.widgets.lesson_pane import LessonPane
from tui.words import Words


class Learning(Sending):
    """Holds the page of the lesson beside the session."""

    page: reactive[Page | None] = reactive(None, repaint=False)
    """The page; None in the sandbox."""

    def __init__(self, words: Words, course: Course | None, store: ProgressStore | None) -> None:
        """Take the language, the course, and the learner's progress."""
        super().__init__(words)
        self._player = LessonPlayer(course, store, time.time) if course is not None else None

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
        self.page = page

    def page_turned(self) -> None:
        """Another page is open; for screens that show it."""

    # ------------------------------------------------------------ turning

    def go_on(self) -> None:
        """What the page waits for: send its packet, else the next page, else the next lesson."""
        player, page, session = self._player, self.page, self.session
        if player is None or page is None or session is None or page.asks:
            return
        if page.sends:
            self._send_page(player, page)
        elif page.is_last:
            self._finish(player, page)
        else:
            self.take(player.turned(page, session, 1))
            self.page_turned()

    def _send_page(self, player: LessonPlayer, page: Page) -> None:
        session = self.session
        if session is None or page.step.packet is None:
            return
        injection = page.step.packet.injection

        def sent() -> None:
            self.remember(injection)
            self.page = Page(page.lesson, page.number, sent=True, done=page.done)
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
        try:
            stand = player.answered(page, session, value)
        except Exception as error:
            self.complain(error)
            return
        if page.step.packet is not None:
            self.remember(page.step.packet.injection)
        self.take(stand)

    def answer_number(self, number: int) -> None:
        """The answer by its digit, from 1."""
        page = self.page
        if page is not None and 1 <= number <= len(page.step.choices):
            self.answer(page.step.choices[number - 1].value)

    def looked_at(self, namespace: str, device: str) -> None:
        """Something on the map was inspected: perhaps it was what the page asked for."""
        player, page = self._player, self.page
        if (
            player is not None
            and page is not None
            and page.seeks
            and page.step.find is not None
            and is_sight(page.step.find, namespace, device)
        ):
            self.page = player.found(page)

    def switched(self) -> None:
        """A lesson whose words are about another mode or plugin says so."""
        page, session = self.page, self.session
        if page is None or session is None:
            return
        if strays(page.lesson, session.world.proxy.mode, session.world.cni):
            self.notify(
                self.words(
                    "The words of this lesson are about another setting; the "
                    "packet's way is right all the same."
                ),
                severity="warning",
            )

    @on(LessonPane.Answered)
    def _answered(self, event: LessonPane.Answered) -> None:
        self.answer(event.value)

    @on(LessonPane.GoneOn)
    def _gone_on(self) -> None:
        self.go_on()
