"""The values a trace is made of.

A trace lists the outcomes that chance allows. An outcome is a story of legs (the request,
its answer, an ICMP error, a DNS lookup before it), a leg a list of hops (one network
namespace each), a hop a list of steps (one decision each). The shape follows Batfish's
Trace, Hop and Step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import StrEnum

from tui.sim.model.connection import ConntrackChange
from tui.sim.model.packet import Packet
from tui.sim.model.value import value
from tui.sim.trace.reason import Reason, ReasonCode


class Verdict(StrEnum):
    """What became of the first packet."""

    DELIVERED = "delivered"
    REJECTED = "rejected"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


class Connection(StrEnum):
    """What the client feels."""

    ESTABLISHED = "established"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    RESET = "reset"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """What a leg is for."""

    DNS = "dns"
    REQUEST = "request"
    REPLY = "reply"
    ICMP = "icmp"
    LATER = "later"


class StepKind(StrEnum):
    """The closed list of what a step can be."""

    ORIGINATED = "originated"
    """A process wrote to a socket."""
    RESOLVED = "resolved"
    """A DNS server answered."""
    HOOK_ENTERED = "hook-entered"
    """A netfilter hook began."""
    CHAIN_ENTERED = "chain-entered"
    """A base chain of a table began."""
    RULE_MATCHED = "rule-matched"
    """A rule matched and did what its target says."""
    RULE_DECLINED = "rule-declined"
    """A rule would have matched but chance said no."""
    RULES_SKIPPED = "rules-skipped"
    """Rules up to the chain's end did not match; control went back to the caller."""
    POLICY_APPLIED = "policy-applied"
    """A base chain ended; its policy decided."""
    TRACKED = "tracked"
    """conntrack looked the packet up."""
    TRANSLATED = "translated"
    """conntrack or IPVS rewrote the packet from an entry it already had."""
    CONFIRMED = "confirmed"
    """conntrack put the connection into its table."""
    SCHEDULED = "scheduled"
    """IPVS chose a real server, or found the connection that has one."""
    PROGRAM = "program"
    """An eBPF program of the plugin decided."""
    ROUTED = "routed"
    """A route was chosen."""
    NEIGHBOUR_FOUND = "neighbour-found"
    """The next hop's MAC address was found."""
    BRIDGED = "bridged"
    """A bridge looked into its forwarding table."""
    SENT = "sent"
    """The packet left through a device."""
    RECEIVED = "received"
    """The packet came in through a device."""
    ENCAPSULATED = "encapsulated"
    """A tunnel put its header around the packet."""
    DECAPSULATED = "decapsulated"
    """A tunnel took its header off."""
    DELIVERED = "delivered"
    """The packet reached a socket, or left the cluster towards its destination. Final."""
    REJECTED = "rejected"
    """The packet was refused and the sender told. Final."""
    DROPPED = "dropped"
    """The packet was dropped in silence. Final."""
    UNKNOWN = "unknown"
    """Something the simulator does not know stands in the way. Final."""

    @property
    def final(self) -> bool:
        """Whether a leg ends here."""
        return self in _FINAL


_FINAL = frozenset({StepKind.DELIVERED, StepKind.REJECTED, StepKind.DROPPED, StepKind.UNKNOWN})


@value
class FieldChange:
    """One header field that a step changed."""

    field: str
    """The name of the `Packet` field, or `state` of the connection."""
    old: str
    """Value before, as text."""
    new: str
    """Value after, as text."""


@value
class Chance:
    """A decision left to chance, and how it fell."""

    probability: float
    """Probability of the branch that was taken, 0 to 1."""
    branch: int
    """Which branch: for `statistic`, 1 is taken and 0 is passed over; for `numgen`, the number."""
    branches: int
    """How many branches there were."""
    pinned: bool = False
    """The learner pinned the endpoint; else the seed decided."""


@value
class Cost:
    """What the kernel had to do for a step."""

    rules: int = 0
    """Rules examined, the one that matched included."""
    lookups: int = 0
    """Hash lookups (conntrack, sets, verdict maps)."""

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.rules + other.rules, self.lookups + other.lookups)


@value
class RulePlace:
    """Where in the ruleset a step stands."""

    hook: str
    """`PREROUTING`, `INPUT`, `FORWARD`, `OUTPUT` or `POSTROUTING`."""
    table: str = ""
    """`nat`, or `ip kube-proxy` for nftables; empty while between tables."""
    chain: str = ""
    """`KUBE-SERVICES`."""
    rule: int = 0
    """Number of the rule in its chain, from 1; 0 where no single rule is meant."""
    text: str = ""
    """The rule as `iptables-save` or `nft list` prints it."""
    jumps: tuple[tuple[str, int], ...] = ()
    """The jump stack: (chain, rule number) of each caller, outermost first."""
    skipped: int = 0
    """Rules of this chain passed over since the last step there."""


