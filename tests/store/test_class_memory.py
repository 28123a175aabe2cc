"""After a restart of its server a class is as it was, but that nobody is here yet."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.store.class_memory import remembered
from tui.store.workshop_sqlite import SqliteWorkshop
from tui.workshop.classroom import Classroom
from tui.workshop.messages import (
    Answered,
    ClassView,
    Finished,
    Followed,
    FromLearner,
    Hinted,
    Seat,
    Visited,
)
from tui.workshop.results import as_csv, as_json

LESSONS = st.sampled_from(["pod", "service"])
STEPS = st.sampled_from(["model", "odds", "why"])
MESSAGES = st.one_of(
    st.builds(Visited, lesson=LESSONS, step=STEPS),
    st.builds(Finished, lesson=LESSONS, step=STEPS),
    st.builds(
        Answered,
        lesson=LESSONS,
        step=STEPS,
        chosen=st.sampled_from(["1/2", "1/3", "=1"]),
        right=st.booleans(),
    ),
    st.builds(Hinted, lesson=LESSONS, step=STEPS, count=st.integers(0, 3)),
    st.builds(Followed, on=st.booleans()),
)
TOLD = st.lists(st.tuples(st.integers(0, 2), MESSAGES | st.just("another session")), max_size=30)


@pytest.mark.slow
@given(TOLD)
def test_a_class_is_as_it_was(told: list[tuple[int, FromLearner | str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "workshop.sqlite3"
        store = SqliteWorkshop(file)
        before, now = taught(store, told)
        store.close()
        again = SqliteWorkshop(file)
        after = remembered(again)
        again.close()
    assert settled(after.view(now)) == settled(before.view(now))
    assert after.questions() == before.questions()
    assert without_times(as_csv(after)) == without_times(as_csv(before))


def taught(
    store: SqliteWorkshop, told: list[tuple[int, FromLearner | str]]
) -> tuple[Classroom, float]:
    """A class of three that has told this and gone, and the time at its end."""
    room, now = Classroom(), 1_000.0
    learners = [store.add(name, now) for name in ("Ada", "Bo", "김철수")]
    for each in learners:
        room.know(each.id, each.name)
        room.enter(each.id, now)
    for number, message in told:
        now += 45.0
        known = learners[number].id
        if isinstance(message, str):
            room.leave(known)
            room.enter(known, now)
        else:
            room.hear(known, message, now)
            store.record(known, message, now)
    for each in learners:
        room.leave(each.id)
    return room, now


def settled(view: ClassView) -> ClassView:
    """The view without the time since a key was pressed, which nobody records."""
    seats: tuple[Seat, ...] = tuple(each.model_copy(update={"quiet": 0.0}) for each in view.seats)
    return view.model_copy(update={"seats": seats})


def without_times(table: str) -> list[str]:
    """A table of learners without its last column."""
    return [row.rpartition(",")[0] for row in table.splitlines()]


def test_nobody_is_here_and_nobody_follows(tmp_path: Path) -> None:
    store = SqliteWorkshop(tmp_path / "workshop.sqlite3")
    ada = store.add("Ada", 1.0)
    store.record(ada.id, Visited(lesson="pod", step="model"), 2.0)
    store.record(ada.id, Followed(on=True), 3.0)
    (seat,) = remembered(store).view(10_000.0).seats
    assert (seat.here, seat.follows, seat.stuck) == (False, False, False)
    assert (seat.lesson, seat.step) == ("pod", "model")


def test_the_workshops_own_patience_is_kept(tmp_path: Path) -> None:
    store = SqliteWorkshop(tmp_path / "workshop.sqlite3")
    ada = store.add("Ada", 1.0)
    store.record(ada.id, Visited(lesson="pod", step="model"), 0.0)
    for stuck, minutes in ((2.0, 3), (20.0, 19)):
        room = remembered(store, stuck)
        room.enter(ada.id, 0.0)
        assert room.view(minutes * 60.0).seats[0].stuck == (minutes > stuck)


def test_what_a_stranger_did_is_passed_over(tmp_path: Path) -> None:
    store = SqliteWorkshop(tmp_path / "workshop.sqlite3")
    store.record("stranger", Visited(lesson="pod", step="model"), 0.0)
    assert remembered(store).view(0.0).seats == ()


def test_a_file_in_trouble_still_gives_its_class(tmp_path: Path) -> None:
    file = tmp_path / "workshop.sqlite3"
    store = SqliteWorkshop(file)
    store._db.execute("PRAGMA query_only = 1")
    ada = store.add("Ada", 1.0)
    store.record(ada.id, Visited(lesson="pod", step="model"), 0.0)
    assert '"Ada"' in as_json(remembered(store))
