"""What a Service costs a packet as the cluster grows: asked of the simulator, no formula.

A node with a client, a server, and so many Services before the server. The client opens a
connection to the last Service, whose rule iptables reaches last. What is counted is the
request on its one node: the first packet, which finds its way through kube-proxy's rules, and
one that follows, for which conntrack knows the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from tui.sim.engine.injection import Choices, Injection
from tui.sim.engine.run import send
from tui.sim.engine.state import State
from tui.sim.engine.world import World
from tui.sim.model.cluster import (
    Cluster,
    Container,
    ContainerPort,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Node,
    Pod,
    Service,
    ServicePort,
)
from tui.sim.model.settings import ProxyMode, ProxySettings
from tui.sim.model.value import value
from tui.sim.trace import Cost, Trace

SIZES = (10, 100, 1_000, 10_000, 30_000)
"""Numbers of Services that the curve is drawn through."""

_NODE = Node("node-a", (IPv4Address("192.168.10.1"),), (), (IPv4Network("10.244.0.0/24"),))
_CLIENT = Pod("shop", "client", "node-a", (IPv4Address("10.244.0.2"),))
_SERVER = Pod(
    "shop", "server", "node-a", (IPv4Address("10.244.0.3"),),
    containers=(Container("server", (ContainerPort(8080),)),),
)  # fmt: skip
_ENDPOINTS = (Endpoint(("10.244.0.3",), node="node-a", target="pod/shop/server"),)
_FIRST_IP = int(IPv4Address("10.96.0.1"))


@value
class CostPoint:
    """What a connection costs in one mode, in a cluster with so many Services."""

    mode: ProxyMode
    """kube-proxy's mode."""
    services: int
    """Number of Services."""
    first: Cost
    """What the first packet of the connection costs."""
    later: Cost
    """What a packet costs that follows."""


def curve(
    sizes: Iterable[int] = SIZES,
    modes: Iterable[ProxyMode] = tuple(ProxyMode),
    known: Iterable[CostPoint] = (),
    begun: Callable[[int, ProxyMode], None] | None = None,
) -> Iterator[CostPoint]:
    """Each size in each mode, the small ones first, for the large ones take seconds.

    Points that are known already are left out. `begun` is told of each other point before it is
    computed, for somebody who waits.
    """
    asked, told = tuple(modes), {(point.services, point.mode) for point in known}
    for services in sizes:
        missing = [mode for mode in asked if (services, mode) not in told]
        if not missing:
            continue
        cluster = cluster_with(services)
        for mode in missing:
            if begun is not None:
                begun(services, mode)
            yield _point(cluster, mode)


def cost_of_last_service(services: int, mode: ProxyMode) -> CostPoint:
    """The cost in a cluster with so many Services, at least one."""
    return _point(cluster_with(services), mode)


def cluster_with(services: int) -> Cluster:
    """A node, two pods, and so many Services with the server as their one endpoint."""
    names = [f"web-{number:05}" for number in range(1, services + 1)]
    return Cluster(
        nodes=(_NODE,),
        pods=(_CLIENT, _SERVER),
        services=tuple(_service(name, number) for number, name in enumerate(names)),
        slices=tuple(_slice(name) for name in names),
    )


def _service(name: str, number: int) -> Service:
    ip = str(IPv4Address(_FIRST_IP + number))
    return Service("shop", name, cluster_ips=(ip,), ports=(ServicePort(80, target_port=8080),))


def _slice(service: str) -> EndpointSlice:
    return EndpointSlice(
        "shop", f"{service}-1", service, endpoints=_ENDPOINTS, ports=(EndpointPort(8080),)
    )


def _point(cluster: Cluster, mode: ProxyMode) -> CostPoint:
    """Send the first packet, and another one of the same connection."""
    world = World(cluster, ProxySettings(mode=mode, cluster_cidrs=("10.244.0.0/16",)))
    called = cluster.services[-1].cluster_ips[0]
    asked = Injection("pod/shop/client", f"{called}:80", sport=40_000)
    opening, state = send(world, State(), asked, Choices())
    following, _ = send(world, state, asked, Choices())
    return CostPoint(mode, len(cluster.services), request_cost(opening), request_cost(following))


def request_cost(trace: Trace) -> Cost:
    """All that the kernel did for the request of a trace's first outcome."""
    return sum((step.cost for _, step in trace.outcomes[0].request.steps()), Cost())
