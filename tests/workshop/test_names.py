"""A name that a learner chose is fit to be shown on everybody's terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.words import use
from tui.workshop.names import LONGEST, key_of, name_of
from tui.workshop.unfit import WIDEST, UnfitName


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ada", "Ada"),
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("김철수", "김철수"),
        (unicodedata.normalize("NFD", "김철수"), "김철수"),
        ("가" * 12, "가" * 12),
        ("x" * 24, "x" * 24),
        ("j.r-t_7", "j.r-t_7"),
        ("สมชาย ดี", "สมชาย ดี"),
        ("rooter", "rooter"),
    ],
)
def test_names_of_people(typed: str, name: str) -> None:
    assert name_of(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " \t ",
        "x" * 25,
        "가" * 13,
        "x" * 100_000,
        "a\x1b[31mred",
        "a\x07",
        "a\u202eb",
        "a\u200bb",
        "a\u2066b",
        "\u3164",
        "a\u3164",
        "a\ufe0f",
        "a\U000e0101",
        "a" + "\u0316" * 4,
        "\u0301",
        "a\ud800",
        "-rf",
        "../x",
        "=1+1",
        "a,b",
        'a"b',
        "root",
        "Instructor",
        "CLASS",
        "ｒｏｏｔ",
    ],
)
def test_what_is_no_name(typed: str) -> None:
    with pytest.raises(UnfitName) as problem:
        name_of(typed)
    for lang in ("en", "ko"):
        why = use(lang).unfit(problem.value)
        assert why.isprintable()
        assert 0 < len(why) < 100
        assert "?" not in why


@pytest.mark.parametrize(
    ("one", "other"),
    [("Kim", "kIM"), ("Straße", "STRASSE"), ("Ｋｉｍ", "kim"), ("é", "e\u0301"), ("ﬁ", "FI")],
)
def test_names_that_people_take_for_the_same(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_fit_name_or_refused(typed: str) -> None:
    try:
        name = name_of(typed)
    except UnfitName:
        return
    assert 1 <= cell_len(name) <= WIDEST
    assert len(name) <= LONGEST
    assert name.isprintable()
    assert name_of(name) == name
    assert key_of(key_of(name)) == key_of(name)
