"""Who appears on the map: the namespaces that matter, chosen from a network of any size.

A small cluster is shown whole. In a big one what a page of a lesson asks for comes first, then
the nodes and pods that the packet touches, then the endpoints of the Service it was sent to,
and the rest is a count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.session import Session
from tui.sim.model.cluster import Service
from tui.sim.model.value import value
from tui.sim.routing.network import FABRIC, Device, DeviceKind, Namespace, Network

POD = "pod/"
NODE = "node/"
SERVICE = "svc/"
SYSTEM = "pod/kube-system/"
"""Pods of the cluster itself come last."""


@value
class PodCast:
    """A pod on the map and the device of the node that its cable ends in."""

    namespace: str
    """`pod/shop/client`."""
    address: str
    """Its first address, without the prefix length."""
    cable: str
    """The host's end of its veth pair; empty where there is none."""
    bridge: str
    """The bridge that the cable is plugged into; empty where the host routes to it."""

    @property
    def name(self) -> str:
        """The pod's bare name."""
        return self.namespace.rsplit("/", 1)[-1]


@value
class NodeCast:
    """A node on the map."""

    namespace: str
    """`node/node-a`."""
    address: str
    """First address of its network card."""
    pods: tuple[PodCast, ...]
    """Pods by how much they matter."""
    bridges: tuple[Device, ...]
    """Bridges that have ports."""
    tunnels: tuple[Device, ...]
    """Tunnel devices."""
    cards: tuple[Device, ...]
    """Network cards."""
    touched: bool = False
    """The packet passes it or one of its pods."""

    @property
    def name(self) -> str:
        """The node's bare name."""
        return self.namespace.removeprefix(NODE)


@value
class Cast:
    """All that the map may show, most important first where there is a choice."""

    nodes: tuple[NodeCast, ...]
    """Nodes by how much they matter."""
    order: tuple[str, ...]
    """Node namespaces in the order of the cluster, to place those that are shown."""
    outsiders: tuple[str, ...]
    """Namespaces outside the cluster that the packet meets: `external/203.0.113.7`."""
    services: tuple[tuple[str, str], ...]
    """Services worth a line: name, and address with port."""
    mentioned: int = 0
    """How many of the Services, from the first, the packet has to do with."""


def touched(session: Session) -> tuple[str, ...]:
    """Namespaces that the last packet passes, each once, in order of appearance."""
    return tuple(dict.fromkeys(moment.hop.namespace for moment in session.moments))


def cast_of(session: Session, sought: Sequence[str] = ()) -> Cast:
    """Choose the cast for a session; what is `sought`, `pod/shop/cart` or `svc/shop/web`, leads."""
    network = session.world.network
    met = touched(session)
    here = session.moment.hop.namespace if session.moment else ""
    asked = [name.removeprefix(SERVICE) for name in sought if name.startswith(SERVICE)]
    first = list(dict.fromkeys((*asked, *_mentioned(session))))
    wanted = (*sought, *met, *_endpoints(session, first))
    nodes = [ns for ns in network.namespaces.values() if ns.name.startswith(NODE)]
    ranked = sorted(nodes, key=lambda ns: _node_rank(ns, network, sought, met, here))
    services, mentioned = _services(session, first)
    return Cast(
        tuple(_node(ns, network, wanted, met) for ns in ranked),
        tuple(ns.name for ns in nodes),
        tuple(name for name in met if not name.startswith((POD, NODE)) and name != FABRIC),
        services,
        mentioned,
    )


def _node_rank(
    ns: Namespace, network: Network, sought: Sequence[str], met: Sequence[str], here: str
) -> int:
    """Lower comes first: what is sought, where the packet is, where it was, then file order."""
    names = {other.name for other in network.on_node(ns.node)} if ns.node else {ns.name}
    reasons = (names.intersection(sought), here in names, names.intersection(met))
    return next((rank for rank, reason in enumerate(reasons) if reason), len(reasons))


def _node(ns: Namespace, network: Network, wanted: Sequence[str], met: Sequence[str]) -> NodeCast:
    pods = [p for p in (network.on_node(ns.node) if ns.node else ()) if p.name.startswith(POD)]
    rank = {name: i for i, name in reversed(list(enumerate(wanted)))}
    pods.sort(key=lambda p: (rank.get(p.name, len(rank)), p.name.startswith(SYSTEM)))
    cards = tuple(d for d in ns.devices if d.kind is DeviceKind.PHYSICAL)
    ports = {device.master for device in ns.devices}
    return NodeCast(
        ns.name,
        _address(cards),
        tuple(_pod(pod, ns) for pod in pods),
        tuple(d for d in ns.devices if d.kind is DeviceKind.BRIDGE and d.name in ports),
        tuple(d for d in ns.devices if d.kind is DeviceKind.VXLAN),
        cards,
        ns.name in met or any(pod.name in met for pod in pods),
    )


def _pod(pod: Namespace, host: Namespace) -> PodCast:
    outward = [d for d in pod.devices if d.kind is not DeviceKind.LOOPBACK]
    cable = next((d.peer[1] for d in outward if d.peer and d.peer[0] == host.name), "")
    bridge = next((d.master or "" for d in host.devices if d.name == cable), "")
    return PodCast(pod.name, _address(outward), cable, bridge)


def _address(devices: Iterable[Device]) -> str:
    return next((str(a.ip) for device in devices for a in device.addresses), "")


def _endpoints(session: Session, services: Sequence[str]) -> list[str]:
    """Pods behind some Services, named `shop/web`."""
    return [
        endpoint.target
        for each in session.world.cluster.slices
        if f"{each.namespace}/{each.service}" in services
        for endpoint in each.endpoints
        if endpoint.target
    ]


def _mentioned(session: Session) -> list[str]:
    """`shop/web` for every Service that owns a rule on the way, or was asked for."""
    owners = [
        m.step.owner.removeprefix("Service ").split(":")[0]
        for m in session.moments
        if m.step.owner and m.step.owner.startswith("Service ")
    ]
    asked = session.injection.destination if session.injection else ""
    if asked.startswith("svc/"):
        owners.append(asked.removeprefix("svc/").split(":")[0])
    return list(dict.fromkeys(owners))


def _services(session: Session, first: Sequence[str]) -> tuple[tuple[tuple[str, str], ...], int]:
    """Services as name and address, some of them first and in their order, and how many are."""
    rank = {name: i for i, name in enumerate(first)}
    real = [s for s in session.world.cluster.services if not s.headless and s.cluster_ips]
    real.sort(key=lambda s: rank.get(f"{s.namespace}/{s.name}", len(rank)))
    count = sum(f"{s.namespace}/{s.name}" in rank for s in real)
    return tuple((s.name, where_of(s)) for s in real), count


def where_of(service: Service) -> str:
    """A Service's address and ports: `10.96.0.10:53,9153`."""
    ports = ",".join(dict.fromkeys(str(port.port) for port in service.ports))
    return f"{service.cluster_ips[0]}:{ports}" if ports else service.cluster_ips[0]
