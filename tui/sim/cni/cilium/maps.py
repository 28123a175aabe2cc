"""What Cilium's agent writes into the maps of a node.

Services: which addresses and backends is decided for every dataplane alike. Follows v1.16:
pkg/service/service.go, pkg/k8s/watchers; identities: pkg/identity.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from ipaddress import IPv4Address

from tui.sim.cni.cilium.names import lxc_of
from tui.sim.cni.site import PodSite, Site
from tui.sim.ebpf import Backend, Frontend, LbService, Maps, ServiceKind
from tui.sim.model.address import Family, IPAddress, IPNetwork, first_ipv4
from tui.sim.model.cluster import Node
from tui.sim.services import PortPlan, ServiceEndpoint, plan_ports

FAMILY = Family.IPV4
_FIRST_IDENTITY = 256
_EVERY_NODE = IPv4Address(0)


def maps_of(node: Node, site: Site) -> Maps:
    """All maps of a node."""
    pods = [pod for pod in site.pods_on(node) if address_of(pod) is not None]
    own = {ip: pod for pod in pods if (ip := address_of(pod)) is not None}
    return Maps(
        services=dict(_services(node, site)),
        endpoints={ip: lxc_of(pod.place) for ip, pod in own.items()},
        nodes=frozenset(ip for each in site.cluster.nodes for ip in each.internal_ips),
        remotes=tuple(remotes(node, site)),
        identities={ip: identity_of(pod, site) for ip, pod in own.items()},
    )


def address_of(pod: PodSite) -> IPAddress | None:
    """A pod's IPv4 address."""
    return first_ipv4(pod.ips)


def remotes(own: Node, site: Site) -> Iterator[tuple[IPNetwork, IPAddress]]:
    """The other nodes' pod ranges, and their addresses."""
    for node in site.cluster.nodes:
        ip = first_ipv4(node.internal_ips)
        if node.name != own.name and ip is not None:
            yield from ((net, ip) for net in node.pod_cidrs if net.version == 4)


def identity_of(pod: PodSite, site: Site) -> int:
    """The number that stands for a pod's labels; pods with the same labels have the same."""
    namespace, name = (*pod.place.split("/"), "", "")[1:3]
    found = site.cluster.pod(namespace, name)
    labels = sorted(found.labels.items()) if found is not None else [("name", name)]
    text = f"{namespace}/{labels}"
    return _FIRST_IDENTITY + int.from_bytes(sha256(text.encode()).digest()[:2], "big") % 65_000


def _services(node: Node, site: Site) -> Iterator[tuple[Frontend, LbService]]:
    for plan in plan_ports(site.cluster, node, FAMILY, site.settings):
        yield from _of_port(plan)


def _of_port(plan: PortPlan) -> Iterator[tuple[Frontend, LbService]]:
    everybody = _backends(plan.cluster_endpoints)
    near = _backends(plan.local_endpoints)
    inside = near if plan.internal_local else everybody
    outside = near if plan.external_local else everybody
    protocol, port = plan.protocol, plan.port.port

    def service(kind: ServiceKind, guarded: bool = False) -> LbService:
        ranges = plan.source_ranges if guarded else ()
        within = inside if kind is ServiceKind.CLUSTER_IP else everybody
        return LbService(kind, plan.owner, within, outside, ranges)

    yield (protocol, plan.cluster_ip, port), service(ServiceKind.CLUSTER_IP)
    for ip in plan.external_ips:
        yield (protocol, ip, port), service(ServiceKind.EXTERNAL_IPS)
    for ip in plan.load_balancer_ips:
        yield (protocol, ip, port), service(ServiceKind.LOAD_BALANCER, guarded=True)
    if plan.port.node_port:
        yield (protocol, _EVERY_NODE, plan.port.node_port), service(ServiceKind.NODE_PORT)


def _backends(endpoints: tuple[ServiceEndpoint, ...]) -> tuple[Backend, ...]:
    return tuple(Backend(each.ip, each.port) for each in endpoints)
