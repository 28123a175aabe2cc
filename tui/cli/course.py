"""`k8snet-tui lessons`, `k8snet-tui check` and `k8snet-tui progress`."""

from __future__ import annotations

from argparse import Namespace

from tui.cli import BAD_INPUT, DELIVERED
from tui.cli.settings import course_of, folder_of
from tui.cli.streams import put, put_json
from tui.course.catalogue import load_course
from tui.course.lesson import Course, Lesson


def lessons(asked: Namespace) -> int:
    """List the lessons, in order."""
    course = course_of(asked)
    if asked.json:
        put_json([_plain(lesson) for lesson in course.lessons])
    else:
        put("\n".join(_lines(course)))
    return DELIVERED


def _plain(lesson: Lesson) -> dict[str, object]:
    return {
        "id": lesson.id,
        "chapter": lesson.chapter,
        "title": lesson.title,
        "summary": lesson.summary,
        "minutes": lesson.minutes,
        "steps": [step.id for step in lesson.steps],
    }


def _lines(course: Course) -> list[str]:
    lines = []
    for chapter in course.chapters:
        lines.append(chapter.title)
        for lesson in chapter.lessons:
            size = f"{len(lesson.steps)} steps, {lesson.minutes} min"
            lines.append(f"  {lesson.id:<12} {lesson.title}  ({size})")
    lines += [f"! {problem}" for problem in course.problems]
    return lines


def check(asked: Namespace) -> int:
    """Say what is wrong with the lessons of a folder."""
    from tui.course.course_checks import check_course

    course = load_course(None if asked.folder is None else folder_of(asked.folder, "check"))
    problems = check_course(course)
    for problem in problems:
        put(str(problem))
    if not problems:
        steps = sum(len(lesson.steps) for lesson in course.lessons)
        put(f"{len(course.lessons)} lessons with {steps} steps: nothing to mend")
    return BAD_INPUT if problems else DELIVERED
