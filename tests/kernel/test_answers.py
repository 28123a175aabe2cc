"""Real clients and a real server: what each of them feels and sees of the other.

A pod listens. Processes in pods, on the node and out in the world connect to it by every
address of a Service, or to where nobody is. Whether that succeeds, is refused at once or ends
in silence, whom the server sees, from where the answer comes, and who refuses: all as the
simulator says.
"""

import errno
import select
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address

import pytest

from tests.kernel.clusters import FACTS, NODE, RANGES, UNDER_TEST, node, own_pods
from tests.kernel.fates import reached_by
from tests.kernel.flows import IN_RANGE, LOOPBACK, NODE_IP
from tests.kernel.lab import Sighting, one_cpu
from tests.kernel.site import MISSING, Site, a_site
from tests.kernel.wiring import WIRE, batch, machine_of
from tui.sim.engine import Injection, State, World, send
from tui.sim.model.address import endpoint_text
from tui.sim.model.cluster import (
    Cluster,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    LoadBalancerIngress,
    Service,
    ServicePort,
)
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxyMode, ProxySettings
from tui.sim.trace import Connection, Leg, Role

SERVER = "pod/default/a1"
IP_RECVERR, IPV6_RECVERR = 11, 25
EXTENDED_ERROR = 16
"""Size of struct sock_extended_err; behind it stands the address of who sent the error."""
TARGETS = {Protocol.TCP: 8080, Protocol.UDP: 5353}
MODES = (ProxyMode.IPTABLES, ProxyMode.NFTABLES)
CLIENT, ENDPOINT = "pod/default/client", SERVER

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=f"needs {MISSING}")]


# ---------------------------------------------------------------- the cluster


def service(number: int, name: str, policy: str = "Cluster") -> Service:
    return Service(
        "default", name, "LoadBalancer", (f"10.96.1.{number}", f"fd00:96::1:{number}"),
        (ServicePort(80, Protocol.TCP, "web", 8080, 30100 + number),
         ServicePort(53, Protocol.UDP, "dns", 5353, 30200 + number)),
        load_balancer=(LoadBalancerIngress(f"198.51.100.{number}"),
                       LoadBalancerIngress(f"2001:db8:51::{number}")),
        external_traffic_policy=policy, internal_traffic_policy=policy,
    )  # fmt: skip


def endpoints(name: str, host: str, v4: str, v6: str) -> Iterator[EndpointSlice]:
    ports = (EndpointPort(8080, Protocol.TCP, "web"), EndpointPort(5353, Protocol.UDP, "dns"))
    for family, ip in (("IPv4", v4), ("IPv6", v6)):
        ends = (Endpoint((ip,), node=host),)
        yield EndpointSlice("default", f"{name}-{family}", name, family, ends, ports)


