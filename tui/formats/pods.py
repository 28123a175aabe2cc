"""Pods as files write them, and as the simulator knows them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tui.formats.draft import PodDraft
from tui.formats.errors import FieldError
from tui.formats.fields import (
    IP,
    DnsLabel,
    Edge,
    Named,
    OptionalDnsLabel,
    OptionalIP,
    OptionalName,
    Port,
    TransportProtocol,
    address_of,
    one_or_many,
)
from tui.sim.model.address import IPAddress
from tui.sim.model.cluster import Container, ContainerPort, Pod
from tui.sim.model.listening import LISTEN_ANNOTATION, listen_entries
from tui.sim.model.packet import Protocol


class ContainerPortObject(Edge):
    """One of a container's ports."""

    container_port: Port
    protocol: TransportProtocol | None = None
    name: OptionalDnsLabel | None = None

    def value(self) -> ContainerPort:
        """The port."""
        return ContainerPort(self.container_port, Protocol(self.protocol or "TCP"), self.name or "")


class ContainerObject(Edge):
    """A container, or an init container."""

    name: DnsLabel
    ports: list[ContainerPortObject] | None = None
    restart_policy: str | None = None

    def value(self) -> Container:
        """The container."""
        return Container(self.name, tuple(port.value() for port in self.ports or ()))


class PodSpec(Edge):
    """spec of a Pod."""

    node_name: OptionalName | None = None
    containers: list[ContainerObject] | None = None
    init_containers: list[ContainerObject] | None = None
    host_network: bool | None = None
    hostname: str | None = None
    subdomain: str | None = None
    dns_policy: Literal["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"] | None = None


class PodIP(Edge):
    """One of status.podIPs."""

    ip: IP


class PodCondition(Edge):
    """One of status.conditions."""

    type: str
    status: str


class PodStatus(Edge):
    """status of a Pod."""

    phase: Literal["Pending", "Running", "Succeeded", "Failed", "Unknown"] | None = None
    pod_ip: OptionalIP | None = Field(None, alias="podIP")
    pod_ips: list[PodIP] | None = Field(None, alias="podIPs")
    conditions: list[PodCondition] | None = None


class PodObject(Named):
    """A Pod."""

    spec: PodSpec = Field()
    status: PodStatus | None = None

    def value(self) -> PodDraft:
        """The pod, and whether the file itself calls it Pending. Raises FieldError."""
        self._check_sockets()
        phase = self.status.phase if self.status else None
        pod = Pod(
            namespace=self.metadata.in_namespace,
            name=self.metadata.name,
            node=self.spec.node_name or None,
            ips=self._ips(),
            labels=self.metadata.labels or {},
            annotations=self.metadata.annotations or {},
            containers=self._containers(),
            host_network=bool(self.spec.host_network),
            ready=self._ready(),
            terminating=self.metadata.deletion_timestamp is not None,
            finished=phase in ("Succeeded", "Failed"),
            hostname=self.spec.hostname or "",
            subdomain=self.spec.subdomain or "",
            dns_policy=self.spec.dns_policy or "ClusterFirst",
        )
        return PodDraft(pod, pending=phase == "Pending")

    def _check_sockets(self) -> None:
        """The annotation is the simulator's own, so no API server has looked at it."""
        written = (self.metadata.annotations or {}).get(LISTEN_ANNOTATION, "")
        try:
            for _ in listen_entries(written):
                pass
        except ValueError as error:
            path = ("metadata", "annotations", LISTEN_ANNOTATION)
            raise FieldError(path, str(error)) from None

    def _ips(self) -> tuple[IPAddress, ...]:
        if self.status is None:
            return ()
        many = [entry.ip for entry in self.status.pod_ips or ()]
        texts = one_or_many(self.status.pod_ip, many, ("status", "podIPs"), "status.podIP")
        return tuple(address_of(text) for text in texts)

    def _containers(self) -> tuple[Container, ...]:
        """Containers, then the init containers that keep running (sidecars)."""
        sidecars = [c for c in self.spec.init_containers or () if c.restart_policy == "Always"]
        return tuple(c.value() for c in [*(self.spec.containers or ()), *sidecars])

    def _ready(self) -> bool:
        """The Ready condition; without one, whether the phase lets the pod be ready."""
        if self.status is None:
            return True
        for condition in self.status.conditions or ():
            if condition.type == "Ready":
                return condition.status == "True"
        return self.status.phase in (None, "Running")
