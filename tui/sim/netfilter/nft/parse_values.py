"""Reads the values of nftables rules and elements: addresses, ports, marks, names, verdicts."""

from __future__ import annotations

import re
from collections.abc import Callable

from tui.sim.model.address import address, network
from tui.sim.model.packet import protocol_named
from tui.sim.netfilter.nft.rules import (
    Accept,
    Atom,
    Continue,
    Drop,
    Flags,
    Goto,
    Jump,
    Range,
    Return,
    Verdict,
)

_WORD = re.compile(r"[a-z][a-z0-9-]*")


def parse_atom(text: str, datatype: str) -> Atom:
    """A value of a type. Raises ValueError."""
    return _ATOMS.get(datatype, _plain)(text)


def _plain(text: str) -> str:
    return text


def _address(text: str) -> Atom:
    if "/" in text:
        return network(text)
    low, dash, high = text.partition("-")
    return Range(address(low), address(high)) if dash else address(text)


def _protocol(text: str) -> Atom:
    try:
        return protocol_named(text)
    except ValueError:
        return _name(text)


def _service(text: str) -> Atom:
    low, dash, high = text.partition("-")
    return Range(int(low), int(high)) if dash else int(text)


def _mark(text: str) -> Atom:
    return int(text, 0)


def _string(text: str) -> Atom:
    if not text.startswith('"'):
        raise ValueError("expected a name in quotes")
    return text[1:-1]


def _flags(text: str) -> Atom:
    return Flags(tuple(_name(name) for name in text.split(",")))


def _name(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise ValueError("expected a name")
    return text


_ATOMS: dict[str, Callable[[str], Atom]] = {
    "ipv4_addr": _address,
    "ipv6_addr": _address,
    "inet_proto": _protocol,
    "inet_service": _service,
    "mark": _mark,
    "ifname": _string,
    "ct_state": _flags,
    "ct_status": _flags,
    "fib_addrtype": _name,
    "integer": int,
}


def parse_verdict(words: list[str]) -> Verdict:
    """A verdict from its words. Raises ValueError."""
    match words:
        case ["jump", chain]:
            return Jump(chain)
        case ["goto", chain]:
            return Goto(chain)
        case [word] if word in PLAIN_VERDICTS:
            return PLAIN_VERDICTS[word]
    raise ValueError("expected a verdict, such as drop or goto CHAIN")


PLAIN_VERDICTS: dict[str, Verdict] = {
    "accept": Accept(),
    "drop": Drop(),
    "return": Return(),
    "continue": Continue(),
}
"""Verdicts of one word."""
