"""What a class has done, to take away: as JSON, or as tables for a spreadsheet."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tui.workshop.classroom import Classroom
from tui.workshop.messages import Question, Seat
from tui.workshop.spreadsheet import table

FORMAT = 1
"""Counts up when a field of the JSON changes its meaning or goes."""
_LEARNERS = ("name", "steps done", "predictions", "missed at first", "hints", "last seen")
_QUESTIONS = ("lesson", "step", "answered", "missed at first", "wrong answers")


def as_json(room: Classroom) -> str:
    """Learners and questions. Ends with a newline."""
    found = {
        "format": FORMAT,
        "learners": [
            {
                "name": seat.name,
                "done": seat.done,
                "answered": answered,
                "missed": seat.missed,
                "hints": seat.hints,
                "last_seen": _time(heard),
            }
            for seat, answered, heard in _learners(room)
        ],
        "questions": [_plain(question) for question in room.questions()],
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def as_csv(room: Classroom) -> str:
    """A row for each learner, under a row of headings; for UTF-8, with its mark in front."""
    rows = (
        (seat.name, seat.done, answered, seat.missed, seat.hints, _time(heard) or "")
        for seat, answered, heard in _learners(room)
    )
    return table(_LEARNERS, rows)


def questions_as_csv(room: Classroom) -> str:
    """A row for each prediction that anybody answered, the most missed first; likewise."""
    rows = (
        (q.lesson, q.step, q.asked, q.missed, "; ".join(f"{choice} ({n})" for choice, n in q.wrong))
        for q in room.questions()
    )
    return table(_QUESTIONS, rows)


def _learners(room: Classroom) -> list[tuple[Seat, int, float]]:
    """Each learner by name, with the number of questions answered and when they were heard of."""
    return sorted(room.attendance(), key=lambda each: each[0].name.casefold())


def _plain(question: Question) -> dict[str, object]:
    return {
        "lesson": question.lesson,
        "step": question.step,
        "answered": question.asked,
        "missed": question.missed,
        "wrong": dict(question.wrong),
    }


def _time(at: float) -> str | None:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") if at else None
