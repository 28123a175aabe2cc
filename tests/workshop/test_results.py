"""What an instructor takes away from a class, for programs and for spreadsheets."""

import csv
import io
import json

import pytest

from tui.workshop.classroom import Classroom
from tui.workshop.messages import Answered, Finished, Hinted, Visited
from tui.workshop.results import as_csv, as_json, questions_as_csv

AT = 1_795_795_200.0
"""2026-11-27T16:00:00 UTC."""


def answered(chosen: str, right: bool = False) -> Answered:
    """An answer to a prediction."""
    return Answered(lesson="service", step="odds", chosen=chosen, right=right)


@pytest.fixture
def room() -> Classroom:
    """Kim has done something, bo has missed something, and Ada only came."""
    room = Classroom()
    for learner, name in (("1", "김철수"), ("2", "bo"), ("3", "Ada")):
        room.know(learner, name)
    room.hear("1", Visited(lesson="service", step="odds"), AT - 60)
    room.hear("1", answered("1/3", right=True), AT - 30)
    room.hear("1", Finished(lesson="service", step="odds"), AT)
    room.hear("2", answered("1/2"), AT)
    room.hear("2", Hinted(lesson="typo", step="mend", count=2), AT)
    return room


def rows(table: str) -> list[list[str]]:
    """A table as a spreadsheet reads it."""
    assert table.startswith("\ufeff")
    return list(csv.reader(io.StringIO(table.removeprefix("\ufeff"), newline="")))


def test_the_json_of_a_class(room: Classroom) -> None:
    text = as_json(room)
    assert text.endswith("}\n")
    assert "김철수" in text
    assert json.loads(text) == {
        "format": 1,
        "learners": [
            learner("Ada", 0, 0, 0, 0, None),
            learner("bo", 0, 1, 1, 2, "2026-11-27T16:00:00+00:00"),
            learner("김철수", 1, 1, 0, 0, "2026-11-27T16:00:00+00:00"),
        ],
        "questions": [
            {
                "lesson": "service",
                "step": "odds",
                "answered": 2,
                "missed": 1,
                "wrong": {"1/2": 1},
            }
        ],
    }


def learner(
    name: str, done: int, answered: int, missed: int, hints: int, last_seen: str | None
) -> dict[str, object]:
    """A learner in JSON."""
    return {
        "name": name,
        "done": done,
        "answered": answered,
        "missed": missed,
        "hints": hints,
        "last_seen": last_seen,
    }


def test_the_table_of_learners(room: Classroom) -> None:
    assert rows(as_csv(room)) == [
        ["name", "steps done", "predictions", "missed at first", "hints", "last seen"],
        ["Ada", "0", "0", "0", "0", ""],
        ["bo", "0", "1", "1", "2", "2026-11-27T16:00:00+00:00"],
        ["김철수", "1", "1", "0", "0", "2026-11-27T16:00:00+00:00"],
    ]


def test_the_table_of_questions(room: Classroom) -> None:
    room.know("4", "Cy")
    room.hear("4", answered("never, ever"), AT)
    assert rows(questions_as_csv(room)) == [
        ["lesson", "step", "answered", "missed at first", "wrong answers"],
        ["service", "odds", "3", "2", "1/2 (1); never, ever (1)"],
    ]


def test_an_empty_class_has_headings() -> None:
    assert len(rows(as_csv(Classroom()))) == len(rows(questions_as_csv(Classroom()))) == 1
    assert json.loads(as_json(Classroom())) == {"format": 1, "learners": [], "questions": []}


def test_no_name_is_computed() -> None:
    room = Classroom()
    room.know("1", "=1+1")
    room.hear("1", Answered(lesson="+1", step="-1", chosen="@x", right=False), AT)
    assert rows(as_csv(room))[1][0] == "'=1+1"
    assert rows(questions_as_csv(room))[1] == ["'+1", "'-1", "1", "1", "'@x (1)"]
    assert json.loads(as_json(room))["learners"][0]["name"] == "=1+1"


def test_the_same_class_gives_the_same_text(room: Classroom) -> None:
    assert (as_json(room), as_csv(room)) == (as_json(room), as_csv(room))
