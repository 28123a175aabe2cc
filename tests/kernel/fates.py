"""What becomes of a packet on the node under test: as the simulator predicts it, as it was.

The node is asked, not the whole network: a packet that leaves by its wire has reached what
the test sees of it, with the MAC address of the next hop.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from tests.kernel.clusters import NODE
from tests.kernel.flows import OTHER_NODE, Flow
from tests.kernel.lab import Shot, Sighting
from tests.kernel.wiring import WIRE
from tui.sim.engine import State, World, outcomes
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.value import replace
from tui.sim.trace import Leg, Outcome, Role, StepKind, Trace


@dataclass(frozen=True)
class Fate:
    """What became of a packet."""

    verdict: str
    place: str = ""
    """Namespace that it reached, or `wire`."""
    dnat: bool = False
    snat: str | None = None
    packet: Packet | None = None
    """As it arrived there, or the ICMP error as its sender got it; without the client's port."""
    port_kept: bool = field(default=True, compare=False)
    """Whether the client's port is still there; a new one is drawn by chance."""

    def __str__(self) -> str:
        words = [self.verdict, self.place]
        if self.packet is not None:
            words += [self.packet.from_text, "->", self.packet.to_text, f"ttl {self.packet.ttl}"]
            words += [str(each) for each in (self.packet.ethernet, self.packet.icmp) if each]
        return " ".join(words) + f" dnat={self.dnat} snat={self.snat}"


def of_request(place: str, sent: Packet, got: Packet) -> Fate:
    """A client's packet that reached a place."""
    return Fate(
        "delivered",
        place,
        (got.destination, got.dport) != (sent.destination, sent.dport),
        str(got.source) if got.source != sent.source else None,
        replace(_bare(place, got), sport=0),
        got.sport == sent.sport,
    )


def of_reply(place: str, client: Packet, got: Packet) -> Fate:
    """An answer that reached a place, to what a client had sent."""
    own = got.dport == client.sport
    return Fate("delivered", place, packet=replace(_bare(place, got), dport=0), port_kept=own)


def of_error(client: Packet, got: Packet) -> Fate:
    """An ICMP error: its sender and what it quotes count, not where on its way it was heard."""
    assert got.icmp is not None
    own = got.icmp.sport == client.sport
    quoted = replace(got.icmp, sport=0)
    packet = replace(got, icmp=quoted, ethernet=None, ttl=0, mark=0)
    return Fate("rejected", packet=packet, port_kept=own)


def _bare(place: str, packet: Packet) -> Packet:
    """What a prediction and a capture have in common; the node's sockets see no frame."""
    return replace(packet, mark=0, ethernet=packet.ethernet if place != NODE else None)


# ---------------------------------------------------------------- what is predicted


@dataclass(frozen=True)
class Prediction:
    """What the simulator says of a flow."""

    flow: Flow
    trace: Trace
    shares: dict[Fate, float]
    """Every fate with its probability."""
    told: dict[Fate, tuple[Fate, Outcome]]
    """The fate as predicted, and the outcome behind it."""
    shot: Shot
    """What to send, and from where."""


def predict(world: World, flow: Flow, state: State | None = None, sport: int = 0) -> Prediction:
    """All that may become of a flow, on the node under test."""
    trace = outcomes(world, state or State(), flow.injection(sport or None))
    shares: dict[Fate, float] = defaultdict(float)
    told = {}
    for outcome in trace.outcomes:
        fate = predicted_fate(outcome)
        shares[fate] += outcome.probability
        told[fate] = (fate, outcome)
    shot = Shot(flow.place, _as_it_comes(trace.outcomes[0].request, flow.place))
    return Prediction(flow, trace, dict(shares), told, shot)


def predicted_fate(outcome: Outcome) -> Fate:
    """What an outcome amounts to."""
    leg = outcome.request
    reached = reached_by(leg)
    if reached is not None:
        return of_request(reached[0], leg.packet, reached[1])
    if leg.end.kind is not StepKind.REJECTED:
        return Fate(leg.end.kind.value)
    error = next(each for each in outcome.legs if each.role is Role.ICMP)
    return of_error(leg.packet, (reached_by(error) or ("", error.end.packet))[1])


def reached_by(leg: Leg) -> tuple[str, Packet] | None:
    """The place and the packet where a leg first left the node by its wire, or else ended."""
    left = [h for h in leg.hops if h.namespace == NODE and h.device_out == "eth0"]
    if left:
        return WIRE, left[0].steps[-1].packet
    if leg.end.kind is StepKind.DELIVERED:
        return leg.hops[-1].namespace, leg.end.packet
    return None


def _as_it_comes(leg: Leg, place: str) -> Packet:
    """The packet as its sender writes it, or as the node's wire brings it."""
    if place != WIRE:
        return leg.packet
    return next(hop for hop in leg.hops if hop.namespace == NODE).steps[0].packet


def predicted_reply(outcome: Outcome) -> tuple[Packet, Fate] | None:
    """The answer as it comes to the node, and what becomes of it.

    None if nobody answers, or if another node has its hand in it.
    """
    reply = next((leg for leg in outcome.legs if leg.role is Role.REPLY), None)
    reached = reached_by(outcome.request)
    if reply is None or reached is None or reached[0] == NODE or "RST" in reply.packet.flags:
        return None
    if [sum(h.namespace == NODE for h in leg.hops) for leg in (outcome.request, reply)] != [1, 1]:
        return None
    comes = _as_it_comes(reply, reached[0])
    if comes.from_text != reached[1].to_text:
        return None
    end = reached_by(reply)
    fate = of_reply(end[0], outcome.request.packet, end[1]) if end else Fate(reply.end.kind.value)
    return comes, fate


def in_the_tests_hands(flow: Flow, fates: Collection[Fate]) -> bool:
    """Whether nobody speaks but the test: no other node, and not the node's own sockets.

    A node's kernel resets what none of its sockets began or awaits.
    """
    elsewhere = str(flow.destination) in OTHER_NODE.values()
    node_resets = flow.place == NODE and flow.protocol is Protocol.TCP
    return not (elsewhere or node_resets or any(fate.place == NODE for fate in fates))


# ---------------------------------------------------------------- what was seen


def seen_fate(flow: Flow, sent: Packet, heard: list[Sighting]) -> Fate:
    """What the kernel did with a packet, from where it was heard."""
    errors = [each for each in heard if each.packet.icmp is not None]
    arrivals = [each for each in heard if each.packet.icmp is None]
    if arrivals:
        assert len(arrivals) == 1, f"{flow}: heard more than once: {arrivals}"
        return of_request(arrivals[0].place, sent, arrivals[0].packet)
    if errors:
        assert len(errors) == 1, f"{flow}: more than one error: {errors}"
        assert errors[0].place == flow.place, f"{flow}: the error went astray: {errors}"
        return of_error(sent, errors[0].packet)
    return Fate("dropped")


def answer_to(heard: Sighting, comes: Packet) -> Shot:
    """The answer to a packet, from where it was heard, in the frame and with the TTL told."""
    got = heard.packet
    packet = replace(
        comes, source=got.destination, destination=got.source, sport=got.dport, dport=got.sport
    )
    return Shot(heard.place, packet, heard.number)


def seen_reply(flow: Flow, client: Packet, heard: list[Sighting]) -> Fate:
    """What the kernel did with an answer; a node whose socket is gone complains about it."""
    arrivals = [each for each in heard if each.packet.icmp is None]
    if not arrivals:
        return Fate("dropped")
    assert len(arrivals) == 1, f"{flow}: an answer was heard more than once: {heard}"
    return of_reply(arrivals[0].place, client, arrivals[0].packet)
