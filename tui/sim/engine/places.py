"""Turns the places that people write into namespaces, addresses and ports."""

from __future__ import annotations

from ipaddress import ip_address

from tui.sim.cni.machine import external_place, node_place
from tui.sim.cni.site import PodSite
from tui.sim.engine.injection import Injection, PlaceError
from tui.sim.engine.world import World
from tui.sim.model.address import Family, IPAddress, family_of
from tui.sim.model.cluster import Node, Pod, Service
from tui.sim.model.packet import Protocol
from tui.sim.model.shown import shown, some_of
from tui.sim.model.sloppy import parse_sloppy_address
from tui.sim.model.value import value

_LONGEST = 400
"""More characters than any place has."""
_LISTED = 5
"""Names of what is there that a message lists."""


@value
class Origin:
    """Where a packet starts."""

    place: str
    """As people name it."""
    namespace: str
    """Namespace whose socket sends it."""
    ips: tuple[IPAddress, ...]
    """Addresses it may bear; the first of the right family is used unless `fixed`."""
    fixed: bool
    """The address was given; else the route decides it."""
    pod: Pod | None = None
    """The pod, for its DNS search path."""
    container: str | None = None
    """The container that sends."""
    implied: PodSite | None = None
    """A pod that only the address implies."""
    external: IPAddress | None = None
    """A machine out in the world."""


@value
class Target:
    """What a packet is sent to."""

    place: str
    """As people name it."""
    ips: tuple[IPAddress, ...] = ()
    """Its addresses, one per family; empty for a name that DNS must resolve."""
    port: int | None = None
    """The port that the place names."""
    name: str | None = None
    """A DNS name to ask for."""
    protocol: Protocol | None = None
    """The protocol of a Service's named port."""


# ---------------------------------------------------------------- sources


def origin_of(world: World, injection: Injection) -> Origin:
    """Where an injected packet starts. Raises PlaceError."""
    text = _bounded(injection.source)
    kind, _, rest = text.partition("/")
    if kind == "pod":
        return _alive(world, _pod_origin(world, text, rest))
    if kind == "node":
        node = node_named(world, rest, text)
        return Origin(text, node_place(node.name), node.internal_ips, fixed=False)
    if kind == "external":
        return _external_origin(_ip(rest, text))
    if kind == "svc":
        raise PlaceError(f"{text}: a Service sends nothing; name a pod, a node or external/IP")
    return _address_origin(world, _ip(text, text), injection.node)


def _pod_origin(world: World, text: str, rest: str) -> Origin:
    parts = rest.split("/")
    if len(parts) == 1:
        return _address_origin(world, _ip(rest, text), None)
    if len(parts) > 3:
        raise PlaceError(f"{text}: expected pod/NAMESPACE/NAME[/CONTAINER]")
    pod = world.cluster.pod(parts[0], parts[1])
    if pod is None:
        return _implied_by_name(world, text, f"pod/{parts[0]}/{parts[1]}")
    container = parts[2] if len(parts) == 3 else None
    if container is not None and container not in {c.name for c in pod.containers}:
        known = some_of(c.name for c in pod.containers)
        raise PlaceError(f"{text}: the pod has no container {container}; it has: {known}")
    if pod.host_network and pod.node:
        node = node_named(world, pod.node, text)
        return Origin(text, node_place(node.name), node.internal_ips, False, pod, container)
    if f"pod/{pod.namespace}/{pod.name}" in world.waiting:
        raise PlaceError(
            f"{text}: the pod waits for an address, the cards of {pod.node} have none left; it "
            "takes fewer pods there, a larger instance type, or prefix delegation"
        )
    if not pod.ips or pod.node is None or world.cluster.node(pod.node) is None:
        raise PlaceError(f"{text}: the pod has no address yet; it is on no node of the cluster")
    return Origin(text, f"pod/{pod.namespace}/{pod.name}", pod.ips, False, pod, container)


