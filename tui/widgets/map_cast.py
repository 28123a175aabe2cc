"""Who appears on the map: the namespaces that matter, chosen from a network of any size.

A small cluster is shown whole. In a big one what a page of a lesson asks for comes first, then
what was last chosen from the rest, then the nodes and pods that the packet touches, then the
endpoints of the Service it was sent to, and the rest is a count. Who comes first is decided by
names; only those who may appear are looked at, for a big cluster has thousands of namespaces.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice

from tui.session import Session
from tui.sim.model.cluster import Service
from tui.sim.model.value import value
from tui.sim.routing.network import FABRIC, TUNNELS, Device, DeviceKind, Namespace, Network

_SWITCHES = (DeviceKind.BRIDGE, DeviceKind.OVS)

POD = "pod/"
NODE = "node/"
SERVICE = "svc/"
SYSTEM = "pod/kube-system/"
"""Pods of the cluster itself come last."""

MOST_NODES = 16
"""Nodes that a map without a width is given."""
MOST_PODS = 12
"""Pods that a node could have room for: boxes and names."""
MOST_SERVICES = 3
"""Services that a map has lines for."""


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
    """Pods by how much they matter; a node never has room for more than the first of them."""
    others: tuple[str, ...]
    """Namespaces of the pods that come after those."""
    bridges: tuple[Device, ...]
    """Bridges that have ports."""
    tunnels: tuple[Device, ...]
    """Tunnel devices."""
    cards: tuple[Device, ...]
    """Network cards."""
    wanted: bool = False
    """The packet passes it or one of its pods, or somebody chose it or one of them."""
    touched: bool = False
    """The packet passes it or one of its pods."""

    @property
    def name(self) -> str:
        """The node's bare name."""
        return self.namespace.removeprefix(NODE)

    @property
    def pod_names(self) -> tuple[str, ...]:
        """Namespaces of all its pods, by how much they matter."""
        return (*(pod.namespace for pod in self.pods), *self.others)


@value
class Cast:
    """All that the map may show, most important first where there is a choice."""

    nodes: tuple[NodeCast, ...]
    """Nodes by how much they matter: as many as could be shown, and all that the packet meets."""
    order: Mapping[str, int]
    """The place of every node in the cluster, to put those that are shown in order."""
    outsiders: tuple[str, ...]
    """Namespaces outside the cluster that the packet meets: `external/203.0.113.7`."""
    services: tuple[tuple[str, str], ...]
    """Services worth a line, name and address with port; no board has room for more."""
    all_pods: int = 0
    """How many pods there are."""
    all_services: int = 0
    """How many Services with an address there are."""
    mentioned: int = 0
    """How many of the Services, from the first, the packet has to do with."""


def touched(session: Session) -> tuple[str, ...]:
    """Namespaces that the last packet passes, each once, in order of appearance."""
    return tuple(dict.fromkeys(moment.hop.namespace for moment in session.moments))


def cast_of(
    session: Session,
    sought: Sequence[str] = (),
    chosen: Sequence[str] = (),
    most: int = MOST_NODES,
) -> Cast:
    """Choose the cast for a session, from `most` nodes on those alone that matter.

    What is `sought`, `pod/shop/cart` or `svc/shop/web`, leads; what was `chosen` follows, the
    latest first.
    """
    network, met = session.world.network, touched(session)
    asked = [n.removeprefix(SERVICE) for n in (*sought, *chosen) if n.startswith(SERVICE)]
    first = list(dict.fromkeys((*asked, *_mentioned(session))))
    wanted = (*sought, *chosen[:1], *met, *chosen[1:], *_endpoints(session, first))
    homes = {place: name for name, places in network.machines.items() for place in places}
    passed = {homes[place] for place in met if place in homes}
    picked = {homes[place] for place in chosen if place in homes}
    ranked = _by_rank(network, homes, _reasons(session, sought, chosen, met))
    kept = [name for i, name in enumerate(ranked) if i < most or name in passed]
    rank = {name: i for i, name in reversed(list(enumerate(wanted)))}
    services, count, mentioned = _services(session, first)
    return Cast(
        tuple(_node(network, name, rank, name in passed, name in picked) for name in kept),
        {places[0]: i for i, places in enumerate(network.machines.values())},
        tuple(name for name in met if not name.startswith((POD, NODE)) and name != FABRIC),
        services,
        len(homes) - len(network.machines),
        count,
        mentioned,
    )


def _reasons(
    session: Session, sought: Sequence[str], chosen: Sequence[str], met: Sequence[str]
) -> list[Collection[str]]:
    """Why a node comes before another: it holds one of these, of the first ones first."""
    here = session.moment.hop.namespace if session.moment else ""
    return [sought, chosen[:1], (here,), met, *((name,) for name in chosen[1:])]


def _by_rank(
    network: Network, homes: Mapping[str, str], reasons: Sequence[Collection[str]]
) -> list[str]:
    """The machines' names: those with a reason by their reasons, then as the cluster has them."""
    order = {name: i for i, name in enumerate(network.machines)}
    first: list[str] = []
    for places in reasons:
        first += sorted((homes[p] for p in places if p in homes), key=order.__getitem__)
    return list(dict.fromkeys((*first, *order)))


def _node(
    network: Network, machine: str, rank: Mapping[str, int], touched: bool, picked: bool
) -> NodeCast:
    """A node with as many of its pods as there could be room for."""
    place, *pods = network.machines[machine]
    pods.sort(key=lambda name: (rank.get(name, len(rank)), name.startswith(SYSTEM)))
    host = network.namespace(place)
    cards = tuple(d for d in host.devices if d.kind is DeviceKind.PHYSICAL)
    ports = {device.master for device in host.devices}
    return NodeCast(
        place,
        _address(cards),
        tuple(_pod(network.namespace(name), host) for name in pods[:MOST_PODS]),
        tuple(pods[MOST_PODS:]),
        tuple(d for d in host.devices if d.kind in _SWITCHES and d.name in ports),
        tuple(d for d in host.devices if d.kind in TUNNELS),
        cards,
        touched or picked,
        touched,
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


def _services(
    session: Session, first: Sequence[str]
) -> tuple[tuple[tuple[str, str], ...], int, int]:
    """Some Services, those named first in their order; how many there are, and are named."""
    real = {
        f"{s.namespace}/{s.name}": s
        for s in session.world.cluster.services
        if not s.headless and s.cluster_ips
    }
    named = [name for name in first if name in real]
    shown = islice(dict.fromkeys((*named, *real)), MOST_SERVICES)
    cast = tuple((real[name].name, where_of(real[name])) for name in shown)
    return cast, len(real), len(named)


def where_of(service: Service) -> str:
    """A Service's address and ports: `10.96.0.10:53,9153`."""
    ports = ",".join(dict.fromkeys(str(port.port) for port in service.ports))
    return f"{service.cluster_ips[0]}:{ports}" if ports else service.cluster_ips[0]
