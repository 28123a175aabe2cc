"""Playing a lesson without a screen: its world, its packets, the right answers."""

from __future__ import annotations

from tui.course.lesson import GivenPacket, Lesson, LessonStep
from tui.course.shipped import cluster_in, plugin_in, settings_in
from tui.sim import engine
from tui.sim.engine.cleanup import cleaned
from tui.sim.engine.state import State
from tui.sim.engine.world import World
from tui.sim.model.settings import ProxySettings
from tui.sim.model.value import replace
from tui.sim.trace import Trace


def lesson_world(lesson: Lesson) -> World:
    """The cluster, settings and plugin that a lesson plays on.

    Raises FormatError for a file that cannot be read, NotBuiltError for a mode or a plugin
    that is not there.
    """
    own = lesson.world.cni_config
    plugin = plugin_in(own) if own is not None else None
    cni = plugin.name if plugin is not None else lesson.world.cni
    return World(cluster_in(lesson.world.cluster), _settings(lesson), cni, configured=plugin)


def lesson_state(lesson: Lesson, world: World) -> State:
    """What the hosts remember when a lesson opens: nothing, or what its past left there.

    kube-proxy has synced since then. Raises FormatError, PlaceError.
    """
    past = lesson.world.before
    if past is None:
        return State()
    earlier, state = world.with_cluster(cluster_in(past.cluster)), State()
    for packet in past.packets:
        _, state = engine.send(earlier, state, packet.injection, packet.choices)
    return cleaned(world, state)


def state_before(world: World, lesson: Lesson, packet: GivenPacket) -> State:
    """The state that a step's packet starts from: fresh, or as earlier packets left it."""
    state = State()
    for step_id in packet.after:
        step = lesson.step(step_id)
        if step is not None and step.packet is not None:
            _, state = engine.send(world, state, step.packet.injection, step.packet.choices)
    return state


def trace_of(world: World, lesson: Lesson, packet: GivenPacket) -> Trace:
    """What becomes of a step's packet: one outcome where it is pinned, else all of them.

    Raises PlaceError where the packet names a place that the cluster does not have.
    """
    state = state_before(world, lesson, packet)
    if packet.pin:
        trace, _ = engine.send(world, state, packet.injection, packet.choices)
        return trace
    return engine.outcomes(world, state, packet.injection)


def right_answer(world: World, lesson: Lesson, step: LessonStep) -> str:
    """The answer that the simulator computes. Raises PredictionError, PlaceError."""
    if step.packet is None:
        raise ValueError(f"step {step.id} of lesson {lesson.id} asks nothing")
    from tui.course.predictions import answer

    return answer(step.ask, trace_of(world, lesson, step.packet))


def _settings(lesson: Lesson) -> ProxySettings:
    file, mode = lesson.world.kube_proxy_config, lesson.world.mode
    settings = settings_in(file) if file is not None else ProxySettings()
    return settings if mode is None else replace(settings, mode=mode)
