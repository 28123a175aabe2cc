"""Which packets are tried in a cluster, what the simulator predicts, what the kernel did."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address

from tests.kernel.clusters import NODE, OWN_PODS, UNDER_TEST, addresses_of
from tests.kernel.lab import Shot, Sighting, without_ports
from tests.kernel.wiring import WIRE
from tui.sim.engine import Injection, State, World, outcomes
from tui.sim.model.address import IPAddress, endpoint_text
from tui.sim.model.packet import Packet, Protocol
from tui.sim.trace import Hop, Leg, Outcome, Role, StepKind, Trace

REMOTE_POD = {4: "10.244.9.9", 6: "fd00:244:9::9"}
OUTSIDE = {4: "198.18.0.5", 6: "2001:db8:18::5"}
IN_RANGE = {4: "203.0.113.77", 6: "2001:db8:203::77"}
NODE_IP = {4: "192.168.10.1", 6: "fd00:c0a8::1"}
OTHER_NODE = {4: "192.168.10.2", 6: "fd00:c0a8::2"}
GATEWAY = {4: "10.244.0.1", 6: "fd00:244::1"}
LOOPBACK = {4: "127.0.0.1", 6: "::1"}
WORLD = {4: "192.0.2.33", 6: "2001:db8:33::1"}
UNUSED = {4: "10.96.0.254", 6: "fd00:96::fe"}


@dataclass(frozen=True)
class Flow:
    """A first packet of a new connection."""

    source: str
    """As the simulator names the place: `pod/default/client`, `node/node-a`, an address."""
    destination: IPAddress
    port: int
    protocol: Protocol
    to: str
    """What is at the other end, for people."""
    sticky: bool = False
    """To a Service with session affinity."""

    def __str__(self) -> str:
        end = endpoint_text(self.destination, self.port)
        return f"{self.source} -> {end} {self.protocol} ({self.to})"

    @property
    def place(self) -> str:
        """The namespace that sends."""
        if self.source.startswith("pod/") or self.source == NODE:
            return self.source
        return NODE if ip_address(self.source) in _NODES_OWN else WIRE

    @property
    def injection(self) -> Injection:
        text = endpoint_text(self.destination, self.port)
        return Injection(self.source, text, self.protocol, node=UNDER_TEST)


_NODES_OWN = {ip_address(each[v]) for each in (NODE_IP, LOOPBACK) for v in (4, 6)}


@dataclass(frozen=True)
class Fate:
    """What became of a packet on the node under test."""

    verdict: str
    place: str = ""
    """Namespace that it reached, or `wire`."""
    destination: str | None = None
    dnat: bool = False
    snat: str | None = None
    packet: Packet | None = None
    """As it arrived there, or the ICMP error as its sender got it."""

    def __str__(self) -> str:
        ttl = f" ttl {self.packet.ttl}" if self.packet else ""
        frame = f" {self.packet.ethernet}" if self.packet else ""
        error = f" {self.packet.source}: {self.packet.icmp}" if self.packet and self.packet.icmp else ""
        return (
            f"{self.verdict} {self.place} {self.destination or ''} dnat={self.dnat} "
            f"snat={self.snat}{ttl}{frame}{error}"
        )


# ---------------------------------------------------------------- what to try


def flows_of(world: World, chance: random.Random, most: int) -> list[Flow]:
    """Packets from every kind of place to every kind of address, and to wrong ports."""
    there = {ip for node in world.cluster.nodes for ip in node.internal_ips}
    tried = (*_to_services(world), *_to_others())
    found = [flow for flow in tried if _passes_the_node(flow, there)]
    return chance.sample(found, min(most, len(found)))


def _passes_the_node(flow: Flow, nodes: set[IPAddress]) -> bool:
    """Whether a packet comes to the node under test; another node's is asked from inside."""
    other = str(flow.destination) in OTHER_NODE.values()
    return not other or (flow.place != WIRE and flow.destination in nodes)


def _sources(version: int) -> Iterator[str]:
    yield from (f"pod/default/{name}" for name in OWN_PODS if name != "a3")
    yield NODE
    yield from (REMOTE_POD[version], OUTSIDE[version], IN_RANGE[version], NODE_IP[version])


def _to_services(world: World) -> Iterator[Flow]:
    for service in world.cluster.services:
        sticky = service.session_affinity == "ClientIP"
        for port in service.ports:
            ends = [(to, ip, port.port) for to, ip in addresses_of(service)]
            if port.node_port:
                ends += [
                    ("node port", ip_address(each[v]), port.node_port)
                    for each in (NODE_IP, GATEWAY, LOOPBACK, OTHER_NODE)
                    for v in (4, 6)
                ]
            if service.health_check_node_port:
                ends.append(("health", ip_address(NODE_IP[4]), service.health_check_node_port))
            for to, ip, number in ends:
                what = f"{to} of {service.name}"
                yield from _from_everywhere(ip, number, port.protocol, what, sticky)
                wrong = Protocol.TCP if port.protocol is Protocol.UDP else Protocol.UDP
                yield from _from_everywhere(ip, number, wrong, f"{what}, wrong protocol", False)
                yield from _from_everywhere(
                    ip, number + 7, port.protocol, f"{what}, wrong port", False
                )