def _alive(world: World, origin: Origin) -> Origin:
    """The same, if there is a namespace to send from. Raises PlaceError."""
    pod = origin.pod
    if pod is None or pod.host_network:
        return origin
    if pod.finished:
        raise PlaceError(f"{origin.place}: the pod has finished, it sends nothing any more")
    if not any(site.place == origin.namespace for site in world.pod_sites):
        ips = " and ".join(map(str, pod.ips))
        raise PlaceError(f"{origin.place}: the pod has no network; {ips} is another's address too")
    return origin


def _implied_by_name(world: World, text: str, place: str) -> Origin:
    """A pod that only an EndpointSlice tells of."""
    for site in world.pod_sites:
        if site.place == place:
            return Origin(text, place, site.ips, fixed=False)
    raise PlaceError(f"{text}: there is no such pod; {_some_pods(world)}")


def _address_origin(world: World, ip: IPAddress, entry: str | None) -> Origin:
    """A bare address: loopback, a node's own or one bound to it is a process of the node.

    Its bridge's and its tunnel's are its own too: kubelet's probes come from there.
    """
    if ip.is_loopback:
        node = entry_node(world, entry)
        return Origin(str(ip), node_place(node.name), (ip,), fixed=True)
    machine = world.network.nodes.get(ip)
    if machine is not None:
        return Origin(str(ip), machine, (ip,), fixed=True)
    for site in world.pod_sites:
        if ip in site.ips:
            return Origin(str(ip), site.place, (ip,), fixed=True, pod=_pod_at(world, ip))
    bound_to = _node_bound_to(world, ip, entry)
    if bound_to is not None:
        return Origin(str(ip), node_place(bound_to.name), (ip,), fixed=True)
    home = world.node_holding(ip)
    if home is None:
        return _external_origin(ip)
    machine = node_place(home.name)
    if world.network.namespace(machine).owner_of(ip) is not None:
        return Origin(str(ip), machine, (ip,), fixed=True)
    implied = PodSite(f"pod/{ip}", home.name, (ip,), implied=True)
    return Origin(str(ip), implied.place, (ip,), True, implied=implied)


def _node_bound_to(world: World, ip: IPAddress, entry: str | None) -> Node | None:
    """The node whose processes may bear a Service's address, as in IPVS mode: the one of entry."""
    if not world.cluster.nodes:
        return None
    node = entry_node(world, entry)
    return node if ip in world.virtual_addresses(node.name) else None


def _external_origin(ip: IPAddress) -> Origin:
    return Origin(external_place(ip), external_place(ip), (ip,), True, external=ip)


def _pod_at(world: World, ip: IPAddress) -> Pod | None:
    return next((p for p in world.cluster.pods if ip in p.ips and not p.host_network), None)


def node_named(world: World, name: str, text: str) -> Node:
    """A node by its name. Raises PlaceError."""
    node = world.cluster.node(name)
    if node is None:
        known = some_of(n.name for n in world.cluster.nodes)
        raise PlaceError(f"{text}: there is no node {name!r}; the cluster has: {known}")
    return node


def entry_node(world: World, name: str | None) -> Node:
    """The node at which something from outside enters. Raises PlaceError."""
    if name is not None:
        return node_named(world, name, name)
    if not world.cluster.nodes:
        raise PlaceError("the cluster has no Node object; a packet needs one to enter by")
    return world.cluster.nodes[0]


def _some_pods(world: World) -> str:
    names = [f"pod/{p.namespace}/{p.name}" for p in world.cluster.pods]
    return f"known are: {some_of(names, _LISTED)}" if names else "the cluster's file has no pods"


# ---------------------------------------------------------------- destinations


def target_of(world: World, injection: Injection) -> Target:
    """What an injected packet is sent to. Raises PlaceError."""
    text = _bounded(injection.destination)
    kind, _, rest = text.partition("/")
    if kind == "svc":
        return _service_target(world, text, rest)
    if kind == "pod":
        return _pod_target(world, text, rest)
    if kind == "node":
        name, port = _split_port(rest, text)
        return Target(text, node_named(world, name, text).internal_ips, port)
    if kind == "external":
        host, port = _host_port(rest, text)
        return Target(text, (_ip(host, text),), port)
    if "/" in text:
        raise PlaceError(f"{text}: expected pod/NS/NAME, svc/NS/NAME:PORT, node/NAME, "
                         "external/IP, a DNS name, or IP[:PORT]")  # fmt: skip
    host, port = _host_port(text, text)
    try:
        return Target(text, (_without_zone(host),), port)
    except ValueError:
        return Target(text, (), port, name=_dns_name(host, text))


