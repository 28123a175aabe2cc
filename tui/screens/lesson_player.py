"""Playing lessons: what turning a page, answering and sending do to page, session and progress."""

from __future__ import annotations

from collections.abc import Callable

from tui.course.lesson import Course, GivenPacket, Lesson
from tui.course.play import lesson_world, right_answer, state_before
from tui.session import Session
from tui.sim.engine import World
from tui.sim.model.cluster import Cluster
from tui.sim.model.value import replace
from tui.store.progress import Place, ProgressStore
from tui.widgets.lesson_page import Page

Clock = Callable[[], float]
Stand = tuple[Page, Session]
"""The page and the session that belongs to it."""


class LessonPlayer:
    """Moves through lessons and writes down what is done. The screen shows what it gives."""

    def __init__(self, course: Course, store: ProgressStore | None, clock: Clock) -> None:
        """Take the course, the learner's progress, and the time of day."""
        self.course = course
        self._store = store
        self._clock = clock
        self._done: dict[str, frozenset[str]] = {}
        self._cluster: Cluster | None = None

    def last_place(self) -> tuple[Lesson, str] | None:
        """Where the learner left off, if that lesson is still there."""
        place = self._store.place() if self._store else None
        lesson = self.course.lesson(place.lesson) if place else None
        return (lesson, place.step) if lesson is not None and place is not None else None

    def done(self, lesson: Lesson) -> frozenset[str]:
        """Ids of the steps of a lesson that are done."""
        kept = self._store.done(lesson.id) if self._store else frozenset()
        return kept | self._done.get(lesson.id, frozenset())

    def opened(self, lesson: Lesson, step: str = "") -> Stand:
        """A lesson from its first step, or from another. Raises what its files raise."""
        world = lesson_world(lesson)
        self._cluster = world.cluster
        number = lesson.position(step) if step else 0
        page = Page(lesson, number, done=self.done(lesson))
        self._visit(page)
        return page, Session(world)

    def is_changed(self, world: World) -> bool:
        """Whether a world's cluster is another than that of the lesson which was opened last."""
        return world.cluster != self._cluster

    def turned(self, page: Page, session: Session, by: int) -> Stand:
        """The next page or the one before; a page that is left forwards is done."""
        if by > 0:
            page = self._finished(page)
        after = page.moved(by)
        self._visit(after)
        if after.asks and after.step.packet is not None:
            session = self._hidden(session, after.step.packet)
        return after, session

    def finished(self, page: Page) -> Page:
        """The page, done: after it comes another lesson."""
        return self._finished(page)

    def sent(self, page: Page, session: Session) -> Stand:
        """The page's packet sent, from the state that the lesson says. Raises PlaceError."""
        packet = page.step.packet
        if packet is None:
            return page, session
        state = state_before(session.world, page.lesson, packet)
        start = Session(session.world, state, state, previous=session)
        moved = start.injected(packet.injection, packet.choices)
        return replace(page, sent=True), moved

    def answered(self, page: Page, session: Session, value: str) -> Stand:
        """The prediction answered and judged; its packet shows why."""
        right = right_answer(session.world, page.lesson, page.step)
        if self._store is not None:
            place = Place(page.lesson.id, page.step.id)
            self._store.answer(place, value, value == right, self._clock())
        after = page.answered(value, right)
        _, moved = self.sent(after, session)
        return self._finished(after), moved

    def found(self, page: Page) -> Page:
        """What was to be found is found."""
        return self._finished(replace(page, found=True))

    def following(self, lesson: Lesson) -> Lesson | None:
        """The lesson after this one."""
        return self.course.after(lesson.id)

    def _hidden(self, session: Session, packet: GivenPacket) -> Session:
        """No trace may give the answer away, unless the learner has seen this very packet."""
        if session.injection == packet.injection:
            return session
        return Session(session.world, previous=session)

    def _visit(self, page: Page) -> None:
        if self._store is not None:
            self._store.visit(Place(page.lesson.id, page.step.id), self._clock())

    def _finished(self, page: Page) -> Page:
        if self._store is not None:
            self._store.finish(Place(page.lesson.id, page.step.id), self._clock())
        after = page.with_done()
        self._done[page.lesson.id] = after.done
        return after
