"""Decides, once and for every dataplane, which endpoints stand behind which service port.

Follows kube-proxy v1.36: pkg/proxy/servicechangetracker.go, endpointschangetracker.go and
topology.go (CategorizeEndpoints). Rendering has no opinion of its own on any of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tui.sim.model.address import (
    Family,
    IPAddress,
    IPNetwork,
    endpoint_text,
    family_of,
)
from tui.sim.model.cluster import Cluster, EndpointSlice, Node, Service, ServicePort
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxySettings
from tui.sim.model.sloppy import parse_sloppy_address, parse_sloppy_network
from tui.sim.model.value import value

_PROXY_NAME = "service.kubernetes.io/service-proxy-name"
_NO_HINTS: frozenset[str] = frozenset()


@value
class ServiceEndpoint:
    """One address behind a service port, as kube-proxy on one node sees it."""

    ip: IPAddress
    """Address."""
    port: int
    """Port."""
    text: str
    """`10.1.1.1:80`, the name kube-proxy sorts and hashes by."""
    local: bool
    """On this node."""
    ready: bool
    """Ready, and so preferred."""
    serving: bool
    """Still answers, though perhaps terminating."""
    terminating: bool
    """Going away."""
    zone_hints: frozenset[str] = frozenset()
    """Zones that should use it."""
    node_hints: frozenset[str] = frozenset()
    """Nodes that should use it."""


@value
class PortPlan:
    """Everything a renderer must know of one port of one Service in one family."""

    namespace: str
    """Namespace of the Service."""
    service: str
    """Name of the Service."""
    port: ServicePort
    """The port."""
    cluster_ip: IPAddress
    """Cluster IP of this family."""
    external_ips: tuple[IPAddress, ...]
    """externalIPs of this family."""
    load_balancer_ips: tuple[IPAddress, ...]
    """Load balancer addresses of this family whose ipMode is VIP."""
    source_ranges: tuple[IPNetwork, ...]
    """loadBalancerSourceRanges of this family; empty where a /0 lifts the restriction."""
    externally_accessible: bool
    """Whether anything but the cluster IP leads here."""
    internal_local: bool
    """internalTrafficPolicy is Local."""
    external_local: bool
    """externalTrafficPolicy is Local, and counts."""
    uses_cluster: bool
    """Whether any traffic follows policy Cluster."""
    uses_local: bool
    """Whether any traffic follows policy Local."""
    health_check_node_port: int
    """healthCheckNodePort where it counts, else 0."""
    affinity_seconds: int
    """Session affinity timeout; 0 without affinity."""
    cluster_endpoints: tuple[ServiceEndpoint, ...]
    """Endpoints for traffic of policy Cluster."""
    local_endpoints: tuple[ServiceEndpoint, ...]
    """Endpoints for traffic of policy Local."""
    has_any_endpoints: bool
    """Some endpoint somewhere could take traffic."""
    endpoints: tuple[ServiceEndpoint, ...]
    """Endpoints of the port that slices list, whether they can be used or not."""

    @property
    def name(self) -> str:
        """`ns/name:port`, or `ns/name` where the port has no name."""
        base = f"{self.namespace}/{self.service}"
        return f"{base}:{self.port.name}" if self.port.name else base

    @property
    def owner(self) -> str:
        """The object behind the rules: `Service shop/web`."""
        return f"Service {self.namespace}/{self.service}"

    @property
    def protocol(self) -> Protocol:
        """Protocol of the port."""
        return self.port.protocol

    @property
    def reachable_endpoints(self) -> tuple[ServiceEndpoint, ...]:
        """Endpoints that some traffic on this node may reach, each once."""
        if not self.local_endpoints:
            return self.cluster_endpoints
        seen = {e.text: e for e in (*self.cluster_endpoints, *self.local_endpoints)}
        return tuple(sorted(seen.values(), key=lambda e: e.text))


@value
class LocalDetector:
    """How kube-proxy tells a pod of this node (or cluster) from others."""

    cidr: IPNetwork | None = None
    """Source range, in the modes ClusterCIDR and NodeCIDR."""
    interface: str | None = None
    """Incoming device, in the modes BridgeInterface and InterfaceNamePrefix (ends in +)."""


def local_detector(settings: ProxySettings, node: Node, family: Family) -> LocalDetector | None:
    """The detector of one family; None where traffic cannot be told apart.

    Source: getLocalDetectors in cmd/kube-proxy/app/server_linux.go, v1.36.
    """
    mode = settings.detect_local_mode or "ClusterCIDR"
    if mode == "BridgeInterface":
        return LocalDetector(interface=settings.bridge_interface)
    if mode == "InterfaceNamePrefix":
        return LocalDetector(interface=f"{settings.interface_name_prefix}+")
    candidates: Iterable[IPNetwork] = (
        node.pod_cidrs if mode == "NodeCIDR" else _networks(settings.cluster_cidrs)
    )
    cidr = next((c for c in candidates if family_of(c) is family), None)
    return LocalDetector(cidr=cidr) if cidr is not None else None


def plan_ports(
    cluster: Cluster, node: Node, family: Family, settings: ProxySettings
) -> Iterator[PortPlan]:
    """A plan for each service port of the family, in the order of the cluster's file."""
    slices = _slices_by_service(cluster, family)
    for service in cluster.services:
        addresses = service_addresses(service, family, settings)
        if addresses is None:
            continue
        own = slices.get((service.namespace, service.name), [])
        for port in service.ports:
            endpoints = service_endpoints(own, port, node.name)
            yield _plan(service, port, addresses, family, endpoints, node)


