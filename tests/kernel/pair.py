"""Two real nodes with a pod each, made out of the simulator's own model of a plugin's network.

Devices, MAC addresses, MTUs, addresses, routes, neighbours and forwarding entries are the model's;
the rules of kube-proxy and of the plugin are loaded on both nodes. A socket listens at every
device: addresses, ports, TTL, size, the frame's header, and in a tunnel the outer packet too.
"""

import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address

from tests.kernel.clusters import RANGES, UNDER_TEST, node
from tests.kernel.frames import from_frame
from tests.kernel.lab import BUFFER, ETH_P_ALL, SO_RCVBUFFORCE
from tests.kernel.machines import Machines
from tests.kernel.programming import has_counters, program
from tests.kernel.wiring import machine_of, wire
from tui.sim.engine import World
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
from tui.sim.trace import Leg, StepKind

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
    cni: str
    cluster: Cluster

    def load(self, mode: ProxyMode) -> World:
        world = self.world(mode)
        for name in (UNDER_TEST, "node-b"):
            program(self.machines, world, name)
        return world

    def world(self, mode: ProxyMode) -> World:
        facts = NodeFacts(nfacct=self.nfacct)
        settings = ProxySettings(mode=mode, cluster_cidrs=RANGES)
        return World(self.cluster, settings, self.cni, {UNDER_TEST: facts, "node-b": facts})

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


@contextmanager
def made(
    cni: str,
    objects: Cluster | None = None,
    places: tuple[str, ...] = PLACES,
    servers: tuple[str, ...] = (SERVER,),
    outside: tuple[str, ...] = (),
) -> Iterator[Pair]:
    """The two nodes as a plugin wires them; they are gone afterwards."""
    machines, objects = Machines(), objects or cluster()
    world = World(objects, ProxySettings(cluster_cidrs=RANGES), cni)
    network = world.network_with((), tuple(map(ip_address, outside)))
    places = (*places, *(f"external/{ip}" for ip in outside))
    try:
        wire(machines, network, places)
        taps = {
            (place, device.name): tap_at(machines, place, device.name)
            for place in places
            for device in network.namespace(place).devices
            if device.kind is not DeviceKind.LOOPBACK
        }
        listening = [each for place in servers for each in _listening(machines, place)]
        counters = has_counters(machines, NODE_A) and has_counters(machines, NODE_B)
        yield Pair(machines, taps, listening[0], counters, cni, objects)
        for each in (*taps.values(), *listening):
            each.close()
    finally:
        machines.remove()


def _listening(machines: Machines, place: str) -> tuple[socket.socket, socket.socket]:
    """A server for TCP, and one for UDP that says nothing."""
    with machines.inside(machine_of(place)):
        server = socket.create_server(("", 8080), family=socket.AF_INET6, dualstack_ipv6=True)
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        silent.bind(("", 8080))
    return server, silent


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
        if packet.protocol is Protocol.UDP:
            assert 32768 <= passing.packet.sport <= 60999, "the outer port spreads flows"
        packet = replace(packet, inner=bare(packet.inner))
    return replace(passing, packet=packet)


def bare(packet: Packet) -> Packet:
    ports = {name: 0 for name in ("sport", "dport") if getattr(packet, name) not in KNOWN_PORTS}
    return replace(packet, mark=0, **ports)


KNOWN_PORTS = (80, 8080, 4789, 8472, NODE_PORT, SENDER_PORT)


CASES = {
    "pod to pod": (CLIENT, SERVER_IP, 8080),
    "pod to Service": (CLIENT, CLUSTER_IP, 80),
    "pod to node port": (CLIENT, NODE_IP, NODE_PORT),
    "node to pod": (NODE_A, SERVER_IP, 8080),
    "node to Service": (NODE_A, CLUSTER_IP, 80),
}
"""Who connects to whom: sender, receiver by family, port."""


def lines(passing: list[Passing]) -> list[str]:
    """Sorted: the devices' sockets do not tell who was first."""
    return sorted(map(str, passing))
