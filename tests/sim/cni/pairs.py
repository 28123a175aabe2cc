"""The pairs that every plugin is tried on, in one cluster, and a packet's way as text.

A way is one line a hop: `node-a: veth(client) -> flannel.1  10.244.0.5 > 10.244.1.5  mtu 1450`.
Veths are called by the pod at their other end, `veth(client)`, whatever the plugin names them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from tui.sim.engine import Choices, Injection, State, World, send
from tui.sim.model.address import network
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
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxySettings
from tui.sim.routing.network import DeviceKind
from tui.sim.trace import Hop, Leg, Outcome, Role, Verdict

_NODES = (("a", "192.168.10.1"), ("b", "192.168.10.2"), ("c", "192.168.20.3"))
"""node-a and node-b share a subnet, node-c is in another one."""
_PODS = (("client", "a", 5), ("web-a", "a", 6), ("web-b", "b", 5), ("web-c", "c", 5))
SETTINGS = ProxySettings(cluster_cidrs=("10.244.0.0/16",))
OUTSIDE = "external/203.0.113.7"


def _node(number: int, letter: str, ip: str) -> Node:
    return Node(f"node-{letter}", (ip_address(ip),), pod_cidrs=(network(f"10.244.{number}.0/24"),))


def _pod(name: str, letter: str, last: int) -> Pod:
    number = "abc".index(letter)
    ports = (ContainerPort(8080, Protocol.TCP),)
    return Pod(
        "shop", name, node=f"node-{letter}", ips=(ip_address(f"10.244.{number}.{last}"),),
        containers=(Container("main", ports), Container("side")),
    )  # fmt: skip


@lru_cache(maxsize=1)
def cluster() -> Cluster:
    """Three nodes, a client, and a Service with a web server on each node."""
    pods = tuple(_pod(*each) for each in _PODS)
    service = Service(
        "shop", "web", type="NodePort", cluster_ips=("10.96.0.10",),
        ports=(ServicePort(80, target_port=8080, node_port=30080),),
    )  # fmt: skip
    endpoints = tuple(
        Endpoint((str(p.ips[0]),), node=p.node, target=f"pod/shop/{p.name}")
        for p in pods if p.name.startswith("web")
    )  # fmt: skip
    item = EndpointSlice("shop", "web-1", "web", endpoints=endpoints, ports=(EndpointPort(8080),))
    return Cluster(
        tuple(_node(i, *each) for i, each in enumerate(_NODES)), pods, (service,), (item,)
    )


@dataclass(frozen=True)
class Pair:
    """Who sends to whom."""

    source: str
    destination: str
    pin: str = ""
    """Endpoint that the Service shall choose, as `pod/shop/web-b`."""


PAIRS = {
    "same pod": Pair("pod/shop/client", "127.0.0.1:8080"),
    "same node": Pair("pod/shop/client", "pod/shop/web-a:8080"),
    "other node": Pair("pod/shop/client", "pod/shop/web-b:8080"),
    "other subnet": Pair("pod/shop/client", "pod/shop/web-c:8080"),
    "node to pod": Pair("node/node-a", "pod/shop/web-b:8080"),
    "world": Pair("pod/shop/client", "203.0.113.7:443"),
    "service": Pair("pod/shop/client", "svc/shop/web:80", "pod/shop/web-b"),
    "node port": Pair(OUTSIDE, "node/node-a:30080", "pod/shop/web-b"),
}
"""Every plugin is tried on all of them."""


def sent(world: World, pair: Pair, size: int = 60) -> Outcome:
    """The packet of a pair, in a world, with nothing remembered."""
    choices = Choices(pin=f"{address_of(world, pair.pin)}:8080") if pair.pin else None
    injection = Injection(pair.source, pair.destination, size=size)
    return send(world, State(), injection, choices)[0].outcomes[0]


def address_of(world: World, place: str) -> str:
    """A pod's first address in a world: some plugins give pods others than the file does."""
    return next(str(site.ips[0]) for site in world.pod_sites if site.place == place)


def request(outcome: Outcome) -> Leg:
    """The way there."""
    return next(leg for leg in outcome.legs if leg.role is Role.REQUEST)


def reply(outcome: Outcome) -> Leg:
    """The way back."""
    return next(leg for leg in outcome.legs if leg.role is Role.REPLY)


def way(world: World, leg: Leg) -> list[str]:
    """A leg as text, one line a hop."""
    return [_line(world, hop) for hop in leg.hops]


def _line(world: World, hop: Hop) -> str:
    space = hop.namespace.rsplit("/", 1)[-1]
    way = f"{space}: {_named(world, hop, hop.device_in)} -> {_named(world, hop, hop.device_out)}"
    packet = hop.steps[-1].packet
    ends = f"{packet.source} > {packet.destination}"
    if packet.tunnel is not None and packet.inner is not None:
        ends += f" [{packet.tunnel.kind} {packet.inner.source} > {packet.inner.destination}]"
    return f"{way}  {ends}{_mtu(world, hop)}"


def _named(world: World, hop: Hop, name: str | None) -> str:
    """A device; a veth by the pod at its other end."""
    if name is None:
        return "·"
    space = world.network.namespaces.get(hop.namespace)
    device = next((d for d in space.devices if d.name == name), None) if space else None
    if device is None or device.kind is not DeviceKind.VETH or device.peer is None:
        return name
    far = device.peer[0]
    return f"veth({far.rsplit('/', 1)[-1]})" if far.startswith("pod/") else name


def _mtu(world: World, hop: Hop) -> str:
    """The MTU of the device that the packet leaves by."""
    space = world.network.namespaces.get(hop.namespace)
    left = next((d for d in space.devices if d.name == hop.device_out), None) if space else None
    return f"  mtu {left.mtu}" if left is not None else ""


def largest(world: World, pair: Pair) -> int:
    """The size of the largest packet of a pair that passes, in bytes; 0 if none does."""
    passed, refused = 0, 65_536
    while refused - passed > 1:
        middle = (passed + refused) // 2
        found = sent(world, pair, size=middle)
        if found.verdict is Verdict.DELIVERED:
            passed = middle
        else:
            refused = middle
    return passed


def told(world: World, pair: Pair) -> str:
    """All that there is to say of a pair's packet: its way there and back, and what was felt."""
    outcome = sent(world, pair)
    there = request(outcome)
    seen = there.hops[-1].steps[-1].packet
    back = [leg for leg in outcome.legs if leg.role is Role.REPLY]
    return "\n".join(
        [
            *way(world, there),
            f"seen: {seen.source} > {seen.destination}  ttl {seen.ttl}",
            *(f"< {line}" for leg in back for line in way(world, leg)),
            f"{outcome.verdict}, {outcome.connection}; the largest that passes has "
            f"{largest(world, pair):,} bytes",
        ]
    )
