"""YAML as kubectl reads it: plain data, bounded in depth and in what aliases unfold to.

libyaml tokenises; values are built from its events in one pass. Scalars mean what they mean
to the Go library behind kubectl (YAML 1.1): `on`, `no` and `y` are booleans, a date is text,
`010` is 8. Building from events also keeps a hostile file harmless: PyYAML's own composer
recurses in C without a bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

import yaml
from yaml.error import Mark, MarkedYAMLError
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from yaml.reader import ReaderError

from tui.formats.errors import FormatError, quoted

MAX_DEPTH = 100
"""Deepest nesting; Kubernetes objects stay under 20."""

MAX_ALIASED = 1_000_000
"""Most values that aliases may stand for, all taken together."""

_TAG = "tag:yaml.org,2002:"
_MERGE = "<<"


def yaml_documents(text: str, origin: str) -> list[Any]:
    """Every document of the text as plain data; empty ones are None. Raises FormatError."""
    try:
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        builder = _Builder(events)
        return [builder.document() for event in events if isinstance(event, DocumentStartEvent)]
    except ReaderError as error:
        before = text.encode("utf-8", "replace")[: error.position]
        problem = f"is not YAML: character U+{error.character:04X} is not allowed"
        raise FormatError(origin, problem, f"line {before.count(10) + 1}") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = error.problem or error.context or "cannot be understood"
        raise FormatError(origin, f"is not YAML: {what}", place) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise FormatError(origin, f"is not YAML: {error}") from None


class _Builder:
    """Builds values from a stream of events, one document after the other."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._built = 0
        self._aliased = 0

    def document(self) -> Any:
        """The next document. Raises MarkedYAMLError."""
        self._anchors = {}
        return self._value(next(self._events), 0)

    def _value(self, event: Event, depth: int) -> Any:
        if isinstance(event, AliasEvent):
            return self._alias(event)
        assert isinstance(event, ScalarEvent | CollectionStartEvent), event
        before = self._built
        value = self._fresh(event, depth)
        self._built += 1
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._built - before)
        return value

    def _fresh(self, event: ScalarEvent | CollectionStartEvent, depth: int) -> Any:
        if isinstance(event, ScalarEvent):
            return _scalar(event)
        if depth >= MAX_DEPTH:
            raise _at(event, f"nested deeper than {MAX_DEPTH} levels")
        if event.tag not in (None, "!", f"{_TAG}map", f"{_TAG}seq"):
            raise _unknown_tag(event)
        if isinstance(event, MappingStartEvent):
            return self._mapping(depth + 1)
        return self._sequence(depth + 1)

    def _sequence(self, depth: int) -> list[Any]:
        items = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._value(event, depth))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(event)
            value = self._value(next(self._events), depth)
            if key == _MERGE and isinstance(event, ScalarEvent) and event.implicit[0]:
                merged = {**_merged(value, event), **merged}
            elif key in own:
                raise _at(event, f"key {quoted(key)} is in this mapping twice")
            else:
                own[key] = value
        return {**merged, **own} if merged else own

    def _key(self, event: Event) -> str:
        """A key is text however it is spelt, as JSON wants it."""
        if isinstance(event, AliasEvent):
            key = self._alias(event)
        elif isinstance(event, ScalarEvent):
            key = event.value
            if event.anchor is not None:
                self._anchors[event.anchor] = (key, 1)
        else:
            key = None
        if not isinstance(key, str):
            raise _at(event, "a key must be text")
        return key

    def _alias(self, event: AliasEvent) -> Any:
        if event.anchor not in self._anchors:
            raise _at(event, f"alias *{event.anchor} stands for nothing complete before it")
        value, size = self._anchors[event.anchor]
        self._built += size
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            raise _at(event, f"aliases unfold to more than {MAX_ALIASED:,} values")
        return value


def _merged(value: Any, event: Event) -> dict[str, Any]:
    """What `<<` brings in: a mapping, or a list of them of which the first wins."""
    sources = value if isinstance(value, list) else [value]
    found: dict[str, Any] = {}
    for source in reversed(sources):
        if not isinstance(source, dict):
            raise _at(event, "<< needs a mapping")
        found.update(source)
    return found


def _at(event: Event, problem: str) -> MarkedYAMLError:
    # the C parser has a Mark class of its own, alike in all that errors need
    return MarkedYAMLError(problem=problem, problem_mark=cast("Mark", event.start_mark))


def _unknown_tag(event: ScalarEvent | CollectionStartEvent) -> MarkedYAMLError:
    tag = str(event.tag).replace(_TAG, "!!")
    return _at(event, f"tag {quoted(tag)} is not one that Kubernetes objects use")


# ---------------------------------------------------------------- scalars

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE = frozenset({"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
_NUMERIC_START = frozenset("0123456789+-.")
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0b(?P<b2>[01]+)|0x(?P<b16>[0-9a-fA-F]+)|0o?(?P<b8>[0-7]+)"
    r"|(?P<b10>0|[1-9][0-9]{0,18}))"
)
_LARGEST = 2**64 - 1
"""The largest whole number of Go; what is larger it reads as a float, or as text."""
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}


def _scalar(event: ScalarEvent) -> Any:
    if event.tag is None or event.tag == "!":
        plain = event.tag is None and event.implicit[0]
        return resolved(event.value) if plain else event.value
    kind = event.tag.removeprefix(_TAG)
    if kind == "str":
        return event.value
    if kind in ("int", "float", "bool", "null"):
        return resolved(event.value)
    raise _unknown_tag(event)


@lru_cache(maxsize=65536)
def resolved(text: str) -> str | int | float | bool | None:
    """What a scalar without quotes means."""
    if text in _NULLS:
        return None
    if text[0] in _NUMERIC_START:
        return _number(text)
    if text in _TRUE:
        return True
    return False if text in _FALSE else text


def _number(text: str) -> str | int | float:
    """`8080`, `0x1F` and `1_000` are whole numbers, `1.5` is none; `10.0.0.1` is text."""
    if text.lower() in _SPECIAL:
        return float(_SPECIAL[text.lower()])
    digits = text.replace("_", "")
    found = _INTEGER.fullmatch(digits)
    if found:
        base = str(found.lastgroup)
        number = int(found["sign"] + found[base], int(base[1:]))
        if abs(number) <= _LARGEST:
            return number
    return float(digits) if _FLOAT.fullmatch(digits) else text
