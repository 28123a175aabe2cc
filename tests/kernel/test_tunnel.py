"""flannel's VXLAN between two real nodes: what passes every device is what the simulator shows.

Two nodes and their pods are made out of the simulator's own model of the network: devices, MAC
addresses, MTUs, addresses, routes, neighbours and forwarding entries; the rules of kube-proxy
and of flannel are loaded on both. Then a real client connects to a real server, and the SYN
and its answer are captured at every device on their way: addresses, ports, TTL, size, the
frame's header, and inside the tunnel the outer packet too.
"""

import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

import pytest

from tests.kernel.clusters import RANGES, UNDER_TEST, node
from tests.kernel.frames import frame_bytes, from_frame, ip_bytes
from tests.kernel.lab import BUFFER, ETH_P_ALL, SO_RCVBUFFORCE
from tests.kernel.machines import Machines
from tests.kernel.programming import has_counters, program
from tests.kernel.site import MISSING
from tests.kernel.wiring import machine_of, wire
from tui.sim.engine import Injection, State, World, send
from tui.sim.model.address import endpoint_text
from tui.sim.model.cluster import (
    Cluster,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Pod,
    Service,
    ServicePort,
)
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.settings import NodeFacts, ProxyMode, ProxySettings
from tui.sim.model.value import replace
from tui.sim.routing.network import DeviceKind
from tui.sim.trace import Connection, Leg, Outcome, Role, StepKind, Verdict

CLIENT, SERVER = "pod/default/client", "pod/default/server"
NODE_A, NODE_B = f"node/{UNDER_TEST}", "node/node-b"
PLACES = (NODE_A, NODE_B, CLIENT, SERVER)
CLUSTER_IP = {4: "10.96.0.10", 6: "fd00:96::a"}
SERVER_IP = {4: "10.244.1.2", 6: "fd00:244:1::2"}
NODE_IP = {4: "192.168.10.1", 6: "fd00:c0a8::1"}
NODE_PORT = 30080
OUTSIDE, SENDER_PORT = "203.0.113.77", 40000
SYN_SIZE = {4: 60, 6: 80}
"""A header of 20 or 40 bytes, and TCP's 20 with 20 of options, as Linux sends it."""
PATIENCE = 3.0
MODES = (ProxyMode.IPTABLES, ProxyMode.NFTABLES)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=f"needs {MISSING}")]


def cluster() -> Cluster:
    """A client and a server, a node apart, and a Service before the server."""
    pods = (
        Pod("default", "client", UNDER_TEST,
            (ip_address("10.244.0.7"), ip_address("fd00:244::7"))),
        Pod("default", "server", "node-b", tuple(map(ip_address, SERVER_IP.values()))),
    )  # fmt: skip
    service = Service(
        "default", "web", "NodePort", tuple(CLUSTER_IP.values()),
        (ServicePort(80, Protocol.TCP, "web", 8080, NODE_PORT),
         ServicePort(80, Protocol.UDP, "dns", 8080, NODE_PORT)),
    )  # fmt: skip
    ports = tuple(EndpointPort(8080, p.protocol, p.name) for p in service.ports)
    slices = tuple(
        EndpointSlice("default", f"web-{v}", "web", f"IPv{v}",
                      (Endpoint((ip,), node="node-b"),), ports)
        for v, ip in SERVER_IP.items()
    )  # fmt: skip
    return Cluster((node(0), node(1)), pods, (service,), slices)


@dataclass(frozen=True)
class Passing:
    """A packet at a device."""

    place: str
    device: str
    packet: Packet

    def __str__(self) -> str:
        packet = self.packet
        error = f" {packet.icmp}" if packet.icmp else ""
        inner = f" [{packet.inner.from_text} -> {packet.inner.to_text}]" if packet.inner else ""
        return (
            f"{self.place} {self.device}: {packet.from_text} -> {packet.to_text} "
            f"{packet.flags} ttl {packet.ttl} size {packet.size} {packet.ethernet}{error}{inner}"
        )


# ---------------------------------------------------------------- the two nodes


