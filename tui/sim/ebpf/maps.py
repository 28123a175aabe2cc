"""The maps that programs ask: Services with their backends, endpoints of the node, other nodes.

Shapes follow Cilium's (bpf/lib/lb.h, eps.h): cilium_lb4_services_v2 and cilium_lb4_backends_v3,
cilium_lxc, and cilium_ipcache.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from tui.sim.model.address import IPAddress, IPNetwork, endpoint_text
from tui.sim.model.packet import Protocol
from tui.sim.model.value import value


class ServiceKind(StrEnum):
    """What an address of a Service is, as `cilium-dbg bpf lb list` calls it."""

    CLUSTER_IP = "ClusterIP"
    NODE_PORT = "NodePort"
    EXTERNAL_IPS = "ExternalIPs"
    LOAD_BALANCER = "LoadBalancer"


class Scope(StrEnum):
    """Where a packet for a Service comes from."""

    INTERNAL = "internal"
    EXTERNAL = "external"


Frontend = tuple[Protocol, IPAddress, int]
"""What a packet is sent to; the unspecified address stands for every node's own."""


@value
class Backend:
    """One pod behind a Service."""

    ip: IPAddress
    """Its address."""
    port: int
    """Its port."""

    @property
    def text(self) -> str:
        """`10.244.1.5:8080`."""
        return endpoint_text(self.ip, self.port)


@value
class LbService:
    """An address of a Service and those behind it."""

    kind: ServiceKind
    """What the address is."""
    owner: str
    """`Service shop/web`."""
    internal: tuple[Backend, ...] = ()
    """For what starts inside of the cluster."""
    external: tuple[Backend, ...] = ()
    """For what comes from outside."""
    source_ranges: tuple[IPNetwork, ...] = ()
    """Who may come from outside; nothing for everybody."""

    def backends(self, scope: Scope) -> tuple[Backend, ...]:
        """Those that a packet may be brought to."""
        return self.internal if scope is Scope.INTERNAL else self.external


@value
class Maps:
    """What a node's programs know."""

    services: Mapping[Frontend, LbService] = field(default_factory=dict)
    """Services by their addresses."""
    endpoints: Mapping[IPAddress, str] = field(default_factory=dict)
    """The devices of the pods on this node, by the pods' addresses."""
    nodes: frozenset[IPAddress] = frozenset()
    """The addresses of all nodes: there a node port is asked for by its number alone."""
    remotes: tuple[tuple[IPNetwork, IPAddress], ...] = ()
    """Ranges of other nodes' pods, and the nodes that a tunnel leads to for them."""
    identities: Mapping[IPAddress, int] = field(default_factory=dict)
    """Security identities of this node's pods."""

    def service(self, frontend: Frontend) -> LbService | None:
        """The Service of an address, or of a node port whatever node is named."""
        found = self.services.get(frontend)
        if found is not None:
            return found
        protocol, ip, port = frontend
        if ip not in self.nodes:
            return None
        return self.services.get((protocol, type(ip)(0), port))

    def remote(self, ip: IPAddress) -> IPAddress | None:
        """The node behind which a pod of another node is."""
        return next((node for net, node in self.remotes if ip in net), None)
