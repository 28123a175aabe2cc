"""A table reads back as it was, and nothing in it is computed."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.workshop.spreadsheet import table

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x","y")', "＝1"]


def cells(text: str) -> list[list[str]]:
    """A table as a spreadsheet reads it."""
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_computed(formula: str) -> None:
    assert cells(table(["a", "b"], [("x", formula)])) == [["a", "b"], ["x", f"'{formula}"]]


@pytest.mark.parametrize(
    "text", ['a,"b"', "a\nb", "a\r\nb", "김, 철수", "a;b", " a ", "1/2", "a=1"]
)
def test_signs_of_the_table_are_quoted(text: str) -> None:
    assert cells(table(["a", "b"], [(text, text)]))[1] == [text, text]


def test_numbers_stay_numbers() -> None:
    assert table(["a", "b"], [(-1, 2)]) == "\ufeffa,b\r\n-1,2\r\n"


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.integers())))
def test_any_text_reads_back(rows: list[tuple[str, int]]) -> None:
    found = cells(table(["text", "number"], rows))[1:]
    assert [(text.removeprefix("'"), int(number)) for text, number in found] == [
        (text.removeprefix("'"), number) for text, number in rows
    ]
