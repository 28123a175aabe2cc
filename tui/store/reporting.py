"""Progress that a workshop hears of: the learner's own store, and a word for what is done.

What comes from another machine, or is erased, the workshop does not hear of: it was not done here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.store.progress import Answer, History, Place, ProgressStore, Trouble
from tui.workshop.messages import (
    LONGEST_ID,
    MOST_HINTS,
    Answered,
    Finished,
    FromLearner,
    Hinted,
    Visited,
)

Report = Callable[[FromLearner], None]


class ReportingProgress:
    """A `ProgressStore` around another one."""

    def __init__(self, kept: ProgressStore, report: Report) -> None:
        """Take the store, and what is to be called for each thing that is done."""
        self._kept = kept
        self._report = report

    @property
    def trouble(self) -> Trouble | None:
        """Set once progress is kept in memory only."""
        return self._kept.trouble

    @trouble.setter
    def trouble(self, trouble: Trouble | None) -> None:
        self._kept.trouble = trouble

    def place(self) -> Place | None:
        """Where the learner was last."""
        return self._kept.place()

    def visit(self, place: Place, at: float) -> None:
        """The learner has opened a step."""
        self._kept.visit(place, at)
        self._report(Visited(lesson=_sent(place.lesson), step=_sent(place.step)))

    def finish(self, place: Place, at: float) -> None:
        """The learner has done a step."""
        self._kept.finish(place, at)
        self._report(Finished(lesson=_sent(place.lesson), step=_sent(place.step)))

    def answer(self, place: Place, chosen: str, right: bool, at: float) -> None:
        """The learner has answered a prediction."""
        self._kept.answer(place, chosen, right, at)
        lesson, step = _sent(place.lesson), _sent(place.step)
        self._report(Answered(lesson=lesson, step=step, chosen=_sent(chosen), right=right))

    def done(self, lesson: str) -> frozenset[str]:
        """Ids of the steps of a lesson that are done."""
        return self._kept.done(lesson)

    def answers(self, lesson: str) -> Mapping[str, tuple[Answer, ...]]:
        """Answers by step id, oldest first."""
        return self._kept.answers(lesson)

    def all_answers(self) -> Mapping[Place, tuple[Answer, ...]]:
        """Answers to every prediction, oldest first."""
        return self._kept.all_answers()

    def open_hint(self, place: Place, count: int, at: float) -> None:
        """The learner has opened so many hints of a challenge."""
        self._kept.open_hint(place, count, at)
        lesson, step = _sent(place.lesson), _sent(place.step)
        self._report(Hinted(lesson=lesson, step=step, count=min(count, MOST_HINTS)))

    def hints(self, place: Place) -> int:
        """How many hints of a challenge the learner has opened."""
        return self._kept.hints(place)

    def seen(self, what: str) -> bool:
        """Whether the learner has been shown it."""
        return self._kept.seen(what)

    def see(self, what: str, at: float) -> None:
        """The learner has been shown it."""
        self._kept.see(what, at)

    def history(self) -> History:
        """Everything."""
        return self._kept.history()

    def merge(self, history: History) -> None:
        """Remember what somebody else remembers, too."""
        self._kept.merge(history)

    def forget(self) -> None:
        """Start over."""
        self._kept.forget()

    def close(self) -> None:
        """Let go of the file."""
        self._kept.close()


def _sent(text: str) -> str:
    """As much of an id or an answer as a message holds: a course may have any."""
    return "".join(sign for sign in text if sign.isprintable())[:LONGEST_ID]
