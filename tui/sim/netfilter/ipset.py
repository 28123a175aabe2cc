"""ipsets: named sets of addresses and ports that one rule can ask about in one look.

A set holds elements of one shape, `10.96.0.11,tcp:80` in a `hash:ip,port`. A rule asks with a
direction for each part: `dst,dst` takes the packet's destination address and destination port.
The kernel hashes, so the size of a set costs nothing; only ranges (`net`) cost a look for each
prefix length that the set holds (net/netfilter/ipset/ip_set_hash_gen.h, mtype_test_cidrs).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from tui.sim.model.address import Family, IPAddress, IPNetwork, network
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.value import value

BITMAP_PORT = "bitmap:port"
"""One bit per port number, whatever the protocol; 65,536 of them at most."""

HASH_OPTIONS = ("hashsize", "1024", "maxelem", "65536", "bucketsize", "12")
"""Options of a hash as ipset v7 makes it, where nobody asks for others."""


@value
class SetPort:
    """The port of an element, with its protocol where the set's type tells them apart."""

    number: int
    """Port number."""
    protocol: Protocol | None = None
    """Protocol; None in a `bitmap:port`."""


Part = IPAddress | IPNetwork | SetPort
"""One part of an element: `ip`, `net` or `port`."""


@value
class Element:
    """One element of a set."""

    parts: tuple[Part, ...]
    """A value for each part of the set's type."""
    comment: str = ""
    """Text beside the element, in a set made with `comment`."""
    extra: tuple[str, ...] = ()
    """Further words as printed: `nomatch`, `timeout 30`, ..."""


@value
class Lookup:
    """What a set says of a packet."""

    element: Element | None
    """The element that the packet is; None if it is in none."""
    looks: int
    """Hash lookups (or, in a bitmap, bits) that the answer took."""


Key = tuple[IPAddress | IPNetwork | tuple[Protocol | None, int], ...]
"""What the kernel hashes: the parts, a port as protocol and number."""


@dataclass(frozen=True)
class IpSet:
    """A set with all that it holds."""

    name: str
    """Name, 31 characters at most."""
    type: str
    """`hash:ip,port`, `hash:ip,port,net`, `bitmap:port`, ..."""
    family: Family | None = None
    """Family of its addresses; None for a set without addresses."""
    options: tuple[str, ...] = ()
    """Words behind the family as `ipset save` prints them: `hashsize 1024`, `range 0-65535`."""
    elements: tuple[Element, ...] = ()
    """What it holds, each once."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The parts of an element: `("ip", "port")`."""
        return tuple(self.type.partition(":")[2].split(","))

    def look_up(self, packet: Packet, directions: tuple[str, ...]) -> Lookup:
        """Whether a packet is in the set, seen from these directions (`src` or `dst` each).

        Too few directions for the set's type find nothing (ip_set_test); a bitmap knows TCP
        and UDP only (ip_set_get_ip_port).
        """
        if len(directions) < len(self.dimensions) or not self._can_hold(packet):
            return Lookup(None, 0)
        looks = 0
        for key in self._keys(packet, directions):
            looks += 1
            found = self._index.get(key)
            if found is not None:
                return Lookup(None if "nomatch" in found.extra else found, looks)
        return Lookup(None, looks)

    def _can_hold(self, packet: Packet) -> bool:
        if self.family is not None and packet.family is not self.family:
            return False
        if "port" not in self.dimensions:
            return True
        bitmap = self.type == BITMAP_PORT
        return packet.protocol in ((Protocol.TCP, Protocol.UDP) if bitmap else _WITH_PORTS)

    def _keys(self, packet: Packet, directions: tuple[str, ...]) -> Iterator[Key]:
        """What the kernel looks for, one key per combination of prefix lengths."""
        choices = [
            self._choices(position, kind, directions[position] == "src", packet)
            for position, kind in enumerate(self.dimensions)
        ]
        return product(*choices)

    def _choices(self, position: int, kind: str, source: bool, packet: Packet) -> Key:
        """The values that one part may have, the most specific first."""
        if kind == "port":
            port = packet.sport if source else packet.dport
            return ((None if self.type == BITMAP_PORT else packet.protocol, port),)
        ip = packet.source if source else packet.destination
        if kind == "ip":
            return (ip,)
        return tuple(network(f"{ip}/{length}") for length in self._lengths[position])

    @cached_property
    def _lengths(self) -> Mapping[int, tuple[int, ...]]:
        """The prefix lengths at each part that is a range, longest first."""
        found: dict[int, set[int]] = {}
        for position, kind in enumerate(self.dimensions):
            if kind == "net":
                nets = (element.parts[position] for element in self.elements)
                found[position] = {net.prefixlen for net in nets if isinstance(net, IPNetwork)}
        return {at: tuple(sorted(lengths, reverse=True)) for at, lengths in found.items()}

    @cached_property
    def _index(self) -> Mapping[Key, Element]:
        return {tuple(map(_key, element.parts)): element for element in self.elements}


_WITH_PORTS = (Protocol.TCP, Protocol.UDP, Protocol.SCTP)


def _key(part: Part) -> IPAddress | IPNetwork | tuple[Protocol | None, int]:
    return (part.protocol, part.number) if isinstance(part, SetPort) else part
