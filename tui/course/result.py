"""How a flow of a challenge stands."""

from __future__ import annotations

from tui.course.lesson import Goal
from tui.sim.model.value import value
from tui.sim.trace import Outcome


@value
class Result:
    """How a goal stands."""

    goal: Goal
    """The goal."""
    met: bool
    """Every outcome is as it wants."""
    outcome: Outcome | None = None
    """The first outcome that is not; None where the flow could not even be sent."""
    ask: str = ""
    """The question whose answer is not the wanted one."""
    found: str = ""
    """That answer; where the flow could not be sent, why."""
