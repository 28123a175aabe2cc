"""Reads what `iptables-save` prints back into values.

What is not understood is kept word for word as an unknown match or target; the evaluator
stops there and says so, it never guesses.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from tui.sim.model.address import Family, IPAddress, IPNetwork
from tui.sim.model.packet import protocol_named
from tui.sim.netfilter.parse_matches import mark_value, read_match
from tui.sim.netfilter.rules import (
    Accept,
    Chain,
    Dnat,
    Drop,
    Goto,
    Jump,
    Masquerade,
    Match,
    NoTrack,
    Reject,
    RestoreMark,
    Return,
    Rule,
    Ruleset,
    SaveMark,
    SetConnMark,
    SetMark,
    Snat,
    Table,
    Target,
    UnknownTarget,
)

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_ESCAPED = re.compile(r"\\(.)")


class RulesetSyntaxError(ValueError):
    """A line that is no part of an iptables-save dump, with its number."""


@dataclass(slots=True)
class _Words:
    """The tokens of a rule, consumed from the left."""

    rest: deque[str]
    quoted: dict[int, str] = field(default_factory=dict)

    def take(self) -> str:
        if not self.rest:
            raise ValueError("the rule ends where a value was expected")
        return self.rest.popleft()

    def peek(self) -> str:
        return self.rest[0] if self.rest else ""

    def negation(self) -> bool:
        """Whether a `!` stands here; it is consumed."""
        if self.peek() == "!":
            self.rest.popleft()
            return True
        return False


def parse_ruleset(text: str, family: Family) -> Ruleset:
    """The ruleset that a dump describes. Raises RulesetSyntaxError with the line's number."""
    tables: dict[str, dict[str, tuple[str | None, list[Rule]]]] = {}
    current: dict[str, tuple[str | None, list[Rule]]] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            if line.startswith("*"):
                current = tables.setdefault(line[1:], {})
            elif line == "COMMIT":
                current = None
            elif current is None:
                raise ValueError("expected a table, such as *nat")
            else:
                _read_line(line, current)
        except ValueError as error:
            raise RulesetSyntaxError(f"line {number}: {error}: {line[:120]}") from None
    return Ruleset(family, {name: _table(name, chains) for name, chains in tables.items()})


def _table(name: str, chains: dict[str, tuple[str | None, list[Rule]]]) -> Table:
    made = {c: Chain(c, tuple(rules), policy) for c, (policy, rules) in chains.items()}
    return Table(name, made)


def _read_line(line: str, chains: dict[str, tuple[str | None, list[Rule]]]) -> None:
    if line.startswith(":"):
        words = line[1:].split()
        if len(words) < 2:
            raise ValueError("expected :CHAIN POLICY [PACKETS:BYTES]")
        name, policy = words[:2]
        chains[name] = (None if policy == "-" else policy, [])
        return
    if not line.startswith("-A "):
        raise ValueError("expected :CHAIN, -A CHAIN or COMMIT")
    _, chain, *body = line.split(" ", 2)
    if chain not in chains:
        raise ValueError(f"chain {chain} is not declared")
    chains[chain][1].append(parse_rule(body[0] if body else ""))


def parse_rule(text: str) -> Rule:
    """One rule without its `-A CHAIN`. Raises ValueError."""
    words = _Words(deque(_tokens(text)))
    header: dict[str, object] = {}
    matches: list[Match] = []
    target: Target | None = None
    while words.rest:
        negated = words.negation()
        option = words.take()
        if option in _HEADER:
            name, convert = _HEADER[option]
            header[name] = convert(words.take())
            if negated:
                header[f"not_{name}"] = True
        elif option == "-m":
            matches.append(_match(words))
        elif option == "-j":
            target = _target(words)
        elif option == "-g":
            target = Goto(words.take())
        else:
            raise ValueError(f"unknown option {option}")
    return Rule(target=target, matches=tuple(matches), **header)  # type: ignore[arg-type]


