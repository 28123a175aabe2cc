"""Beside the lesson: questions that come back, the glossary, and free play with its cluster."""

from __future__ import annotations

from textual import on

from tui.course.glossary import Term, found_in, load_glossary
from tui.course.lesson import Course, LessonStep
from tui.screens.lesson_player import LessonPlayer, Stand
from tui.screens.mending import Mending
from tui.sim.model.value import replace
from tui.store.progress import Place, ProgressStore
from tui.widgets.lesson_page import Page
from tui.widgets.lesson_pane import LessonPane
from tui.words import Words


class Studying(Mending):
    """Leaves the lesson for a while, and comes back to where it was."""

    def __init__(self, words: Words, course: Course | None, store: ProgressStore | None) -> None:
        """Take the language, the course, and the learner's progress."""
        super().__init__(words, course, store)
        self._put_aside: Stand | None = None
        self._waiting: tuple[Place, ...] = ()

    def learn_works(self, name: str) -> bool | None:
        """Whether an action beside the lesson does anything."""
        page, player = self.page, self._player
        if name == "recall":
            return page is not None and not page.again
        if name == "glossary":
            return player is not None
        if name == "sandbox":
            return (page is not None and not page.again) or self._is_playing_freely
        if name == "lesson_back" and page is not None and page.again:
            return True
        return super().learn_works(name)

    # ------------------------------------------------------------ asking again

    def action_recall(self) -> None:
        """Ask again what was missed, as far as it is time for it."""
        page, session, player = self.page, self.session, self._player
        if page is None or session is None or player is None or page.again:
            return
        self._waiting = player.due()
        if not self._waiting:
            self.notify(
                self.words(
                    "Nothing is due. A prediction that you miss comes back after ten minutes, "
                    "then after a day, and later still."
                ),
                timeout=6,
            )
            return
        self._put_aside = (page, session)
        self._ask_next(player)

    def _ask_next(self, player: LessonPlayer) -> None:
        """The next question that waits, or back to the lesson."""
        if not self._waiting:
            self._return()
            return
        place, *rest = self._waiting
        self._waiting = tuple(rest)
        try:
            stand = player.asked_again(place)
        except Exception as error:
            self.complain(error)
            self._ask_next(player)
            return
        self.take(stand)
        self.page_turned()

    def action_lesson_next(self) -> None:
        """The next page; where questions are asked again, the next of them."""
        page, player = self.page, self._player
        if page is not None and page.again and player is not None:
            self._ask_next(player)
        else:
            super().action_lesson_next()

    def action_lesson_back(self) -> None:
        """The page before; from questions that are asked again, back to the lesson."""
        if self.page is not None and self.page.again:
            self._return()
        else:
            super().action_lesson_back()

    def _return(self) -> None:
        """Back to the page and the packet that were put aside."""
        stand, self._put_aside = self._put_aside, None
        if stand is None or self._player is None:
            return
        self._waiting = ()
        self._player.returned(stand[0])
        self.take(stand)
        self.page_turned()

    # ------------------------------------------------------------ free play

    @property
    def _is_playing_freely(self) -> bool:
        return self.page is None and self._put_aside is not None

    def action_sandbox(self) -> None:
        """Play freely with what the lesson plays on, or come back from it."""
        if self._is_playing_freely:
            self._return()
            return
        page, session = self.page, self.session
        if page is not None and session is not None and not page.again:
            self._put_aside = (page, session)
            self.page = None
            self.freed(page.lesson.title)
            self.notify(
                self.words("A sandbox: send and change what you like. E leads back to the lesson."),
                timeout=6,
            )

    def freed(self, title: str) -> None:
        """The lesson was left for free play; for screens that show where one is."""

    # ------------------------------------------------------------ another language

    def read_in(self, course: Course | None) -> None:
        """Take the same course in another language; page and packet stay."""
        if self._player is None or course is None:
            return
        self._player.course = course
        if self._put_aside is not None:
            page, session = self._put_aside
            self._put_aside = (self._in_own_words(page), session)
        if self.page is not None:
            self.page = self._in_own_words(self.page)

    def _in_own_words(self, page: Page) -> Page:
        player = self._player
        lesson = player.course.lesson(page.lesson.id) if player is not None else None
        return page if lesson is None else replace(page, lesson=lesson)

    # ------------------------------------------------------------ words

    def action_glossary(self) -> None:
        """What words mean, those of the page first."""
        self._explain("")

    @on(LessonPane.WordAsked)
    def _word_asked(self, event: LessonPane.WordAsked) -> None:
        terms = self._terms()
        found = next(found_in(event.word, terms), None) if event.word else None
        if found is not None:
            self._explain(found.id)

    def _terms(self) -> tuple[Term, ...]:
        player = self._player
        return load_glossary(player.course.root, player.course.lang) if player is not None else ()

    def _explain(self, first: str) -> None:
        from tui.screens.glossary import Glossary

        terms = self._terms()
        if not terms:
            self.notify(self.words("This course has no glossary."), timeout=4)
            return
        step = self.page.step if self.page is not None else None
        here = tuple(found_in(_text_of(step), terms)) if step is not None else ()
        self.app.push_screen(Glossary(terms, here, self.words, first))


def _text_of(step: LessonStep) -> str:
    """Everything that a page says before its question is answered."""
    labels = (choice.label for choice in step.choices)
    return "\n".join((step.heading, step.body, *labels))
