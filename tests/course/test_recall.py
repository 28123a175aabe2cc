"""A missed prediction comes back after ten minutes, a day, three, seven, twenty-one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.course.recall import DAY, MINUTE, WAITS, again_at, due
from tui.store import Answer, Place

HERE, THERE = Place("a", "x"), Place("b", "y")


def given_answers(text: str) -> tuple[Answer, ...]:
    """`n` for a wrong one, `y` for a right one, a second apart."""
    return tuple(Answer("?", sign == "y", float(at)) for at, sign in enumerate(text))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", None),
        ("y", None),
        ("n", 10 * MINUTE),
        ("ny", 1 + DAY),
        ("nyy", 2 + 3 * DAY),
        ("nyyy", 3 + 7 * DAY),
        ("nyyyy", 4 + 21 * DAY),
        ("nyyyyy", None),
        ("yyyyn", 4 + 10 * MINUTE),
        ("nyyyyyn", 6 + 10 * MINUTE),
    ],
)
def test_when_it_is_asked_again(text: str, at: float | None) -> None:
    assert again_at(given_answers(text)) == at


def test_the_longest_overdue_comes_first() -> None:
    answers = {HERE: (Answer("?", False, 100.0),), THERE: (Answer("?", False, 50.0),)}
    assert due(answers, 50.0 + 10 * MINUTE) == (THERE,)
    assert due(answers, 100.0 + 10 * MINUTE) == (THERE, HERE)
    assert due(answers, 60.0) == ()


@given(st.text("yn", max_size=12))
def test_only_what_was_missed_lately_is_asked(text: str) -> None:
    at = again_at(given_answers(text))
    since = len(text) - 1 - text.rfind("n")
    assert (at is None) == ("n" not in text or since >= len(WAITS))
