"""The checker of a whole course names every fault by file and place, and the rest still plays."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.course.course_folder import BROKEN_WORDS, change, write_course
from tui.course.catalogue import load_course
from tui.course.course_checks import check_course
from tui.course.problem import CourseError, Problem

PLAIN, BROKEN = "plain/lesson.toml", "broken/lesson.toml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course")


def faults(root: Path) -> list[str]:
    """What the checker says, the folder left out."""
    return said_of(root, check_course(load_course(root)))


def said_of(root: Path, problems: Iterable[Problem]) -> list[str]:
    return [str(each).replace(f"{root}/", "") for each in problems]


def test_a_good_course_has_no_faults(root: Path) -> None:
    assert faults(root) == []


def test_a_good_course_in_two_languages(tmp_path: Path) -> None:
    assert faults(write_course(tmp_path / "course", ("en", "ko"))) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (PLAIN, 'id = "look"', 'id = "guess"', "`guess` is there twice"),
        (PLAIN, 'kind = "explore"', 'kind = "sing"', "steps[1]: expected one of"),
        (PLAIN, "format = 1", "format = one", "expected TOML: "),
        (PLAIN, "format = 1", "format = 2", "format: expected 1, found 2"),
        (PLAIN, '"10.244.0.7", ', '"10.244.0.9", ', "expected one choice to be the right answer"),
        (PLAIN, "../cluster", "../lost", "world.cluster: expected a file, found none at"),
        (PLAIN, '["pod"]', '["pod", "bud"]', "teaches: expected a word of glossary/en.md"),
        ("cluster.yaml", "kind: Pod", "kind: [", "cluster.yaml"),
        ("cluster.yaml", "10.244.0.7}]", "10.244.0.777}]", "cluster.yaml"),
        (BROKEN, 'id = "direct"', 'id = "reaches"', "expected ids of goals that all differ"),
        (BROKEN, "keep = true\n", "", "goal direct: expected it not to be met at the start"),
        (BROKEN, '"pod/shop/w*"', '"pod/shop/z*"', "solution: expected goal reaches to be met"),
        (BROKEN, "{ wait = 5 }", '{ apply = "solution.yaml" }', "but it meets them all"),
        (BROKEN, "{ wait = 5 }", "{}", "expected one of `apply`, `delete`, `mode`, `cni`"),
        (BROKEN, "connection =", "conection =", "`wants` expected one of"),
        (BROKEN, '"solution.yaml"', '"answer.yaml"', "steps[1].solution.apply: expected a file"),
        (BROKEN, '"Service shop/web"', '"Service shop/wob"', "is not in the cluster any more"),
        (BROKEN, '["plain"]', '["later"]', "expected a lesson that stands earlier"),
        ("broken/solution.yaml", "port: 80,", "port: 99999,", "solution: "),
        ("broken/solution.yaml", "kind: Service", "kind: Deployment", "solution: "),
        # words that are missing, stray or too many
        (
            "plain/en.md",
            "## look: Look\n\nThere.\n",
            "",
            "en.md: look: expected `## look: Heading`",
        ),
        ("plain/en.md", "### because", "### becos", "plain/en.md: guess, because: expected"),
        ("plain/en.md", "### because", "### becos", "guess, becos: expected one of the parts"),
        ("plain/en.md", "## objectives", "## aims", "plain/en.md: objectives: expected"),
        ("plain/en.md", "## objectives", "## aims", "aims: expected the id of a step"),
        ("broken/en.md", "### hint-2\n\nTwo.", "", "broken/en.md: mend, hint-2: expected"),
        ("broken/en.md", "### wrong-2", "### wrong-9", "mend, wrong-2: expected `### wrong-2`"),
        ("broken/en.md", "Four.", "", "mend, solution: expected `### solution` with text"),
        ("en.md", "## first", "## fist", "en.md: first: expected `## first: Title`"),
        ("plain/en.md", "There.", "word " * 91, "look: expected 90 words or fewer, found 91"),
        ("plain/en.md", "There.", "```\n" + "x" * 39 + "\n```", "expected 38 columns of code"),
        ("plain/en.md", "There.", "```\n" + "파" * 20 + "\n```", "at most, found 40"),
    ],
)
def test_a_fault_is_named(root: Path, file: str, old: str, new: str, said: str) -> None:
    change(root / file, old, new)
    found = faults(root)
    assert any(said in each for each in found), found


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        (PLAIN, "format = 1", "format = one", f"{PLAIN}:2: expected TOML"),
        (PLAIN, "format = 1", "format = 2", f"{PLAIN}:2: format: "),
        (PLAIN, "format = 1\n", "", f"{PLAIN}:1: format: expected a value"),
        (PLAIN, 'kind = "explore"', 'kind = "sing"', f"{PLAIN}:14: steps[1]: "),
        (PLAIN, "cluster =", "clustre =", f"{PLAIN}:5: world.clustre: "),
        (PLAIN, 'ask = "receiver-source"', 'ask = "who"', f"{PLAIN}:6: steps[0]: `ask`"),
        (PLAIN, 'to = "10.244.0.5:8080"', "to = 5", f"{PLAIN}:9: steps[0].packet.to: "),
        (BROKEN, "keep = true", "keep = 7", f"{BROKEN}:24: steps[1].goals[1].keep: "),
        ("course.toml", '["plain", ', '["Plain", ', "course.toml:5: chapters[0].lessons[0]: "),
        ("plain/en.md", "There.", "word " * 91, "plain/en.md:23: look: "),
        ("plain/en.md", "### because", "### becos", "plain/en.md:19: guess, becos: "),
    ],
)
def test_a_fault_names_its_line(root: Path, file: str, old: str, new: str, place: str) -> None:
    change(root / file, old, new)
    try:
        found = faults(root)
    except CourseError as error:
        found = said_of(root, error.problems)
    assert any(each.startswith(place) for each in found), found


@pytest.mark.parametrize("broken", [PLAIN, BROKEN])
def test_the_rest_of_the_course_still_plays(root: Path, broken: str) -> None:
    (root / broken).write_text("format = ", encoding="utf-8")
    course = load_course(root)
    assert [lesson.id for lesson in course.lessons] == (
        ["broken"] if broken == PLAIN else ["plain"]
    )
    assert course.problems
    assert all(problem.file.parent.parent == root for problem in course.problems)


def test_code_of_just_the_width_is_fine(root: Path) -> None:
    change(root / "plain/en.md", "There.", "```\n" + "파" * 19 + "\n```\n\n" + "x" * 60)
    assert faults(root) == []


def test_another_language_must_be_complete(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course", ("en", "ko"))
    (root / "plain/ko.md").unlink()
    change(root / "broken/ko.md", "### hint-3\n\nThree.", "")
    change(root / "ko.md", "## first: The first\n\nWords.", "")
    found = faults(root)
    assert any("plain/ko.md: expected the words of this lesson in `ko`" in each for each in found)
    assert any("broken/ko.md: mend, hint-3: expected" in each for each in found)
    assert any("ko.md: first: expected `## first: Title`" in each for each in found)
    assert len(found) == 3


def test_a_challenge_without_a_mistake(root: Path) -> None:
    change(root / BROKEN, 'wrong = [{ delete = ["Service shop/web"] }, { wait = 5 }]\n', "")
    assert any("expected one `wrong` change or more" in each for each in faults(root))


def test_a_word_before_it_is_taught(root: Path) -> None:
    change(root / "plain/en.md", "There.", "There is a selector.")
    (found,) = faults(root)
    assert found.startswith("plain/en.md: look: expected a word that has been taught, found `sel")
    change(root / PLAIN, '["pod"]\n', '["pod"]\nmentions = ["selector"]\n')
    assert faults(root) == []


def test_stray_files(root: Path) -> None:
    (root / "plain/notes.txt").write_text("?")
    (root / "spare").mkdir()
    (root / "spare/lesson.toml").write_text("format = 1")
    found = faults(root)
    assert "plain/notes.txt: no lesson uses this file; remove it or mend its name" in found
    assert "spare/lesson.toml: expected `spare` in a chapter of course.toml" in found
    assert len(found) == 2


def test_the_words_of_the_test_itself() -> None:
    assert BROKEN_WORDS.count("### hint-") == 3
