"""nftables tables as values: sets, maps and chains, as `nft list table` shows them.

A rule is a row of statements. Those that look at the packet stop the rule where they do not
hold; the others act on the packet, or say where it goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network

from tui.sim.model.address import IPAddress, IPNetwork
from tui.sim.model.packet import Protocol
from tui.sim.model.value import value
from tui.sim.netfilter.hooks import Hook

# ---------------------------------------------------------------- what rules look at


class Selector(StrEnum):
    """A part of the packet, or of what the kernel knows of it, as nft spells it."""

    IP_SADDR = "ip saddr"
    IP_DADDR = "ip daddr"
    IP6_SADDR = "ip6 saddr"
    IP6_DADDR = "ip6 daddr"
    L4PROTO = "meta l4proto"
    TH_SPORT = "th sport"
    TH_DPORT = "th dport"
    TCP_SPORT = "tcp sport"
    TCP_DPORT = "tcp dport"
    UDP_SPORT = "udp sport"
    UDP_DPORT = "udp dport"
    SCTP_SPORT = "sctp sport"
    SCTP_DPORT = "sctp dport"
    MARK = "meta mark"
    IIFNAME = "iifname"
    OIFNAME = "oifname"
    CT_STATE = "ct state"
    CT_STATUS = "ct status"
    FIB_SADDR = "fib saddr type"
    FIB_DADDR = "fib daddr type"

    @property
    def datatype(self) -> str:
        """The type of its values, as a set declares it: `ipv4_addr`."""
        return _DATATYPES[self]


_DATATYPES = {
    Selector.IP_SADDR: "ipv4_addr",
    Selector.IP_DADDR: "ipv4_addr",
    Selector.IP6_SADDR: "ipv6_addr",
    Selector.IP6_DADDR: "ipv6_addr",
    Selector.L4PROTO: "inet_proto",
    Selector.MARK: "mark",
    Selector.IIFNAME: "ifname",
    Selector.OIFNAME: "ifname",
    Selector.CT_STATE: "ct_state",
    Selector.CT_STATUS: "ct_status",
    Selector.FIB_SADDR: "fib_addrtype",
    Selector.FIB_DADDR: "fib_addrtype",
    **{s: "inet_service" for s in Selector if s.endswith("port")},
}

Selectors = tuple[Selector, ...]
"""One selector, or a concatenation: `ip daddr . meta l4proto . th dport`."""


@value
class Numgen:
    """`numgen random mod 3`: a number that has nothing to do with the packet."""

    modulus: int
    mode: str = "random"
    """`random`, or `inc`: one after the other."""
    offset: int = 0


@value
class Range:
    """`10.0.0.1-10.0.0.7`: both ends belong to it."""

    low: IPAddress | int
    high: IPAddress | int


@value
class Flags:
    """`established,related`: any of them will do."""

    names: tuple[str, ...]


Atom = IPAddress | IPNetwork | Range | Flags | Protocol | int | str
Key = tuple[Atom, ...]
"""One value for each selector: `10.96.0.10 . udp . 53`."""

# ---------------------------------------------------------------- where a packet goes


@value
class Jump:
    """`jump CHAIN`: go there, come back if nothing decides."""

    chain: str


@value
class Goto:
    """`goto CHAIN`: go there, and from there to this chain's caller."""

    chain: str


@value
class Accept:
    """`accept`: this base chain is done, others still have their say."""


@value
class Drop:
    """`drop`: silence."""


@value
class Return:
    """`return`: back to the caller, or to the base chain's policy."""


@value
class Continue:
    """`continue`: the next rule."""


Verdict = Jump | Goto | Accept | Drop | Return | Continue

# ---------------------------------------------------------------- sets and maps


@value
class Named:
    """`@cluster-ips`: a set or a map of the table, by its name."""

    name: str


@value
class AnonymousSet:
    """`{ 80, 443 }`: a set that belongs to one rule."""

    keys: tuple[Key, ...]


@value
class AnonymousMap:
    """`{ 0 : goto a, 1 : goto b }`: a map that belongs to one rule."""

    entries: tuple[tuple[Key, Verdict | Key], ...]


@value
class Element:
    """What a named set or map says of one key."""

    value: Verdict | Key | None = None
    """Where a map leads; None in a set."""
    comment: str = ""
    """Its comment, in which kube-proxy names the Service port."""
    timeout: int = 0
    """Milliseconds that it stays, where that is not the set's own timeout."""
    expires: int = 0
    """Milliseconds that were left when it was listed."""


IN_SET = Element()
"""A key of a set, with nothing more to say."""


