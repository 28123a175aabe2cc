"""`k8snet-tui progress`: what is done, taken along as a line of text, brought back, or erased."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from pathlib import Path

from tui.cli import DELIVERED, UsageError
from tui.cli.settings import course_of, language_of
from tui.cli.streams import put, put_json, tell
from tui.course.lesson import Course
from tui.sim.model.shown import shown
from tui.store.progress import History, Place, ProgressStore
from tui.words import Words

_LONGEST = 20_000_000
"""Characters of a line that are read; more is no progress."""


def progress(asked: Namespace) -> int:
    """Say which steps of which lesson are done, or do with it what was asked."""
    from tui.store.sqlite import open_progress

    store, words = open_progress(), Words(language_of(asked))
    _believe(store, words, writing=asked.bring is not None or asked.forget)
    if asked.export is not None:
        _export(store.history(), asked.export)
    elif asked.bring is not None:
        _bring(store, asked.bring)
        _believe(store, words, writing=True)
    elif asked.forget:
        _forget(store, sure=asked.yes)
        _believe(store, words, writing=True)
    else:
        _say(store, course_of(asked), as_json=asked.json)
    return DELIVERED


def _believe(store: ProgressStore, words: Words, *, writing: bool) -> None:
    """Say what is wrong with the file; nothing is written to one that cannot keep it.

    Raises UsageError.
    """
    trouble = store.trouble
    if trouble is None:
        return
    if writing:
        raise UsageError(words.trouble(trouble))
    tell(words.trouble(trouble))


# ---------------------------------------------------------------- taking along


def _export(history: History, to: str) -> None:
    from tui.store.portable import to_line

    line = to_line(history)
    if to == "-":
        put(line)
        return
    try:
        Path(to).write_text(f"{line}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--export {shown(to)}: cannot be written: {error.strerror}") from None
    tell(f"written: {to}")


def _bring(store: ProgressStore, given: str) -> None:
    from tui.store.portable import LineError, from_line

    try:
        history = from_line(_line(given))
    except LineError as error:
        raise UsageError(f"--import: {error}") from None
    before = store.history()
    store.merge(history)
    if store.trouble is not None:
        return
    after = store.history()
    steps, answers = len(after.done) - len(before.done), len(after.answers) - len(before.answers)
    tell(f"brought in: {steps} steps and {answers} answers that were not known here")


def _line(given: str) -> str:
    """The line itself, or what stands in the file of that name, or on stdin."""
    from tui.store.portable import PREFIX

    if re.match(rf"{PREFIX}\d+:", given):
        return given
    try:
        if given == "-":
            if sys.stdin is None:
                raise OSError("stdin is closed")
            return sys.stdin.read(_LONGEST)
        with Path(given).open(encoding="utf-8") as file:
            return file.read(_LONGEST)
    except (OSError, ValueError) as error:
        expected = f"expected a line that begins with {PREFIX}, or a file that holds one"
        raise UsageError(f"--import {shown(given)}: {expected}: {error}") from None


def _forget(store: ProgressStore, *, sure: bool) -> None:
    if not sure:
        if sys.stdin is None or not sys.stdin.isatty():
            raise UsageError("--forget: expected --yes where nobody can be asked")
        try:
            answer = input("Erase all progress? It cannot be brought back. [y/N] ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in ("y", "yes"):
            tell("nothing is erased")
            return
    store.forget()
    if store.trouble is None:
        tell("all progress is erased")


# ---------------------------------------------------------------- saying


def _say(store: ProgressStore, course: Course, *, as_json: bool) -> None:
    done = {lesson.id: store.done(lesson.id) for lesson in course.lessons}
    place = store.place()
    if as_json:
        put_json(_plain(store, course, place))
        return
    for lesson in course.lessons:
        passed = sum(step.id in done[lesson.id] for step in lesson.steps)
        sign = "→" if place is not None and place.lesson == lesson.id else " "
        put(f"{sign} {lesson.id:<15} {passed:>2} of {len(lesson.steps):<2} {lesson.title}")


def _plain(store: ProgressStore, course: Course, place: Place | None) -> dict[str, object]:
    history = store.history()
    steps = {
        lesson.id: [step.id for step in lesson.steps if step.id in store.done(lesson.id)]
        for lesson in course.lessons
    }
    here = {"lesson": place.lesson, "step": place.step} if place is not None else None
    right = sum(answer.right for _place, answer in history.answers)
    return {
        "place": here,
        "done": steps,
        "answers": {"right": right, "wrong": len(history.answers) - right},
        "hints": {f"{at.lesson}/{at.step}": count for at, count, _when in history.hints},
    }
