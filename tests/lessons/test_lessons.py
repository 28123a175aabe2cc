"""Every lesson that ships is played: its packets are sent and its questions have one answer."""

from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter

import pytest
from _pytest.mark.structures import ParameterSet

from tui.course.catalogue import lessons_root, load_course
from tui.course.changes import changed
from tui.course.course_checks import check_course
from tui.course.lesson import Activity, Lesson, LessonStep
from tui.course.play import lesson_world, right_answer, trace_of
from tui.screens.lesson_player import LessonPlayer
from tui.session import Session
from tui.sim.engine.world import World
from tui.sim.model.address import address
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.sim.trace import StepKind, Trace
from tui.widgets.lesson_page import Page
from tui.words import Words
from tui.words.reasons import phrase_for

COURSE = load_course()
PAIRS = [(lesson, step) for lesson in COURSE.lessons for step in lesson.steps]


def together(pairs: Iterable[tuple[Lesson, LessonStep]]) -> list[ParameterSet]:
    """One process plays a lesson for all its tests."""
    return [pytest.param(*pair, marks=pytest.mark.xdist_group(pair[0].id)) for pair in pairs]


PREDICTIONS = together(pair for pair in PAIRS if pair[1].kind is Activity.PREDICT)
PACKETS = together(pair for pair in PAIRS if pair[1].packet is not None)
LINE = 38
"""Columns of code that fit the narrowest pane."""


def named(value: object) -> str:
    """How a lesson or a step is called in the list of tests."""
    return value.id if isinstance(value, Lesson | LessonStep) else str(value)


@cache
def world_of(lesson: Lesson) -> World:
    """The lesson's world, built once."""
    return lesson_world(lesson)


@lru_cache(maxsize=32)
def elsewhere(lesson: Lesson, mode: ProxyMode, plugin: str) -> World:
    """The same in another mode and with another plugin, kept for the lesson's next prediction."""
    return world_of(lesson).with_mode(mode).with_plugin(plugin)


@cache
def right_in(lesson: Lesson, step: LessonStep) -> str:
    """The right answer where the lesson is at home."""
    return right_answer(world_of(lesson), lesson, step)


@lru_cache(maxsize=32)
def trace_in(lesson: Lesson, step: LessonStep) -> Trace:
    """What becomes of a step's packet."""
    assert step.packet is not None
    return trace_of(world_of(lesson), lesson, step.packet)


CHALLENGES = [lesson for lesson in COURSE.lessons if lesson.level]
TAUGHT = [lesson for lesson in COURSE.lessons if not lesson.level]


def test_the_spine_is_there() -> None:
    assert COURSE.problems == ()
    chapters = ["container", "pod", "service", "external", "fix"]
    assert [chapter.id for chapter in COURSE.chapters] == chapters
    assert all(chapter.title and chapter.summary and chapter.lessons for chapter in COURSE.chapters)
    assert [chapter.lessons[0].id for chapter in COURSE.chapters[:4]] == chapters[:4]


def test_every_cni_plugin_of_the_course_has_a_lesson() -> None:
    played = {lesson.world.cni for lesson in TAUGHT}
    assert {"flannel", "calico", "cilium", "kubenet", "aws-vpc", "aci", "nsx"} <= played


def test_there_are_challenges_of_three_levels() -> None:
    assert len(CHALLENGES) >= 12
    levels = [lesson.level for lesson in CHALLENGES]
    assert set(levels) == {1, 2, 3}
    assert levels == sorted(levels)
    assert {lesson.chapter for lesson in CHALLENGES} == {"fix"}


def test_the_checker_finds_nothing() -> None:
    assert [str(problem) for problem in check_course(COURSE)] == []


@pytest.mark.parametrize("lesson", TAUGHT, ids=named)
def test_a_lesson_reads_predicts_sends_and_explores(lesson: Lesson) -> None:
    kinds = Counter(step.kind for step in lesson.steps)
    assert kinds[Activity.PREDICT] >= 2
    assert kinds[Activity.INJECT] >= 1
    assert kinds[Activity.EXPLORE] >= 1
    assert lesson.steps[-1].kind is Activity.READ
    assert lesson.title
    assert lesson.summary
    assert len(lesson.objectives) >= 2
    assert 5 <= lesson.minutes <= 10


@pytest.mark.parametrize("lesson", CHALLENGES, ids=named)
def test_a_challenge_is_told_mended_and_talked_over(lesson: Lesson) -> None:
    kinds = [step.kind for step in lesson.steps]
    assert kinds.count(Activity.FIX) == 1
    at = kinds.index(Activity.FIX)
    assert kinds[at - 1] is Activity.READ
    assert kinds[at + 1] is Activity.READ
    task = lesson.steps[at].task
    assert task is not None
    assert len(task.hints) == 3
    assert all(task.hints)
    assert task.answer
    assert task.mistakes
    assert all(mistake.reply for mistake in task.mistakes)


