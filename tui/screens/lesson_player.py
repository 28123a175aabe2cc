"""Playing lessons: what turning a page, answering and sending do to page, session and progress."""

from __future__ import annotations

from collections.abc import Callable

from tui.course.evidence import deciding_step
from tui.course.goals import results
from tui.course.lesson import Activity, Change, Course, GivenPacket, Goal, Lesson
from tui.course.play import lesson_state, lesson_world, right_answer, state_before
from tui.course.recall import due
from tui.course.result import Result
from tui.session import Session
from tui.sim.engine import State, World
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
        self._start: World | None = None
        self._judged: tuple[tuple[object, ...], tuple[Result, ...]] = ((), ())
        self._mistaken: tuple[Lesson | None, tuple[tuple[World, str], ...]] = (None, ())

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
        session = self.beginning(lesson)
        number = lesson.position(step) if step else 0
        page = Page(lesson, number, done=self.done(lesson))
        self._visit(page)
        return page, session

    def beginning(self, lesson: Lesson) -> Session:
        """A lesson's cluster before anything was done to it. Raises what its files raise."""
        world = lesson_world(lesson)
        self._start = world
        state = lesson_state(lesson, world)
        return Session(world, state, state)

    def returned(self, page: Page) -> None:
        """The learner is back on a page after another lesson was shown."""
        self._start = lesson_world(page.lesson)

    def is_changed(self, world: World) -> bool:
        """Whether a world's cluster is another than that of the lesson which was opened last."""
        return self._start is None or world.written != self._start.written

    def turned(self, page: Page, session: Session, by: int) -> Stand:
        """The next page or the one before; a page that is left forwards is done.

        A challenge is done only when the learner has solved it; leaving it is skipping it.
        """
        if by > 0 and page.counts:
            page = self._finished(page)
        after = page.moved(by)
        self._visit(after)
        if after.asks and after.step.packet is not None:
            session = self._hidden(session, after.step.packet)
        return after, session

    def finished(self, page: Page) -> Page:
        """The page, done unless it is a challenge that the learner has not solved."""
        return self._finished(page) if page.counts else page

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
        if value != right:
            after, moved = _replayed(after, moved)
        return self._finished(after), moved

    def found(self, page: Page) -> Page:
        """What was to be found is found."""
        return self._finished(replace(page, found=True))

    # ------------------------------------------------------------ challenges

    def results(self, page: Page, session: Session) -> tuple[Result, ...]:
        """How each flow of a challenge stands now; worked out once for a world and its state."""
        task = page.step.task
        if task is None:
            return ()
        asked = (task, page.lesson, session.world, session.after)
        known = self._judged[0]
        if not known or any(a is not b for a, b in zip(asked, known, strict=True)):
            found = results(task.goals, page.lesson, session.world, session.after)
            self._judged = (asked, found)
        return self._judged[1]

    def mistake(self, page: Page, world: World) -> str:
        """What is to be said about a world that a usual mistake leads to; else nothing."""
        task, start = page.step.task, self._start
        if task is None or start is None or _same(start, world):
            return ""
        if self._mistaken[0] is not page.lesson:
            from tui.course.changes import changed

            made = (
                (changed((start, State()), each.change)[0], each.reply) for each in task.mistakes
            )
            self._mistaken = (page.lesson, tuple(made))
        return next((reply for wrong, reply in self._mistaken[1] if _same(wrong, world)), "")

    def hinted(self, page: Page) -> Page:
        """The page with one more hint open."""
        after = page.hinted()
        if self._store is not None:
            place = Place(page.lesson.id, page.step.id)
            self._store.open_hint(place, after.hints, self._clock())
        return after

    def tried(self, page: Page, session: Session, goal: Goal) -> Session:
        """The flow of a goal sent. Raises PlaceError."""
        state = session.after
        if not goal.live:
            state = state_before(session.world, page.lesson, goal.packet)
        start = Session(session.world, state, state, previous=session)
        return start.injected(goal.packet.injection, goal.packet.choices)

    def solved(self, page: Page, session: Session) -> Session:
        """The solution's change made. Raises what its files raise."""
        task = page.step.task
        assert task is not None, page.step.id
        return _with(session, task.solution)

    def reset(self, page: Page, session: Session) -> Stand:
        """The lesson's world as it was at the start; undo brings back what was there."""
        fresh, start = self.opened(page.lesson, page.step.id)
        kept = replace(fresh, hints=page.hints)
        return kept, replace(start, previous=session)

    # ------------------------------------------------------------ asking again

    def due(self) -> tuple[Place, ...]:
        """Questions that were missed and are to be asked again by now, the oldest first."""
        if self._store is None:
            return ()
        waiting = due(self._store.all_answers(), self._clock())
        return tuple(place for place in waiting if self._asks(place))

    def _asks(self, place: Place) -> bool:
        lesson = self.course.lesson(place.lesson)
        step = lesson.step(place.step) if lesson is not None else None
        return step is not None and step.kind is Activity.PREDICT

    def asked_again(self, place: Place) -> Stand:
        """The page of a question by itself. Raises what the lesson's files raise."""
        lesson = self.course.lesson(place.lesson)
        assert lesson is not None, place
        session = self.beginning(lesson)
        page = Page(lesson, lesson.position(place.step), done=self.done(lesson), again=True)
        return page, session

    # ------------------------------------------------------------ the course

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


def _replayed(page: Page, session: Session) -> Stand:
    """The packet where its question is decided, if there is such a place."""
    if session.trace is None:
        return page, session
    decided = deciding_step(page.step.ask, session.trace.outcomes[0])
    found = (i for i, moment in enumerate(session.moments) if moment.step is decided)
    position = next(found, None)
    if position is None:
        return page, session
    return replace(page, decided=position + 1), session.moved_to(position)


def _with(session: Session, change: Change) -> Session:
    from tui.course.changes import changed

    world, _ = changed((session.world, session.after), change)
    after = session.with_world(world)
    return after.waited(change.wait) if change.wait else after


def _same(one: World, other: World) -> bool:
    """Whether two worlds were given the same objects and settings."""
    return (one.written, one.set_proxy, one.cni) == (other.written, other.set_proxy, other.cni)
