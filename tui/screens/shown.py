"""What an instructor's session shows, as a message, and the session that another makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

from tui.course.lesson import GivenPacket, Lesson
from tui.course.play import lesson_state, lesson_world, state_before
from tui.formats.errors import FormatError
from tui.formats.patch import Patch, difference, patched
from tui.formats.story_text import Event, Sent, Setting, Story, Wait, story_of, story_text
from tui.session import Session
from tui.sim.engine import State
from tui.sim.engine.world import World
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import value
from tui.sim.trace import Trace
from tui.widgets.lesson_page import Page
from tui.workshop.messages import Shown

MOST = 12
"""Packets, waits and changes that others repeat."""

# ---------------------------------------------------------------- telling


class Teller:
    """Says what stands on a screen; the text of one story is made once."""

    def __init__(self) -> None:
        """With nothing said so far."""
        self._known: tuple[Trace | None, State, World] | None = None
        self._arrival: tuple[Lesson, Arrival] | None = None
        self._text = ""
        self._lacks: Literal["", "change", "past"] = ""

    def told(self, page: Page | None, session: Session) -> Shown:
        """What stands here. A change too long for a message stays here, and so does its packet.

        Raises ValueError where a lesson has ids that no message holds.
        """
        mode, plugin = session.world.proxy.mode.value, session.world.cni
        if page is None:
            return Shown(lesson="", step="", mode=mode, plugin=plugin)
        shown = Shown(lesson=page.lesson.id, step=page.step.id, mode=mode, plugin=plugin)
        self._learn(page.lesson, session, shown)
        position = session.position if self._text else 0
        told = {"packet": self._text, "position": position, "lacks": self._lacks}
        return shown.model_copy(update=told)

    def _learn(self, lesson: Lesson, session: Session, shown: Shown) -> None:
        """Make the text of what stands here, and see whether others arrive at the same by it."""
        known = self._known
        if known is not None and _is_same(known, session):
            return
        self._known = (session.trace, session.after, session.world)
        self._text = _text(lesson, session)
        self._lacks = self._lacking(lesson, session, shown)
        if self._lacks == "change":
            self._text = ""

    def _lacking(
        self, lesson: Lesson, session: Session, shown: Shown
    ) -> Literal["", "change", "past"]:
        """What hosts that are shown this do not have of what there is here."""
        try:
            there = self._follow(lesson, shown.model_copy(update={"packet": self._text}))
        except (FormatError, ValueError, OSError):  # nobody arrives there
            return "past"
        if difference(there.world.written, session.world.written) is not None:
            return "change"
        same = (there.before, there.after) == (session.before, session.after)
        return "" if same else "past"

    def _follow(self, lesson: Lesson, shown: Shown) -> Session:
        """Where somebody arrives who is shown this."""
        known, last = self._arrival or (None, None)
        if known is not lesson:
            last = None
        world = lesson_world(lesson)
        state = lesson_state(lesson, world)
        arrival = arrived(Session(world, state, state), shown, last)
        self._arrival = (lesson, arrival)
        return arrival.at(shown)


def _is_same(known: tuple[Trace | None, State, World], session: Session) -> bool:
    trace, after, world = known
    return trace is session.trace and after is session.after and world is session.world


def _text(lesson: Lesson, session: Session) -> str:
    """What was done until now; nothing where that cannot be told, or where it is nothing."""
    try:
        return story_text(story(lesson, session))
    except (FormatError, ValueError, OSError):
        return ""


def story(lesson: Lesson, session: Session) -> Story:
    """The last packet, and before it what made the state that it was sent in."""
    told = [session]
    while len(told) < MOST and (earlier := _left_by(told[-1])) is not None:
        told.append(earlier)
    told.reverse()
    before, fresh = _before_first(lesson, told[0])
    return Story(tuple(_events(lesson_world(lesson), before, told)), fresh)


def _events(world: World, before: tuple[Sent, ...], told: Sequence[Session]) -> Iterator[Event]:
    """What has made each session out of the one before, from a lesson's world on."""
    yield from _turns(world, told[0].world)
    yield from before
    for earlier, session in pairwise((told[0], *told)):
        yield from _turns(earlier.world, session.world)
        event = _event(session)
        if event is not None:
            yield event


def _turns(before: World, after: World) -> Iterator[Patch | Setting]:
    """What makes another world of one."""
    patch = difference(before.written, after.written)
    if patch is not None:
        yield patch
    setting = Setting(after.proxy.mode, after.cni)
    if setting != Setting(before.proxy.mode, before.cni):
        yield setting


def _event(session: Session) -> Sent | Wait | None:
    """What has made a session, if it was a packet or time that passed."""
    if session.injection is not None:
        return session.injection, session.choices
    passed = session.after.now - _beginning(session).now
    return Wait(passed) if passed > 0 else None


def _is_turned(session: Session) -> bool:
    """Whether a session is made by a change of the world, which may have cost it connections."""
    earlier = session.previous
    return session.injection is None and earlier is not None and earlier.world is not session.world


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
        if earlier.after is state and (_event(earlier) is not None or _is_turned(earlier)):
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


@value
class Arrival:
    """Where a story has led; when it goes on, from here."""

    story: Story | None
    """The story; None where nothing has happened."""
    session: Session
    """Its end."""

    def at(self, shown: Shown) -> Session:
        """The session in the setting that is shown, with the packet where it was.

        Raises NotBuiltError.
        """
        session, world = self.session, self.session.world
        after = _set(world, ProxyMode(shown.mode), shown.plugin)
        if after is not world:
            session = Session(after, session.after, session.after)
        return session.moved_to(shown.position)


def arrived(start: Session, shown: Shown, last: Arrival | None = None) -> Arrival:
    """Where what is shown leads from a lesson's session, or on from where one has arrived last.

    Raises FormatError, ValueError, among these NotBuiltError and PlaceError.
    """
    if not shown.packet:
        return Arrival(None, Session(start.world, start.after, start.after))
    told = story_of(shown.packet)
    events, session = told.events, _first(start, told)
    if last is not None and last.story is not None and _goes_on(last.story, told):
        events, session = events[len(last.story.events) :], last.session
    for event in events:
        session = _after(session, event)
    return Arrival(told, session)


def _first(start: Session, story: Story) -> Session:
    state = State() if story.fresh else start.after
    return Session(start.world, state, state)


def _goes_on(story: Story, longer: Story) -> bool:
    """Whether one story is the beginning of another."""
    known = story.events
    return story.fresh is longer.fresh and longer.events[: len(known)] == known


def _after(session: Session, event: Event) -> Session:
    world = session.world
    match event:
        case Wait():
            return session.waited(event.seconds)
        case Patch():
            return session.with_world(world.with_cluster(patched(world.written, event)))
        case Setting():
            world = _set(world, event.mode, event.plugin)
            return Session(world, session.after, session.after)
    return session.injected(*event)


def _set(world: World, mode: ProxyMode, plugin: str) -> World:
    if world.cni != plugin:
        world = world.with_plugin(plugin)
    return world if world.proxy.mode is mode else world.with_mode(mode)
