"""Reads what `nft list table` or `nft list ruleset` prints back into values.

The frame of a dump must be right, and an error names its line. What is not understood inside
a rule is kept word for word (see `parse_rule`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tui.sim.netfilter.hooks import Hook
from tui.sim.netfilter.nft.parse_rule import TOKEN, parse_rule
from tui.sim.netfilter.nft.parse_values import parse_atom, parse_verdict
from tui.sim.netfilter.nft.rules import Base, Chain, Element, Key, Set, Table, Verdict
from tui.sim.netfilter.nft.text import PRIORITIES

_HANDLE = re.compile(r"\s# handle \d+$")
_BASE = re.compile(r"type (\w+) hook (\w+) priority ([^;]+); policy (\w+);")
_PRIORITY = re.compile(r"([a-z]+)(?: ([+-]) (\d+))?")
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?")
_LENGTHS = (86_400_000, 3_600_000, 60_000, 1000, 1)
_FAMILIES = ("ip", "ip6", "inet")


class TableSyntaxError(ValueError):
    """A line that is no part of a dump, with its number."""


@dataclass(slots=True)
class _Lines:
    """The lines of a dump, and the number of the last one taken."""

    lines: Iterator[str]
    number: int = 0

    def __iter__(self) -> Iterator[str]:
        """The lines that say something, without blanks around them."""
        for raw in self.lines:
            self.number += 1
            line = _HANDLE.sub("", raw.strip())
            if line and not line.startswith("#"):
                yield line

    def block(self) -> Iterator[str]:
        """The lines up to the brace that closes the current block."""
        for line in self:
            if line == "}":
                return
            yield line
        raise ValueError("the dump ends inside a block; expected }")


def parse_tables(text: str) -> tuple[Table, ...]:
    """The tables of a dump, in its order. Raises TableSyntaxError with the line's number."""
    lines = _Lines(iter(text.splitlines()))
    line = ""
    tables: list[Table] = []
    try:
        for line in lines:
            match line.split():
                case ["table", family, name, "{"] if family in _FAMILIES:
                    tables.append(_table(lines, family, name))
                case _:
                    raise ValueError("expected table FAMILY NAME {, the family ip, ip6 or inet")
    except _LineError as error:
        raise TableSyntaxError(f"line {lines.number}: {error}: {error.line[:120]}") from None
    except ValueError as error:
        raise TableSyntaxError(f"line {lines.number}: {error}: {line[:120]}") from None
    return tuple(tables)


class _LineError(ValueError):
    """What is wrong with a line, and the line."""

    def __init__(self, problem: str, line: str) -> None:
        super().__init__(problem)
        self.line = line


def _table(lines: _Lines, family: str, name: str) -> Table:
    comment = ""
    sets: dict[str, Set] = {}
    chains: dict[str, Chain] = {}
    for line in lines.block():
        match line.split(None, 2):
            case ["set" | "map", found, "{"]:
                sets[found] = _set(lines, found)
            case ["chain", found, "{"]:
                chains[found] = _chain(lines, found)
            case ["comment", *_]:
                comment = _comment(line)
            case _:
                raise _LineError("expected a set, a map, a chain or }", line)
    return Table(family, name, sets, chains, comment)


def _comment(line: str) -> str:
    text = line.partition(" ")[2]
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise _LineError("expected a comment in quotes", line)
    return text[1:-1]


def parse_duration(text: str) -> int:
    """Milliseconds from `3h` or `9s992ms`. Raises ValueError."""
    found = _DURATION.fullmatch(text)
    if found is None or not text:
        raise ValueError("expected a time, such as 3h or 1m30s")
    parts = zip(found.groups(), _LENGTHS, strict=True)
    return sum(int(count or 0) * length for count, length in parts)


# ---------------------------------------------------------------- chains


def _chain(lines: _Lines, name: str) -> Chain:
    comment, base = "", None
    rules = []
    for line in lines.block():
        if line.startswith("type "):
            base = _base(line)
        elif line.startswith("comment "):
            comment = _comment(line)
        else:
            rules.append(parse_rule(line))
    return Chain(name, tuple(rules), base, comment)


def _base(line: str) -> Base:
    found = _BASE.fullmatch(line)
    if found is None:
        raise _LineError("expected type TYPE hook HOOK priority PRIORITY; policy POLICY;", line)
    kind, hook, priority, policy = found.groups()
    try:
        at = Hook(hook.upper())
        return Base(kind, at, _priority(at, priority), policy)
    except ValueError as error:
        raise _LineError(str(error), line) from None


