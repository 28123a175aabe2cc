"""What is shown back is one bounded line."""

from hypothesis import given
from hypothesis import strategies as st

from tui.sim.model.shown import LONGEST, printable, shown, some_of


@given(st.text())
def test_whatever_it_is_it_fits_on_a_line(text: str) -> None:
    assert printable(text).isprintable()
    assert shown(text).isprintable()
    assert len(shown(text)) <= LONGEST


def test_escapes() -> None:
    assert shown("\x1b[31m서비스\n") == r"\x1b[31m서비스\n"


def test_lists_say_how_many_are_left_out() -> None:
    assert some_of([]) == "none"
    assert some_of(["a", "b"], 2) == "a, b"
    assert some_of((str(n) for n in range(1500)), 3) == "0, 1, 2 and 1,497 more"
    assert len(some_of(["x" * 10_000] * 10_000)) < 2000
