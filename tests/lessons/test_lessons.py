"""Every lesson that ships is played: its packets are sent and its questions have one answer."""

from pathlib import Path
from string import Formatter

import pytest

from tui.course.catalogue import lessons_root, load_course
from tui.course.checker import check_lesson
from tui.course.lesson import Activity, Lesson, LessonStep
from tui.course.play import lesson_world, right_answer, trace_of
from tui.sim.engine.world import World
from tui.sim.model.address import address
from tui.sim.model.settings import ProxyMode
from tui.sim.trace import StepKind
from tui.words.reasons import phrase_for

COURSE = load_course()
PAIRS = [(lesson, step) for lesson in COURSE.lessons for step in lesson.steps]
PREDICTIONS = [(lesson, step) for lesson, step in PAIRS if step.kind is Activity.PREDICT]
PACKETS = [(lesson, step) for lesson, step in PAIRS if step.packet is not None]
LINE = 38
"""Columns of code that fit the narrowest pane."""


def named(value: object) -> str:
    """How a lesson or a step is called in the list of tests."""
    return value.id if isinstance(value, Lesson | LessonStep) else str(value)


_WORLDS: dict[str, World] = {}


def world_of(lesson: Lesson) -> World:
    """The lesson's world, built once."""
    if lesson.id not in _WORLDS:
        _WORLDS[lesson.id] = lesson_world(lesson)
    return _WORLDS[lesson.id]


def test_the_spine_is_there() -> None:
    assert COURSE.problems == ()
    assert [lesson.id for lesson in COURSE.lessons] == ["container", "pod", "service", "external"]
    assert all(chapter.title and chapter.summary for chapter in COURSE.chapters)


@pytest.mark.parametrize("lesson", COURSE.lessons, ids=named)
def test_the_checker_finds_nothing(lesson: Lesson) -> None:
    assert [str(problem) for problem in check_lesson(lesson)] == []


@pytest.mark.parametrize("lesson", COURSE.lessons, ids=named)
def test_a_lesson_reads_predicts_and_explores(lesson: Lesson) -> None:
    kinds = {step.kind for step in lesson.steps}
    assert kinds == set(Activity)
    assert lesson.title
    assert lesson.summary
    assert len(lesson.objectives) >= 2
    assert 5 <= lesson.minutes <= 10


@pytest.mark.parametrize(("lesson", "step"), PREDICTIONS, ids=named)
def test_exactly_one_choice_is_right(lesson: Lesson, step: LessonStep) -> None:
    right = right_answer(world_of(lesson), lesson, step)
    values = [choice.value for choice in step.choices]
    assert values.count(right) == 1, f"the simulator says {right}"


@pytest.mark.parametrize(("lesson", "step"), PREDICTIONS, ids=named)
def test_every_wrong_choice_is_answered(lesson: Lesson, step: LessonStep) -> None:
    right = right_answer(world_of(lesson), lesson, step)
    assert step.because
    for choice in step.choices:
        assert choice.label
        assert choice.value == right or choice.reply, f"nothing is said to {choice.value}"


@pytest.mark.parametrize(("lesson", "step"), PACKETS, ids=named)
def test_no_packet_meets_anything_unknown(lesson: Lesson, step: LessonStep) -> None:
    assert step.packet is not None
    trace = trace_of(world_of(lesson), lesson, step.packet)
    if step.packet.pin is None:
        assert sum(outcome.probability for outcome in trace.outcomes) == pytest.approx(1)
    else:
        assert [outcome.destination for outcome in trace.outcomes] == [step.packet.pin]
    for outcome in trace.outcomes:
        assert all(s.kind is not StepKind.UNKNOWN for leg in outcome.legs for _, s in leg.steps())


@pytest.mark.parametrize(("lesson", "step"), PACKETS, ids=named)
def test_every_step_of_a_trace_can_be_told(lesson: Lesson, step: LessonStep) -> None:
    assert step.packet is not None
    trace = trace_of(world_of(lesson), lesson, step.packet)
    for reason in {
        s.reason.code: s.reason for o in trace.outcomes for leg in o.legs for _, s in leg.steps()
    }.values():
        asked = {name for _, name, _, _ in Formatter().parse(phrase_for(reason)) if name}
        assert asked <= reason.fields.keys()


@pytest.mark.parametrize(("lesson", "step"), PAIRS, ids=named)
def test_code_fits_the_pane(lesson: Lesson, step: LessonStep) -> None:
    fenced = False
    for line in (step.body + "\n" + step.because).splitlines():
        fenced ^= line.startswith("```")
        assert not (fenced and len(line) > LINE), line


def test_the_demo_cluster_is_the_one_in_the_texts() -> None:
    cluster = world_of(COURSE.lessons[0]).cluster
    pods = {f"{pod.namespace}/{pod.name}": pod for pod in cluster.pods}
    for name, ip, node in (
        ("shop/client", "10.244.0.7", "node-a"),
        ("shop/web-1", "10.244.0.5", "node-a"),
        ("shop/web-2", "10.244.1.5", "node-b"),
        ("shop/web-3", "10.244.1.6", "node-b"),
        ("shop/cart", "10.244.0.6", "node-a"),
    ):
        assert pods[name].ips == (address(ip),)
        assert pods[name].node == node
    web = cluster.service("shop", "web")
    assert web is not None
    assert web.cluster_ips == ("10.96.31.7",)
    assert all(
        any(ip in n for node in cluster.nodes for n in node.pod_cidrs)
        for pod in cluster.pods
        if not pod.host_network
        for ip in pod.ips
    )


def test_settings_come_from_the_file() -> None:
    proxy = world_of(COURSE.lessons[2]).proxy
    assert proxy.mode is ProxyMode.IPTABLES
    assert proxy.cluster_cidrs == ("10.244.0.0/16",)


def test_the_readme_lists_every_question() -> None:
    from tui.course.predictions import Ask

    readme = (lessons_root() / "README.md").read_text(encoding="utf-8")
    assert all(f"`{ask}`" in readme or f"`{ask} " in readme for ask in Ask)


def test_lessons_are_content_only() -> None:
    kinds = {file.suffix for file in Path(lessons_root()).rglob("*") if file.is_file()}
    assert kinds <= {".md", ".toml", ".yaml"}
