"""Finding the course and reading it: one broken lesson is reported, the others load."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import tui
from tui.course.lesson import Chapter, Course, Lesson
from tui.course.problem import CourseError, Problem
from tui.course.texts import ENGLISH, Section
from tui.store.cache import remembered

if TYPE_CHECKING:
    from tui.course.schema import ChapterModel

_READ = frozenset({".md", ".toml", ".yaml"})

ORDER = "course.toml"
"""The file that says which lessons there are, in which order."""


def lessons_root() -> Path:
    """The folder of lessons: the copy inside the installed package, else the checkout's.

    Raises CourseError where there is neither.
    """
    package = Path(tui.__file__).parent
    shipped, checkout = package / "_lessons", package.parent / "lessons"
    for root in (shipped, checkout):
        if (root / ORDER).is_file():
            return root
    raise CourseError(
        Problem(
            shipped,
            "",
            f"expected the lessons, with {ORDER}, here or in {checkout}; install k8snet-tui again",
        )
    )


def load_course(root: Path | None = None, lang: str = ENGLISH) -> Course:
    """Every lesson, with its words in a language, English where it has none.

    A lesson that cannot be used is left out and its problems are listed. Raises CourseError
    only where the course itself cannot be read.
    """
    folder = root if root is not None else lessons_root()
    files = [f"{lang} {folder}".encode(), *_contents(folder)]
    return remembered("course", files, lambda: _read_course(folder, lang))


def _contents(root: Path) -> list[bytes]:
    """Every file that a course is made of, with its name."""
    found = []
    for file in sorted(root.rglob("*")):
        if file.suffix in _READ and file.is_file():
            found += [str(file).encode(), file.read_bytes()]
    return found


def _read_course(folder: Path, lang: str) -> Course:
    from tui.course.reader import load_texts, validated_toml
    from tui.course.schema import CourseModel

    order = validated_toml(folder / ORDER, CourseModel)
    words = load_texts(folder, lang)
    problems: list[Problem] = []
    chapters = tuple(
        _chapter(folder, model, words.sections.get(model.id, Section(model.id)), lang, problems)
        for model in order.chapters
    )
    course = Course(words.title, chapters, (), folder, lang)
    listed = [name for model in order.chapters for name in model.lessons]
    problems += _misplaced(course, listed)
    return Course(words.title, chapters, tuple(problems), folder, lang)


def _chapter(
    root: Path, model: ChapterModel, words: Section, lang: str, problems: list[Problem]
) -> Chapter:
    from tui.course.reader import load_lesson

    lessons: list[Lesson] = []
    for name in model.lessons:
        try:
            lessons.append(load_lesson(root / name, model.id, lang))
        except CourseError as error:
            problems.extend(error.problems)
    return Chapter(model.id, words.heading, words.body, tuple(lessons))


def _misplaced(course: Course, listed: list[str]) -> list[Problem]:
    """A lesson may require only lessons that stand before it."""
    return [
        Problem(
            lesson.folder / "lesson.toml",
            "requires",
            f"expected a lesson that stands earlier in {ORDER}, found `{required}`",
        )
        for lesson in course.lessons
        for required in lesson.requires
        if required not in listed[: listed.index(lesson.id)]
    ]
