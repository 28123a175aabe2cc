"""Which packets are tried in a cluster: from every kind of place to every kind of address."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from tests.kernel.clusters import EXTRA, NODE, OWN_PODS, UNDER_TEST, addresses_of
from tests.kernel.wiring import WIRE
from tui.sim.engine import Injection, World
from tui.sim.model.address import IPAddress, endpoint_text
from tui.sim.model.cluster import Service, ServicePort
from tui.sim.model.packet import Protocol

REMOTE_POD = {4: "10.244.9.9", 6: "fd00:244:9::9"}
OUTSIDE = {4: "198.18.0.5", 6: "2001:db8:18::5"}
IN_RANGE = {4: "203.0.113.77", 6: "2001:db8:203::77"}
NODE_IP = {4: "192.168.10.1", 6: "fd00:c0a8::1"}
OTHER_NODE = {4: "192.168.10.2", 6: "fd00:c0a8::2"}
GATEWAY = {4: "10.244.0.1", 6: "fd00:244::1"}
LOOPBACK = {4: "127.0.0.1", 6: "::1"}
ELSEWHERE = {
    "the world": {4: "192.0.2.33", 6: "2001:db8:33::1"},
    "no Service": {4: "10.96.0.254", 6: "fd00:96::fe"},
    "the node": NODE_IP,
    "cni0": GATEWAY,
    "another address of the node": EXTRA,
}
NODES_OWN = {ip_address(each[v]) for each in (NODE_IP, LOOPBACK, GATEWAY, EXTRA) for v in (4, 6)}
ASTRAY = 0.3
"""Share of the flows that go to a wrong port or to no Service at all."""


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
    service: str = ""
    """The service port that is meant, where the packet is right for one."""
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
        return NODE if ip_address(self.source) in NODES_OWN else WIRE

    def injection(self, sport: int | None = None) -> Injection:
        """The packet as the simulator is asked for it."""
        end = endpoint_text(self.destination, self.port)
        return Injection(self.source, end, self.protocol, sport=sport, node=UNDER_TEST)


def flows_of(world: World, chance: random.Random, most: int) -> list[Flow]:
    """A choice of all the packets that can be tried; most of them meant for a Service."""
    there = {ip for node in world.cluster.nodes for ip in node.internal_ips}
    tried = [*_to_services(world), *_to_others()]
    every = [flow for flow in tried if _passes_the_node(flow, there)]
    meant = [flow for flow in every if flow.service]
    others = [flow for flow in every if not flow.service]
    wrong = chance.sample(others, round(most * ASTRAY))
    return chance.sample(meant, min(most - len(wrong), len(meant))) + wrong


def _passes_the_node(flow: Flow, nodes: set[IPAddress]) -> bool:
    """Whether a packet comes to the node under test; another node's is asked from inside."""
    other = str(flow.destination) in OTHER_NODE.values()
    return not other or (flow.place != WIRE and flow.destination in nodes)


def _to_services(world: World) -> Iterator[Flow]:
    for service in world.cluster.services:
        for port in service.ports:
            for to, ip, number in _ends(service, port):
                yield from _to_end(service, port, f"{to} of {service.name}", ip, number)
        if service.health_check_node_port:
            ip, number = ip_address(NODE_IP[4]), service.health_check_node_port
            yield from _from_everywhere(ip, number, Protocol.TCP, f"health of {service.name}")


def _ends(service: Service, port: ServicePort) -> Iterator[tuple[str, IPAddress, int]]:
    """Every address and port at which a service port may answer."""
    for to, ip in addresses_of(service):
        yield to, ip, port.port
    if port.node_port:
        for each in (NODE_IP, EXTRA, GATEWAY, LOOPBACK, OTHER_NODE):
            for version in (4, 6):
                yield "node port", ip_address(each[version]), port.node_port


def _to_end(
    service: Service, port: ServicePort, to: str, ip: IPAddress, number: int
) -> Iterator[Flow]:
    sticky = service.session_affinity == "ClientIP"
    name = f"{service.name}:{port.port}/{port.protocol}"
    yield from _from_everywhere(ip, number, port.protocol, to, name, sticky)
    other = Protocol.TCP if port.protocol is Protocol.UDP else Protocol.UDP
    yield from _from_everywhere(ip, number, other, f"{to}, other protocol", sticky=sticky)
    yield from _from_everywhere(ip, number + 7, port.protocol, f"{to}, wrong port")


def _to_others() -> Iterator[Flow]:
    for to, ips in ELSEWHERE.items():
        for ip in map(ip_address, ips.values()):
            yield from _from_everywhere(ip, 8080, Protocol.TCP, to)
    for last in OWN_PODS.values():
        for ip in map(ip_address, (f"10.244.0.{last}", f"fd00:244::{last}")):
            yield from _from_everywhere(ip, 8080, Protocol.UDP, "a pod")


def _from_everywhere(
    ip: IPAddress, port: int, protocol: Protocol, to: str, service: str = "", sticky: bool = False
) -> Iterator[Flow]:
    if ip.is_loopback:
        if ip.version == 4:
            yield Flow(LOOPBACK[4], ip, port, protocol, to, service, sticky)
        return
    for source in _sources(ip.version):
        if not _is_its_own(source, ip):
            yield Flow(source, ip, port, protocol, to, service, sticky)


def _sources(version: int) -> Iterator[str]:
    yield from (f"pod/default/{name}" for name in OWN_PODS if name != "a3")
    yield NODE
    yield from (each[version] for each in (REMOTE_POD, OUTSIDE, IN_RANGE, NODE_IP, GATEWAY))


def _is_its_own(source: str, ip: IPAddress) -> bool:
    """A pod that talks to its own address never leaves its namespace."""
    last = OWN_PODS.get(source.removeprefix("pod/default/"), 0)
    return str(ip) in (f"10.244.0.{last}", f"fd00:244::{last}")