def _tokens(text: str) -> list[str]:
    if '"' not in text:
        return text.split()
    return [_ESCAPED.sub(r"\1", m[1]) if m[2] is None else m[2] for m in _TOKEN.finditer(text)]


_HEADER: dict[str, tuple[str, Callable[[str], object]]] = {
    "-s": ("source", lambda text: ip_network(text, strict=False)),
    "-d": ("destination", lambda text: ip_network(text, strict=False)),
    "-i": ("in_interface", str),
    "-o": ("out_interface", str),
    "-p": ("protocol", protocol_named),
}

# ---------------------------------------------------------------- matches


def _match(words: _Words) -> Match:
    name = words.take()
    return read_match(name, _options(words))


_FREE_TEXT = frozenset({"--comment"})
"""Options whose value may itself look like an option."""


def _options(words: _Words) -> list[tuple[str, bool, list[str]]]:
    """The options of one match: (option, negated, values) up to the next -m, -j or -g."""
    options: list[tuple[str, bool, list[str]]] = []
    while words.rest and words.peek() not in ("-m", "-j", "-g"):
        negated = words.negation()
        option = words.take()
        values = [words.take()] if option in _FREE_TEXT else []
        while words.rest and not words.peek().startswith("-") and words.peek() != "!":
            values.append(words.take())
        options.append((option, negated, values))
    return options


# ---------------------------------------------------------------- targets

_PLAIN: dict[str, Target] = {"ACCEPT": Accept(), "DROP": Drop(), "RETURN": Return()}


def _target(words: _Words) -> Target:
    name = words.take()
    rest = list(words.rest)
    words.rest.clear()
    if name in _PLAIN and not rest:
        return _PLAIN[name]
    known = _target_with_options(name, rest)
    if known is not None:
        return known
    if rest or (name.isupper() and name in _FOREIGN):
        return UnknownTarget(" ".join(["-j", name, *rest]))
    return Jump(name)


_FOREIGN = frozenset(
    {"LOG", "NFLOG", "TRACE", "NOTRACK", "CT", "TCPMSS", "CONNMARK", "NFQUEUE", "REDIRECT",
     "NETMAP", "QUEUE", "AUDIT", "CLASSIFY", "DSCP", "ECN", "SET", "TEE", "TOS", "TPROXY", "TTL"}
)  # fmt: skip


def _target_with_options(name: str, rest: list[str]) -> Target | None:
    match name, rest:
        case "REJECT", []:
            return Reject("icmp-port-unreachable")
        case "REJECT", ["--reject-with", message]:
            return Reject(message)
        case ("CT", ["--notrack"]) | ("NOTRACK", []):
            return NoTrack()
        case "CONNMARK", ["--set-xmark", text]:
            return SetConnMark(*mark_value(text))
        case "CONNMARK", ["--restore-mark", "--nfmask", nf, "--ctmask", ct]:
            return RestoreMark(int(nf, 0), int(ct, 0))
        case "CONNMARK", ["--save-mark", "--nfmask", nf, "--ctmask", ct]:
            return SaveMark(int(nf, 0), int(ct, 0))
        case "MARK", ["--set-xmark", text]:
            return SetMark(*mark_value(text))
        case "DNAT", ["--to-destination", text]:
            return Dnat(*_destination(text))
        case "MASQUERADE", []:
            return Masquerade()
        case "MASQUERADE", ["--random-fully"]:
            return Masquerade(random_fully=True)
        case "SNAT", ["--to-source", text]:
            return _snat(text, fully=False)
        case "SNAT", ["--to-source", text, "--random-fully"]:
            return _snat(text, fully=True)
    return None


def _snat(text: str, fully: bool) -> Snat | None:
    try:
        return Snat(ip_address(text), fully)
    except ValueError:
        return None


def _destination(text: str) -> tuple[IPAddress, int | None]:
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        return ip_address(host), int(port[1:]) if port else None
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return ip_address(host), int(port)
    return ip_address(text), None


__all__ = ["IPNetwork", "RulesetSyntaxError", "parse_rule", "parse_ruleset"]