@value
class Step:
    """One decision on the way of a packet."""

    kind: StepKind
    """What happened."""
    packet: Packet
    """The packet as this step leaves it."""
    reason: Reason
    """Why, as a code with fields."""
    place: RulePlace | None = None
    """Where in the ruleset, for steps in netfilter."""
    changes: tuple[FieldChange, ...] = ()
    """Header fields that changed, in the packet as seen on this device."""
    pushed: str | None = None
    """Header that was put around the packet: `vxlan`."""
    popped: str | None = None
    """Header that was taken off."""
    conntrack: tuple[ConntrackChange, ...] = ()
    """Changes to conntrack tables."""
    state: str | None = None
    """The connection's state for this packet after this step: `NEW`, `ESTABLISHED`, ..."""
    chance: Chance | None = None
    """Set where chance decided."""
    cost: Cost = field(default_factory=Cost)
    """What the kernel had to do."""
    owner: str | None = None
    """The Kubernetes object behind the rule: `Service shop/web`."""
    device: str | None = None
    """The device this step is about, by its name in the hop's namespace."""

    @property
    def rewrites(self) -> tuple[FieldChange, ...]:
        """What it changes of the packet itself, not of the wire that it is on."""
        return tuple(c for c in self.changes if c.field in _REWRITTEN and c.old != c.new)


_REWRITTEN = frozenset({"source", "destination", "sport", "dport", "mark"})
"""Fields whose change makes a step a rewrite; MAC addresses and TTL change at every hop."""


@value
class Hop:
    """The packet's stay in one network namespace."""

    node: str | None
    """Node that the namespace is on; None out in the world."""
    namespace: str
    """`node/node-a`, `pod/shop/web-1`, `external/203.0.113.7` or `fabric`."""
    device_in: str | None
    """Device it came in by; None where it was sent."""
    device_out: str | None
    """Device it left by; None where it ended."""
    steps: tuple[Step, ...]
    """What was decided, in order. Never empty."""


@value
class Leg:
    """One packet's way from where it was sent to where it ended."""

    role: Role
    """What the leg is for."""
    packet: Packet
    """The packet as it was sent."""
    hops: tuple[Hop, ...]
    """Namespaces passed. Never empty; the last step of the last hop is final."""

    @property
    def end(self) -> Step:
        """The final step."""
        return self.hops[-1].steps[-1]

    def steps(self) -> Iterator[tuple[Hop, Step]]:
        """All steps in order, each with its hop."""
        for hop in self.hops:
            for step in hop.steps:
                yield hop, step


@value
class Outcome:
    """One way that chance lets the story go."""

    verdict: Verdict
    """About the first packet of the request."""
    connection: Connection
    """What the client feels."""
    legs: tuple[Leg, ...]
    """DNS lookups, the request, and what came back."""
    destination: str | None = None
    """`ip:port` after DNAT, for a delivered packet."""
    dnat: bool = False
    """The destination was translated on the way."""
    snat: str | None = None
    """The source address that the receiver saw, where it is not the sender's."""
    probability: float = 1.0
    """Among all outcomes of this packet."""
    choices: tuple[int, ...] = ()
    """The branches that chance took, in order."""

    @property
    def request(self) -> Leg:
        """The leg that the verdict is about: the request, or the DNS lookup that failed."""
        asked = [leg for leg in self.legs if leg.role is Role.REQUEST]
        return asked[0] if asked else [leg for leg in self.legs if leg.role is Role.DNS][-1]

    @property
    def reached_nobody(self) -> bool:
        """The nodes let the packet go, but nobody out in the world has its destination."""
        return self.request.end.reason.code is ReasonCode.WORLD_NOBODY


@value
class Flow:
    """What was asked for."""

    source: str
    """The place that the packet starts at: `pod/shop/client`."""
    destination: str
    """What it was sent to, as asked: `svc/shop/web:80`."""
    packet: Packet
    """The packet as sent."""


@value
class Trace:
    """The whole answer: what was asked, under which settings, and every outcome listed."""

    flow: Flow
    """What was asked for."""
    mode: str
    """kube-proxy's mode."""
    cni: str
    """The CNI plugin."""
    outcomes: tuple[Outcome, ...]
    """One outcome, or all of them; then their probabilities sum to 1."""
