"""Services as files write them, and as the simulator knows them.

Defaults are those of the API server (v1.36): type ClusterIP, protocol TCP, traffic policies
Cluster, affinity for 10800 seconds.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from tui.formats.draft import ServiceDraft
from tui.formats.errors import FieldError, quoted
from tui.formats.fields import (
    CIDR,
    IP,
    ClusterIP,
    Edge,
    IPFamily,
    Labels,
    Named,
    OptionalDnsLabel,
    OptionalIP,
    OptionalPort,
    Port,
    PortOrName,
    TransportProtocol,
    families_of,
    one_or_many,
    wrong,
)
from tui.sim.model.cluster import LoadBalancerIngress, Service, ServicePort
from tui.sim.model.packet import SENDABLE

TrafficPolicy = Literal["Cluster", "Local"]

_PROTOCOLS = {protocol.value: protocol for protocol in SENDABLE}


def _affinity_seconds(value: int) -> int:
    if 1 <= value <= 86400:
        return value
    raise wrong(value, "is not a timeout from 1 to 86400 seconds")


class ServicePortObject(Edge):
    """One of a Service's ports."""

    port: Port
    protocol: TransportProtocol | None = None
    name: OptionalDnsLabel | None = None
    target_port: PortOrName | None = None
    node_port: OptionalPort | None = None

    def value(self) -> ServicePort:
        """The port."""
        return ServicePort(
            self.port,
            _PROTOCOLS[self.protocol or "TCP"],
            self.name or "",
            self.target_port,
            self.node_port or 0,
        )


class ClientIPConfig(Edge):
    """sessionAffinityConfig.clientIP."""

    timeout_seconds: Annotated[int, AfterValidator(_affinity_seconds)] | None = None


class SessionAffinityConfig(Edge):
    """sessionAffinityConfig."""

    client_ip: ClientIPConfig | None = Field(None, alias="clientIP")


class ServiceSpec(Edge):
    """spec of a Service."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"] | None = None
    cluster_ip: ClusterIP | None = Field(None, alias="clusterIP")
    cluster_ips: list[ClusterIP] | None = Field(None, alias="clusterIPs")
    ip_families: list[IPFamily] | None = None
    ip_family_policy: Literal["SingleStack", "PreferDualStack", "RequireDualStack"] | None = None
    ports: list[ServicePortObject] | None = None
    selector: Labels | None = None
    external_ips: list[IP] | None = Field(None, alias="externalIPs")
    external_name: str | None = None
    load_balancer_source_ranges: list[CIDR] | None = None
    allocate_load_balancer_node_ports: bool | None = None
    external_traffic_policy: TrafficPolicy | None = None
    internal_traffic_policy: TrafficPolicy | None = None
    health_check_node_port: OptionalPort | None = None
    session_affinity: Literal["None", "ClientIP"] | None = None
    session_affinity_config: SessionAffinityConfig | None = None
    traffic_distribution: Literal["PreferClose", "PreferSameZone", "PreferSameNode"] | None = None
    publish_not_ready_addresses: bool | None = None

    @property
    def affinity_timeout(self) -> int:
        """Seconds for which a client stays with its endpoint."""
        config = self.session_affinity_config
        client = config.client_ip if config else None
        return (client.timeout_seconds if client else None) or 10800


class IngressObject(Edge):
    """One of status.loadBalancer.ingress."""

    ip: OptionalIP | None = None
    ip_mode: Literal["VIP", "Proxy"] | None = None


class LoadBalancerStatus(Edge):
    """status.loadBalancer."""

    ingress: list[IngressObject] | None = None


class ServiceStatus(Edge):
    """status of a Service."""

    load_balancer: LoadBalancerStatus | None = None


class ServiceObject(Named):
    """A Service."""

    spec: ServiceSpec = Field()
    status: ServiceStatus | None = None

    def value(self) -> ServiceDraft:
        """The Service and what its file asks of an allocator. Raises FieldError."""
        spec = self.spec
        _check_port_names(spec.ports or [])
        service = Service(
            namespace=self.metadata.in_namespace,
            name=self.metadata.name,
            type=spec.type or "ClusterIP",
            cluster_ips=_cluster_ips(spec),
            ports=tuple(port.value() for port in spec.ports or ()),
            selector=spec.selector or {},
            external_ips=tuple(spec.external_ips or ()),
            external_name=spec.external_name or "",
            load_balancer=self._ingress(),
            source_ranges=tuple(spec.load_balancer_source_ranges or ()),
            external_traffic_policy=spec.external_traffic_policy or "Cluster",
            internal_traffic_policy=spec.internal_traffic_policy or "Cluster",
            health_check_node_port=spec.health_check_node_port or 0,
            session_affinity=spec.session_affinity or "None",
            affinity_timeout=spec.affinity_timeout,
            traffic_distribution=spec.traffic_distribution or "",
            publish_not_ready=bool(spec.publish_not_ready_addresses),
            annotations=self.metadata.annotations or {},
            labels=self.metadata.labels or {},
        )
        return ServiceDraft(
            service,
            families_of(spec.ip_families),
            spec.ip_family_policy or "",
            spec.allocate_load_balancer_node_ports is not False,
        )

    def _ingress(self) -> tuple[LoadBalancerIngress, ...]:
        """Entries with an address; a load balancer known by a host name concerns no node."""
        status = self.status.load_balancer if self.status else None
        entries = (status.ingress if status else None) or ()
        return tuple(LoadBalancerIngress(e.ip, e.ip_mode or "VIP") for e in entries if e.ip)


def _cluster_ips(spec: ServiceSpec) -> tuple[str, ...]:
    listed = [ip for ip in spec.cluster_ips or () if ip]
    ips = one_or_many(spec.cluster_ip, listed, ("spec", "clusterIPs"), "spec.clusterIP")
    if "None" in ips and len(ips) > 1:
        raise FieldError(("spec", "clusterIPs"), '"None" stands for a headless Service, and alone')
    return ips


def _check_port_names(ports: list[ServicePortObject]) -> None:
    """Several ports need names, all different: endpoints find their port by name."""
    if len(ports) < 2:
        return
    seen: set[str] = set()
    for position, port in enumerate(ports):
        path = ("spec", "ports", position, "name")
        if not port.name:
            raise FieldError(path, "is missing; a Service with several ports names each of them")
        if port.name in seen:
            raise FieldError(path, f"{quoted(port.name)} is the name of an earlier port too")
        seen.add(port.name)
