"""What the checker asks of a challenge: broken at first, mended by its solution, by no mistake."""

from __future__ import annotations

from collections.abc import Iterator

from tui.course.changes import Standing, changed
from tui.course.goals import results
from tui.course.lesson import Change, Goal, Lesson, LessonStep, Task
from tui.course.play import lesson_state
from tui.course.problem import Problem
from tui.course.reader import LESSON
from tui.course.result import Result
from tui.formats.errors import FormatError
from tui.sim.engine import NotBuiltError, World


def check_task(world: World, lesson: Lesson, step: LessonStep) -> Iterator[Problem]:
    """Every fault of a step that is to be fixed; nothing for other steps."""
    task = step.task
    if task is None:
        return
    file, where = lesson.folder / LESSON, f"step {step.id}"
    start = (world, lesson_state(lesson, world))
    for message in (
        *_at_the_start(task, lesson, start),
        *_solved(task, lesson, start),
        *_mistaken(task, lesson, start),
    ):
        yield Problem(file, where, message)


def _at_the_start(task: Task, lesson: Lesson, start: Standing) -> Iterator[str]:
    for each in results(task.goals, lesson, *start):
        goal = each.goal
        if each.met and not goal.keep:
            yield (
                f"goal {goal.id}: expected it not to be met at the start; "
                "say `keep = true` if it must only stay so"
            )
        elif goal.keep and not each.met:
            yield f"goal {goal.id}: expected `keep` to be met at the start; {told(each)}"
    if all(goal.keep for goal in task.goals):
        yield "expected a goal that is not met at the start, found only `keep`"


def _solved(task: Task, lesson: Lesson, start: Standing) -> Iterator[str]:
    try:
        after = changed(start, task.solution)
    except (FormatError, NotBuiltError, OSError) as error:
        yield f"solution: {error}"
        return
    for each in results(task.goals, lesson, *after):
        if not each.met:
            yield f"solution: expected goal {each.goal.id} to be met; {told(each)}"


def _mistaken(task: Task, lesson: Lesson, start: Standing) -> Iterator[str]:
    if not task.mistakes:
        yield "expected one `wrong` change or more: fixes that people try and that fail"
    for number, mistake in enumerate(task.mistakes, start=1):
        problem = _mistake_problem(task.goals, mistake.change, lesson, start)
        if problem:
            yield f"wrong[{number - 1}]: {problem}"


def _mistake_problem(
    goals: tuple[Goal, ...], change: Change, lesson: Lesson, start: Standing
) -> str:
    try:
        after = changed(start, change)
    except (FormatError, NotBuiltError, OSError) as error:
        return str(error)
    if all(each.met for each in results(goals, lesson, *after)):
        return "expected it to leave a goal open, but it meets them all"
    return ""


def told(each: Result) -> str:
    """What was found instead of what a goal wants, for an author."""
    if not each.ask:
        return each.found
    return f"{each.ask} is {each.found}, not {' or '.join(each.goal.wants[each.ask])}"
