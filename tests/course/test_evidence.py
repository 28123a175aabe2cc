"""The packet is replayed to the step that decides a question."""

import pytest

from tests.sampling import one_in
from tui.course.catalogue import load_course
from tui.course.evidence import deciding_step
from tui.course.lesson import Activity, Lesson, LessonStep
from tui.course.play import lesson_world, right_answer, trace_of
from tui.course.predictions import Ask
from tui.sim.trace import StepKind

COURSE = load_course()
ASKED = [
    (lesson, step)
    for lesson in COURSE.lessons
    for step in lesson.steps
    if step.kind is Activity.PREDICT and lesson.chapter in ("pod", "service", "external")
]
COUNTS = {"namespaces", "rules-examined", "nat-rules-examined", "dns-queries", "endpoints"}
"""Questions about the whole way rather than about one step of it."""


def named(value: object) -> str:
    return value.id if isinstance(value, Lesson | LessonStep) else str(value)


@pytest.mark.parametrize(("lesson", "step"), one_in(3, ASKED), ids=named)
def test_what_happened_has_a_step_that_decided_it(lesson: Lesson, step: LessonStep) -> None:
    assert step.packet is not None
    world = lesson_world(lesson)
    outcome = trace_of(world, lesson, step.packet).outcomes[0]
    found = deciding_step(step.ask, outcome)
    steps = [each for leg in outcome.legs for _, each in leg.steps()]
    assert found is None or any(found is each for each in steps)
    happened = right_answer(world, lesson, step) not in ("none", "0", "1", "conntrack")
    if happened and step.ask.partition(" ")[0] not in COUNTS:
        assert found is not None, step.ask


def test_the_destination_is_decided_where_it_is_rewritten() -> None:
    lesson = COURSE.lesson("service")
    assert lesson is not None
    step = lesson.step("hook")
    assert step is not None
    assert step.packet is not None
    outcome = trace_of(lesson_world(lesson), lesson, step.packet).outcomes[0]
    found = deciding_step(Ask.DNAT_HOOK, outcome)
    assert found is not None
    assert found.place is not None
    assert found.place.hook == "PREROUTING"
    end = deciding_step(Ask.VERDICT, outcome)
    assert end is not None
    assert end.kind is StepKind.DELIVERED
