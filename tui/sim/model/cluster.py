"""The Kubernetes objects that decide where packets go, as frozen values.

Fields carry the API's meaning with its defaults already applied (an absent `ready` is
true). Addresses of Services stay text where kube-proxy parses them sloppily itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from tui.sim.model.address import IPAddress, IPNetwork
from tui.sim.model.packet import Protocol
from tui.sim.model.value import value

Labels = Mapping[str, str]


@value
class Node:
    """A machine of the cluster."""

    name: str
    """metadata.name."""
    internal_ips: tuple[IPAddress, ...] = ()
    """status.addresses of type InternalIP, in order."""
    external_ips: tuple[IPAddress, ...] = ()
    """status.addresses of type ExternalIP, in order."""
    pod_cidrs: tuple[IPNetwork, ...] = ()
    """spec.podCIDRs."""
    labels: Labels = field(default_factory=dict)
    """metadata.labels; `topology.kubernetes.io/zone` names the zone."""
    annotations: Labels = field(default_factory=dict)
    """metadata.annotations."""

    @property
    def zone(self) -> str | None:
        """The node's zone label."""
        return self.labels.get("topology.kubernetes.io/zone")


@value
class ContainerPort:
    """A port that a container declares."""

    port: int
    """containerPort."""
    protocol: Protocol = Protocol.TCP
    """protocol."""
    name: str = ""
    """name, which a Service's targetPort may use."""


@value
class Container:
    """A container of a pod."""

    name: str
    """name."""
    ports: tuple[ContainerPort, ...] = ()
    """ports."""


@value
class Pod:
    """A pod: one network namespace, its containers and its addresses."""

    namespace: str
    """metadata.namespace."""
    name: str
    """metadata.name."""
    node: str | None = None
    """spec.nodeName; None while unscheduled."""
    ips: tuple[IPAddress, ...] = ()
    """status.podIPs."""
    labels: Labels = field(default_factory=dict)
    """metadata.labels."""
    annotations: Labels = field(default_factory=dict)
    """metadata.annotations."""
    containers: tuple[Container, ...] = ()
    """spec.containers (and restartable init containers)."""
    host_network: bool = False
    """spec.hostNetwork: the pod lives in the node's namespace."""
    ready: bool = True
    """The Ready condition; true when the file says nothing about it."""
    terminating: bool = False
    """metadata.deletionTimestamp is set."""
    finished: bool = False
    """status.phase is Succeeded or Failed."""
    hostname: str = ""
    """spec.hostname."""
    subdomain: str = ""
    """spec.subdomain."""
    dns_policy: str = "ClusterFirst"
    """spec.dnsPolicy."""


@value
class ServicePort:
    """One port of a Service."""

    port: int
    """port."""
    protocol: Protocol = Protocol.TCP
    """protocol."""
    name: str = ""
    """name."""
    target_port: int | str | None = None
    """targetPort; None means the same number as `port`. kube-proxy never looks at it."""
    node_port: int = 0
    """nodePort; 0 where none is allocated."""


@value
class LoadBalancerIngress:
    """One entry of status.loadBalancer.ingress."""

    ip: str
    """ip, as written."""
    ip_mode: str = "VIP"
    """ipMode: VIP or Proxy."""


@value
class Service:
    """A Service: an address that stands for pods."""

    namespace: str
    """metadata.namespace."""
    name: str
    """metadata.name."""
    type: str = "ClusterIP"
    """ClusterIP, NodePort, LoadBalancer or ExternalName."""
    cluster_ips: tuple[str, ...] = ()
    """clusterIPs; `("None",)` for a headless Service."""
    ports: tuple[ServicePort, ...] = ()
    """ports."""
    selector: Labels = field(default_factory=dict)
    """selector; empty means that endpoints are kept by hand."""
    external_ips: tuple[str, ...] = ()
    """externalIPs."""
    external_name: str = ""
    """externalName."""
    load_balancer: tuple[LoadBalancerIngress, ...] = ()
    """status.loadBalancer.ingress."""
    source_ranges: tuple[str, ...] = ()
    """loadBalancerSourceRanges, as written."""
    external_traffic_policy: str = "Cluster"
    """Cluster or Local."""
    internal_traffic_policy: str = "Cluster"
    """Cluster or Local."""
    health_check_node_port: int = 0
    """healthCheckNodePort."""
    session_affinity: str = "None"
    """None or ClientIP."""
    affinity_timeout: int = 10800
    """sessionAffinityConfig.clientIP.timeoutSeconds."""
    traffic_distribution: str = ""
    """trafficDistribution."""
    publish_not_ready: bool = False
    """publishNotReadyAddresses."""
    annotations: Labels = field(default_factory=dict)
    """metadata.annotations."""
    labels: Labels = field(default_factory=dict)
    """metadata.labels, among them `service.kubernetes.io/service-proxy-name`."""

    @property
    def headless(self) -> bool:
        """Whether the Service has no address of its own."""
        return self.type != "ExternalName" and (
            not self.cluster_ips or self.cluster_ips[0] in ("", "None")
        )


