"""Reads one nftables rule as `nft list` prints it.

From the first word that is not understood the rest of the rule is kept word for word; the
walk stops there and says so, it never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tui.sim.model.address import IPAddress, address
from tui.sim.netfilter.nft.parse_values import PLAIN_VERDICTS, parse_atom, parse_verdict
from tui.sim.netfilter.nft.rules import (
    AnonymousMap,
    AnonymousSet,
    Atom,
    Counter,
    Dnat,
    Key,
    MappedDnat,
    MarkMatch,
    Masquerade,
    Match,
    Named,
    Numgen,
    Reject,
    Rule,
    Selector,
    Selectors,
    SetMark,
    Snat,
    Statement,
    UnknownStatement,
    Update,
    Verdict,
    VerdictMap,
)
from tui.sim.netfilter.nft.text import datatypes

TOKEN = re.compile(r'"[^"]*"|[{},]|[^\s{},"]+')
"""A string, a brace, a comma, or a word."""


class _Words:
    """The tokens of a rule, consumed from the left."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(TOKEN.finditer(text))
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place][0] if place < len(self.tokens) else ""

    def take(self) -> str:
        word = self.peek()
        if not word:
            raise ValueError("the rule ends where a value was expected")
        self.at += 1
        return word

    def took(self, *words: str) -> bool:
        """Whether these words stand here; they are consumed."""
        if any(self.peek(ahead) != word for ahead, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def expect(self, word: str) -> None:
        if not self.took(word):
            raise ValueError(f"expected {word}")

    def expect_end(self) -> None:
        if self.at < len(self.tokens):
            raise ValueError("expected nothing more")

    def rest(self) -> str:
        """The text that is left; it is consumed."""
        text = self.text[self.tokens[self.at].start() :] if self.peek() else ""
        self.at = len(self.tokens)
        return text.rstrip()

    def comment(self) -> str:
        """The comment at the rule's end, without its quotes; it is taken away."""
        if len(self.tokens) < 2 or self.tokens[-2][0] != "comment":
            return ""
        comment = self.tokens[-1][0]
        if not comment.startswith('"'):
            return ""
        self.text = self.text[: self.tokens[-2].start()]
        self.tokens = self.tokens[:-2]
        return comment[1:-1]


def parse_rule(text: str) -> Rule:
    """One rule."""
    words = _Words(text)
    comment = words.comment()
    statements: list[Statement] = []
    while words.peek():
        start = words.at
        try:
            statements.append(_statement(words))
        except ValueError:
            words.at = start
            statements.append(UnknownStatement(words.rest()))
    return Rule(tuple(statements), comment)


# ---------------------------------------------------------------- statements


def _statement(words: _Words) -> Statement:
    reader = _STATEMENTS.get(words.peek())
    if reader is not None:
        words.take()
        return reader(words)
    if words.peek() in ("jump", "goto", *PLAIN_VERDICTS):
        verdict = _verdict(words)
        words.expect_end()
        return verdict
    return _look(words)


def _verdict(words: _Words) -> Verdict:
    if words.peek() in ("jump", "goto"):
        return parse_verdict([words.take(), words.take()])
    return parse_verdict([words.take()])


def _reject(words: _Words) -> Statement:
    message = words.rest() if words.took("with") else ""
    words.expect_end()
    return Reject(message)


def _masquerade(words: _Words) -> Statement:
    fully = words.took("fully-random")
    words.expect_end()
    return Masquerade(fully)


def _snat(words: _Words) -> Statement:
    words.expect("to")
    source = address(words.take())
    fully = words.took("fully-random")
    words.expect_end()
    return Snat(source, fully)


def _dnat(words: _Words) -> Statement:
    family = words.take() if words.peek() in ("ip", "ip6") else ""
    words.expect("to")
    left = _left(words)
    if left is None:
        destination = _destination(words.take())
        words.expect_end()
        return Dnat(*destination)
    words.expect("map")
    right = _map(words, left, _ends)
    words.expect_end()
    return MappedDnat(left, right, family)


def _destination(text: str) -> tuple[IPAddress, int | None]:
    host, bracket, port = text.removeprefix("[").partition("]")
    if bracket:
        return address(host), int(port.removeprefix(":"))
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return address(host), int(port)
    return address(text), None


def _counter(words: _Words) -> Statement:
    if not words.took("packets"):
        return Counter()
    packets = int(words.take())
    words.expect("bytes")
    return Counter(packets, int(words.take()))


def _update(operation: str) -> Callable[[_Words], Statement]:
    def read(words: _Words) -> Statement:
        name = words.take()
        words.expect("{")
        key = _selectors(words)
        words.expect("}")
        if not name.startswith("@") or key is None:
            raise ValueError("expected @SET { KEY }")
        return Update(name[1:], key, operation)

    return read


_STATEMENTS: dict[str, Callable[[_Words], Statement]] = {
    "reject": _reject,
    "masquerade": _masquerade,
    "snat": _snat,
    "dnat": _dnat,
    "counter": _counter,
    "update": _update("update"),
    "add": _update("add"),
}

# ---------------------------------------------------------------- statements that look

_SELECTORS = {tuple(selector.split()): selector for selector in Selector}
_OPERATORS = ("|", "^", "&")


def _look(words: _Words) -> Statement:
    if words.took("meta", "mark", "set"):
        return _set_mark(words)
    if words.took("meta", "mark", "&"):
        return _masked(words)
    left = _left(words)
    if left is None:
        raise ValueError("expected a statement")
    if words.took("vmap"):
        return VerdictMap(left, _map(words, left, _verdict))
    if isinstance(left, Numgen):
        raise ValueError("expected vmap")
    negated = words.took("!=")
    masked = "/" in words.peek() and not words.peek().startswith("@")
    if left == (Selector.MARK,) and masked:
        return _prefix(words.take(), negated)
    return Match(left, _right(words, left), negated)


def _left(words: _Words) -> Selectors | Numgen | None:
    return _numgen(words) if words.took("numgen") else _selectors(words)


def _selectors(words: _Words) -> Selectors | None:
    """One selector or a concatenation; None if no known selector stands here."""
    found: list[Selector] = []
    while True:
        selector = _selector(words)
        if selector is None and not found:
            return None
        if selector is None:
            raise ValueError("expected another selector")
        found.append(selector)
        if not words.took("."):
            return tuple(found)


def _selector(words: _Words) -> Selector | None:
    for length in (3, 2, 1):
        shape = tuple(words.peek(ahead) for ahead in range(length))
        if shape in _SELECTORS:
            words.at += length
            return _SELECTORS[shape]
    return None


def _numgen(words: _Words) -> Numgen:
    mode = words.take()
    words.expect("mod")
    modulus = int(words.take())
    offset = int(words.take()) if words.took("offset") else 0
    if mode not in ("random", "inc") or modulus < 1:
        raise ValueError("expected numgen random or inc, and a modulus")
    return Numgen(modulus, mode, offset)


def _set_mark(words: _Words) -> Statement:
    operator = ""
    if words.took("meta", "mark"):
        operator = words.take()
        if operator not in _OPERATORS:
            raise ValueError("expected an operator")
    value = int(words.take(), 0)
    if words.peek() in _OPERATORS:
        raise ValueError("expected one operator")
    return SetMark(value, operator)


def _masked(words: _Words) -> Statement:
    mask = int(words.take(), 0)
    negated = words.took("!=")
    if not negated:
        words.expect("==")
    return MarkMatch(int(words.take(), 0), mask, negated)


def _prefix(text: str, negated: bool) -> Statement:
    value, _, length = text.partition("/")
    mask = (0xFFFFFFFF << (32 - int(length))) & 0xFFFFFFFF
    return MarkMatch(int(value, 0), mask, negated)


def _right(words: _Words, left: Selectors) -> Key | Named | AnonymousSet:
    if words.peek().startswith("@"):
        return Named(words.take()[1:])
    types = datatypes(left)
    if words.took("{"):
        keys = [_key(words, types)]
        while words.took(","):
            keys.append(_key(words, types))
        words.expect("}")
        return AnonymousSet(tuple(keys))
    return _key(words, types, flags=True)


def _key(words: _Words, types: tuple[str, ...], flags: bool = False) -> Key:
    atoms: list[Atom] = []
    for datatype in types:
        if atoms:
            words.expect(".")
        text = words.take()
        while flags and words.took(","):
            text = f"{text},{words.take()}"
        atoms.append(parse_atom(text, datatype))
    return tuple(atoms)


def _map(
    words: _Words, left: Selectors | Numgen, value: Callable[[_Words], Verdict | Key]
) -> Named | AnonymousMap:
    if words.peek().startswith("@"):
        return Named(words.take()[1:])
    words.expect("{")
    entries: list[tuple[Key, Verdict | Key]] = []
    while True:
        key = _key(words, datatypes(left))
        words.expect(":")
        entries.append((key, value(words)))
        if not words.took(","):
            words.expect("}")
            return AnonymousMap(tuple(entries))


def _ends(words: _Words) -> Key:
    """A new end of a connection: `10.244.1.5 . 8080`, or the address alone."""
    ip = address(words.take())
    return (ip, int(words.take())) if words.took(".") else (ip,)
