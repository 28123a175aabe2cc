"""The author's checker names every fault that only playing the lesson shows."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.course.course_folder import CLUSTER, PLAIN_STEPS, PLAIN_WORDS
from tui.course.checker import check_lesson
from tui.course.lesson import GivenPacket, Lesson, LessonStep, Sight
from tui.course.reader import load_lesson
from tui.sim.engine.injection import Injection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lesson without faults; it names no cluster, so it plays in the one that lies beside it."""
    lesson = f"format = 1{PLAIN_STEPS}"
    for name, text in (("cluster.yaml", CLUSTER), ("lesson.toml", lesson), ("en.md", PLAIN_WORDS)):
        (tmp_path / name).write_text(text)
    return tmp_path


def with_step(lesson: Lesson, number: int, step: LessonStep) -> Lesson:
    """The lesson with one step replaced."""
    steps = list(lesson.steps)
    steps[number] = step
    return replace(lesson, steps=tuple(steps))


def only_fault(lesson: Lesson) -> str:
    """The one problem that the checker finds."""
    (problem,) = check_lesson(lesson)
    return str(problem)


def test_a_good_lesson_has_no_faults(folder: Path) -> None:
    assert check_lesson(load_lesson(folder)) == ()


def test_a_question_without_a_right_choice(folder: Path) -> None:
    lesson = load_lesson(folder)
    guess = lesson.steps[0]
    wrong = with_step(lesson, 0, replace(guess, choices=guess.choices[1:]))
    assert only_fault(wrong) == (
        f"{folder / 'lesson.toml'}: step guess: expected one choice to be the right answer, "
        "10.244.0.7; found 10.244.0.1"
    )


def test_a_packet_from_nowhere(folder: Path) -> None:
    lesson = load_lesson(folder)
    lost = GivenPacket(Injection("pod/shop/nobody", "10.244.0.5:8080"))
    said = only_fault(with_step(lesson, 0, replace(lesson.steps[0], packet=lost)))
    assert "step guess: pod/shop/nobody: there is no such pod" in said


def test_a_pin_that_nobody_can_take(folder: Path) -> None:
    lesson = load_lesson(folder)
    packet = GivenPacket(Injection("pod/shop/client", "10.244.0.5:8080"), pin="10.244.0.9:80")
    said = only_fault(with_step(lesson, 0, replace(lesson.steps[0], packet=packet)))
    assert "expected `pin` to be who gets the packet, 10.244.0.5:8080; found 10.244.0.9:80" in said


def test_a_cluster_that_cannot_be_read(folder: Path) -> None:
    (folder / "cluster.yaml").write_text("kind: Pod\n")
    said = only_fault(load_lesson(folder))
    assert f"{folder / 'lesson.toml'}: world: {folder / 'cluster.yaml'}" in said


def test_a_plugin_that_is_not_there(folder: Path) -> None:
    file = folder / "lesson.toml"
    file.write_text(file.read_text() + '[world]\ncni = "yarn"\n')
    assert "world: there is no plugin 'yarn'" in only_fault(load_lesson(folder))


@pytest.mark.parametrize(
    ("sight", "said"),
    [
        (Sight("node/node-z"), "expected a namespace of the map, found node/node-z"),
        (Sight("node/node-a", "br0"), "expected one of lo, "),
        (Sight(service="shop/none"), "expected a Service NS/NAME, found shop/none"),
    ],
)
def test_a_thing_that_is_not_on_the_map(folder: Path, sight: Sight, said: str) -> None:
    lesson = load_lesson(folder)
    assert said in only_fault(with_step(lesson, 1, replace(lesson.steps[1], find=sight)))