def _service_target(world: World, text: str, rest: str) -> Target:
    path, port_text = _split_last_colon(rest)
    namespace, _, name = path.partition("/")
    if not name:
        raise PlaceError(f"{text}: expected svc/NAMESPACE/NAME:PORT")
    service = world.cluster.service(namespace, name)
    if service is None:
        known = some_of((f"svc/{s.namespace}/{s.name}" for s in world.cluster.services), _LISTED)
        raise PlaceError(f"{text}: there is no such Service; known are: {known}")
    port, protocol = _service_port(service, port_text, text)
    if service.type == "ExternalName" or service.headless:
        return Target(text, (), port, f"{name}.{namespace}.svc.cluster.local.", protocol)
    ips = (parse_sloppy_address(ip) for ip in service.cluster_ips)
    return Target(text, tuple(ip for ip in ips if ip is not None), port, None, protocol)


def _service_port(
    service: Service, given: str | None, text: str
) -> tuple[int | None, Protocol | None]:
    if given is None:
        only = service.ports[0] if len(service.ports) == 1 else None
        return (only.port, only.protocol) if only else (None, None)
    for port in service.ports:
        if given == port.name:
            return port.port, port.protocol
    if given.isdigit():
        return _port(given, text), None
    known = some_of(p.name or str(p.port) for p in service.ports)
    raise PlaceError(f"{text}: the Service has no port {given!r}; it has: {known}")


def _pod_target(world: World, text: str, rest: str) -> Target:
    path, port_text = _split_last_colon(rest)
    port = _port(port_text, text) if port_text else None
    if "/" not in path:
        return Target(text, (_ip(path, text),), port)
    origin = _pod_origin(world, f"pod/{path}", path)
    return Target(text, origin.ips, port)


def _split_port(rest: str, text: str) -> tuple[str, int | None]:
    name, port = _split_last_colon(rest)
    return name, _port(port, text) if port else None


def _split_last_colon(text: str) -> tuple[str, str | None]:
    head, colon, tail = text.rpartition(":")
    return (head, tail) if colon else (text, None)


def _host_port(text: str, place: str) -> tuple[str, int | None]:
    """`10.0.0.1:80`, `[fd00::1]:80`, `fd00::1`, `web.shop:80` or without a port."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, _port(rest[1:], place) if rest.startswith(":") else None
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, _port(port, place)
    return text, None


def _port(text: str, place: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise PlaceError(f"{place}: {text!r} is not a port number (1 to 65535)")


def _ip(text: str, place: str) -> IPAddress:
    try:
        return _without_zone(text)
    except ValueError:
        raise PlaceError(
            f"{place}: {text!r} is no place that is known: expected pod/NS/NAME, "
            "node/NAME, external/IP or an IP address"
        ) from None


def _without_zone(text: str) -> IPAddress:
    """An address; a zone (`fe80::1%eth0`) names a device of who knows which host."""
    if "%" in text:
        raise ValueError(text)
    return ip_address(text)


def _dns_name(text: str, place: str) -> str:
    labels = text.rstrip(".").split(".")
    allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_"
    if len(text) > 253 or not all(
        label and len(label) <= 63 and set(label.lower()) <= set(allowed) for label in labels
    ):
        raise PlaceError(f"{place}: neither an IP address nor a DNS name")
    return text.lower()


def _bounded(text: str) -> str:
    """A place as written, if it is one that a message can show."""
    if len(text) > _LONGEST:
        raise PlaceError(f"{shown(text)}: longer than the name of any place")
    return text


def same_family(ips: tuple[IPAddress, ...], family: Family | None) -> IPAddress | None:
    """The first address of a family, or the first of all if any will do."""
    return next((ip for ip in ips if family is None or family_of(ip) is family), None)
