"""What an instructor's session shows, as a message, and the session that another makes of it."""

from __future__ import annotations

from collections.abc import Iterator

from tui.course.lesson import GivenPacket, Lesson
from tui.course.play import lesson_state, lesson_world, state_before
from tui.formats.errors import FormatError
from tui.formats.packet_text import MOST, Sent, Story, story_of, story_text
from tui.session import Session
from tui.sim.engine import State
from tui.sim.engine.world import World
from tui.sim.model.settings import ProxyMode
from tui.sim.trace import Trace
from tui.widgets.lesson_page import Page
from tui.workshop.messages import Shown

# ---------------------------------------------------------------- telling


class Teller:
    """Says what stands on a screen; the text of one packet is made once."""

    def __init__(self) -> None:
        """With nothing said so far."""
        self._known: tuple[Trace | None, str] = (None, "")

    def told(self, page: Page | None, session: Session) -> Shown:
        """What stands here. A cluster that was changed stays here, and so does its packet.

        Raises ValueError where a lesson has ids that no message holds.
        """
        mode, plugin = session.world.proxy.mode.value, session.world.cni
        if page is None:
            return Shown(lesson="", step="", mode=mode, plugin=plugin)
        packet = "" if page.changed else self._packets(page.lesson, session)
        return Shown(
            lesson=page.lesson.id,
            step=page.step.id,
            mode=mode,
            plugin=plugin,
            packet=packet,
            position=session.position if packet else 0,
        )

    def _packets(self, lesson: Lesson, session: Session) -> str:
        if session.trace is None:
            return ""
        if self._known[0] is not session.trace:
            self._known = (session.trace, _text(lesson, session))
        return self._known[1]


def _text(lesson: Lesson, session: Session) -> str:
    """The packets that led to the last one; nothing where they cannot be told."""
    try:
        return story_text(story(lesson, session))
    except (FormatError, ValueError):
        return ""


def story(lesson: Lesson, session: Session) -> Story:
    """The last packet, and before it those that conntrack remembered when it was sent."""
    told = [session]
    while len(told) < MOST and (earlier := _left_by(told[-1])) is not None:
        told.append(earlier)
    told.reverse()
    before, fresh = _before_first(lesson, told[0])
    packets = (*before, *((each.injection, each.choices) for each in told if each.injection))
    return Story(packets[-MOST:], fresh)


def _left_by(session: Session) -> Session | None:
    """The session whose packet left the state that this one's packet starts from."""
    earlier = session.previous
    while earlier is not None:
        if earlier.injection is not None and earlier.after is session.before:
            return earlier
        earlier = earlier.previous
    return None


def _before_first(lesson: Lesson, first: Session) -> tuple[tuple[Sent, ...], bool]:
    """What the lesson sends before a packet of its own, and whether all of it starts fresh."""
    if first.before == lesson_state(lesson, lesson_world(lesson)):
        return (), False
    for packet in _own(lesson):
        if first.before == state_before(first.world, lesson, packet):
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
    for injection, choices in told.packets:
        session = session.injected(injection, choices)
    return session.moved_to(shown.position)


def _set(world: World, shown: Shown) -> World:
    if world.cni != shown.plugin:
        world = world.with_plugin(shown.plugin)
    mode = ProxyMode(shown.mode)
    return world if world.proxy.mode is mode else world.with_mode(mode)
