"""Limits by name, and wrong codes by address."""

import re
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cli.epilogs import SERVE
from tui.serve.failures import MOST_ADDRESSES, Failures
from tui.serve.limits import LimitError, Limits, limits_of


def test_limits_are_set_by_name_and_the_last_word_holds() -> None:
    assert limits_of([]) == Limits()
    found = limits_of(["sessions=7", "idle_seconds=5", "sessions=8"])
    assert (found.sessions, found.idle_seconds, found.starts) == (8, 5, Limits().starts)


def test_the_help_tells_every_limit_and_what_it_is_by_default() -> None:
    told = dict(re.findall(r"(\w+)=(\d+|one per processor)", SERVE))
    assert told.pop("starts") == "one per processor"
    assert told == {name: str(n) for name, n in asdict(Limits()).items() if name != "starts"}


@pytest.mark.parametrize(
    "wrong", ["", "sessions", "sessions=", "sessions=0", "sessions=-1", "sessions=1e3",
              "sessions=٣", "sessions=99999999999", "session=1", "=5"],
)  # fmt: skip
def test_what_is_no_limit_is_refused_with_what_was_expected(wrong: str) -> None:
    with pytest.raises(LimitError, match="expected") as refused:
        limits_of([wrong])
    assert "\n" not in str(refused.value)


def test_who_guesses_has_to_wait_until_the_first_guess_is_forgotten() -> None:
    failures = Failures(most=3, minutes=10)
    for second in (0.0, 10.0, 20.0):
        assert failures.wait("a", second) == 0
        failures.count("a", second)
    assert failures.wait("a", 30.0) == 570
    assert failures.wait("b", 30.0) == 0
    assert failures.wait("a", 600.0) == 0
    failures.count("a", 600.0)
    assert failures.wait("a", 601.0) == 9, "the second guess is still remembered"


@given(st.lists(st.floats(0, 5000), min_size=1, max_size=40))
def test_never_more_guesses_than_allowed_in_any_stretch(times: list[float]) -> None:
    failures, allowed = Failures(most=4, minutes=1), []
    for now in sorted(times):
        if failures.wait("a", now) == 0:
            failures.count("a", now)
            allowed.append(now)
    for at in allowed:
        assert sum(at <= other < at + 60 for other in allowed) <= 4


def test_a_flood_of_addresses_is_forgotten_the_oldest_first() -> None:
    failures = Failures(most=1, minutes=10)
    for number in range(MOST_ADDRESSES + 1):
        failures.count(str(number), 0.0)
    assert failures.wait("0", 1.0) == 0
    assert failures.wait(str(MOST_ADDRESSES), 1.0) > 0