def _to_others() -> Iterator[Flow]:
    ends = {"the world": WORLD, "no Service": UNUSED, "the node": NODE_IP, "cni0": GATEWAY}
    for to, ips in ends.items():
        for ip in map(ip_address, ips.values()):
            yield from _from_everywhere(ip, 8080, Protocol.TCP, to, False)
    for last in OWN_PODS.values():
        for ip in map(ip_address, (f"10.244.0.{last}", f"fd00:244::{last}")):
            yield from _from_everywhere(ip, 8080, Protocol.UDP, "a pod", False)


def _from_everywhere(
    ip: IPAddress, port: int, protocol: Protocol, to: str, sticky: bool
) -> Iterator[Flow]:
    if ip.is_loopback:
        if ip.version == 4:
            yield Flow(LOOPBACK[4], ip, port, protocol, to, sticky)
        return
    for source in _sources(ip.version):
        if not _meets_itself(source, ip):
            yield Flow(source, ip, port, protocol, to, sticky)


def _meets_itself(source: str, ip: IPAddress) -> bool:
    """A pod that talks to its own address never leaves its namespace."""
    last = OWN_PODS.get(source.removeprefix("pod/default/"), 0)
    return str(ip) in (f"10.244.0.{last}", f"fd00:244::{last:x}", f"fd00:244::{last}")


# ---------------------------------------------------------------- what is predicted


@dataclass(frozen=True)
class Prediction:
    """What the simulator says of a flow."""

    trace: Trace
    shares: dict[Fate, float]
    """Every fate with its probability."""
    shot: Shot
    """What to send, and from where."""

    @property
    def sent(self) -> Packet:
        return self.trace.flow.packet


def predict(world: World, flow: Flow, state: State | None = None) -> Prediction:
    """All that may become of a flow, on the node under test."""
    trace = outcomes(world, state or State(), flow.injection)
    shares: Counter[Fate] = Counter()
    for outcome in trace.outcomes:
        shares[predicted_fate(outcome)] += outcome.probability  # type: ignore[assignment]
    return Prediction(trace, dict(shares), Shot(flow.place, _as_it_comes(trace, flow)))


def _as_it_comes(trace: Trace, flow: Flow) -> Packet:
    """The packet as its sender writes it, or as the node's wire brings it."""
    if flow.place != WIRE:
        return trace.flow.packet
    leg = trace.outcomes[0].request
    hop = next(hop for hop in leg.hops if hop.namespace == NODE)
    return hop.steps[0].packet


def predicted_fate(outcome: Outcome) -> Fate:
    """What an outcome amounts to, up to where the packet leaves the node by its wire."""
    request = outcome.request
    left = _leaving(request)
    if left is not None:
        return _delivered(WIRE, request.packet, left)
    end = request.end
    if end.kind is StepKind.DELIVERED:
        return _delivered(request.hops[-1].namespace, request.packet, end.packet)
    if end.kind is StepKind.REJECTED:
        error = next(leg for leg in outcome.legs if leg.role is Role.ICMP)
        arrived = _leaving(error) or error.end.packet
        return Fate("rejected", packet=_as_heard(arrived))
    return Fate(end.kind.value)


def _leaving(leg: Leg) -> Packet | None:
    """The packet as it left the node by its wire for the first time, if it did."""
    hop: Hop | None = next(
        (hop for hop in leg.hops if hop.namespace == NODE and hop.device_out == "eth0"), None
    )
    return hop.steps[-1].packet if hop is not None else None


def _delivered(place: str, sent: Packet, got: Packet) -> Fate:
    return Fate(
        "delivered",
        place,
        got.to_text,
        (got.destination, got.dport) != (sent.destination, sent.dport),
        str(got.source) if got.source != sent.source else None,
        _as_heard(got if place != NODE else replace(got, ethernet=None)),
    )


def _as_heard(packet: Packet) -> Packet:
    """What a prediction and a capture must have in common."""
    if packet.icmp is not None:
        quoted = replace(packet.icmp, sport=0)
        packet = replace(packet, icmp=quoted, ethernet=None, ttl=0)
    return without_ports(packet)


# ---------------------------------------------------------------- what was seen


def seen_fate(flow: Flow, sent: Packet, heard: list[Sighting]) -> Fate:
    """What the kernel did with a packet, from where it was heard."""
    arrivals = [each for each in heard if each.packet.icmp is None]
    if arrivals:
        assert len(arrivals) == 1, f"{flow}: heard more than once: {arrivals}"
        only = arrivals[0]
        return _delivered(only.place, sent, only.packet)
    errors = [each for each in heard if each.packet.icmp is not None]
    if errors:
        assert len(errors) == 1, f"{flow}: more than one error: {errors}"
        assert errors[0].place == flow.place, f"{flow}: the error went astray: {errors}"
        return Fate("rejected", packet=_as_heard(errors[0].packet))
    return Fate("dropped")


