"""What a learner does goes to the learner's own store and to the workshop; reads ask the store."""

from pathlib import Path

import pytest

from tui.store import History, Place, Trouble, TroubleCode
from tui.store.reporting import ReportingProgress
from tui.store.sqlite import SqliteProgress
from tui.workshop.messages import (
    LONGEST_ID,
    MOST_HINTS,
    Answered,
    Finished,
    FromLearner,
    Hinted,
    Visited,
)

HERE = Place("service", "odds")


@pytest.fixture
def kept(tmp_path: Path) -> SqliteProgress:
    """The learner's own store."""
    return SqliteProgress(tmp_path / "progress.sqlite3")


@pytest.fixture
def told() -> list[FromLearner]:
    """What the workshop was told."""
    return []


@pytest.fixture
def store(kept: SqliteProgress, told: list[FromLearner]) -> ReportingProgress:
    """A store that does both."""
    return ReportingProgress(kept, told.append)


def test_what_is_done_goes_to_both(
    store: ReportingProgress, kept: SqliteProgress, told: list[FromLearner]
) -> None:
    store.visit(HERE, at=1.0)
    store.answer(HERE, "1/2", right=False, at=2.0)
    store.finish(HERE, at=3.0)
    store.open_hint(HERE, 2, at=4.0)
    assert told == [
        Visited(lesson="service", step="odds"),
        Answered(lesson="service", step="odds", chosen="1/2", right=False),
        Finished(lesson="service", step="odds"),
        Hinted(lesson="service", step="odds", count=2),
    ]
    assert kept.place() == HERE
    assert kept.done("service") == {"odds"}
    assert [each.chosen for each in kept.answers("service")["odds"]] == ["1/2"]
    assert kept.hints(HERE) == 2


def test_reads_ask_the_learners_own_store(
    store: ReportingProgress, kept: SqliteProgress, told: list[FromLearner]
) -> None:
    kept.visit(HERE, at=1.0)
    kept.answer(HERE, "1/2", right=False, at=2.0)
    kept.finish(HERE, at=3.0)
    kept.open_hint(HERE, 2, at=4.0)
    kept.see("tour", at=5.0)
    assert store.place() == kept.place()
    assert store.done("service") == kept.done("service")
    assert store.answers("service") == kept.answers("service")
    assert store.all_answers() == kept.all_answers()
    assert store.hints(HERE) == kept.hints(HERE)
    assert store.seen("tour")
    assert store.history() == kept.history()
    assert not told


def test_what_was_not_done_here_is_no_news(
    store: ReportingProgress, kept: SqliteProgress, told: list[FromLearner]
) -> None:
    store.merge(History(done=((HERE, 1.0),)))
    store.see("tour", at=2.0)
    assert kept.done("service") == {"odds"}
    assert kept.seen("tour")
    store.forget()
    assert kept.history() == History()
    assert not told


def test_trouble_is_the_learners_own(store: ReportingProgress, kept: SqliteProgress) -> None:
    trouble = Trouble(TroubleCode.LOST, "file", "disk full")
    kept.trouble = trouble
    assert store.trouble == trouble
    store.trouble = None
    assert kept.trouble is None


def test_a_course_may_have_long_ids_and_odd_choices(
    store: ReportingProgress, kept: SqliteProgress, told: list[FromLearner]
) -> None:
    place = Place("l" * 200, "step")
    store.visit(place, at=1.0)
    store.answer(place, "either\nor\u202e " + "x" * 200, right=True, at=2.0)
    store.open_hint(place, MOST_HINTS + 5, at=3.0)
    lesson = "l" * LONGEST_ID
    chosen = ("eitheror " + "x" * 200)[:LONGEST_ID]
    assert told == [
        Visited(lesson=lesson, step="step"),
        Answered(lesson=lesson, step="step", chosen=chosen, right=True),
        Hinted(lesson=lesson, step="step", count=MOST_HINTS),
    ]
    assert kept.place() == place


def test_letting_go_closes_the_learners_own(store: ReportingProgress, kept: SqliteProgress) -> None:
    store.close()
    kept.finish(HERE, at=1.0)
    assert kept.trouble is not None
