"""A packet on its way through one hook of one host, as every kind of ruleset sees it.

iptables' tables and nftables' base chains walk the same packet, ask the same host and write
into the same trace; what they share is here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tui.sim.model.address import Family, IPAddress
from tui.sim.model.connection import ConnState
from tui.sim.model.packet import Packet
from tui.sim.netfilter.conntrack import ConntrackTable, Tracked
from tui.sim.netfilter.dice import Dice
from tui.sim.netfilter.examine import RecentLists, View
from tui.sim.netfilter.hooks import Hook
from tui.sim.netfilter.index import IndexedRuleset
from tui.sim.netfilter.nft.examine import DynamicSets, NoElements
from tui.sim.netfilter.nft.index import NO_TABLES, IndexedTables
from tui.sim.trace import Reason, RulePlace, StepKind
from tui.sim.trace.recorder import Recorder

DEEPEST = 64
"""Jumps within jumps before the simulator gives up; the kernel refuses such rulesets."""


class Fate(StrEnum):
    """What a hook decided."""

    ACCEPTED = "accepted"
    DROPPED = "dropped"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The decision of a rule, a policy or a whole hook."""

    fate: Fate
    """What was decided."""
    reason: Reason | None = None
    """Why, where the packet ends here."""
    message: str = ""
    """ICMP message that the sender gets, for a rejection."""
    place: RulePlace | None = None
    """Where the packet ended."""
    owner: str | None = None
    """The Kubernetes object behind the rule."""


ACCEPTED = Ruling(Fate.ACCEPTED)
"""The packet goes on."""


@dataclass(slots=True)
class Skb:
    """A packet inside one host: headers, and what the kernel keeps beside them."""

    packet: Packet
    """The packet as it is."""
    tracked: Tracked | None = None
    """Its connection, once conntrack has seen it."""


@dataclass(slots=True)
class Host:
    """What netfilter must be told of the host it runs on."""

    name: str
    """Namespace."""
    rulesets: Callable[[Family], IndexedRuleset]
    """The iptables rules of a family."""
    conntrack: ConntrackTable
    """The connections."""
    recent: RecentLists
    """The lists of `-m recent`."""
    is_local: Callable[[IPAddress], bool]
    """Whether an address is the host's own (RTN_LOCAL)."""
    masquerade_address: Callable[[str, Packet], IPAddress | None]
    """The address that a device gives to a packet that leaves by it."""
    tables: Callable[[Family], IndexedTables] = field(default=lambda _: NO_TABLES)
    """The nftables tables of a family."""
    elements: DynamicSets = field(default_factory=NoElements)
    """What rules have put into nftables sets."""


@dataclass(slots=True)
class Passage:
    """One packet at one hook."""

    hook: Hook
    """The hook."""
    skb: Skb
    """The packet; it is changed in place."""
    host: Host
    """The host."""
    dice: Dice
    """What decides chance."""
    log: Recorder
    """Where steps go."""
    in_device: str | None = None
    """Device it came in by."""
    out_device: str | None = None
    """Device it will leave by."""

    @property
    def family(self) -> Family:
        """The packet's family."""
        return self.skb.packet.family

    @property
    def state(self) -> str | None:
        """The packet's connection state, if it has one."""
        return self.skb.tracked.state.value if self.skb.tracked else None

    @property
    def connection(self) -> Tracked:
        """The packet's connection; nat rules are walked for tracked packets only."""
        tracked = self.skb.tracked
        assert tracked is not None, "a nat rule was walked for a packet without a connection"
        return tracked

    def view(self) -> View:
        """The packet in the eyes of a rule."""
        tracked = self.skb.tracked
        return View(
            packet=self.skb.packet,
            in_device=self.in_device,
            out_device=self.out_device,
            states=tracked.flags if tracked else _UNTRACKED,
            is_local=self.host.is_local,
            recent=self.host.recent,
            dice=self.dice,
        )

    def add(self, kind: StepKind, reason: Reason, place: RulePlace, **details: Any) -> None:
        """Add a step to the trace."""
        packet, state = self.skb.packet, self.state
        self.log.add(kind, packet, reason, place=place, state=state, **details)


_UNTRACKED = frozenset({ConnState.UNTRACKED.value})
