"""Who has a network namespace: pods of the file, and those that only an EndpointSlice tells of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tui.sim.cni.site import PodSite
from tui.sim.model.address import IPAddress, address
from tui.sim.model.cluster import Cluster, Node, Pod
from tui.sim.model.sloppy import parse_sloppy_address
from tui.sim.model.value import replace

Holder = Callable[[IPAddress], Node | None]


def by_node(sites: tuple[PodSite, ...]) -> dict[str, tuple[PodSite, ...]]:
    """Pods by the node that they run on."""
    found: dict[str, list[PodSite]] = {}
    for site in sites:
        found.setdefault(site.node, []).append(site)
    return {node: tuple(own) for node, own in found.items()}


def pod_sites(cluster: Cluster, holder: Holder) -> tuple[PodSite, ...]:
    """Each address once; a pod of the file comes before what a slice says of it."""
    taken: set[IPAddress] = {ip for node in cluster.nodes for ip in node.internal_ips}
    sites: dict[str, PodSite] = {}
    for site in (*map(_site_of, cluster.pods), *_sites_of_endpoints(cluster, holder)):
        if site is None or taken.intersection(site.ips):
            continue
        taken.update(site.ips)
        held = sites.get(site.place)
        ips = (*held.ips, *site.ips) if held is not None else site.ips
        sites[site.place] = replace(held or site, ips=ips)
    return tuple(sites.values())


def _site_of(pod: Pod) -> PodSite | None:
    if pod.host_network or pod.node is None or not pod.ips or pod.finished:
        return None
    return PodSite(f"pod/{pod.namespace}/{pod.name}", pod.node, pod.ips)


def _sites_of_endpoints(cluster: Cluster, holder: Holder) -> Iterator[PodSite]:
    """Pods that the file does not show, but an EndpointSlice says where they are."""
    for item in cluster.slices:
        for endpoint in item.endpoints:
            ip = _endpoint_ip(endpoint.addresses)
            node = holder(ip) if ip is not None else None
            if ip is not None and node is not None:
                yield PodSite(endpoint.target or f"pod/{ip}", node.name, (ip,), implied=True)


def slices_by_address(cluster: Cluster) -> Mapping[IPAddress, list[int]]:
    """Positions of the EndpointSlices that list an address as an endpoint's first."""
    found: dict[IPAddress, list[int]] = {}
    for place, item in enumerate(cluster.slices):
        for endpoint in item.endpoints:
            text = endpoint.addresses[0] if endpoint.addresses else ""
            ip = parse_sloppy_address(text)
            if ip is not None:
                found.setdefault(ip, []).append(place)
    return found


def _endpoint_ip(addresses: tuple[str, ...]) -> IPAddress | None:
    try:
        return address(addresses[0]) if addresses else None
    except ValueError:
        return None
