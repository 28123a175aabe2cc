"""What the checker asks of words: all there in each language, short, and no wider than the pane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from unicodedata import east_asian_width

from tui.course.lesson import Lesson, LessonStep
from tui.course.problem import Problem
from tui.course.reader import own_texts
from tui.course.texts import (
    BECAUSE,
    HINT,
    HINTS,
    OBJECTIVES,
    SOLUTION,
    WRONG,
    Part,
    Section,
    Texts,
)

WORDS = 90
"""Words that a text should not exceed: a pane holds that many."""
COLUMNS = 38
"""Columns of a line of code that fit the narrowest pane."""


def check_words(lesson: Lesson, lang: str) -> Iterator[Problem]:
    """Every fault of the words of a lesson in a language."""
    file = lesson.folder / f"{lang}.md"
    if not file.is_file():
        yield Problem(file, "", f"expected the words of this lesson in `{lang}`; write them")
        return
    texts = own_texts(lesson.folder, lang)
    for where, message in (
        *_missing(lesson, texts),
        *_stray(lesson, texts),
        *_ill_sized(texts),
    ):
        yield Problem(file, where, message, _line(file, where))


def _line(file: Path, where: str) -> int:
    """The line of the heading that a fault is about; 0 where it is not there."""
    step, _comma, part = where.partition(", ")
    inside, wanted = False, f"## {step}"
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith(wanted) and line[len(wanted) :][:1] in ("", ":"):
            if inside or not part:
                return number
            inside, wanted = True, f"### {part}"
        elif inside and line.startswith("## "):
            return 0
    return 0


Fault = tuple[str, str]
"""Place in the file, and what is wrong there."""


def _missing(lesson: Lesson, texts: Texts) -> Iterator[Fault]:
    if not texts.title or not texts.summary:
        yield "", "expected a first line `# Title` with a paragraph under it"
    if OBJECTIVES not in texts.sections:
        yield OBJECTIVES, "expected `## objectives: ...` with a list under it"
    for step in lesson.steps:
        section = texts.sections.get(step.id, Section(""))
        if not section.body:
            yield step.id, f"expected `## {step.id}: Heading` with text under it"
        for name, empty in _parts_of(step).items():
            part = section.parts.get(name)
            if part is None or not (part.body or empty):
                told = "" if part is None else " with text under it"
                yield f"{step.id}, {name}", f"expected `### {name}`{told}"


def _parts_of(step: LessonStep) -> Mapping[str, bool]:
    """The parts that a step must have, and whether they may be a heading alone."""
    found = {choice.value: True for choice in step.choices}
    if step.choices:
        found[BECAUSE] = False
    if step.task is not None:
        found |= {goal.id: True for goal in step.task.goals}
        found |= {f"{HINT}-{number}": False for number in range(1, HINTS + 1)}
        found[SOLUTION] = False
        found |= {f"{WRONG}-{n}": False for n, _ in enumerate(step.task.mistakes, start=1)}
    return found


def _stray(lesson: Lesson, texts: Texts) -> Iterator[Fault]:
    """Headings that belong to no step and no part of it are most often misspelt."""
    for name, section in texts.sections.items():
        step = lesson.step(name)
        if step is None:
            if name != OBJECTIVES:
                yield name, "expected the id of a step; there is no such step"
            continue
        known = _parts_of(step)
        for part in section.parts:
            if part not in known:
                told = ", ".join(known) or "none"
                yield f"{name}, {part}", f"expected one of the parts of this step: {told}"


def _ill_sized(texts: Texts) -> Iterator[Fault]:
    for name, section in texts.sections.items():
        bodies: Mapping[str, Part] = {name: section} | {
            f"{name}, {part}": held for part, held in section.parts.items()
        }
        for where, part in bodies.items():
            if (count := len(part.body.split())) > WORDS:
                yield where, f"expected {WORDS} words or fewer, found {count}"
            yield from ((where, message) for message in _wide_lines(part.body))


def _wide_lines(body: str) -> Iterator[str]:
    """Lines of code are not wrapped, so they must fit."""
    fenced = False
    for line in body.splitlines():
        fenced ^= line.lstrip().startswith("```")
        if fenced and (columns := width(line)) > COLUMNS:
            yield f"expected {COLUMNS} columns of code at most, found {columns}: {line.strip()}"


def width(text: str) -> int:
    """Columns of a terminal that a text takes; wide characters take two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
