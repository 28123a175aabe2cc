"""Progress goes into one line and comes back as it was; whatever else comes is refused."""

import base64
import json
import re
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.store import Answer, History, Place
from tui.store.portable import LARGEST, LineError, from_line, to_line
from tui.store.sqlite import SqliteProgress

NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)
TIMES = st.floats(min_value=0, max_value=4e9)
PLACES = st.builds(Place, NAMES, NAMES)
ANSWERS = st.builds(Answer, NAMES, st.booleans(), TIMES)
HISTORIES = st.builds(
    History,
    st.none() | st.tuples(PLACES, TIMES),
    st.lists(st.tuples(PLACES, TIMES), max_size=5).map(tuple),
    st.lists(st.tuples(PLACES, ANSWERS), max_size=5).map(tuple),
    st.lists(st.tuples(PLACES, st.integers(0, 4), TIMES), max_size=5).map(tuple),
    st.lists(st.tuples(NAMES, TIMES), max_size=3).map(tuple),
)


def packed(data: object) -> str:
    """A line around anything at all."""
    body = zlib.compress(json.dumps(data).encode())
    return "k8snet1:" + base64.urlsafe_b64encode(body).decode()


@given(HISTORIES)
def test_a_line_gives_back_what_went_in(history: History) -> None:
    line = to_line(history)
    assert "\n" not in line
    assert from_line(line) == history
    assert from_line(f"  {line}\n") == history


EMPTY: dict[str, object] = {"place": None, "done": [], "answers": [], "hints": [], "seen": []}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "expected a line that begins with k8snet1:"),
        ("hello", "expected a line that begins with k8snet1:"),
        ("k8snet1:", "expected a line that begins with k8snet1:"),
        ("k8snet2:abcd", "a newer version wrote it"),
        ("k8snet1:abc$", "the line is damaged"),
        ("k8snet1:YWJj", "the line is damaged"),
        (to_line(History())[:-6], "the line is damaged"),
        (packed([]), "found something else"),
        (packed({}), "found something else"),
        (packed({**EMPTY, "done": {}}), "a list is missing"),
        (packed({**EMPTY, "done": [3]}), "a row is no list"),
        (packed({**EMPTY, "done": [["a", "b"]]}), "found something else"),
        (packed({**EMPTY, "done": [["a", "b", "now"]]}), "a time is no number"),
        (packed({**EMPTY, "done": [["a", "b", -1]]}), "a time is none"),
        (packed({**EMPTY, "done": [["a", "b", 1e300]]}), "a time is none"),
        (packed({**EMPTY, "done": [["a", "b", 10**400]]}), "a time is none"),
        (packed({**EMPTY, "done": [["a", "b", 1]] * 20_001}), "more than 20000 rows"),
        (packed({**EMPTY, "done": [["a\x1b[2J", "b", 1]]}), "a name is missing or is no name"),
        (packed({**EMPTY, "done": [["a" * 300, "b", 1]]}), "a name is missing or is no name"),
        (packed({**EMPTY, "answers": [["a", "b", "c", 1, 1]]}), "neither right nor wrong"),
        (packed({**EMPTY, "hints": [["a", "b", 1000, 1]]}), "a number of hints is none"),
        (packed({**EMPTY, "place": [None, "b", 1]}), "a name is missing or is no name"),
    ],
)
def test_what_is_no_progress_is_refused(line: str, said: str) -> None:
    with pytest.raises(LineError, match=re.escape(said)):
        from_line(line)


def test_a_line_that_swells_is_refused() -> None:
    body = zlib.compress(b"[" + b" " * (LARGEST + 10) + b"]")
    with pytest.raises(LineError, match="at most 8 MB"):
        from_line("k8snet1:" + base64.urlsafe_b64encode(body).decode())


def test_not_a_number_is_no_time() -> None:
    body = zlib.compress(b'{"place":null,"done":[["a","b",NaN]],"answers":[],"hints":[],"seen":[]}')
    with pytest.raises(LineError, match="a time is none"):
        from_line("k8snet1:" + base64.urlsafe_b64encode(body).decode())


# ---------------------------------------------------------------- brought into a store

WHY, ODDS, OUT = Place("service", "why"), Place("service", "odds"), Place("external", "out")


def test_both_sides_are_remembered_and_nothing_twice(tmp_path: Path) -> None:
    mine = SqliteProgress(tmp_path / "mine.sqlite3")
    mine.visit(WHY, 5.0)
    mine.finish(WHY, 5.0)
    mine.answer(ODDS, "1/2", right=False, at=6.0)
    mine.open_hint(OUT, 2, 7.0)
    other = SqliteProgress(tmp_path / "other.sqlite3")
    other.finish(ODDS, 8.0)
    other.answer(ODDS, "1/2", right=False, at=6.0)
    other.answer(ODDS, "1/3", right=True, at=9.0)
    other.open_hint(OUT, 1, 9.0)
    other.see("tour", 9.0)
    other.visit(OUT, 9.0)
    for _ in range(2):
        mine.merge(from_line(to_line(other.history())))
    assert mine.done("service") == {"why", "odds"}
    assert [answer.chosen for answer in mine.answers("service")["odds"]] == ["1/2", "1/3"]
    assert mine.hints(OUT) == 2
    assert mine.seen("tour")
    assert mine.place() == OUT


def test_an_older_place_does_not_move_the_learner(tmp_path: Path) -> None:
    mine = SqliteProgress(tmp_path / "mine.sqlite3")
    mine.visit(WHY, 50.0)
    mine.merge(History(place=(OUT, 9.0)))
    assert mine.place() == WHY


def test_every_answer_is_given_by_place_oldest_first(tmp_path: Path) -> None:
    store = SqliteProgress(tmp_path / "mine.sqlite3")
    store.answer(ODDS, "b", right=True, at=9.0)
    store.answer(ODDS, "a", right=False, at=6.0)
    store.answer(OUT, "c", right=True, at=7.0)
    found = store.all_answers()
    assert [answer.chosen for answer in found[ODDS]] == ["a", "b"]
    assert set(found) == {ODDS, OUT}


def test_answers_are_in_order_after_a_merge(tmp_path: Path) -> None:
    mine = SqliteProgress(tmp_path / "mine.sqlite3")
    mine.answer(ODDS, "late", right=True, at=9.0)
    mine.merge(History(answers=((ODDS, Answer("early", False, 2.0)),)))
    assert [each.chosen for each in mine.answers("service")["odds"]] == ["early", "late"]
