"""Who listens where: the sockets behind a delivered packet, and what they answer.

A pod listens on the ports that its containers declare, unless the annotation
`k8snet-tui/listen` says otherwise (`8080, 127.0.0.1:9090, 53/UDP`). A pod that declares no
port at all listens where Services lead to it. Of a pod that only an address implies nothing
is known but what EndpointSlices say. Machines out in the world are taken to answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.engine.world import World
from tui.sim.model.address import IPAddress
from tui.sim.model.cluster import Pod
from tui.sim.model.listening import LISTEN_ANNOTATION, listen_entries
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.sloppy import parse_sloppy_address, parse_sloppy_network
from tui.sim.model.value import value
from tui.sim.routing.network import FABRIC, Namespace
from tui.sim.trace import Reason, ReasonCode

_KUBELET_PORT = 10250


@value
class Socket:
    """A listening socket."""

    port: int
    """Port."""
    protocol: Protocol
    """Protocol."""
    owner: str
    """Who listens: a container, or a process of the node."""
    bound_to: IPAddress | None = None
    """The only address it answers on; None for every one."""


@value
class Sockets:
    """All listening sockets of a namespace; `known` is False if there may be more."""

    open: tuple[Socket, ...]
    """Sockets."""
    known: bool = True
    """Whether these are all."""


def sockets_of(world: World, space: Namespace) -> Sockets:
    """The listening sockets of a pod's or a node's namespace."""
    if space.name.startswith("node/"):
        return Sockets(tuple(_node_sockets(world, space)))
    pod = _pod_of(world, space)
    if pod is None:
        return Sockets(tuple(_from_slices(world, space)), known=False)
    declared = tuple(_pod_sockets(pod))
    if declared or LISTEN_ANNOTATION in pod.annotations:
        return Sockets(declared)
    return Sockets(tuple(_from_slices(world, space)))


def _pod_of(world: World, space: Namespace) -> Pod | None:
    _, namespace, name = (*space.name.split("/"), "", "")[:3]
    return world.cluster.pod(namespace, name)


def _pod_sockets(pod: Pod) -> Iterator[Socket]:
    if LISTEN_ANNOTATION in pod.annotations:
        for bound, port, protocol in listen_entries(pod.annotations[LISTEN_ANNOTATION]):
            yield Socket(port, protocol, _container_with(pod, port), bound)
        return
    for container in pod.containers:
        for declared in container.ports:
            yield Socket(declared.port, declared.protocol, container.name)


def _container_with(pod: Pod, port: int) -> str:
    for container in pod.containers:
        if any(declared.port == port for declared in container.ports):
            return container.name
    return pod.containers[0].name if pod.containers else pod.name


def _from_slices(world: World, space: Namespace) -> Iterator[Socket]:
    """Ports at which EndpointSlices list one of the namespace's addresses."""
    own = {a.ip for a in space.addresses if not a.ip.is_loopback}
    for item in world.slices_listing(own):
        for port in item.ports:
            if port.port:
                owner = f"Service {item.namespace}/{item.service}"
                yield Socket(port.port, port.protocol, owner)


def _node_sockets(world: World, space: Namespace) -> Iterator[Socket]:
    yield Socket(_KUBELET_PORT, Protocol.TCP, "kubelet")
    for pod in world.cluster.pods:
        if pod.host_network and pod.node == space.node:
            yield from _pod_sockets(pod)
    for service in world.cluster.services:
        if service.health_check_node_port:
            yield Socket(service.health_check_node_port, Protocol.TCP, "kube-proxy")
    yield from _from_slices(world, space)


# ---------------------------------------------------------------- answering


def socket_reason(world: World, space: Namespace, packet: Packet) -> Reason:
    """What becomes of a packet that a namespace's IP stack hands to its sockets."""
    if space.name.startswith("external/") or space.name == FABRIC:
        return _world_reason(world, packet.destination)
    sockets = sockets_of(world, space)
    fields = {"port": packet.dport, "protocol": packet.protocol.value}
    here = [s for s in sockets.open if (s.port, s.protocol) == (packet.dport, packet.protocol)]
    for socket in here:
        if socket.bound_to is None or socket.bound_to == packet.destination:
            return Reason.of(ReasonCode.SOCKET_LISTENS, owner=socket.owner, **fields)
    if here:
        bound = str(here[0].bound_to)
        return Reason.of(ReasonCode.SOCKET_LOOPBACK_ONLY, bound=bound, **fields)
    if not sockets.known:
        return Reason.of(ReasonCode.SOCKET_UNKNOWN, address=packet.destination, **fields)
    listening = ", ".join(f"{s.port}/{s.protocol}" for s in sockets.open) or "nothing"
    return Reason.of(ReasonCode.SOCKET_REFUSED, listening=listening, **fields)


def _world_reason(world: World, ip: IPAddress) -> Reason:
    """Out in the world somebody answers, unless the address exists only inside a cluster."""
    inside = {clean for s in world.cluster.services for text in s.cluster_ips
              if (clean := parse_sloppy_address(text)) is not None}  # fmt: skip
    ranges = [net for item in world.cluster.service_cidrs for net in item.cidrs]
    ranges += [net for node in world.cluster.nodes for net in node.pod_cidrs]
    pods = (parse_sloppy_network(text) for text in world.proxy.cluster_cidrs)
    ranges += [net for net in pods if net is not None]
    if ip in inside or any(ip in net for net in ranges):
        return Reason.of(ReasonCode.WORLD_NOBODY, address=ip)
    return Reason.of(ReasonCode.WORLD_REACHED, address=ip)
