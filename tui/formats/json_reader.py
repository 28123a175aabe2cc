"""JSON to plain data; what a decoder would pass over or could not place is named by its path."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tui.formats.errors import FieldError, FormatError, path_text

_BLANK_OR_MARKER = re.compile(r"(?:\s|^---[ \t]*$)*", re.MULTILINE)
_HALF_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_MOST_DIGITS = 4300
"""Python makes no number of more digits: it would take too long."""


def json_documents(text: str, origin: str) -> list[Any]:
    """JSON values one after the other, as `kubectl` prints them or apart by `---`."""
    found: list[Any] = []
    position = _skip(text, 0)
    while position < len(text):
        try:
            value, position = read_json(text, position)
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise FormatError(origin, f"is not JSON: {error.msg}", place) from None
        except FieldError as fault:
            document = f"document {len(found) + 1}" if found else ""
            place = f"{document} {path_text(fault.path)}".strip()
            raise FormatError(origin, fault.problem, place) from None
        found.append(value)
        position = _skip(text, position)
    broken = _HALF_SURROGATE.search(text) is not None
    return [_mended(value) for value in found] if broken else found


def json_line(text: str) -> Any:
    """The one value of a line. Raises as `read_json` does."""
    value, end = read_json(text, _skip(text, 0))
    rest = _skip(text, end)
    if rest < len(text):
        raise json.JSONDecodeError("Extra data", text, rest)
    return _mended(value) if _HALF_SURROGATE.search(text) else value


def read_json(text: str, position: int) -> tuple[Any, int]:
    """The value that starts at a position, and where it ends.

    Raises JSONDecodeError where it is no JSON, and FieldError where it cannot be used: a key is
    there twice, a number is endless, all is nested too deeply.
    """
    try:
        return _DECODER.raw_decode(text, position)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise FieldError((), "is nested too deeply") from None
    except ValueError:
        raise _fault_in(text, position) from None


def _mapping(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError("a key is there twice")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_mapping)


def _mended(value: Any) -> Any:
    """U+FFFD for half a surrogate pair: as in Go, and printable."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


def _skip(text: str, position: int) -> int:
    blank = _BLANK_OR_MARKER.match(text, position)
    return blank.end() if blank else position


# ---------------------------------------------------------------- where a fault is


class _Members(list[tuple[str, Any]]):
    """A mapping with all its members."""


class _Endless:
    """A number that is too long to be made."""

    def __init__(self, digits: int) -> None:
        self.digits = digits


def _whole(text: str) -> int | _Endless:
    return int(text) if len(text) <= _MOST_DIGITS else _Endless(len(text))


_Place = tuple["_Place", "str | int"] | None
"""A path from its end to its beginning: siblings share what is above them."""


def _fault_in(text: str, position: int) -> FieldError:
    """The first thing that made a decoder give up, found by reading the text once more."""
    decoder = json.JSONDecoder(object_pairs_hook=_Members, parse_int=_whole)
    try:
        read, _ = decoder.raw_decode(text, position)
    except (RecursionError, ValueError):
        return FieldError((), "cannot be understood")
    for place, value in _walked(read):
        if isinstance(value, _Endless):
            return FieldError(_path(place), f"is a number of {value.digits:,} digits")
        if isinstance(value, _Members) and (key := _second(value)) is not None:
            return FieldError((*_path(place), key), "is there twice; a key may be there once")
    return FieldError((), "cannot be understood")


def _walked(read: Any) -> Iterator[tuple[_Place, Any]]:
    """Every value before those inside it, in the order of the text; as deep as it may be."""
    waiting: list[tuple[_Place, Any]] = [(None, read)]
    while waiting:
        place, value = waiting.pop()
        yield place, value
        if isinstance(value, _Members):
            waiting += [((place, key), held) for key, held in reversed(value)]
        elif isinstance(value, list):
            waiting += [((place, at), held) for at, held in reversed([*enumerate(value)])]


def _second(members: _Members) -> str | None:
    seen: set[str] = set()
    for key, _ in members:
        if key in seen:
            return key
        seen.add(key)
    return None


def _path(place: _Place) -> tuple[str | int, ...]:
    found: list[str | int] = []
    while place is not None:
        place, part = place
        found.append(part)
    return tuple(reversed(found))