@value
class ServiceAddresses:
    """The addresses of one Service in one family."""

    cluster_ip: IPAddress
    """Cluster IP."""
    external_ips: tuple[IPAddress, ...]
    """externalIPs."""
    load_balancer_ips: tuple[IPAddress, ...]
    """Load balancer addresses whose ipMode is VIP."""


def service_addresses(
    service: Service, family: Family, settings: ProxySettings
) -> ServiceAddresses | None:
    """The addresses that kube-proxy serves; None where it leaves the Service alone."""
    cluster_ip = _cluster_ip(service, family)
    if cluster_ip is None or _foreign(service):
        return None
    vips = tuple(i.ip for i in service.load_balancer if i.ip_mode == "VIP")
    external_ips = service.external_ips if settings.allow_external_ips else ()
    return ServiceAddresses(cluster_ip, _addresses(external_ips, family), _addresses(vips, family))


def service_endpoints(
    slices: Iterable[EndpointSlice], port: ServicePort, node: str
) -> tuple[ServiceEndpoint, ...]:
    """Endpoints of one service port: matched by port name and protocol, each `ip:port` once.

    They are sorted as text. Of duplicates the last that is not terminating wins, as in
    addEndpoints of endpointslicecache.go (v1.36).
    """
    found: dict[str, ServiceEndpoint] = {}
    for item in slices:
        for number in _slice_ports(item, port):
            for endpoint in _slice_endpoints(item, number, node):
                held = found.get(endpoint.text)
                if held is None or not endpoint.terminating:
                    found[endpoint.text] = endpoint
    return tuple([found[text] for text in sorted(found)])


def _slice_ports(item: EndpointSlice, port: ServicePort) -> Iterator[int]:
    for candidate in item.ports:
        same = (candidate.name, candidate.protocol) == (port.name, port.protocol)
        if candidate.port and same:
            yield candidate.port


def _slice_endpoints(item: EndpointSlice, number: int, node: str) -> Iterator[ServiceEndpoint]:
    for endpoint in item.endpoints:
        if not endpoint.addresses:
            continue
        ip = parse_sloppy_address(endpoint.addresses[0])
        if ip is None or family_of(ip) != item.address_type:
            continue
        yield ServiceEndpoint(
            ip=ip,
            port=number,
            text=endpoint_text(ip, number),
            local=endpoint.node is not None and endpoint.node == node,
            ready=endpoint.ready,
            serving=endpoint.serving,
            terminating=endpoint.terminating,
            zone_hints=frozenset(endpoint.zone_hints) if endpoint.zone_hints else _NO_HINTS,
            node_hints=frozenset(endpoint.node_hints) if endpoint.node_hints else _NO_HINTS,
        )


