"""What is remembered of a learner, and what every store of it can do.

Times are seconds since the epoch and always arguments: a store reads no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from tui.sim.model.value import value


@value
class Place:
    """Where a learner is."""

    lesson: str
    """Id of the lesson."""
    step: str
    """Id of the step."""


@value
class Answer:
    """How a prediction was answered."""

    chosen: str
    """Value of the choice."""
    right: bool
    """Whether it was the right one."""
    at: float
    """When."""


@value
class History:
    """Everything that is remembered of a learner."""

    place: tuple[Place, float] | None = None
    """Where the learner was last, and when."""
    done: tuple[tuple[Place, float], ...] = ()
    """Steps that are done, and when."""
    answers: tuple[tuple[Place, Answer], ...] = ()
    """Every answer, oldest first."""
    hints: tuple[tuple[Place, int, float], ...] = ()
    """How many hints of a challenge were opened, and when the last one."""
    seen: tuple[tuple[str, float], ...] = ()
    """What is shown once and was shown, and when."""


class TroubleCode(StrEnum):
    """Why progress is kept in memory only."""

    READ_ONLY = "read-only"
    """The file can be read but not written."""
    BROKEN = "broken"
    """The file is not what it should be, or cannot be opened."""
    NEWER = "newer"
    """A newer version of the program wrote the file."""
    LOST = "lost"
    """Writing failed later on: the disk is full, or the file was taken away."""


@value
class Trouble:
    """Something that keeps progress from being saved; `tui.words` makes the sentence."""

    code: TroubleCode
    """Which sentence."""
    file: str
    """The file."""
    detail: str = ""
    """What the database said."""


TOUR = "tour"
"""The name under which it is remembered that the tour was shown."""


class ProgressStore(Protocol):
    """Remembers where a learner is, what is done, and how predictions were answered."""

    trouble: Trouble | None
    """Set once progress is kept in memory only."""

    def place(self) -> Place | None:
        """Where the learner was last; None before the first lesson."""

    def visit(self, place: Place, at: float) -> None:
        """The learner has opened a step."""

    def finish(self, place: Place, at: float) -> None:
        """The learner has done a step. Doing it again changes nothing."""

    def answer(self, place: Place, chosen: str, right: bool, at: float) -> None:
        """The learner has answered a prediction. Every answer is kept."""

    def done(self, lesson: str) -> frozenset[str]:
        """Ids of the steps of a lesson that are done."""

    def answers(self, lesson: str) -> Mapping[str, tuple[Answer, ...]]:
        """Answers by step id, oldest first."""

    def all_answers(self) -> Mapping[Place, tuple[Answer, ...]]:
        """Answers to every prediction, oldest first."""

    def open_hint(self, place: Place, count: int, at: float) -> None:
        """The learner has opened so many hints of a challenge. Fewer than before change nothing."""

    def hints(self, place: Place) -> int:
        """How many hints of a challenge the learner has opened."""

    def seen(self, what: str) -> bool:
        """Whether the learner has been shown something that is shown once, such as the tour."""

    def see(self, what: str, at: float) -> None:
        """The learner has been shown it."""

    def history(self) -> History:
        """Everything."""

    def merge(self, history: History) -> None:
        """Remember what somebody else remembers, too; all of it, or nothing."""

    def forget(self) -> None:
        """Start over: everything is erased."""

    def close(self) -> None:
        """Let go of the file."""
