"""A plot of marks on logarithmic axes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.comparison.plot import plot
from tui.words.twins import ascii_twin

NUMBERS = st.integers(1, 10**6 - 1)
POINTS = st.dictionaries(NUMBERS, NUMBERS, min_size=1, max_size=6).map(lambda p: sorted(p.items()))


def texts(series: dict[str, list[tuple[int, int]]], width: int, height: int) -> list[str]:
    rows = plot(series, width, height)
    return [ascii_twin("".join(piece.text for piece in row)) for row in rows]


@given(st.lists(POINTS, min_size=1, max_size=3), st.integers(30, 120), st.integers(6, 30))
def test_rows_stay_in_their_room(
    points: list[list[tuple[int, int]]], width: int, height: int
) -> None:
    rows = texts({str(i): each for i, each in enumerate(points)}, width, height)
    assert len(rows) == height
    assert max(len(row) for row in rows[:-1]) <= width
    assert "".join(rows).isascii()


def test_a_power_of_ten_more_is_as_far_as_the_one_before() -> None:
    rows = texts({"line": [(10, 10), (100, 100), (1000, 1000)]}, 60, 23)
    marks = [(row.index("*"), -y) for y, row in enumerate(rows) if "*" in row]
    assert len(marks) == 3
    (x3, y3), (x2, y2), (x1, y1) = marks
    assert abs((x3 - x2) - (x2 - x1)) <= 1
    assert y3 - y2 == y2 - y1


def test_axes_carry_the_numbers() -> None:
    rows = texts({"line": [(10, 30), (30_000, 30_000)]}, 60, 14)
    assert [row.split()[0] for row in rows if row[:7].strip()][:2] == ["100,000", "10,000"]
    assert rows[-1].split() == ["10", "30,000"]


def test_marks_that_fall_together_stand_side_by_side() -> None:
    rows = texts({"one": [(10, 20), (1000, 20)], "two": [(10, 20), (1000, 21)]}, 60, 10)
    row = next(row for row in rows if "*" in row)
    assert row.count("*+") == 2


def test_pieces_tell_their_series() -> None:
    rows = plot({"one": [(10, 20)], "two": [(10, 2000)]}, 40, 12)
    marks = {piece.text.strip(): piece.series for row in rows for piece in row if piece.series}
    assert marks == {"◆": 1}


@pytest.mark.parametrize("series", [{}, {"one": []}])
def test_without_points_there_is_no_plot(series: dict[str, list[tuple[int, int]]]) -> None:
    assert plot(series, 40, 12) == []
