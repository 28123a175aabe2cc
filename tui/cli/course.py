"""`k8snet-tui lessons`, `k8snet-tui check` and `k8snet-tui progress`."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path

from tui.cli import BAD_INPUT, DELIVERED
from tui.cli.settings import language_of
from tui.course.catalogue import load_course
from tui.course.lesson import Course, Lesson
from tui.words import Words


def lessons(asked: Namespace) -> int:
    """List the lessons, in order."""
    course = load_course(lang=language_of(asked))
    if asked.json:
        print(json.dumps([_plain(lesson) for lesson in course.lessons], indent=2))
    else:
        print("\n".join(_lines(course)))
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
    from tui.course.checker import check_lesson

    course = load_course(Path(asked.folder) if asked.folder else None)
    problems = [*course.problems]
    for lesson in course.lessons:
        problems += check_lesson(lesson)
    for problem in problems:
        print(problem)
    if not problems:
        steps = sum(len(lesson.steps) for lesson in course.lessons)
        print(f"{len(course.lessons)} lessons with {steps} steps: nothing to mend")
    return BAD_INPUT if problems else DELIVERED


def progress(asked: Namespace) -> int:
    """Say which steps of which lesson are done."""
    from tui.store.sqlite import open_progress

    language = language_of(asked)
    course, store = load_course(lang=language), open_progress()
    done = {lesson.id: store.done(lesson.id) for lesson in course.lessons}
    place = store.place()
    if asked.json:
        steps = {
            lesson.id: [step.id for step in lesson.steps if step.id in done[lesson.id]]
            for lesson in course.lessons
        }
        here = {"lesson": place.lesson, "step": place.step} if place is not None else None
        print(json.dumps({"place": here, "done": steps}, indent=2))
        return DELIVERED
    if store.trouble is not None:
        print(Words(language).trouble(store.trouble), file=sys.stderr)
    for lesson in course.lessons:
        passed = sum(step.id in done[lesson.id] for step in lesson.steps)
        sign = "→" if place is not None and place.lesson == lesson.id else " "
        print(f"{sign} {lesson.id:<12} {passed:>2} of {len(lesson.steps)}  {lesson.title}")
    return DELIVERED