@dataclass(frozen=True)
class Set:
    """A named set, or a map if it has types of values."""

    name: str
    types: tuple[str, ...]
    """Types of a key, `("ipv4_addr", "inet_proto", "inet_service")`."""
    values: tuple[str, ...] | None = None
    """Types of a value, `("verdict",)`; None for a set."""
    elements: Mapping[Key, Element] = field(default_factory=dict)
    comment: str = ""
    size: int = 0
    """Most elements; 0 where none is given."""
    flags: tuple[str, ...] = ()
    """`dynamic`, `interval`, `timeout`, in this order."""
    timeout: int = 0
    """Milliseconds that an element stays; 0 for good."""
    unknown: tuple[str, ...] = ()
    """Properties that the simulator does not know, word for word."""

    @cached_property
    def spans(self) -> tuple[Key, ...]:
        """Keys that stand for more than one value."""
        return tuple(key for key in self.elements if any(type(atom) in _SPANS for atom in key))


_SPANS = frozenset({Range, IPv4Network, IPv6Network})

# ---------------------------------------------------------------- statements that look


@value
class Match:
    """`ip saddr != 10.244.0.0/16`, `ip daddr @cluster-ips`: holds, or ends the rule."""

    left: Selectors
    right: Key | Named | AnonymousSet
    negated: bool = False


@value
class MarkMatch:
    """`meta mark & mask == value`."""

    value: int
    mask: int
    negated: bool = False


@value
class VerdictMap:
    """`... vmap @service-ips`: the verdict of the element that is found, or the next rule."""

    left: Selectors | Numgen
    right: Named | AnonymousMap


# ---------------------------------------------------------------- statements that act


@value
class SetMark:
    """`meta mark set meta mark | 0x00004000`; without an operator the mark is the value."""

    value: int
    operator: str = ""
    """`|`, `^`, `&` or nothing."""


@value
class Dnat:
    """`dnat to 10.244.1.5:8080`: a new destination, for the whole connection."""

    address: IPAddress
    port: int | None = None


@value
class MappedDnat:
    """`dnat ip to numgen random mod 2 map { 0 : 10.244.1.5 . 8080, ... }`."""

    left: Selectors | Numgen
    right: Named | AnonymousMap
    family: str = ""
    """`ip` or `ip6`, which nft writes where the map has ports too."""


@value
class Masquerade:
    """`masquerade fully-random`: a new source, the address of the device it leaves by."""

    fully_random: bool = False


@value
class Snat:
    """`snat to 192.0.2.1`: a new source."""

    address: IPAddress
    fully_random: bool = False


@value
class Reject:
    """`reject`: dropped, and the sender is told."""

    message: str = ""
    """What stands after `with`, `tcp reset`; nothing for a port that cannot be reached."""


@value
class Update:
    """`update @affinity-X { ip saddr }`: put a key into a set, or let its time begin again."""

    set: str
    key: Selectors
    operation: str = "update"
    """`update`, or `add`, which lets the time of a key that is there run on."""


@value
class Counter:
    """`counter packets 0 bytes 0`: counts, and changes nothing."""

    packets: int = 0
    bytes: int = 0


@value
class UnknownStatement:
    """The rest of a rule that the simulator does not know, kept word for word."""

    text: str


Statement = (
    Match
    | MarkMatch
    | VerdictMap
    | SetMark
    | Dnat
    | MappedDnat
    | Masquerade
    | Snat
    | Reject
    | Update
    | Counter
    | Verdict
    | UnknownStatement
)

# ---------------------------------------------------------------- rules, chains, tables


@value
class Rule:
    """One rule: its statements, from the left, and what it says of itself."""

    statements: tuple[Statement, ...]
    comment: str = ""


@value
class Base:
    """What makes a chain a base chain: the kernel calls it at a hook."""

    type: str
    """`filter`, `nat` or `route`."""
    hook: Hook
    priority: int
    """Lower runs earlier; a chain of type nat has its place among nat chains only."""
    policy: str = "accept"
    """`accept` or `drop`."""


@dataclass(frozen=True)
class Chain:
    """A list of rules."""

    name: str
    rules: tuple[Rule, ...] = ()
    base: Base | None = None
    """None for a chain one jumps to."""
    comment: str = ""


@dataclass(frozen=True)
class Table:
    """A named collection of sets, maps and chains; nothing in it sees another table."""

    family: str
    """`ip`, `ip6` or `inet`."""
    name: str
    sets: Mapping[str, Set] = field(default_factory=dict)
    """Sets and maps by name, in the order in which they were made."""
    chains: Mapping[str, Chain] = field(default_factory=dict)
    """By name, in the order in which they were made."""
    comment: str = ""

    @property
    def title(self) -> str:
        """`ip kube-proxy`: names are unique within a family only."""
        return f"{self.family} {self.name}"

    @cached_property
    def size(self) -> int:
        """Number of rules."""
        return sum(len(chain.rules) for chain in self.chains.values())
