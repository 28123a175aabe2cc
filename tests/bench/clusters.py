"""Clusters of any size for the measurements: Services with five endpoints each."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from tui.sim.engine import World
from tui.sim.model.cluster import (
    Cluster,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Node,
    Pod,
    Service,
    ServicePort,
)
from tui.sim.model.settings import ProxyMode, ProxySettings

ENDPOINTS = 5
PODS_PER_NODE = 100
"""kubelet's default limit is 110."""

_PODS = 10 << 24
_SERVICES = (10 << 24) | (255 << 16)


def cluster_ip(number: int) -> str:
    """The cluster IP of a Service by its number, from 0."""
    return str(ip_address(_SERVICES + number + 1))


def sized(services: int, mode: ProxyMode) -> World:
    """A world of so many Services with five endpoints each, a hundred of them on a node."""
    count = max(2, -(-services * ENDPOINTS // PODS_PER_NODE))
    client = Pod("default", "client", "node-0", (ip_address(_PODS + 250),))
    cluster = Cluster(
        tuple(_node(number) for number in range(count)),
        (client,),
        tuple(_service(number) for number in range(services)),
        tuple(_slice(number, count) for number in range(services)),
    )
    return World(cluster, ProxySettings(mode=mode, cluster_cidrs=("10.0.0.0/9",)), "bridge")


def _node(number: int) -> Node:
    pods = ip_network((_PODS + (number << 8), 24))
    return Node(f"node-{number}", (ip_address((172 << 24) + number + 1),), pod_cidrs=(pods,))


def _service(number: int) -> Service:
    port = ServicePort(80, name="http")
    return Service("default", f"service-{number}", cluster_ips=(cluster_ip(number),), ports=(port,))


def _slice(number: int, nodes: int) -> EndpointSlice:
    pods = range(number * ENDPOINTS, (number + 1) * ENDPOINTS)
    name, port = f"service-{number}", EndpointPort(8080, name="http")
    endpoints = tuple(_endpoint(pod % nodes, pod // nodes) for pod in pods)
    return EndpointSlice("default", f"{name}-a", name, "IPv4", endpoints, (port,))


def _endpoint(node: int, place: int) -> Endpoint:
    return Endpoint((str(ip_address(_PODS + (node << 8) + place + 2)),), node=f"node-{node}")
