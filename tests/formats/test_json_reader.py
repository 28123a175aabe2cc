"""JSON that a decoder would take, but nobody can mean, is named by its path."""

import pytest

from tui.formats.documents import documents
from tui.formats.errors import FormatError

TWICE = "is there twice; a key may be there once"
NINES = "9" * 10_000


def error_of(text: str) -> str:
    with pytest.raises(FormatError) as caught:
        documents(text, "f")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "a": 1}', f"f: a: {TWICE}"),
        ('{"items": [{}, {"spec": {"x/y": 1, "b": 2, "x/y": 3}}]}',
         f'f: items[1].spec["x/y"]: {TWICE}'),
        ('{"a": [{"b": 1, "b": 2}], "c": 1, "c": 2}', f"f: c: {TWICE}"),
        ('{"a": {"x": {"b": 1, "b": 2}}, "c": {"d": 1, "d": 2}}', f"f: a.x.b: {TWICE}"),
        ('{"a": 1}\n{"a": {"b": 1, "b": 2}}', f"f: document 2 a.b: {TWICE}"),
        (f'{{"spec": {{"ports": [{{"port": {NINES}}}]}}}}',
         "f: spec.ports[0].port: is a number of 10,000 digits"),
        ('{"a": ' + "[" * 100_000, "f: is nested too deeply"),
        ('{"b": 1, "b": 2, "a": ' + "[" * 100_000, "f: is nested too deeply"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(text: str, said: str) -> None:
    assert error_of(text) == said


def test_the_same_key_in_two_mappings_is_fine() -> None:
    assert documents('{"a": {"b": 1}, "c": {"b": 2}}', "f") == [{"a": {"b": 1}, "c": {"b": 2}}]


def test_what_is_long_is_shortened() -> None:
    assert len(error_of(f'{{"{"x" * 1_000_000}": 1, "{"x" * 1_000_000}": 2}}')) < 300
