"""What an instructor's session shows, as a message, and the session that another makes of it."""

from __future__ import annotations

from collections.abc import Iterator

from tui.course.lesson import GivenPacket, Lesson
from tui.course.play import lesson_state, lesson_world, state_before
from tui.formats.errors import FormatError
from tui.formats.packet_text import MOST, Sent, Story, Wait, story_of, story_text
from tui.session import Session
from tui.sim.engine import State
from tui.sim.engine.world import World
from tui.sim.model.settings import ProxyMode
from tui.sim.trace import Trace
from tui.widgets.lesson_page import Page
from tui.workshop.messages import Shown

# ---------------------------------------------------------------- telling


class Teller:
    """Says what stands on a screen; the text of one story is made once."""

    def __init__(self) -> None:
        """With nothing said so far."""
        self._known: tuple[Trace | None, State | None] = (None, None)
        self._text, self._is_all = "", True

    def told(self, page: Page | None, session: Session) -> Shown:
        """What stands here. A cluster that was changed stays here, and so does its packet.

        Raises ValueError where a lesson has ids that no message holds.
        """
        mode, plugin = session.world.proxy.mode.value, session.world.cni
        if page is None:
            return Shown(lesson="", step="", mode=mode, plugin=plugin)
        shown = Shown(lesson=page.lesson.id, step=page.step.id, mode=mode, plugin=plugin)
        if page.changed:
            return shown.model_copy(update={"lacks": "change"})
        self._learn(page.lesson, session, shown)
        story = {"packet": self._text, "position": session.position if self._text else 0}
        return shown.model_copy(update={**story, "lacks": "" if self._is_all else "past"})

    def _learn(self, lesson: Lesson, session: Session, shown: Shown) -> None:
        """Make the text of what stands here, and see whether others arrive at the same by it."""
        trace, state = self._known
        if trace is not session.trace or state is not session.after:
            self._known = (session.trace, session.after)
            self._text = _text(lesson, session)
            told = shown.model_copy(update={"packet": self._text})
            self._is_all = _is_all(lesson, session, told)


def _text(lesson: Lesson, session: Session) -> str:
    """What was done until now; nothing where that cannot be told, or where it is nothing."""
    try:
        return story_text(story(lesson, session))
    except (FormatError, ValueError):
        return ""


def _is_all(lesson: Lesson, session: Session, shown: Shown) -> bool:
    """Whether hosts that are shown this remember what they remember here."""
    world = lesson_world(lesson)
    state = lesson_state(lesson, world)
    try:
        there = arrived(Session(world, state, state), shown)
    except Exception:  # whatever it is, nobody arrives there
        return False
    return (there.before, there.after) == (session.before, session.after)


def story(lesson: Lesson, session: Session) -> Story:
    """The last packet, and before it what made the state that it was sent in."""
    told = [session]
    while len(told) < MOST and (earlier := _left_by(told[-1])) is not None:
        told.append(earlier)
    told.reverse()
    before, fresh = _before_first(lesson, told[0])
    events = (*before, *(event for each in told if (event := _event(each)) is not None))
    return Story(events[-MOST:], fresh)


def _event(session: Session) -> Sent | Wait | None:
    """What has made a session, if it was a packet or time that passed."""
    if session.injection is not None:
        return session.injection, session.choices
    passed = session.after.now - _beginning(session).now
    return Wait(passed) if passed else None


def _beginning(session: Session) -> State:
    """The state that a session's packet was sent in, or that was there before time passed."""
    earlier = session.previous
    if session.injection is None and earlier is not None:
        return earlier.after
    return session.before


def _left_by(session: Session) -> Session | None:
    """The session that left the state in which this one begins."""
    state, earlier = _beginning(session), session.previous
    while earlier is not None:
        if earlier.after is state and _event(earlier) is not None:
            return earlier
        earlier = earlier.previous
    return None


def _before_first(lesson: Lesson, first: Session) -> tuple[tuple[Sent, ...], bool]:
    """What the lesson sends before a packet of its own, and whether all of it starts fresh."""
    state = _beginning(first)
    if state == lesson_state(lesson, lesson_world(lesson)):
        return (), False
    for packet in _own(lesson):
        if state == state_before(first.world, lesson, packet):
            steps = (lesson.step(name) for name in packet.after)
            given = (step.packet for step in steps if step is not None)
            return tuple((each.injection, each.choices) for each in given if each), True
    return (), True


def _own(lesson: Lesson) -> Iterator[GivenPacket]:
    for step in lesson.steps:
        if step.packet is not None:
            yield step.packet
        if step.task is not None:
            yield from (goal.packet for goal in step.task.goals)


# ---------------------------------------------------------------- arriving


def arrived(start: Session, shown: Shown) -> Session:
    """A lesson's session in the setting that is shown, with the packet where it was.

    Raises ValueError, NotBuiltError, PlaceError.
    """
    world = _set(start.world, shown)
    if not shown.packet:
        return Session(world, start.after, start.after)
    told = story_of(shown.packet)
    state = State() if told.fresh else start.after
    session = Session(world, state, state)
    for event in told.events:
        if isinstance(event, Wait):
            session = session.waited(event.seconds)
        else:
            session = session.injected(*event)
    return session.moved_to(shown.position)


def _set(world: World, shown: Shown) -> World:
    if world.cni != shown.plugin:
        world = world.with_plugin(shown.plugin)
    mode = ProxyMode(shown.mode)
    return world if world.proxy.mode is mode else world.with_mode(mode)
