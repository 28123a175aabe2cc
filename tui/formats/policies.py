"""NetworkPolicies: checked as the API server would, then kept as written.

The plugin that enforces a policy reads its spec, so the spec stays plain data; checking it
here lets a mistake be named with its file and path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from tui.formats.errors import FieldError, Path, quoted
from tui.formats.fields import (
    CIDR,
    Edge,
    Labels,
    Named,
    Port,
    PortOrName,
    TransportProtocol,
    network_of,
)
from tui.sim.model.address import IPNetwork
from tui.sim.model.cluster import NetworkPolicy


class Requirement(Edge):
    """One of matchExpressions."""

    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[str] | None = None


class Selector(Edge):
    """A label selector; an empty one selects everything."""

    match_labels: Labels | None = None
    match_expressions: list[Requirement] | None = None


class IPBlock(Edge):
    """A range of addresses and the ranges in it that are left out."""

    cidr: CIDR
    left_out: list[CIDR] | None = Field(None, alias="except")


class Peer(Edge):
    """Who may be talked to, or may talk."""

    pod_selector: Selector | None = None
    namespace_selector: Selector | None = None
    ip_block: IPBlock | None = None


class PolicyPort(Edge):
    """A port, or a range of ports, on which one may talk."""

    port: PortOrName | None = None
    protocol: TransportProtocol | None = None
    end_port: Port | None = None


class Ingress(Edge):
    """A rule for what comes in."""

    ports: list[PolicyPort] | None = None
    peers: list[Peer] | None = Field(None, alias="from")


class Egress(Edge):
    """A rule for what goes out."""

    ports: list[PolicyPort] | None = None
    peers: list[Peer] | None = Field(None, alias="to")


class PolicySpec(Edge):
    """spec of a NetworkPolicy."""

    pod_selector: Selector | None = None
    policy_types: list[Literal["Ingress", "Egress"]] | None = None
    ingress: list[Ingress] | None = None
    egress: list[Egress] | None = None

    def check(self) -> None:
        """What types cannot say. Raises FieldError."""
        for position, incoming in enumerate(self.ingress or ()):
            _check_rule(incoming, ("spec", "ingress", position), "from")
        for position, outgoing in enumerate(self.egress or ()):
            _check_rule(outgoing, ("spec", "egress", position), "to")


class NetworkPolicyObject(Named):
    """A NetworkPolicy."""

    spec: PolicySpec = Field()

    def value(self, written: Mapping[str, Any]) -> NetworkPolicy:
        """The policy with the spec as it was written. Raises FieldError."""
        self.spec.check()
        return NetworkPolicy(self.metadata.in_namespace, self.metadata.name, written)


def _check_rule(rule: Ingress | Egress, path: Path, peers: str) -> None:
    for index, port in enumerate(rule.ports or ()):
        _check_range(port, (*path, "ports", index))
    for index, peer in enumerate(rule.peers or ()):
        _check_peer(peer, (*path, peers, index))


def _check_range(port: PolicyPort, path: Path) -> None:
    if port.end_port is None:
        return
    if not isinstance(port.port, int):
        raise FieldError((*path, "endPort"), "needs a number in port, where the range begins")
    if port.end_port < port.port:
        raise FieldError((*path, "endPort"), f"{port.end_port} is below port ({port.port})")


def _check_peer(peer: Peer, path: Path) -> None:
    block = peer.ip_block
    if block is None:
        if peer.pod_selector is None and peer.namespace_selector is None:
            raise FieldError(path, "needs a podSelector, a namespaceSelector or an ipBlock")
        return
    if peer.pod_selector is not None or peer.namespace_selector is not None:
        raise FieldError((*path, "ipBlock"), "cannot stand beside a selector in one peer")
    whole = network_of(block.cidr)
    for index, text in enumerate(block.left_out or ()):
        if not _within(network_of(text), whole):
            problem = f"{quoted(text)} is not a part of {block.cidr}"
            raise FieldError((*path, "ipBlock", "except", index), problem)


def _within(part: IPNetwork, whole: IPNetwork) -> bool:
    """Whether a range is a real part of another: smaller, and inside."""
    return (
        part.version == whole.version
        and part.prefixlen > whole.prefixlen
        and part.network_address in whole
    )
