"""A challenge on the lesson's page: its flows with what is still false, hints, and the solution."""

from __future__ import annotations

from collections.abc import Iterator

from tui.course.lesson import Task
from tui.course.result import Result
from tui.theme import Role
from tui.widgets.lesson_page import Page
from tui.widgets.line import BLANK, Line, Span, wrap
from tui.widgets.prose import prose, spans_of
from tui.words import Words


def task_lines(page: Page, task: Task, words: Words, width: int) -> Iterator[Line]:
    """Everything that a challenge shows under its words."""
    met = sum(each.met for each in page.results)
    title = words("Flows: {met} of {total} come out right", met=met, total=len(task.goals))
    yield BLANK
    yield from (Line(row) for row in wrap([("▌ ", Role.NOW_TEXT), (title, Role.NOW_TEXT)], width))
    for number, each in enumerate(page.results, start=1):
        yield from _flow(number, each, words, width)
    if page.mended:
        done: list[Span] = [("✓ ", Role.DELIVERED), (words("Solved."), Role.DELIVERED)]
        yield BLANK
        yield from (Line(row) for row in wrap(done, width))
    elif page.mistake:
        head: Span = (f"✗ {words('Not yet.')} ", Role.DROPPED)
        reply = spans_of(" ".join(page.mistake.split()))
        yield BLANK
        yield from (Line(row) for row in wrap([head, *reply], width))
    if not page.mended:
        yield from _hints(page, task, words, width)


def _flow(number: int, result: Result, words: Words, width: int) -> Iterator[Line]:
    """One flow by its digit, and under it what is still false."""
    role, sign = (Role.DELIVERED, "✓") if result.met else (Role.DROPPED, "✗")
    target = f"flow:{number}"
    head: list[Span] = [("▌", Role.NOW_TEXT), (f" {number} ", Role.KEY), (f"{sign} ", role)]
    pieces = wrap(spans_of(result.goal.label), width - 7)
    for index, piece in enumerate(pieces):
        begin: list[Span] = head if index == 0 else [("▌", Role.NOW_TEXT), ("      ", Role.PLAIN)]
        yield Line((*begin, *piece), target=target)
    if not result.met:
        for piece in wrap([(words.unmet(result), Role.QUIET)], width - 7):
            yield Line((("▌", Role.NOW_TEXT), ("      ", Role.PLAIN), *piece), target=target)


def _hints(page: Page, task: Task, words: Words, width: int) -> Iterator[Line]:
    for number, hint in enumerate(task.hints[: page.hints], start=1):
        yield BLANK
        yield Line.of((words("Hint {number}", number=number), Role.NOW_TEXT))
        yield from prose(hint, width)
    if page.shows_solution:
        yield BLANK
        yield Line.of((words("Solution"), Role.NOW_TEXT))
        yield from prose(task.answer, width)
