"""A packet on its way through one hook of one host, as every kind of ruleset sees it.

iptables' tables and nftables' base chains walk the same packet, ask the same host and write
into the same trace; what they share is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from tui.sim.model.address import Family, IPAddress
from tui.sim.model.connection import ConnState, ConntrackChange, ConnTuple
from tui.sim.model.packet import Packet
from tui.sim.model.value import value
from tui.sim.netfilter.conntrack import ConntrackTable, Tracked
from tui.sim.netfilter.dice import Dice
from tui.sim.netfilter.elements import DynamicSets, NoElements
from tui.sim.netfilter.examine import RecentLists, View
from tui.sim.netfilter.hooks import IPTABLES_ONLY, Hook, HookOrder
from tui.sim.netfilter.index import IndexedRuleset
from tui.sim.netfilter.ipset import IpSet
from tui.sim.trace import Chance, Cost, Reason, RulePlace, StepKind
from tui.sim.trace.recorder import Recorder

if TYPE_CHECKING:
    from tui.sim.netfilter.ipvs_memory import IpvsConnection
    from tui.sim.netfilter.ipvs_table import IpvsTable

DEEPEST = 64
"""Jumps within jumps before the simulator gives up; the kernel refuses such rulesets."""


NO_COST = Cost()


class Fate(StrEnum):
    """What a hook decided."""

    ACCEPTED = "accepted"
    DROPPED = "dropped"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    TAKEN = "taken"
    """IPVS has taken the packet and sends it on itself (NF_STOLEN)."""


@value
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
    lookups: int = 0
    """Sets and maps that were asked since the last step."""


ACCEPTED = Ruling(Fate.ACCEPTED)
"""The packet goes on."""


@dataclass(slots=True)
class Skb:
    """A packet inside one host: headers, and what the kernel keeps beside them."""

    packet: Packet
    """The packet as it is."""
    tracked: Tracked | None = None
    """Its connection, once conntrack has seen it."""
    bridge_port: str | None = None
    """Port of a bridge that the frame came in by, where br_netfilter tells."""
    scheduled: IpvsConnection | None = None
    """Its connection in IPVS; once set, IPVS leaves the packet alone (ipvs_property)."""


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
    order: Callable[[Family], HookOrder] = field(default=lambda _: IPTABLES_ONLY)
    """What hangs on the hooks for a family's packets, nftables' tables among it."""
    elements: DynamicSets = field(default_factory=NoElements)
    """What rules have put into nftables sets."""
    sets: Callable[[Family], Mapping[str, IpSet]] = field(default=lambda _: {})
    """The ipsets that rules of a family ask, by name."""
    ipvs: IpvsTable | None = None
    """Virtual servers and the connections through them, where IPVS is used."""
    device_of: Callable[[IPAddress], str | None] = field(default=lambda _: None)
    """The device that holds an address of the host's own."""
    way_back: Callable[[IPAddress, int], tuple[str, bool] | None] = field(
        default=lambda _ip, _mark: None
    )
    """By which device a packet with a mark would leave for an address, and whether it is the
    host's own; None where there is no way."""

    def owner_of(self, skb: Skb) -> str | None:
        """The Service whose virtual server a packet is for, or came through."""
        if self.ipvs is None:
            return None
        taken = skb.scheduled
        asked = taken.asked if taken is not None else ConnTuple.of(skb.packet)
        virtual = self.ipvs.servers.get((asked.protocol, asked.destination, asked.dport))
        return virtual.owner if virtual is not None else None


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
            sets=self.host.sets(self.family),
            bridge_port=self.skb.bridge_port,
            asked=self.skb.scheduled.asked if self.skb.scheduled else None,
            owner_of=self.host.device_of,
            way_back=self.host.way_back,
        )

    def add(
        self,
        kind: StepKind,
        reason: Reason,
        place: RulePlace,
        *,
        conntrack: tuple[ConntrackChange, ...] = (),
        chance: Chance | None = None,
        cost: Cost = NO_COST,
        owner: str | None = None,
    ) -> None:
        """Add a step to the trace."""
        self.log.add(
            kind,
            self.skb.packet,
            reason,
            place=place,
            state=self.state,
            conntrack=conntrack,
            chance=chance,
            cost=cost,
            owner=owner,
        )


_UNTRACKED = frozenset({ConnState.UNTRACKED.value})
