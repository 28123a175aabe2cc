"""Nodes and ServiceCIDRs as files write them, and as the simulator knows them."""

from __future__ import annotations

from pydantic import Field

from tui.formats.errors import FieldError, quoted
from tui.formats.fields import (
    CIDR,
    Edge,
    Named,
    network_of,
    one_or_many,
    sloppy_address,
)
from tui.sim.model.address import IPAddress, IPNetwork
from tui.sim.model.cluster import Node, ServiceCIDR


class NodeAddress(Edge):
    """One of status.addresses; a Hostname is not an IP address, so it stays text."""

    type: str
    address: str


class NodeSpec(Edge):
    """spec of a Node."""

    pod_cidr: CIDR | None = Field(None, alias="podCIDR")
    pod_cidrs: list[CIDR] | None = Field(None, alias="podCIDRs")


class NodeStatus(Edge):
    """status of a Node."""

    addresses: list[NodeAddress] | None = None


class NodeObject(Named):
    """A Node."""

    spec: NodeSpec | None = None
    status: NodeStatus | None = None

    def value(self) -> Node:
        """The node. Raises FieldError."""
        return Node(
            name=self.metadata.name,
            internal_ips=self._ips("InternalIP"),
            external_ips=self._ips("ExternalIP"),
            pod_cidrs=self._pod_cidrs(),
            labels=self.metadata.labels or {},
            annotations=self.metadata.annotations or {},
        )

    def _ips(self, kind: str) -> tuple[IPAddress, ...]:
        listed = (self.status and self.status.addresses) or []
        found = []
        for position, entry in enumerate(listed):
            if entry.type == kind:
                ip = sloppy_address(entry.address)
                if ip is None:
                    path = ("status", "addresses", position, "address")
                    raise FieldError(path, f"{quoted(entry.address)} is not an IP address")
                found.append(ip)
        return tuple(found)

    def _pod_cidrs(self) -> tuple[IPNetwork, ...]:
        if self.spec is None:
            return ()
        one, many = self.spec.pod_cidr, self.spec.pod_cidrs
        texts = one_or_many(one, many, ("spec", "podCIDRs"), "spec.podCIDR")
        return tuple(network_of(text) for text in texts)


class ServiceCIDRSpec(Edge):
    """spec of a ServiceCIDR."""

    cidrs: list[CIDR] | None = None


class ServiceCIDRObject(Named):
    """A ServiceCIDR."""

    spec: ServiceCIDRSpec | None = None

    def value(self) -> ServiceCIDR:
        """The range from which cluster IPs are taken."""
        texts = (self.spec and self.spec.cidrs) or []
        return ServiceCIDR(self.metadata.name, tuple(network_of(text) for text in texts))