def _priority(hook: Hook, text: str) -> int:
    found = _PRIORITY.fullmatch(text)
    if found is None:
        return int(text)
    name, sign, distance = found.groups()
    value, hooks = PRIORITIES.get(name, (0, frozenset[Hook]()))
    if hook not in hooks:
        raise ValueError(f"no priority {name} at this hook")
    return value + int(f"{sign or '+'}{distance or 0}")


# ---------------------------------------------------------------- sets and maps


@dataclass(slots=True)
class _Declared:
    """What a set says of itself before its elements."""

    types: tuple[str, ...] = ()
    values: tuple[str, ...] | None = None
    size: int = 0
    flags: tuple[str, ...] = ()
    timeout: int = 0
    comment: str = ""
    unknown: list[str] = field(default_factory=list)


def _set(lines: _Lines, name: str) -> Set:
    told = _Declared()
    elements: dict[Key, Element] = {}
    for line in lines.block():
        if line.startswith("elements = {"):
            elements = _elements(lines, line, told)
        else:
            _property(told, line)
    return Set(
        name, told.types, told.values, elements, told.comment, told.size, told.flags,
        told.timeout, tuple(told.unknown),
    )  # fmt: skip


def _property(told: _Declared, line: str) -> None:
    word, _, rest = line.partition(" ")
    try:
        match word:
            case "type":
                types, colon, values = rest.partition(" : ")
                told.types = tuple(types.split(" . "))
                told.values = tuple(values.split(" . ")) if colon else None
            case "size":
                told.size = int(rest)
            case "flags":
                told.flags = tuple(rest.split(","))
            case "timeout":
                told.timeout = parse_duration(rest)
            case "comment":
                told.comment = _comment(line)
            case _:
                told.unknown.append(line)
    except _LineError:
        raise
    except ValueError as error:
        raise _LineError(str(error), line) from None


def _elements(lines: _Lines, first: str, told: _Declared) -> dict[Key, Element]:
    """The elements, which nft breaks into lines only at commas."""
    found: dict[Key, Element] = {}
    line = first.removeprefix("elements = {").strip()
    more = iter(lines)
    while True:
        tokens: list[str] = TOKEN.findall(line)
        closed = tokens[-1:] == ["}"]
        try:
            for words in _split(tokens[:-1] if closed else tokens):
                key, element = _element(words, told)
                found[key] = element
        except ValueError as error:
            raise _LineError(str(error), line) from None
        if closed:
            return found
        line = next(more, "")
        if not line:
            raise ValueError("the dump ends inside elements; expected }")


def _split(tokens: list[str]) -> Iterator[list[str]]:
    start = 0
    for place, token in enumerate(tokens):
        if token == ",":
            yield tokens[start:place]
            start = place + 1
    if start < len(tokens):
        yield tokens[start:]


def _element(words: list[str], told: _Declared) -> tuple[Key, Element]:
    if not told.types:
        raise ValueError("expected a type before the elements")
    key, rest = _key(words, told.types)
    timeout, expires, comment = 0, 0, ""
    value: Verdict | Key | None = None
    while rest:
        match rest:
            case ["timeout", text, *rest]:
                timeout = parse_duration(text)
            case ["expires", text, *rest]:
                expires = parse_duration(text)
            case ["comment", text, *rest]:
                comment = text[1:-1]
            case [":", *words]:
                value, rest = _value(words, told.values), []
            case _:
                raise ValueError(f"expected an element, found {' '.join(rest)}")
    if (value is None) != (told.values is None):
        raise ValueError("expected a value in a map, and none in a set")
    return key, Element(value, comment, timeout, expires)


def _key(words: list[str], types: tuple[str, ...]) -> tuple[Key, list[str]]:
    """The key that the words begin with, and the words behind it."""
    length = 2 * len(types) - 1
    atoms, dots = words[:length:2], words[1:length:2]
    if len(atoms) != len(types) or any(dot != "." for dot in dots):
        raise ValueError(f"expected {' . '.join(types)}")
    return tuple(map(parse_atom, atoms, types)), words[length:]


def _value(words: list[str], types: tuple[str, ...] | None) -> Verdict | Key:
    if types is None:
        raise ValueError("expected no value in a set")
    if types == ("verdict",):
        return parse_verdict(words)
    value, rest = _key(words, types)
    if rest:
        raise ValueError(f"expected {' . '.join(types)}")
    return value
