"""EndpointSlices as files write them, and as the simulator knows them.

A cluster has more endpoints than anything else, so this module takes care of its speed.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tui.formats.errors import FieldError, quoted
from tui.formats.fields import (
    Edge,
    Named,
    OptionalDnsLabel,
    OptionalPort,
    TransportProtocol,
    family_in,
)
from tui.sim.model.cluster import Endpoint, EndpointPort, EndpointSlice
from tui.sim.model.packet import SENDABLE

SERVICE_NAME = "kubernetes.io/service-name"
"""The label that ties a slice to its Service."""
HEADLESS = "service.kubernetes.io/headless"
"""The label by which the controller tells kube-proxy that a slice is none of its business."""

_PROTOCOLS = {protocol.value: protocol for protocol in SENDABLE}


class Conditions(Edge):
    """conditions of an endpoint; an absent one has its default."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Hint(Edge):
    """One of hints.forZones or hints.forNodes."""

    name: str


class Hints(Edge):
    """hints of an endpoint."""

    for_zones: list[Hint] | None = None
    for_nodes: list[Hint] | None = None


class TargetRef(Edge):
    """targetRef of an endpoint."""

    kind: str | None = None
    namespace: str | None = None
    name: str | None = None


class EndpointObject(Edge):
    """One of a slice's endpoints."""

    addresses: list[str] = Field(min_length=1)
    conditions: Conditions | None = None
    node_name: str | None = None
    zone: str | None = None
    hints: Hints | None = None
    target_ref: TargetRef | None = None
    hostname: str | None = None

    def value(self, namespace: str) -> Endpoint:
        """The endpoint; `namespace` is that of its slice."""
        conditions, hints = self.conditions, self.hints
        return Endpoint(
            tuple(self.addresses),
            conditions is None or conditions.ready is not False,
            conditions is None or conditions.serving is not False,
            conditions is not None and conditions.terminating is True,
            self.node_name or None,
            self.zone or None,
            tuple([hint.name for hint in hints.for_zones or ()]) if hints else (),
            tuple([hint.name for hint in hints.for_nodes or ()]) if hints else (),
            self._target(namespace),
            self.hostname or "",
        )

    def _target(self, namespace: str) -> str | None:
        ref = self.target_ref
        if ref is None or ref.kind != "Pod" or not ref.name:
            return None
        return f"pod/{ref.namespace or namespace}/{ref.name}"


class EndpointPortObject(Edge):
    """One of a slice's ports. The API fills in the name (empty) and the protocol (TCP)."""

    port: OptionalPort | None = None
    protocol: TransportProtocol | None = None
    name: OptionalDnsLabel | None = None

    def value(self) -> EndpointPort:
        """The port."""
        return EndpointPort(self.port, _PROTOCOLS[self.protocol or "TCP"], self.name or "")


class EndpointSliceObject(Named):
    """An EndpointSlice."""

    address_type: Literal["IPv4", "IPv6", "FQDN"]
    endpoints: list[EndpointObject] | None = None
    ports: list[EndpointPortObject] | None = None

    def value(self) -> EndpointSlice:
        """The slice. Raises FieldError if an address is none.

        One of the other family stays: kube-proxy leaves it out.
        """
        namespace = self.metadata.in_namespace
        if self.address_type != "FQDN":
            self._check_addresses()
        return EndpointSlice(
            namespace=namespace,
            name=self.metadata.name,
            service=(self.metadata.labels or {}).get(SERVICE_NAME, ""),
            address_type=self.address_type,
            endpoints=tuple([endpoint.value(namespace) for endpoint in self.endpoints or ()]),
            ports=tuple(port.value() for port in self.ports or ()),
            headless=HEADLESS in (self.metadata.labels or {}),
        )

    def _check_addresses(self) -> None:
        for position, endpoint in enumerate(self.endpoints or ()):
            for index, text in enumerate(endpoint.addresses):
                if family_in(text) is None:
                    path = ("endpoints", position, "addresses", index)
                    raise FieldError(path, f"{quoted(text)} is not an IP address")
