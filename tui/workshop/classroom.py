"""Who is where, how long, and what the class misses; worked out from what sessions told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tui.workshop.messages import (
    Answered,
    ClassView,
    Finished,
    Followed,
    FromLearner,
    Hinted,
    Question,
    Seat,
    Visited,
)

STUCK = 6.0
"""Minutes on one step from which on a learner who is here counts as stuck."""
SEATS_SHOWN = 200
"""Learners in the view of a class, which must fit into a line."""
MISSES_SHOWN = 12
"""Questions in the view of a class."""
CHOICES_SHOWN = 5
"""Wrong choices of each; a prediction has six choices at most."""
REMEMBERED = 2_000
"""Steps, predictions or challenges of one learner; a course has some hundreds."""

Prediction = tuple[str, str]
"""Lesson and step."""


@dataclass
class _Learner:
    """What is known of one learner."""

    name: str
    sessions: int = 0
    place: tuple[str, str] = ("", "")
    since: float = 0.0
    heard: float = 0.0
    follows: bool = False
    done: set[tuple[str, str]] = field(default_factory=set)
    first: dict[Prediction, Answered] = field(default_factory=dict)
    hints: dict[tuple[str, str], int] = field(default_factory=dict)


class Classroom:
    """The class of one workshop. Times are seconds since the epoch, and always arguments."""

    def __init__(self, stuck: float = STUCK) -> None:
        """An empty room. Who stays on one step for more than `stuck` minutes may need help."""
        self._stuck = stuck
        self._learners: dict[str, _Learner] = {}
        self.leads = False
        """Whether the instructor leads."""

    def know(self, learner: str, name: str) -> None:
        """There is such a learner, by an id that never changes and a name that people read."""
        known = self._learners.setdefault(learner, _Learner(name))
        known.name = name

    def knows(self, learner: str) -> bool:
        """Whether there is such a learner."""
        return learner in self._learners

    def enter(self, learner: str, at: float) -> None:
        """A session of the learner was opened."""
        known = self._learners[learner]
        if not known.sessions:
            known.since = at
        known.sessions += 1
        known.heard = at

    def leave(self, learner: str) -> None:
        """A session of the learner has ended."""
        known = self._learners[learner]
        known.sessions = max(known.sessions - 1, 0)
        known.follows = known.follows and known.sessions > 0

    def hear(self, learner: str, message: FromLearner, at: float) -> None:
        """A session of the learner has told something."""
        known = self._learners[learner]
        known.heard = at
        match message:
            case Visited(lesson=lesson, step=step):
                if known.place != (lesson, step):
                    known.place, known.since = (lesson, step), at
            case Finished(lesson=lesson, step=step) if len(known.done) < REMEMBERED:
                known.done.add((lesson, step))
            case Answered(lesson=lesson, step=step) if len(known.first) < REMEMBERED:
                known.first.setdefault((lesson, step), message)
            case Hinted(lesson=lesson, step=step, count=count) if len(known.hints) < REMEMBERED:
                known.hints[lesson, step] = max(count, known.hints.get((lesson, step), 0))
            case Followed(on=on):
                known.follows = on

    def stirred(self, learner: str, at: float) -> None:
        """The learner has pressed a key."""
        self._learners[learner].heard = at

    # ------------------------------------------------------------ looking

    def view(self, now: float) -> ClassView:
        """The class as the instructor sees it."""
        seats = sorted(self.seats(now), key=lambda each: (not each.stuck, not each.here, each.name))
        most_missed = self.questions()[:MISSES_SHOWN]
        return ClassView(
            seats=tuple(seats[:SEATS_SHOWN]),
            questions=tuple(
                each.model_copy(update={"wrong": each.wrong[:CHOICES_SHOWN]})
                for each in most_missed
            ),
            leads=self.leads,
        )

    def seats(self, now: float) -> Iterable[Seat]:
        """Every learner who was ever here."""
        return (self._seat(known, now) for known in self._learners.values())

    def attendance(self) -> Iterable[tuple[Seat, int, float]]:
        """Every learner, with the number of predictions answered and when they were heard last."""
        for known in self._learners.values():
            yield self._seat(known, known.heard), len(known.first), known.heard

    def _seat(self, known: _Learner, now: float) -> Seat:
        here = known.sessions > 0
        minutes = max(now - known.since, 0.0) / 60 if here else 0.0
        lesson, step = known.place
        return Seat(
            name=known.name,
            here=here,
            lesson=lesson,
            step=step,
            minutes=round(minutes, 1),
            quiet=round(max(now - known.heard, 0.0) / 60, 1),
            stuck=here and minutes > self._stuck and known.place not in known.done,
            done=len(known.done),
            missed=sum(not answer.right for answer in known.first.values()),
            hints=sum(known.hints.values()),
            follows=known.follows,
        )

    def questions(self) -> tuple[Question, ...]:
        """Every prediction that anybody answered, the most missed first."""
        asked: dict[Prediction, list[Answered]] = {}
        for known in self._learners.values():
            for prediction, answer in known.first.items():
                asked.setdefault(prediction, []).append(answer)
        found = [_question(prediction, given) for prediction, given in asked.items()]
        return tuple(
            sorted(found, key=lambda q: (-q.missed, -q.missed / q.asked, q.lesson, q.step))
        )


def _question(prediction: Prediction, given: list[Answered]) -> Question:
    wrong = Counter(answer.chosen for answer in given if not answer.right)
    return Question(
        lesson=prediction[0],
        step=prediction[1],
        asked=len(given),
        missed=wrong.total(),
        wrong=tuple(sorted(wrong.items(), key=lambda each: (-each[1], each[0]))),
    )
