"""A course loads fast, a broken lesson is reported by file and place, the others stay."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.course.course_folder import change
from tui.course.catalogue import lessons_root, load_course
from tui.course.lesson import Activity
from tui.course.problem import CourseError, Problem
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxyMode

COURSE = """
format = 1
[[chapters]]
id = "first"
lessons = ["good", "other"]
"""
LESSON = """
format = 1
minutes = 3

[world]
cluster = "../cluster.yaml"
mode = "iptables"

[[steps]]
id = "hello"
kind = "read"

[[steps]]
id = "send"
kind = "inject"
packet = { from = "pod/a/b", to = "10.0.0.1", dport = 53, protocol = "UDP" }

[[steps]]
id = "guess"
kind = "predict"
packet = { from = "pod/a/b", to = "10.0.0.1:53", pin = "10.0.0.2:53", after = ["send"] }
ask = "passes node-a"
choices = ["yes", "no"]

[[steps]]
id = "look"
kind = "explore"
find = { namespace = "node/node-a", device = "cni0" }
"""
WORDS = """# A lesson

About this.

## hello: Hello

Words.

## send: Send

Words.

## guess: Guess

Words?

### yes: it does

Right.

### because

So.

## look: Look

Words.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course of two lessons that are fine."""
    (tmp_path / "course.toml").write_text(COURSE)
    (tmp_path / "en.md").write_text("# Course\n\n## first: The first\n\nChapter.\n")
    (tmp_path / "cluster.yaml").write_text("")
    for name in ("good", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lesson.toml").write_text(LESSON)
        (tmp_path / name / "en.md").write_text(WORDS)
    return tmp_path


def spoil(root: Path, old: str, new: str, file: str = "lesson.toml") -> tuple[Problem, ...]:
    """The problems after a change to the lesson `other`, which must then be left out."""
    path = root / "other" / file
    change(path, old, new)
    course = load_course(root)
    assert [lesson.id for lesson in course.lessons] == ["good"]
    assert all(problem.file == path for problem in course.problems)
    return course.problems


def test_a_course_is_read(root: Path) -> None:
    course = load_course(root)
    assert course.problems == ()
    assert course.title == "Course"
    assert [(chapter.id, chapter.title) for chapter in course.chapters] == [("first", "The first")]
    assert [lesson.id for lesson in course.lessons] == ["good", "other"]
    following = course.after("good")
    assert following is not None
    assert following.id == "other"
    assert course.after("other") is None


def test_a_lesson_is_read(root: Path) -> None:
    lesson = load_course(root).lesson("good")
    assert lesson is not None
    assert (lesson.title, lesson.summary) == ("A lesson", "About this.")
    assert lesson.world.cluster == root / "cluster.yaml"
    assert lesson.world.mode is ProxyMode.IPTABLES
    assert [step.kind for step in lesson.steps] == [
        Activity.READ,
        Activity.INJECT,
        Activity.PREDICT,
        Activity.EXPLORE,
    ]
    _, send, guess, look = lesson.steps
    assert send.packet is not None
    assert send.packet.injection.protocol is Protocol.UDP
    assert send.packet.injection.dport == 53
    assert guess.packet is not None
    assert guess.packet.choices.pin == "10.0.0.2:53"
    assert guess.packet.after == ("send",)
    assert guess.ask == "passes node-a"
    assert [(c.value, c.label, c.reply) for c in guess.choices] == [
        ("yes", "it does", "Right."),
        ("no", "no", ""),
    ]
    assert guess.because == "So."
    assert look.find is not None
    assert (look.find.namespace, look.find.device) == ("node/node-a", "cni0")
    assert lesson.position("guess") == 2
    assert lesson.position("gone") == 0


def test_words_come_in_a_language_step_by_step(root: Path) -> None:
    (root / "good" / "ko.md").write_text("# 수업\n\n## hello: 안녕\n\n글.\n", encoding="utf-8")
    lesson = load_course(root, "ko").lesson("good")
    assert lesson is not None
    assert lesson.title == "수업"
    assert lesson.steps[0].heading == "안녕"
    assert lesson.steps[1].heading == "Send", "what is missing stays English"


def test_a_lesson_that_is_not_there_is_reported(root: Path) -> None:
    (root / "other" / "lesson.toml").unlink()
    course = load_course(root)
    assert [lesson.id for lesson in course.lessons] == ["good"]
    assert str(course.problems[0]) == (
        f"{root / 'other' / 'lesson.toml'}: expected this file, found none; write it"
    )


@pytest.mark.parametrize(
    ("old", "new", "where", "expected"),
    [
        ("format = 1", "format = 2", "format", "expected 1, found 2"),
        ("minutes = 3", "minuets = 3", "minuets", "not known here"),
        ("minutes = 3", 'minutes = "x"', "minutes", "expected a valid integer"),
        ('kind = "read"', 'kind = "listen"', "steps[0]", "'read', 'inject', 'predict', 'explore'"),
        ('kind = "read"', "", "steps[0]", "expected `kind`"),
        ('to = "10.0.0.1", ', "", "steps[1].packet.to", "expected a value, found none"),
        (
            '"UDP"',
            '"udp"',
            "steps[1].packet.protocol",
            "'TCP', 'UDP', 'SCTP' or 'ICMP', found 'udp'",
        ),
        ("dport = 53", "dport = 0", "steps[1].packet.dport", "greater than or equal to 1, found 0"),
        ('"passes node-a"', '"passes"', "steps[2]", "expected what `passes` is about"),
        ('"passes node-a"', '"fate"', "steps[2]", "expected one of verdict, connection"),
        ('["yes", "no"]', '["yes"]', "steps[2].choices", "at least 2"),
        ('["yes", "no"]', '["yes", "yes"]', "steps[2]", "choices that all differ"),
        ('after = ["send"]', 'after = ["look"]', "", "an earlier step with a packet, found `look`"),
        ('id = "send"', 'id = "hello"', "", "`hello` is there twice"),
        ('id = "hello"', 'id = "Hello!"', "steps[0].id", "lower-case letters"),
        ('device = "cni0"', 'service = "a/b"', "steps[3].find", "`service` alone"),
        ("../cluster.yaml", "../none.yaml", "world.cluster", "expected a file, found none at"),
        ('mode = "iptables"', 'mode = "ebpf"', "world.mode", "'iptables', 'nftables' or 'ipvs'"),
        ("format = 1", "format =", "", "expected TOML"),
    ],
)
def test_faults_of_lesson_toml(root: Path, old: str, new: str, where: str, expected: str) -> None:
    problem = spoil(root, old, new)[0]
    assert problem.where == where
    assert expected in problem.message
    assert "\n" not in str(problem)


def test_words_that_are_missing_are_reported(root: Path) -> None:
    problem = spoil(root, "## send: Send", "## sned: Send", "en.md")[0]
    assert (problem.where, problem.message) == (
        "send",
        "expected `## send: Heading` with text under it",
    )


def test_all_faults_of_a_lesson_are_listed(root: Path) -> None:
    assert len(spoil(root, "format = 1\nminutes = 3", "format = 2\nminutes = 0")) == 2


def test_a_lesson_may_only_require_earlier_ones(root: Path) -> None:
    path = root / "good" / "lesson.toml"
    path.write_text(path.read_text().replace("minutes = 3", 'requires = ["other"]'))
    course = load_course(root)
    assert [problem.where for problem in course.problems] == ["requires"]


def test_a_course_without_order_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"course\.toml: expected this file"):
        load_course(tmp_path)


def test_the_checkout_has_lessons() -> None:
    assert (lessons_root() / "course.toml").is_file()


def test_the_course_is_listed_fast() -> None:
    load_course()
    start = time.perf_counter()
    load_course()
    assert time.perf_counter() - start < 0.1


def test_finding_the_course_does_not_import_pydantic() -> None:
    code = (
        "import sys, tui.course.catalogue as c; c.lessons_root(); "
        "sys.exit(any(m in sys.modules for m in ('pydantic', 'textual', 'yaml')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
