"""A third language is files only: one for each lesson and a catalogue, and everything speaks it."""

from pathlib import Path

import pytest

import tui
from tests.snapshots.hangul import FIRST, HANGUL, LAST, write_catalogue, write_lessons
from tui.course.catalogue import lessons_root, load_course
from tui.course.course_checks import check_course, languages_of
from tui.course.glossary import load_glossary
from tui.words.language import catalogue, languages
from tui.words.template import template

PACKAGE = Path(tui.__file__).parent


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course with a language that was made up."""
    folder = tmp_path_factory.mktemp("course") / "lessons"
    write_lessons(lessons_root(), folder)
    return folder


def test_the_course_is_there_in_it_whole(lessons: Path) -> None:
    course = load_course(lessons, HANGUL)
    assert course.problems == ()
    assert len(course.lessons) == len(load_course().lessons)
    for lesson in course.lessons:
        for step in lesson.steps:
            assert FIRST in step.body, (lesson.id, step.id)
            assert all(LAST in choice.reply for choice in step.choices if choice.reply)
            if step.task is not None:
                assert all(FIRST in hint for hint in step.task.hints)
                assert FIRST in step.task.answer


@pytest.mark.slow
def test_the_checker_finds_it_complete(lessons: Path) -> None:
    assert HANGUL in languages_of(lessons)
    assert [str(each) for each in check_course(load_course(lessons, HANGUL))] == []


@pytest.mark.slow
def test_the_checker_misses_a_lesson_that_lacks_it(lessons: Path) -> None:
    file = lessons / "veth" / f"{HANGUL}.md"
    text = file.read_text(encoding="utf-8")
    file.unlink()
    (said,) = check_course(load_course(lessons))
    file.write_text(text, encoding="utf-8")
    assert said.file == file
    assert f"`{HANGUL}`" in said.message


def test_the_glossary_speaks_it(lessons: Path) -> None:
    english, made_up = load_glossary(lessons), load_glossary(lessons, HANGUL)
    assert [term.id for term in made_up] == [term.id for term in english]
    assert all(FIRST in term.body for term in made_up)


def test_the_interface_speaks_it(tmp_path: Path) -> None:
    write_catalogue(PACKAGE, tmp_path)
    assert languages(tmp_path) == ("en", HANGUL)
    said = catalogue(HANGUL, tmp_path).gettext("next page, without walking")
    assert said.startswith(FIRST)
    assert said.endswith(LAST)


@pytest.mark.slow
def test_the_template_for_translators_has_every_sentence(tmp_path: Path) -> None:
    write_catalogue(PACKAGE, tmp_path)
    listed = template().count("\nmsgid ")
    assert listed >= (tmp_path / f"{HANGUL}.po").read_text(encoding="utf-8").count("msgid ")
