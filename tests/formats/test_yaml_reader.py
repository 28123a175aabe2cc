"""YAML means what it means to kubectl."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tui.formats.errors import FormatError
from tui.formats.yaml_reader import yaml_documents


def value_of(text: str) -> Any:
    (document,) = yaml_documents(f"v: {text}", "f")
    return document["v"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("80", 80),
        ("+80", 80),
        ("-1", -1),
        ("0x1F", 31),
        ("010", 8),
        ("0o10", 8),
        ("0b11", 3),
        ("0x" + "f" * 16, 2**64 - 1),
        ("0x" + "f" * 4000, "0x" + "f" * 4000),
        ("1_000", 1000),
        ("0", 0),
        ("08", 8.0),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("80:80", "80:80"),
        ("12:30:45", "12:30:45"),
        ("2026-01-01", "2026-01-01"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("-", None),
        ("fd00::1", "fd00::1"),
        ("0x", "0x"),
        ("=", "="),
        ("on", True),
        ("Off", False),
        ("yes", True),
        ("NO", False),
        ("y", True),
        ("n", False),
        ("true", True),
        ("tRue", "tRue"),
        ("null", None),
        ("~", None),
        ("", None),
        ('"80"', "80"),
        ("'on'", "on"),
        ('""', ""),
        ("!!str 80", "80"),
        ("! 80", "80"),
        ('!!int "80"', 80),
        ("|\n  80\n", "80\n"),
        ("9" * 400, float("inf")),
    ],
)
def test_scalars(text: str, value: object) -> None:
    if text == "-":
        assert yaml_documents("v:\n-", "f") == [{"v": [None]}]
        return
    found = value_of(text)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_a_float() -> None:
    found = value_of(".nan")
    assert found != found


def test_keys_are_text_however_they_are_spelt() -> None:
    assert yaml_documents("{on: 1, 80: 2, null: 3, 1.0: 4}", "f") == [
        {"on": 1, "80": 2, "null": 3, "1.0": 4}
    ]


def test_aliases_and_merge_keys() -> None:
    text = """
    base: &base {a: 1, b: 2}
    more: &more {b: 3, c: 4}
    one: {<<: *base, b: 9}
    two: {b: 9, <<: [*base, *more]}
    again: *base
    text: {"<<": quoted}
    """
    (found,) = yaml_documents(text, "f")
    assert found["one"] == {"a": 1, "b": 9}
    assert found["two"] == {"a": 1, "b": 9, "c": 4}
    assert found["again"] == {"a": 1, "b": 2}
    assert found["text"] == {"<<": "quoted"}


def test_an_anchor_ends_with_its_document() -> None:
    with pytest.raises(FormatError, match=r"line 3, column 4: .*alias \*a"):
        yaml_documents("a: &a 1\n---\nb: *a", "f")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a", "f: line 2, column 1: is not YAML: did not find expected ',' or ']'"),
        ("? [a]\n: b", "f: line 1, column 3: is not YAML: a key must be text"),
        (
            "a: 1\nb: {c: 1, c: 2}",
            'f: line 2, column 11: is not YAML: key "c" is in this mapping twice',
        ),
        ("{80: 1, '80': 2}", 'f: line 1, column 9: is not YAML: key "80" is in this mapping twice'),
        ("<<: 3", "f: line 1, column 1: is not YAML: << needs a mapping"),
        (
            "a: !!set {b}",
            'f: line 1, column 4: is not YAML: tag "!!set" is not one that Kubernetes objects use',
        ),
        ("\n\n\x00", "f: line 3: is not YAML: character U+0000 is not allowed"),
    ],
)
def test_mistakes_name_line_and_column(text: str, said: str) -> None:
    with pytest.raises(FormatError) as caught:
        yaml_documents(text, "f")
    assert str(caught.value) == said


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.lists(PLAIN, min_size=1, max_size=3))
def test_what_is_dumped_is_read_back(values: list[object]) -> None:
    text = yaml.dump_all(values, Dumper=Quoting, allow_unicode=True)
    assert yaml_documents(text, "f") == values


class Quoting(yaml.SafeDumper):
    """Quotes all text, because PyYAML and kubectl differ on what needs quotes."""

    def ignore_aliases(self, data: object) -> bool:
        return True


Quoting.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    said = "f: fine"
    try:
        yaml_documents(text, "f")
    except FormatError as error:
        said = str(error)
    assert said.startswith("f: ")
    assert said.isprintable()
