"""Whether what was broken is mended: flows are sent, and each outcome is held against the goal."""

from __future__ import annotations

from fnmatch import fnmatchcase

from tui.course.lesson import Goal, Lesson
from tui.course.play import state_before
from tui.course.predictions import PredictionError, answers
from tui.course.result import Result
from tui.sim import engine
from tui.sim.engine.injection import PlaceError
from tui.sim.engine.state import State
from tui.sim.engine.world import World


def results(
    goals: tuple[Goal, ...], lesson: Lesson, world: World, state: State
) -> tuple[Result, ...]:
    """How each goal stands in a world whose hosts remember this much."""
    return tuple(result(goal, lesson, world, state) for goal in goals)


def result(goal: Goal, lesson: Lesson, world: World, state: State) -> Result:
    """How one goal stands."""
    before = state if goal.live else state_before(world, lesson, goal.packet)
    try:
        trace = engine.outcomes(world, before, goal.packet.injection)
        for ask, wanted in goal.wants.items():
            found = answers(ask, trace)
            for number, each in enumerate(found):
                if not any(fnmatchcase(each, pattern) for pattern in wanted):
                    return Result(goal, False, trace.outcomes[number], ask, each)
    except (PlaceError, PredictionError) as error:
        return Result(goal, False, found=str(error))
    return Result(goal, True)