def _plan(
    service: Service,
    port: ServicePort,
    addresses: ServiceAddresses,
    family: Family,
    endpoints: tuple[ServiceEndpoint, ...],
    node: Node,
) -> PortPlan:
    internal_local = service.internal_traffic_policy == "Local"
    external_local = _external_local(service)
    accessible = bool(port.node_port or addresses.load_balancer_ips or addresses.external_ips)
    uses_cluster = not internal_local or accessible
    uses_local = internal_local or (external_local and accessible)
    cluster_side = _cluster_endpoints(endpoints, node) if uses_cluster else ()
    local_side = _local_endpoints(endpoints) if uses_local else ()
    anywhere = bool(cluster_side) or (
        uses_local and any(e.ready or (e.serving and e.terminating) for e in endpoints)
    )
    checked = external_local and service.type == "LoadBalancer"
    return PortPlan(
        namespace=service.namespace,
        service=service.name,
        port=port,
        cluster_ip=addresses.cluster_ip,
        external_ips=addresses.external_ips,
        load_balancer_ips=addresses.load_balancer_ips,
        source_ranges=_source_ranges(service.source_ranges, family),
        externally_accessible=accessible,
        internal_local=internal_local,
        external_local=external_local,
        uses_cluster=uses_cluster,
        uses_local=uses_local,
        health_check_node_port=service.health_check_node_port if checked else 0,
        affinity_seconds=service.affinity_timeout if service.session_affinity == "ClientIP" else 0,
        cluster_endpoints=cluster_side,
        local_endpoints=local_side,
        has_any_endpoints=anywhere,
        endpoints=endpoints,
    )


def _cluster_endpoints(
    endpoints: tuple[ServiceEndpoint, ...], node: Node
) -> tuple[ServiceEndpoint, ...]:
    """Ready ones that topology allows; if there are none, all that still serve."""
    ready = tuple([e for e in endpoints if e.ready])
    return _near(ready, node) or tuple(e for e in endpoints if e.serving and e.terminating)


def _local_endpoints(endpoints: tuple[ServiceEndpoint, ...]) -> tuple[ServiceEndpoint, ...]:
    here = tuple(e for e in endpoints if e.local)
    return tuple(e for e in here if e.ready) or tuple(
        e for e in here if e.serving and e.terminating
    )


def _near(ready: tuple[ServiceEndpoint, ...], node: Node) -> tuple[ServiceEndpoint, ...]:
    """Those that the hints leave to this node.

    Hints count only if every ready endpoint has one and one of them means us; those for nodes
    come before those for zones.
    """
    if all(e.node_hints for e in ready):
        found = tuple(e for e in ready if node.name in e.node_hints)
        if found:
            return found
    zone = node.zone
    if zone and all(e.zone_hints for e in ready):
        return tuple(e for e in ready if zone in e.zone_hints) or ready
    return ready


# ---------------------------------------------------------------- what counts at all


def _foreign(service: Service) -> bool:
    """Whether another proxy was asked to care for it."""
    return _PROXY_NAME in service.labels


def _cluster_ip(service: Service, family: Family) -> IPAddress | None:
    if service.type == "ExternalName" or service.headless:
        return None
    return next(iter(_addresses(service.cluster_ips, family)), None)


def _external_local(service: Service) -> bool:
    counts = service.type in ("LoadBalancer", "NodePort") or (
        service.type == "ClusterIP" and bool(service.external_ips)
    )
    return counts and service.external_traffic_policy == "Local"


def _slices_by_service(
    cluster: Cluster, family: Family
) -> Mapping[tuple[str, str], list[EndpointSlice]]:
    """Those that kube-proxy asks for: not those that are labelled as of a headless Service."""
    found: dict[tuple[str, str], list[EndpointSlice]] = {}
    for item in cluster.slices:
        if item.address_type == family.value and not item.headless:
            found.setdefault((item.namespace, item.service), []).append(item)
    return found


def _addresses(texts: Sequence[str], family: Family) -> tuple[IPAddress, ...]:
    if not texts:
        return ()
    parsed = (parse_sloppy_address(text) for text in texts)
    return tuple(ip for ip in parsed if ip is not None and family_of(ip) is family)


def _networks(texts: Iterable[str]) -> tuple[IPNetwork, ...]:
    parsed = (parse_sloppy_network(text) for text in texts)
    return tuple(net for net in parsed if net is not None)


def _source_ranges(texts: Sequence[str], family: Family) -> tuple[IPNetwork, ...]:
    """Ranges of the family; a /0 among them means that everybody may come (v1.34 on)."""
    if not texts:
        return ()
    own = tuple(net for net in _networks(texts) if family_of(net) is family)
    return () if any(net.prefixlen == 0 for net in own) else own