def at_the_challenge(lesson: Lesson) -> tuple[LessonPlayer, Page, Session]:
    """A learner who has read what was reported."""
    player = LessonPlayer(COURSE, None, lambda: 1.0)
    page, session = player.opened(lesson)
    while page.step.task is None:
        page, session = player.turned(page, session, 1)
    return player, replace(page, results=player.results(page, session)), session


@pytest.mark.parametrize("lesson", CHALLENGES, ids=named)
def test_a_challenge_is_solved_by_its_solution(lesson: Lesson) -> None:
    player, page, session = at_the_challenge(lesson)
    assert page.mends
    assert page.open_flow is not None
    for count in (1, 2, 3):
        page = player.hinted(page)
        assert page.hints == count
        assert not page.shows_solution
    page = player.hinted(page)
    assert page.shows_solution
    after = player.solved(page, session)
    page = replace(page, results=player.results(page, after))
    assert page.mended, [each for each in page.results if not each.met]
    assert page.step.id in player.finished(page).done


@pytest.mark.parametrize("lesson", CHALLENGES, ids=named)
def test_a_mistake_does_not_pass_and_is_talked_to(lesson: Lesson) -> None:
    player, page, session = at_the_challenge(lesson)
    task = page.step.task
    assert task is not None
    for mistake in task.mistakes:
        world, state = changed((session.world, session.after), mistake.change)
        wrong = replace(session, world=world, before=state, after=state)
        found = player.results(page, wrong)
        assert not all(each.met for each in found)
        if world != session.world:
            assert player.mistake(page, world) == mistake.reply


@pytest.mark.parametrize("lesson", CHALLENGES, ids=named)
def test_skipping_a_challenge_does_not_solve_it(lesson: Lesson) -> None:
    player, page, session = at_the_challenge(lesson)
    after, _ = player.turned(page, session, 1)
    assert page.step.id not in after.done


@pytest.mark.parametrize("lesson", CHALLENGES, ids=named)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_what_is_still_false_is_told(lesson: Lesson, lang: str) -> None:
    _player, page, _session = at_the_challenge(lesson)
    for each in page.results:
        if not each.met:
            assert "?" not in Words(lang).unmet(each)


@pytest.mark.parametrize(("lesson", "step"), PREDICTIONS, ids=named)
def test_exactly_one_choice_is_right(lesson: Lesson, step: LessonStep) -> None:
    right = right_in(lesson, step)
    values = [choice.value for choice in step.choices]
    assert values.count(right) == 1, f"the simulator says {right}"


@pytest.mark.parametrize(("lesson", "step"), PREDICTIONS, ids=named)
def test_the_answer_is_the_same_wherever_the_words_are_true(
    lesson: Lesson, step: LessonStep
) -> None:
    right = right_in(lesson, step)
    for mode in lesson.modes:
        for plugin in lesson.plugins:
            there = elsewhere(lesson, mode, plugin)
            assert right_answer(there, lesson, step) == right, (mode, plugin)


@pytest.mark.parametrize(("lesson", "step"), PREDICTIONS, ids=named)
def test_every_wrong_choice_is_answered(lesson: Lesson, step: LessonStep) -> None:
    right = right_in(lesson, step)
    assert step.because
    for choice in step.choices:
        assert choice.label
        assert choice.value == right or choice.reply, f"nothing is said to {choice.value}"


@pytest.mark.parametrize(("lesson", "step"), PACKETS, ids=named)
def test_no_packet_meets_anything_unknown(lesson: Lesson, step: LessonStep) -> None:
    assert step.packet is not None
    trace = trace_in(lesson, step)
    if step.packet.pin is None:
        assert sum(outcome.probability for outcome in trace.outcomes) == pytest.approx(1)
    else:
        assert [outcome.destination for outcome in trace.outcomes] == [step.packet.pin]
    for outcome in trace.outcomes:
        assert all(s.kind is not StepKind.UNKNOWN for leg in outcome.legs for _, s in leg.steps())


@pytest.mark.parametrize(("lesson", "step"), PACKETS, ids=named)
def test_every_step_of_a_trace_can_be_told(lesson: Lesson, step: LessonStep) -> None:
    trace = trace_in(lesson, step)
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
    proxy = world_of(COURSE.chapters[2].lessons[0]).proxy
    assert proxy.mode is ProxyMode.IPTABLES
    assert proxy.cluster_cidrs == ("10.244.0.0/16",)


def test_the_readme_lists_every_question() -> None:
    from tui.course.predictions import Ask

    readme = (lessons_root() / "README.md").read_text(encoding="utf-8")
    assert all(f"`{ask}`" in readme or f"`{ask} " in readme for ask in Ask)


def test_lessons_are_content_only() -> None:
    kinds = {file.suffix for file in Path(lessons_root()).rglob("*") if file.is_file()}
    assert kinds <= {".md", ".toml", ".yaml"}
