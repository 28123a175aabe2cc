"""ipsets as text: printed as `ipset save` prints them, and read back.

Spelling and order follow ipset v7.17: a set's `create`, then an `add` for each element.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from ipaddress import ip_address, ip_network

from tui.sim.model.address import Family
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.value import replace
from tui.sim.netfilter.ipset import BITMAP_PORT, Element, IpSet, Part, SetPort

_TOKEN = re.compile(r'"([^"]*)"|(\S+)')
_FAMILY = {Family.IPV4: "inet", Family.IPV6: "inet6"}
_FAMILY_NAMED = {text: family for family, text in _FAMILY.items()}
_KINDS = frozenset({"ip", "net", "port"})


class SetSyntaxError(ValueError):
    """A line that is no part of an `ipset save` dump, with its number."""


def initval(name: str) -> str:
    """A seed for a set's hash. The kernel draws one; here it follows from the set's name."""
    return f"0x{sha256(name.encode()).hexdigest()[:8]}"


# ---------------------------------------------------------------- printing


def print_sets(sets: Iterable[IpSet]) -> str:
    """All sets, as `ipset save` prints them."""
    return "".join(f"{line}\n" for each in sets for line in _set_lines(each))


def _set_lines(each: IpSet) -> Iterator[str]:
    family = () if each.family is None else ("family", _FAMILY[each.family])
    yield " ".join(("create", each.name, each.type, *family, *each.options))
    for element in each.elements:
        yield f"add {each.name} {print_element(element)}"


def print_element(element: Element) -> str:
    """`10.96.0.11,tcp:80`, with its comment in quotes."""
    words = [",".join(map(_part, element.parts)), *element.extra]
    if element.comment:
        words.append(f'comment "{element.comment}"')
    return " ".join(words)


def print_packet(each: IpSet, packet: Packet, directions: tuple[str, ...]) -> str:
    """What a packet looks like to a set: `10.96.0.11,tcp:80` for `dst,dst`."""
    words = []
    for kind, direction in zip(each.dimensions, directions, strict=False):
        source = direction == "src"
        if kind == "port":
            port = packet.sport if source else packet.dport
            words.append(f"{packet.protocol.lower}:{port}")
        else:
            words.append(str(packet.source if source else packet.destination))
    return ",".join(words)


def _part(part: Part) -> str:
    if isinstance(part, SetPort):
        return str(part.number) if part.protocol is None else f"{part.protocol.lower}:{part.number}"
    return str(part).removesuffix(f"/{part.max_prefixlen}")


# ---------------------------------------------------------------- reading


def parse_sets(text: str) -> tuple[IpSet, ...]:
    """The sets that a dump describes. Raises SetSyntaxError with the line's number."""
    sets: dict[str, IpSet] = {}
    elements: dict[str, list[Element]] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            _read_line(line, sets, elements)
        except ValueError as error:
            raise SetSyntaxError(f"line {number}: {error}: {line[:120]}") from None
    return tuple(replace(each, elements=tuple(elements[name])) for name, each in sets.items())


def _read_line(line: str, sets: dict[str, IpSet], elements: dict[str, list[Element]]) -> None:
    verb, *words = (quoted or plain for quoted, plain in _TOKEN.findall(line))
    if verb == "create" and len(words) >= 2:
        made = _set(words)
        sets[made.name] = made
        elements[made.name] = []
        return
    if verb != "add" or len(words) < 2:
        raise ValueError("expected create SET TYPE ... or add SET ELEMENT ...")
    name, text, *rest = words
    if name not in sets:
        raise ValueError(f"set {name} is not declared")
    elements[name].append(_element(sets[name], text, rest))


def _set(words: list[str]) -> IpSet:
    name, kind, *rest = words
    if kind != BITMAP_PORT and not _is_hash(kind):
        raise ValueError(f"set type {kind} is not known; known are hash:ip,port and its like")
    family = None
    if rest[:1] == ["family"]:
        family = _FAMILY_NAMED.get(rest[1]) if len(rest) > 1 else None
        if family is None:
            raise ValueError("expected family inet or inet6")
        rest = rest[2:]
    return IpSet(name, kind, family, tuple(rest))


def _is_hash(kind: str) -> bool:
    method, _, parts = kind.partition(":")
    return method == "hash" and set(parts.split(",")) <= _KINDS


def _element(each: IpSet, text: str, rest: list[str]) -> Element:
    parts = text.split(",")
    if len(parts) != len(each.dimensions):
        raise ValueError(f"expected {len(each.dimensions)} parts, as {each.type} has them")
    read = tuple(_READERS[kind](part) for kind, part in zip(each.dimensions, parts, strict=True))
    extra, comment = list(rest), ""
    if "comment" in extra[:-1]:
        at = extra.index("comment")
        comment = extra[at + 1]
        del extra[at : at + 2]
    return Element(read, comment, tuple(extra))


def _port(text: str) -> SetPort:
    protocol, colon, number = text.rpartition(":")
    if not number.isdigit():
        raise ValueError(f"{number} is not a port number")
    if not colon:
        return SetPort(int(number))
    if protocol.upper() not in Protocol.__members__:
        raise ValueError(f"unknown protocol {protocol}")
    return SetPort(int(number), Protocol(protocol.upper()))


_READERS: dict[str, Callable[[str], Part]] = {"ip": ip_address, "net": ip_network, "port": _port}