@dataclass
class Pair:
    """Two nodes with a pod each, a socket at every device, and a server."""

    machines: Machines
    taps: dict[tuple[str, str], socket.socket]
    server: socket.socket
    nfacct: bool

    def load(self, mode: ProxyMode) -> World:
        world = self.world(mode)
        for name in (UNDER_TEST, "node-b"):
            program(self.machines, world, name)
        return world

    def world(self, mode: ProxyMode) -> World:
        facts = NodeFacts(nfacct=self.nfacct)
        settings = ProxySettings(mode=mode, cluster_cidrs=RANGES)
        return World(cluster(), settings, "flannel", {UNDER_TEST: facts, "node-b": facts})

    def passing(self) -> Iterator[Passing]:
        """What has come by any device since."""
        for tap in select.select(self.taps.values(), [], [], 0.05)[0]:
            place, device = next(key for key, each in self.taps.items() if each is tap)
            while True:
                try:
                    found = from_frame(tap.recv(65535))
                except BlockingIOError:
                    break
                if found is not None:
                    yield Passing(place, device, found.packet)

    def captured(self, wanted: int) -> list[Passing]:
        """SYN, SYN,ACK, datagrams and errors; as many as wanted, and those that are too many."""
        found: list[Passing] = []
        until = time.monotonic() + PATIENCE
        while len(found) < wanted and time.monotonic() < until:
            found += filter(_counts, self.passing())
        return [*found, *filter(_counts, self.passing())]


def _counts(passing: Passing) -> bool:
    packet = passing.packet.innermost
    return packet.protocol is not Protocol.TCP or packet.flags in ("SYN", "SYN,ACK")


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    machines = Machines()
    network = World(cluster(), cni="flannel").network
    try:
        wire(machines, network, PLACES)
        taps = {
            (place, device.name): tap_at(machines, place, device.name)
            for place in PLACES
            for device in network.namespace(place).devices
            if device.kind is not DeviceKind.LOOPBACK
        }
        with machines.inside(machine_of(SERVER)):
            server = socket.create_server(("", 8080), family=socket.AF_INET6, dualstack_ipv6=True)
            silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            silent.bind(("", 8080))
        counters = has_counters(machines, NODE_A) and has_counters(machines, NODE_B)
        yield Pair(machines, taps, server, counters)
        for each in (*taps.values(), server, silent):
            each.close()
    finally:
        machines.remove()


def tap_at(machines: Machines, place: str, device: str) -> socket.socket:
    with machines.inside(machine_of(place)):
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        tap.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        tap.bind((device, ETH_P_ALL))
    tap.setblocking(False)
    return tap


# ---------------------------------------------------------------- what is told


def told(legs: tuple[Leg, ...]) -> list[Passing]:
    """Every device that the legs pass, and the packet there."""
    found: list[Passing] = []
    for leg in legs:
        for hop, step in leg.steps():
            if step.kind in AT_DEVICES and step.device is not None:
                inner = step.packet.inner if step.kind is StepKind.ENCAPSULATED else None
                passing = Passing(hop.namespace, step.device, inner or step.packet)
                if not found or found[-1] != passing:
                    found.append(passing)
    return [shape(each) for each in found]


AT_DEVICES = frozenset(
    {StepKind.SENT, StepKind.RECEIVED, StepKind.BRIDGED, StepKind.ENCAPSULATED,
     StepKind.DECAPSULATED}
)  # fmt: skip


def shape(passing: Passing) -> Passing:
    """Without what chance or a hash decides: the client's port, and that of the outer packet."""
    packet = bare(passing.packet)
    if packet.inner is not None:
        assert 32768 <= passing.packet.sport <= 60999, "the outer port spreads flows"
        packet = replace(packet, inner=bare(packet.inner))
    return replace(passing, packet=packet)


def bare(packet: Packet) -> Packet:
    ports = {name: 0 for name in ("sport", "dport") if getattr(packet, name) not in KNOWN_PORTS}
    return replace(packet, mark=0, **ports)


KNOWN_PORTS = (80, 8080, 8472, NODE_PORT, SENDER_PORT)


# ---------------------------------------------------------------- connections


CASES = {
    "pod to pod": (CLIENT, SERVER_IP, 8080),
    "pod to Service": (CLIENT, CLUSTER_IP, 80),
    "pod to node port": (CLIENT, NODE_IP, NODE_PORT),
    "node to pod": (NODE_A, SERVER_IP, 8080),
    "node to Service": (NODE_A, CLUSTER_IP, 80),
}


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("mode", MODES)
def test_a_connection_passes_every_device_as_told(
    pair: Pair, mode: ProxyMode, case: tuple[str, dict[int, str], int], version: int
) -> None:
    place, ips, port = case
    world = pair.load(mode)
    asked = Injection(place, endpoint_text(ip_address(ips[version]), port), size=SYN_SIZE[version])
    outcome = send(world, State(), asked)[0].outcomes[0]
    assert outcome.connection is Connection.ESTABLISHED
    expected = told(tuple(leg for leg in outcome.legs if leg.role in (Role.REQUEST, Role.REPLY)))
    assert any(each.packet.tunnel for each in expected)

    list(pair.passing())
    with pair.machines.inside(machine_of(place)):
        client = socket.create_connection((ips[version], port), PATIENCE)
    found = [shape(each) for each in pair.captured(len(expected))]
    client.close()
    assert lines(found) == lines(expected)


