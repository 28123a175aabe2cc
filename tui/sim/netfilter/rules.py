"""iptables rules as values: what a rule looks at, and what it does.

A ruleset is what `iptables-save` shows: tables of chains of rules. The renderer makes these
values, the printer prints them, the parser reads them back, and the evaluator walks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tui.sim.model.address import Family, IPAddress, IPNetwork
from tui.sim.model.connection import ConnState
from tui.sim.model.packet import Protocol
from tui.sim.model.value import value

# ---------------------------------------------------------------- matches


@value
class Comment:
    """`-m comment`: matches always; says why the rule is there."""

    text: str


@value
class Ports:
    """`-m tcp --dport 80`: ports of a TCP, UDP or SCTP header, as inclusive ranges."""

    protocol: Protocol
    dport: tuple[int, int] | None = None
    sport: tuple[int, int] | None = None
    not_dport: bool = False
    not_sport: bool = False


@value
class ConntrackMatch:
    """`-m conntrack --ctstate`; `DNAT` and `SNAT` are states here too."""

    states: tuple[str, ...]
    negated: bool = False


@value
class MarkMatch:
    """`-m mark --mark value/mask`."""

    value: int
    mask: int = 0xFFFFFFFF
    negated: bool = False


@value
class Statistic:
    """`-m statistic --mode random`: chance, in the kernel's 31-bit steps."""

    nth: int
    """Probability times 2**31, as the kernel keeps it."""

    @property
    def probability(self) -> float:
        """Probability of a match."""
        return self.nth / 2**31


@value
class Recent:
    """`-m recent`: a list of source addresses with the times they were seen."""

    name: str
    mode: str
    """`set` or `rcheck`."""
    seconds: int = 0
    reap: bool = False


@value
class AddrType:
    """`-m addrtype`: whether an address is one of this host's own."""

    source: str | None = None
    """`LOCAL`, `UNICAST`, ..."""
    destination: str | None = None
    not_source: bool = False
    not_destination: bool = False
    limit_in: bool = False
    """--limit-iface-in: an address of the device by which the packet came in."""
    limit_out: bool = False
    """--limit-iface-out: an address of the device by which it leaves."""


@value
class Multiport:
    """`-m multiport --dports 80,443:445`: one of several ports of a protocol that has any."""

    side: str
    """`sports`, `dports`, or `ports` for either."""
    ranges: tuple[tuple[int, int], ...]
    """Inclusive ranges."""
    negated: bool = False


@value
class RpFilter:
    """`-m rpfilter`: whether an answer would leave by the device that the packet came in by."""

    loose: bool = False
    """Any device will do."""
    validmark: bool = False
    """Ask the routes with the packet's mark."""
    accept_local: bool = False
    """A source that is the host's own will do."""
    invert: bool = False
    """Match where the answer would not."""


@value
class NfAcct:
    """`-m nfacct`: counts; matches always."""

    name: str


@value
class SetMatch:
    """`-m set --match-set NAME dst,dst`: whether the packet is an element of an ipset."""

    name: str
    directions: tuple[str, ...]
    """`src` or `dst` for each part of an element."""
    negated: bool = False


@value
class PhysdevIsIn:
    """`-m physdev --physdev-is-in`: whether the frame came in by a port of a bridge."""

    negated: bool = False


@value
class IpvsMatch:
    """`-m ipvs --vproto 6 --vaddr IP --vport 80`: whether IPVS took the packet, and for whom."""

    protocol: Protocol | None = None
    address: IPNetwork | None = None
    """Where the virtual server's address must lie."""
    port: int | None = None
    not_protocol: bool = False
    not_address: bool = False
    not_port: bool = False


@value
class UnknownMatch:
    """A match that the simulator does not know, kept word for word."""

    text: str


Match = (
    Comment
    | Ports
    | ConntrackMatch
    | MarkMatch
    | Statistic
    | Recent
    | AddrType
    | Multiport
    | NfAcct
    | RpFilter
    | SetMatch
    | PhysdevIsIn
    | IpvsMatch
    | UnknownMatch
)

# ---------------------------------------------------------------- targets


@value
class Jump:
    """`-j CHAIN`: go there, come back if nothing decides."""

    chain: str


@value
class Goto:
    """`-g CHAIN`: go there, and from there to this chain's caller."""

    chain: str


@value
class Accept:
    """`-j ACCEPT`: this table is done."""


