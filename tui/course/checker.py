"""The author's checker: plays a lesson as a learner would and lists what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from tui.course.lesson import Lesson, LessonStep
from tui.course.play import lesson_world, trace_of
from tui.course.predictions import PredictionError, answer
from tui.course.problem import Problem
from tui.course.reader import LESSON
from tui.course.task_checks import check_task
from tui.formats.errors import FormatError
from tui.sim.engine import NotBuiltError, PlaceError, World


def check_lesson(lesson: Lesson) -> tuple[Problem, ...]:
    """Every fault that reading the lesson's own files does not show."""
    try:
        world = lesson_world(lesson)
    except (FormatError, NotBuiltError) as error:
        return (Problem(lesson.folder / LESSON, "world", str(error)),)
    problems: list[Problem] = []
    for step in lesson.steps:
        problems += [*_play(world, lesson, step), *_not_there(world, lesson, step)]
        problems += check_task(world, lesson, step)
    return tuple(problems)


def _play(world: World, lesson: Lesson, step: LessonStep) -> Iterator[Problem]:
    """Packets must be sendable, and exactly one choice must be right."""
    if step.packet is None:
        return
    file, where, pin = lesson.folder / LESSON, f"step {step.id}", step.packet.pin
    try:
        trace = trace_of(world, lesson, step.packet)
        right = answer(step.ask, trace) if step.ask else ""
    except (PlaceError, PredictionError) as error:
        yield Problem(file, where, str(error))
        return
    if pin and (got := trace.outcomes[0].destination) != pin:
        yield Problem(file, where, f"expected `pin` to be who gets the packet, {got}; found {pin}")
    offered = [choice.value for choice in step.choices]
    if step.ask and right not in offered:
        message = f"expected one choice to be the right answer, {right}; found {', '.join(offered)}"
        yield Problem(file, where, message)


def _not_there(world: World, lesson: Lesson, step: LessonStep) -> Iterator[Problem]:
    """What a step asks to find must be on the map."""
    sight = step.find
    if sight is None:
        return
    file, where = lesson.folder / LESSON, f"step {step.id}"
    if sight.service:
        namespace, _, name = sight.service.partition("/")
        if world.cluster.service(namespace, name) is None:
            yield Problem(file, where, f"expected a Service NS/NAME, found {sight.service}")
        return
    found = world.network.namespaces.get(sight.namespace)
    if found is None:
        yield Problem(file, where, f"expected a namespace of the map, found {sight.namespace}")
    elif sight.device and all(device.name != sight.device for device in found.devices):
        known = ", ".join(device.name for device in found.devices)
        yield Problem(file, where, f"expected one of {known}; found {sight.device}")
