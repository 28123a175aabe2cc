"""A cluster whose pods have the addresses that a plugin gave them, not those of the file."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.cni.site import Addressing
from tui.sim.model.cluster import Cluster, Endpoint, EndpointSlice, Node, Pod
from tui.sim.model.value import replace


def addressed(cluster: Cluster, given: Addressing) -> Cluster:
    """The objects as they would be with these addresses: pods, endpoints, nodes without ranges.

    A pod that still waits for one has none, and is no endpoint of a Service yet.
    """
    leases = {place: str(ip) for place, (ip, _) in given.leases.items()}
    pods = tuple(_pod(pod, given) for pod in cluster.pods)
    was = {str(ip): place_of(pod) for pod in cluster.pods for ip in pod.ips if has_own(pod)}
    slices = tuple(_slice(item, was, leases) for item in cluster.slices)
    nodes = tuple(_node(node) for node in cluster.nodes)
    return replace(cluster, nodes=nodes, pods=pods, slices=slices)


def place_of(pod: Pod) -> str:
    """`pod/shop/web-1`."""
    return f"pod/{pod.namespace}/{pod.name}"


def has_own(pod: Pod) -> bool:
    """Whether a pod has, or waits for, an address that is not its node's."""
    return not pod.host_network and not pod.finished and pod.node is not None


def _node(node: Node) -> Node:
    return replace(node, pod_cidrs=()) if node.pod_cidrs else node


def _pod(pod: Pod, given: Addressing) -> Pod:
    if not has_own(pod):
        return pod
    lease = given.leases.get(place_of(pod))
    return replace(pod, ips=(lease[0],) if lease is not None else ())


def _slice(item: EndpointSlice, was: Mapping[str, str], leases: Mapping[str, str]) -> EndpointSlice:
    """Pods have no second family here, so a slice of one is empty."""
    if item.address_type == "IPv6":
        return replace(item, endpoints=())
    found = (_endpoint(each, was, leases) for each in item.endpoints)
    return replace(item, endpoints=tuple(each for each in found if each is not None))


def _endpoint(
    endpoint: Endpoint, was: Mapping[str, str], leases: Mapping[str, str]
) -> Endpoint | None:
    """The endpoint at its pod's address; as it is where it is no pod of the file."""
    first = endpoint.addresses[0] if endpoint.addresses else ""
    place = was.get(first)
    if place is None:
        return endpoint
    return replace(endpoint, addresses=(leases[place],)) if place in leases else None