@value
class Endpoint:
    """One endpoint of an EndpointSlice."""

    addresses: tuple[str, ...]
    """addresses; kube-proxy uses the first."""
    ready: bool = True
    """conditions.ready; absent means true."""
    serving: bool = True
    """conditions.serving; absent means the value of `ready`'s default, true."""
    terminating: bool = False
    """conditions.terminating; absent means false."""
    node: str | None = None
    """nodeName."""
    zone: str | None = None
    """zone."""
    zone_hints: tuple[str, ...] = ()
    """hints.forZones."""
    node_hints: tuple[str, ...] = ()
    """hints.forNodes."""
    target: str | None = None
    """targetRef as `pod/NS/NAME`."""
    hostname: str = ""
    """hostname, for DNS names of headless Services."""


@value
class EndpointPort:
    """One port of an EndpointSlice."""

    port: int | None
    """port; a slice with a nil port is ignored by kube-proxy."""
    protocol: Protocol = Protocol.TCP
    """protocol."""
    name: str | None = ""
    """name, which ties it to the Service's port of the same name; None is ignored."""


@value
class EndpointSlice:
    """Addresses that stand behind a Service."""

    namespace: str
    """metadata.namespace."""
    name: str
    """metadata.name."""
    service: str
    """Label kubernetes.io/service-name."""
    address_type: str = "IPv4"
    """addressType: IPv4, IPv6 or FQDN."""
    endpoints: tuple[Endpoint, ...] = ()
    """endpoints."""
    ports: tuple[EndpointPort, ...] = ()
    """ports."""
    headless: bool = False
    """It bears the label service.kubernetes.io/headless, so that kube-proxy never asks for it."""


@value
class NetworkPolicy:
    """A NetworkPolicy, kept as written until a plugin that enforces it reads it."""

    namespace: str
    """metadata.namespace."""
    name: str
    """metadata.name."""
    spec: Mapping[str, Any] = field(default_factory=dict)
    """spec, as plain data."""


@value
class ServiceCIDR:
    """A range from which cluster IPs are taken."""

    name: str
    """metadata.name."""
    cidrs: tuple[IPNetwork, ...] = ()
    """spec.cidrs."""


@value
class Cluster:
    """Everything that a file of Kubernetes objects told us, in the file's order."""

    nodes: tuple[Node, ...] = ()
    """Nodes."""
    pods: tuple[Pod, ...] = ()
    """Pods."""
    services: tuple[Service, ...] = ()
    """Services."""
    slices: tuple[EndpointSlice, ...] = ()
    """EndpointSlices, from the file or as the endpoint controller would make them."""
    policies: tuple[NetworkPolicy, ...] = ()
    """NetworkPolicies."""
    service_cidrs: tuple[ServiceCIDR, ...] = ()
    """ServiceCIDRs."""

    def node(self, name: str) -> Node | None:
        """The node of that name."""
        return next((node for node in self.nodes if node.name == name), None)

    def pod(self, namespace: str, name: str) -> Pod | None:
        """The pod of that name."""
        return next((p for p in self.pods if (p.namespace, p.name) == (namespace, name)), None)

    def service(self, namespace: str, name: str) -> Service | None:
        """The Service of that name."""
        return next((s for s in self.services if (s.namespace, s.name) == (namespace, name)), None)