@value
class Drop:
    """`-j DROP`: silence."""


@value
class Return:
    """`-j RETURN`: back to the caller, or to the chain's policy."""


@value
class Reject:
    """`-j REJECT`: dropped, and the sender is told."""

    message: str
    """`icmp-port-unreachable`, `icmp6-port-unreachable`, `tcp-reset`."""


@value
class SetMark:
    """`-j MARK --set-xmark value/mask`: mark = (mark & ~mask) ^ value."""

    value: int
    mask: int = 0xFFFFFFFF


@value
class SetConnMark:
    """`-j CONNMARK --set-xmark value/mask`: the connection's mark, as SetMark the packet's."""

    value: int
    mask: int = 0xFFFFFFFF


@value
class RestoreMark:
    """`-j CONNMARK --restore-mark`: the packet gets bits of its connection's mark."""

    nfmask: int = 0xFFFFFFFF
    """Bits of the packet's mark that are cleared."""
    ctmask: int = 0xFFFFFFFF
    """Bits of the connection's mark that are copied."""


@value
class SaveMark:
    """`-j CONNMARK --save-mark`: the connection gets bits of the packet's mark."""

    nfmask: int = 0xFFFFFFFF
    """Bits of the packet's mark that are copied."""
    ctmask: int = 0xFFFFFFFF
    """Bits of the connection's mark that are cleared."""


@value
class NoTrack:
    """`-j CT --notrack`: conntrack shall not see the packet, so nat does not, either."""


@value
class Dnat:
    """`-j DNAT --to-destination`: a new destination, for the whole connection."""

    address: IPAddress
    port: int | None = None


@value
class Masquerade:
    """`-j MASQUERADE`: a new source, the address of the device it leaves by."""

    random_fully: bool = False


@value
class Snat:
    """`-j SNAT --to-source`: a new source."""

    address: IPAddress
    random_fully: bool = False


@value
class UnknownTarget:
    """A target that the simulator does not know, kept word for word."""

    text: str


Target = (
    Jump
    | Goto
    | Accept
    | Drop
    | Return
    | Reject
    | SetMark
    | SetConnMark
    | RestoreMark
    | SaveMark
    | NoTrack
    | Dnat
    | Masquerade
    | Snat
    | UnknownTarget
)

# ---------------------------------------------------------------- rules


@value
class Rule:
    """One rule: all matches must hold, then the target acts. No target only counts."""

    target: Target | None = None
    source: IPNetwork | None = None
    destination: IPNetwork | None = None
    protocol: Protocol | None = None
    in_interface: str | None = None
    """A name; a trailing `+` matches any rest."""
    out_interface: str | None = None
    matches: tuple[Match, ...] = ()
    not_source: bool = False
    not_destination: bool = False
    not_protocol: bool = False
    not_in_interface: bool = False
    not_out_interface: bool = False

    @property
    def comment(self) -> str:
        """The text of the rule's comment, or nothing; of several the last."""
        return next((m.text for m in reversed(self.matches) if isinstance(m, Comment)), "")


@value
class Chain:
    """A list of rules. A base chain hangs on a hook and has a policy."""

    name: str
    rules: tuple[Rule, ...] = ()
    policy: str | None = None
    """`ACCEPT` or `DROP` for a base chain; None for a chain one jumps to."""


@value
class Table:
    """A named set of chains."""

    name: str
    chains: Mapping[str, Chain] = field(default_factory=dict)
    """By name, in the order in which they are printed."""


@dataclass(frozen=True)
class Ruleset:
    """All tables of one family on one host."""

    family: Family
    tables: Mapping[str, Table] = field(default_factory=dict)
    """By name, in the order in which they are printed."""

    def chain(self, table: str, name: str) -> Chain | None:
        """A chain, if the table has it."""
        found = self.tables.get(table)
        return found.chains.get(name) if found else None

    @cached_property
    def size(self) -> int:
        """Number of rules in all tables."""
        return sum(len(c.rules) for t in self.tables.values() for c in t.chains.values())


PROTOCOL_NUMBERS = {
    Protocol.ICMP: 1,
    Protocol.IPIP: 4,
    Protocol.TCP: 6,
    Protocol.UDP: 17,
    Protocol.SCTP: 132,
}
"""Protocols by the number that an IP header bears."""

CT_STATES = tuple(state.value for state in ConnState)
"""States that a packet can be in; `DNAT` and `SNAT` are seen on its connection."""
