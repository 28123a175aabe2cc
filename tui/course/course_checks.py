"""What the checker asks of a course as a whole: languages, order, words, and no stray files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tui.course.catalogue import ORDER
from tui.course.checker import check_lesson
from tui.course.glossary import FOLDER, Term, found_in, load_glossary
from tui.course.lesson import Course, Lesson, LessonStep
from tui.course.problem import Problem
from tui.course.reader import LESSON, own_texts
from tui.course.texts import ENGLISH, OBJECTIVES
from tui.course.word_checks import check_words


def check_course(course: Course) -> tuple[Problem, ...]:
    """Every fault of a course and of its lessons, those that kept a lesson out first."""
    languages = languages_of(course.root)
    return (
        *course.problems,
        *chain.from_iterable(check_lesson(lesson) for lesson in course.lessons),
        *(
            problem
            for lesson in course.lessons
            for lang in languages
            for problem in check_words(lesson, lang)
        ),
        *_chapters_without_words(course, languages),
        *_stray_files(course, languages),
        *_words_in_order(course),
    )


def languages_of(root: Path) -> tuple[str, ...]:
    """The languages of a course: every `LANG.md` beside course.toml, English first."""
    found = {file.stem for file in root.glob("*.md")} - {ENGLISH, "README"}
    return (ENGLISH, *sorted(found))


def _chapters_without_words(course: Course, languages: tuple[str, ...]) -> Iterator[Problem]:
    for lang in languages:
        sections = own_texts(course.root, lang).sections
        for chapter in course.chapters:
            if chapter.id not in sections or not sections[chapter.id].body:
                message = f"expected `## {chapter.id}: Title` with a sentence under it"
                yield Problem(course.root / f"{lang}.md", chapter.id, message)


# ---------------------------------------------------------------- files


def _stray_files(course: Course, languages: tuple[str, ...]) -> Iterator[Problem]:
    """A file that nothing names is forgotten, or its name is misspelt."""
    named = {course.root / ORDER, course.root / "README.md"}
    named |= {course.root / f"{lang}.md" for lang in languages}
    named |= {course.root / FOLDER / f"{lang}.md" for lang in languages}
    broken = {problem.file.parent for problem in course.problems}
    for lesson in course.lessons:
        named |= {lesson.folder / LESSON, *_files_of(lesson)}
        named |= {lesson.folder / f"{lang}.md" for lang in languages}
    known = {file.resolve() for file in named}
    for file in sorted(course.root.rglob("*")):
        if not file.is_file() or file.resolve() in known or file.parent in broken:
            continue
        if file.name == LESSON:
            yield Problem(file, "", f"expected `{file.parent.name}` in a chapter of {ORDER}")
        elif not (file.parent / LESSON).is_file() or file.parent.name in _ids(course):
            yield Problem(file, "", "no lesson uses this file; remove it or mend its name")


def _ids(course: Course) -> frozenset[str]:
    return frozenset(lesson.id for lesson in course.lessons)


def _files_of(lesson: Lesson) -> Iterator[Path]:
    """The files that a lesson plays on."""
    world = lesson.world
    yield world.cluster
    yield from (file for file in (world.kube_proxy_config, world.cni_config) if file is not None)
    if world.before is not None:
        yield world.before.cluster
    for task in (step.task for step in lesson.steps if step.task is not None):
        changes = (task.solution, *(mistake.change for mistake in task.mistakes))
        yield from (change.apply for change in changes if change.apply is not None)


# ---------------------------------------------------------------- words


def _words_in_order(course: Course) -> Iterator[Problem]:
    """A word may be used once a lesson has taught it, or in the very lesson that does."""
    terms = load_glossary(course.root)
    known = {term.id for term in terms}
    taught: set[str] = set()
    teachers = {name: lesson.id for lesson in reversed(course.lessons) for name in lesson.teaches}
    for lesson in course.lessons:
        file = lesson.folder / LESSON
        for key, names in (("teaches", lesson.teaches), ("mentions", lesson.mentions)):
            for name in names:
                if name not in known:
                    message = f"expected a word of {FOLDER}/{ENGLISH}.md, found `{name}`"
                    yield Problem(file, key, message)
        taught |= set(lesson.teaches)
        for step in lesson.steps:
            for term in _early(step, terms, taught | set(lesson.mentions), teachers):
                message = (
                    f"expected a word that has been taught, found `{term.word}`, which lesson "
                    f"`{teachers[term.id]}` teaches later; teach it here or earlier, "
                    "or list it in `mentions`"
                )
                yield Problem(lesson.folder / f"{ENGLISH}.md", step.id, message)


def _early(
    step: LessonStep, terms: tuple[Term, ...], taught: set[str], teachers: dict[str, str]
) -> Iterator[Term]:
    if step.id == OBJECTIVES:
        return
    later = tuple(term for term in terms if term.id in teachers and term.id not in taught)
    yield from found_in(step.body, later)
