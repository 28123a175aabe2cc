"""On which line of a TOML file a value stands, for errors that a schema finds."""

from __future__ import annotations

import re
from collections.abc import Sequence

Loc = Sequence[int | str]
"""From the file down to the value: `("steps", 2, "packet", "to")`."""


def line_of(text: str, loc: Loc) -> int:
    """The line, from 1, of a value, or of the nearest table around it; 0 for the whole file."""
    lines = text.splitlines()
    found, start, end = 0, 0, len(lines)
    name = ""
    rest = list(loc)
    while rest:
        key = rest.pop(0)
        if isinstance(key, int):
            continue
        index = rest[0] if rest and isinstance(rest[0], int) else 0
        table = f"{name}.{key}" if name else key
        header = _header(lines, table, index, start, end)
        if header is not None:
            name, found, start = table, header + 1, header + 1
            end = _end_of(lines, name, start, end)
        elif (at := _key(lines, key, start, _next_header(lines, start, end))) is not None:
            return at + 1
    return found


def _header(lines: list[str], name: str, index: int, start: int, end: int) -> int | None:
    """The line of `[name]`, or of the so-and-so-many-th `[[name]]`."""
    wanted = re.compile(rf"\s*(\[{re.escape(name)}\]|\[\[{re.escape(name)}\]\])")
    found = [i for i in range(start, end) if wanted.match(lines[i])]
    return found[index] if index < len(found) else None


def _end_of(lines: list[str], name: str, start: int, end: int) -> int:
    """Where a table ends: at the next header that is not of a table inside it."""
    inside = re.compile(rf"\s*\[+{re.escape(name)}\.")
    for i in range(start, end):
        if lines[i].lstrip().startswith("[") and not inside.match(lines[i]):
            return i
    return end


def _next_header(lines: list[str], start: int, end: int) -> int:
    return next((i for i in range(start, end) if re.match(r"\s*\[", lines[i])), end)


def _key(lines: list[str], key: str, start: int, end: int) -> int | None:
    """The line of `key = ...`, or one on which the key stands in an inline table."""
    plain = re.compile(rf"\s*\"?{re.escape(key)}\"?\s*=")
    return next((i for i in range(start, end) if plain.match(lines[i])), None)
