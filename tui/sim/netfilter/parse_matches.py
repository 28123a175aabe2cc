"""Reads one match of an iptables rule from its options.

What is not understood is kept word for word as an unknown match.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.sim.model.address import network
from tui.sim.model.packet import Protocol, protocol_named
from tui.sim.netfilter.rules import (
    PROTOCOL_NUMBERS,
    AddrType,
    Comment,
    ConntrackMatch,
    IpvsMatch,
    MarkMatch,
    Match,
    Multiport,
    NfAcct,
    PhysdevIsIn,
    Ports,
    Recent,
    RpFilter,
    SetMatch,
    Statistic,
    UnknownMatch,
)

_KNOWN_MASKS = ("255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")

Options = Sequence[tuple[str, bool, list[str]]]
"""Each option with whether it is negated, and its values."""


def read_match(name: str, options: Options) -> Match:
    """The match of that name. Raises ValueError where a value cannot be read."""
    reader = _MATCHES.get(name)
    known = reader(name, options) if reader else None
    return known if known is not None else UnknownMatch(_words_of(name, options))


def _words_of(name: str, options: Options) -> str:
    words = ["-m", name]
    for option, negated, values in options:
        words += ["!", option] if negated else [option]
        words += values
    return " ".join(words)


def mark_value(text: str) -> tuple[int, int]:
    """`0x4000/0x4000`: a mark's value and mask."""
    value, _, mask = text.partition("/")
    return int(value, 0), int(mask, 0) if mask else 0xFFFFFFFF


# ---------------------------------------------------------------- one reader per match


def _comment(_: str, options: Options) -> Match | None:
    match options:
        case [("--comment", False, values)]:
            return Comment(" ".join(values))
    return None


def _ports_match(name: str, options: Options) -> Match | None:
    found: dict[str, object] = {}
    for option, negated, values in options:
        if option not in ("--dport", "--sport") or len(values) != 1:
            return None
        low, _, high = values[0].partition(":")
        found[option[2:]] = (int(low), int(high or low))
        if negated:
            found[f"not_{option[2:]}"] = True
    return Ports(protocol_named(name), **found)  # type: ignore[arg-type]


def _conntrack(_: str, options: Options) -> Match | None:
    match options:
        case [("--ctstate", negated, [states])]:
            return ConntrackMatch(tuple(states.split(",")), negated)
    return None


def _mark(_: str, options: Options) -> Match | None:
    match options:
        case [("--mark", negated, [text])]:
            return MarkMatch(*mark_value(text), negated)
    return None


def _statistic(_: str, options: Options) -> Match | None:
    match options:
        case [("--mode", False, ["random"]), ("--probability", False, [text])]:
            return Statistic(round(float(text) * 2**31))
    return None


def _recent(_: str, options: Options) -> Match | None:
    given = {option: values for option, negated, values in options if not negated}
    if len(given) != len(options) or given.get("--mask", [_KNOWN_MASKS[0]])[0] not in _KNOWN_MASKS:
        return None
    modes = [m for m in ("set", "rcheck") if f"--{m}" in given]
    if len(modes) != 1 or "--rsource" not in given or "--name" not in given:
        return None
    if given.keys() - {"--set", "--rcheck", "--seconds", "--reap", "--name", "--mask", "--rsource"}:
        return None
    seconds = int(given["--seconds"][0]) if "--seconds" in given else 0
    return Recent(given["--name"][0], modes[0], seconds, "--reap" in given)


def _addrtype(_: str, options: Options) -> Match | None:
    found: dict[str, object] = {}
    for option, negated, values in options:
        limit = {"--limit-iface-in": "limit_in", "--limit-iface-out": "limit_out"}.get(option)
        if limit is not None and not values and not negated:
            found[limit] = True
            continue
        side = {"--src-type": "source", "--dst-type": "destination"}.get(option)
        if side is None or len(values) != 1:
            return None
        found[side] = values[0]
        if negated:
            found[f"not_{side}"] = True
    return AddrType(**found)  # type: ignore[arg-type]


def _multiport(_: str, options: Options) -> Match | None:
    match options:
        case [("--sports" | "--dports" | "--ports" as side, negated, [text])]:
            return Multiport(side[2:], tuple(map(_port_range, text.split(","))), negated)
    return None


def _port_range(text: str) -> tuple[int, int]:
    low, _, high = text.partition(":")
    return int(low), int(high or low)


def _rpfilter(_: str, options: Options) -> Match | None:
    names = ("--loose", "--validmark", "--accept-local", "--invert")
    given = {option for option, negated, values in options if not negated and not values}
    if len(given) != len(options) or not given <= set(names):
        return None
    return RpFilter(*(name in given for name in names))


def _nfacct(_: str, options: Options) -> Match | None:
    match options:
        case [("--nfacct-name", False, [name])]:
            return NfAcct(name)
    return None


def _set(_: str, options: Options) -> Match | None:
    match options:
        case [("--match-set", negated, [name, flags])]:
            directions = tuple(flags.split(","))
            return SetMatch(name, directions, negated) if set(directions) <= _SIDES else None
    return None


_SIDES = frozenset({"src", "dst"})


def _physdev(_: str, options: Options) -> Match | None:
    match options:
        case [("--physdev-is-in", negated, [])]:
            return PhysdevIsIn(negated)
    return None


def _ipvs(_: str, options: Options) -> Match | None:
    found: dict[str, object] = {}
    for option, negated, values in options:
        if option not in _IPVS or len(values) != 1:
            return None
        name, convert = _IPVS[option]
        found[name] = convert(values[0])
        if negated:
            found[f"not_{name}"] = True
    return IpvsMatch(**found) if found else None  # type: ignore[arg-type]


def _protocol_numbered(text: str) -> Protocol:
    for protocol, number in PROTOCOL_NUMBERS.items():
        if text in (str(number), protocol.lower):
            return protocol
    raise ValueError(f"unknown protocol {text}")


_IPVS: dict[str, tuple[str, Callable[[str], object]]] = {
    "--vproto": ("protocol", _protocol_numbered),
    "--vaddr": ("address", network),
    "--vport": ("port", int),
}

_MATCHES: dict[str, Callable[[str, Options], Match | None]] = {
    "comment": _comment,
    "tcp": _ports_match,
    "udp": _ports_match,
    "sctp": _ports_match,
    "conntrack": _conntrack,
    "mark": _mark,
    "statistic": _statistic,
    "recent": _recent,
    "addrtype": _addrtype,
    "multiport": _multiport,
    "nfacct": _nfacct,
    "rpfilter": _rpfilter,
    "set": _set,
    "physdev": _physdev,
    "ipvs": _ipvs,
}