def test_a_node_is_found_by_the_tunnels_address_too(pair: Pair) -> None:
    """On a pod's wire the node answers for every IPv4 address that it has (arp_ignore is 0)."""
    world = pair.load(ProxyMode.IPTABLES)
    asked = Injection("10.244.1.0", f"{SERVER_IP[4]}:8080")
    outcome = send(world, State(), asked)[0].outcomes[0]
    assert outcome.connection is Connection.ESTABLISHED
    expected = told(outcome.legs)
    list(pair.passing())
    with pair.machines.inside(machine_of(NODE_B)):
        client = socket.create_connection((SERVER_IP[4], 8080), PATIENCE, ("10.244.1.0", 0))
    found = [shape(each) for each in pair.captured(len(expected))]
    client.close()
    assert lines(found) == lines(expected)


def lines(passing: list[Passing]) -> list[str]:
    """Sorted: the devices' sockets do not tell who was first."""
    return sorted(map(str, passing))


# ---------------------------------------------------------------- sizes


@pytest.mark.parametrize("size", [1430, 1431, 1450])
def test_a_datagram_as_large_as_the_tunnel_takes(pair: Pair, size: int) -> None:
    """flannel.1 takes 1450 bytes; the pods' devices only 1430, for they may speak IPv6 too."""
    world = pair.load(ProxyMode.IPTABLES)
    asked = Injection(
        NODE_A, f"{SERVER_IP[4]}:8080", Protocol.UDP, sport=SENDER_PORT, size=size
    )  # fmt: skip
    outcome = send(world, State(), asked)[0].outcomes[0]
    assert (outcome.verdict is Verdict.DELIVERED) == (size <= 1430)
    expected = told(unanswered(outcome))
    list(pair.passing())
    sent = outcome.request.packet
    with pair.machines.inside(machine_of(NODE_A)):
        own = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    own.sendto(ip_bytes(sent, 1), (str(sent.destination), 0))
    own.close()
    found = [shape(each) for each in pair.captured(len(expected))]
    assert lines(found) == lines(expected)


@pytest.mark.parametrize("known", [False, True], ids=["first", "of a known connection"])
@pytest.mark.parametrize("size", [1430, 1451, 1500])
@pytest.mark.parametrize("mode", MODES)
def test_a_datagram_from_outside_may_be_too_large_for_the_tunnel(
    pair: Pair, mode: ProxyMode, size: int, known: bool
) -> None:
    """The node tells its sender in the sender's own terms, even if it never saw it before."""
    world = pair.load(mode)
    asked = Injection(
        f"external/{OUTSIDE}", f"{NODE_IP[4]}:{NODE_PORT}", Protocol.UDP, sport=SENDER_PORT,
        size=60, node=UNDER_TEST,
    )  # fmt: skip
    state = State()
    if known:
        first, state = send(world, state, asked)
        from_outside(pair, first.outcomes[0])
        pair.captured(len(at_node_a(told(unanswered(first.outcomes[0])))))
    outcome = send(world, state, replace(asked, size=size))[0].outcomes[0]
    expected = at_node_a(told(unanswered(outcome)))
    from_outside(pair, outcome)
    found = [shape(each) for each in pair.captured(len(expected))]
    assert lines(at_node_a(found)) == lines(expected)
    errors = [each.packet.icmp for each in found if each.packet.icmp is not None]
    assert bool(errors) == (size > 1450)
    assert {str(about.destination) for about in errors} <= {NODE_IP[4]}


def unanswered(outcome: Outcome) -> tuple[Leg, ...]:
    """The server takes datagrams in silence."""
    return tuple(leg for leg in outcome.legs if leg.role is not Role.REPLY)


def at_node_a(passing: list[Passing]) -> list[Passing]:
    return [each for each in passing if each.place == NODE_A]


def from_outside(pair: Pair, outcome: Outcome) -> None:
    """Put a packet onto the LAN as the router would."""
    hop = next(hop for hop in outcome.request.hops if hop.namespace == NODE_A)
    list(pair.passing())
    pair.taps[NODE_B, "eth0"].send(frame_bytes(hop.steps[0].packet, 1))