CLUSTER = Cluster(
    (node(0), node(1)),
    own_pods(),
    (service(1, "open"), service(2, "own", "Local"), service(3, "empty"),
     service(4, "far", "Local")),
    (*endpoints("open", UNDER_TEST, "10.244.0.2", "fd00:244::2"),
     *endpoints("own", UNDER_TEST, "10.244.0.2", "fd00:244::2"),
     *endpoints("far", "node-b", "10.244.1.2", "fd00:244:1::2")),
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A client that connects."""

    place: str
    source: str
    """As the simulator names it."""
    to: str
    port: int
    protocol: Protocol

    @property
    def bound(self) -> str:
        """The address that the client must take, where the route would not choose it."""
        return self.source if self.place in (WIRE, NODE) and self.source != NODE else ""

    @property
    def injection(self) -> Injection:
        end = endpoint_text(ip_address(self.to), self.port)
        return Injection(self.source, end, self.protocol, node=UNDER_TEST)


def calls() -> Iterator[Call]:
    for version in (4, 6):
        sources = [
            (CLIENT, CLIENT), (ENDPOINT, ENDPOINT), (NODE, NODE), (WIRE, IN_RANGE[version]),
        ]  # fmt: skip
        for protocol in TARGETS:
            for number, each in enumerate(CLUSTER.services, start=1):
                port = next(p for p in each.ports if p.protocol is protocol)
                at = version == 6
                ends = [(each.cluster_ips[at], port.port), (NODE_IP[version], port.node_port),
                        (each.load_balancer[at].ip, port.port)]  # fmt: skip
                for place, source in sources:
                    for ip, number in ends if place != NODE else ends[:1]:
                        yield Call(place, source, ip, number, protocol)
                if version == 4:
                    own = LOOPBACK[4]
                    yield Call(NODE, own, own, port.node_port, protocol)


# ---------------------------------------------------------------- both ends


@dataclass(frozen=True)
class Felt:
    """What a client felt, and what was seen of it."""

    connection: Connection
    seen_by_server: str | None = None
    """The client's address, as the server sees it."""
    answer: str | None = None
    """From where the answer came to the client, and with which TTL."""
    refused_by: str | None = None
    """Who sent the error, where a socket can tell."""


class Server:
    """The listening pod, for both families and protocols."""

    def __init__(self, site: Site) -> None:
        with site.machines.inside(machine_of(SERVER)):
            self.tcp = socket.create_server(
                ("", 8080), family=socket.AF_INET6, dualstack_ipv6=True, backlog=100
            )
            self.udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.udp.bind(("", 5353))

    def close(self) -> None:
        self.tcp.close()
        self.udp.close()

    def serve(self) -> str | None:
        """Answer whoever has come, and say who it is."""
        for listening in select.select([self.tcp, self.udp], [], [], 0)[0]:
            if listening is self.tcp:
                came, peer = self.tcp.accept()
                came.close()
            else:
                data, peer = self.udp.recvfrom(100)
                self.udp.sendto(data, peer)
            return str(peer[0]).removeprefix("::ffff:")
        return None


# ---------------------------------------------------------------- a call, in the kernel


def once_in_the_kernel(site: Site, server: Server, call: Call) -> Felt:
    """Let a real process connect; nothing is waited for: a quiet node tells of silence."""
    with one_cpu(), client(site, call) as own:
        failed = own.connect_ex((call.to, call.port))
        if call.protocol is Protocol.UDP:
            failed = said(own)
        heard = site.lab.settled(3)
        seen = server.serve()
        heard += site.lab.settled(2)
        return Felt(
            felt_by(own, call, failed),
            seen,
            answer(call, own, heard),
            offender(own) if call.protocol is Protocol.UDP else None,
        )


def in_the_kernel(site: Site, server: Server, call: Call) -> Felt:
    """What a call comes to; one that ends in silence is made twice, whatever is expected of it.

    Rules drop a packet each time. On a busy machine one in some ten thousand came late: conntrack
    then showed that its answer was reset by a socket that had been closed meanwhile.
    """
    felt = once_in_the_kernel(site, server, call)
    if felt.connection is not Connection.TIMEOUT:
        return felt
    while server.serve() is not None:
        pass  # who came late belongs to no other call
    return once_in_the_kernel(site, server, call)


def felt_by(own: socket.socket, call: Call, failed: int) -> Connection:
    """What the client's socket says after all is quiet."""
    error = own.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if errno.ECONNREFUSED in (failed, error):
        return Connection.REFUSED
    try:
        if call.protocol is Protocol.TCP:
            own.getpeername()
        else:
            own.recv(100)
    except OSError as silent:
        if silent.errno not in (errno.ENOTCONN, errno.EAGAIN):
            raise
        return Connection.TIMEOUT
    return Connection.ESTABLISHED


def client(site: Site, call: Call) -> socket.socket:
    """A socket that does not wait."""
    kind = socket.SOCK_STREAM if call.protocol is Protocol.TCP else socket.SOCK_DGRAM
    v4 = ip_address(call.to).version == 4
    with site.machines.inside(machine_of(call.place)):
        own = socket.socket(socket.AF_INET if v4 else socket.AF_INET6, kind)
    own.setblocking(False)
    if v4:
        own.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    else:
        own.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
    if call.bound:
        own.bind((call.bound, 0))
    return own


def said(own: socket.socket) -> int:
    try:
        own.send(b"hello")
    except OSError as error:
        return error.errno or 0
    return 0


def answer(call: Call, own: socket.socket, heard: list[Sighting]) -> str | None:
    """From where the answer to this very client came, and with which TTL."""
    port = own.getsockname()[1]
    for sighting in heard:
        got = sighting.packet
        back = got.flags == "SYN,ACK" or got.protocol is Protocol.UDP
        if sighting.place == call.place and got.dport == port and back:
            return f"{got.from_text} ttl {got.ttl}"
    return None


def offender(own: socket.socket) -> str | None:
    """Who sent the ICMP error that waits at a socket (ip(7), IP_RECVERR)."""
    try:
        _, ancillary, _, _ = own.recvmsg(100, 512, socket.MSG_ERRQUEUE)
    except BlockingIOError:
        return None
    for _, _, data in ancillary:
        family = struct.unpack_from("=H", data, EXTENDED_ERROR)[0]
        start, length = (4, 4) if family == socket.AF_INET else (8, 16)
        return str(ip_address(data[EXTENDED_ERROR + start :][:length]))
    return None


# ---------------------------------------------------------------- a call, simulated


def simulated(world: World, call: Call) -> Felt | None:
    """The same as the simulator tells it; None where somebody answers whom the test has not."""
    trace, _ = send(world, State(), call.injection)
    outcome = trace.outcomes[0]
    legs = {leg.role: leg for leg in outcome.legs}
    at_server = outcome.request.hops[-1].namespace == SERVER
    good = outcome.connection is Connection.ESTABLISHED
    if good and not at_server:
        return None
    udp = call.protocol is Protocol.UDP
    reply, error = legs.get(Role.REPLY), legs.get(Role.ICMP)
    return Felt(
        outcome.connection,
        str(outcome.request.end.packet.source) if at_server and (good or udp) else None,
        told_of(reply) if reply is not None else None,
        str(error.end.packet.source) if error is not None and udp else None,
    )


def told_of(reply: Leg) -> str | None:
    """The answer, unless it is a refusal."""
    reached = reached_by(reply)
    if reached is None or "RST" in reply.packet.flags:
        return None
    return f"{reached[1].from_text} ttl {reached[1].ttl}"


# ---------------------------------------------------------------- the tests


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with a_site(deaf=False) as found:
        batch(found.machines, WIRE, [f"addr add {ip} dev lo" for ip in IN_RANGE.values()])
        yield found


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    listening = Server(site)
    yield listening
    listening.close()


@pytest.mark.parametrize("bridged", [True, False], ids=["br_netfilter", "without br_netfilter"])
@pytest.mark.parametrize("mode", MODES)
def test_both_ends_feel_what_the_simulator_says(
    site: Site, server: Server, mode: ProxyMode, bridged: bool
) -> None:
    facts = replace(FACTS, bridge_nf_call_iptables=bridged, nfacct=site.nfacct)
    settings = ProxySettings(mode=mode, cluster_cidrs=RANGES)
    world = World(CLUSTER, settings, "bridge", {UNDER_TEST: facts})
    site.load(world)
    felt = set()
    for call in calls():
        expected = simulated(world, call)
        if expected is not None:
            assert in_the_kernel(site, server, call) == expected, call
            felt.add(expected.connection)
    assert felt == {Connection.ESTABLISHED, Connection.REFUSED, Connection.TIMEOUT}
