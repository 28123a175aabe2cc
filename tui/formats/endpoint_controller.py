"""Makes EndpointSlices from selectors, as kube-controller-manager's endpointslice controller.

Follows k8s.io/endpointslice of v1.36: utils.go (podToEndpoint, FindPort), reconciler.go and
trafficdist.go. Only Services that have no slice in the file are cared for. The empty slice
that the controller keeps for a Service without pods is left out: kube-proxy sees no
difference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tui.formats.draft import Draft, ServiceDraft
from tui.sim.model.address import Family, family_of
from tui.sim.model.cluster import (
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Labels,
    Node,
    Pod,
    Service,
    ServicePort,
)

MAX_ENDPOINTS = 100
"""The controller's --max-endpoints-per-slice."""

_NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_ZONE_HINTS = ("PreferClose", "PreferSameZone", "PreferSameNode")

Ports = tuple[EndpointPort, ...]


def slices_from_selectors(draft: Draft) -> tuple[EndpointSlice, ...]:
    """The slices that the controller would add to those of the draft.

    Pods must have their nodes and addresses, Services their families.
    """
    held = {(item.namespace, item.service) for item in draft.slices}
    nodes = {node.name: node for node in draft.nodes}
    pods = _PodIndex.of(item.pod for item in draft.pods)
    made: list[EndpointSlice] = []
    for item in draft.services:
        service = item.service
        wanted = service.selector and service.type != "ExternalName"
        if wanted and (service.namespace, service.name) not in held:
            selected = pods.selected(service.namespace, service.selector)
            made += _slices(item, selected, nodes)
    return tuple(made)


# ---------------------------------------------------------------- which pods


@dataclass(slots=True)
class _PodIndex:
    """Pods that may be endpoints, found by namespace and label."""

    by_label: dict[tuple[str, str, str], list[Pod]] = field(default_factory=dict)

    @staticmethod
    def of(pods: Iterable[Pod]) -> _PodIndex:
        """The index of pods that have addresses and have not finished."""
        index = _PodIndex()
        for pod in pods:
            if pod.ips and not pod.finished:
                for key, value in pod.labels.items():
                    index.by_label.setdefault((pod.namespace, key, value), []).append(pod)
        return index

    def selected(self, namespace: str, selector: Labels) -> list[Pod]:
        """The pods that carry every label of a selector, in the file's order."""
        candidates = min(
            (self.by_label.get((namespace, *item), []) for item in selector.items()), key=len
        )
        return [pod for pod in candidates if selector.items() <= pod.labels.items()]


# ---------------------------------------------------------------- slices


def _slices(
    item: ServiceDraft, pods: Sequence[Pod], nodes: Mapping[str, Node]
) -> Iterator[EndpointSlice]:
    for family in item.families:
        groups: dict[Ports, list[Endpoint]] = {}
        for pod in pods:
            endpoint = _endpoint(item.service, pod, nodes.get(pod.node or ""), family)
            if endpoint is not None:
                groups.setdefault(endpoint_ports(item.service, pod), []).append(endpoint)
        for ports, endpoints in groups.items():
            for start in range(0, len(endpoints), MAX_ENDPOINTS):
                chunk = tuple(endpoints[start : start + MAX_ENDPOINTS])
                yield _slice(item.service, family, ports, chunk, start)


def _slice(
    service: Service, family: Family, ports: Ports, endpoints: tuple[Endpoint, ...], start: int
) -> EndpointSlice:
    seed = f"{service.namespace}/{service.name} {family} {ports} {start}"
    return EndpointSlice(
        namespace=service.namespace,
        name=f"{service.name}-{_suffix(seed)}",
        service=service.name,
        address_type=family.value,
        endpoints=endpoints,
        ports=ports,
    )


def _suffix(seed: str) -> str:
    """Five letters of the kind that generateName appends, always the same for a seed."""
    digest = hashlib.sha256(seed.encode()).digest()
    return "".join(_NAME_LETTERS[byte % len(_NAME_LETTERS)] for byte in digest[:5])


# ---------------------------------------------------------------- ports


def endpoint_ports(service: Service, pod: Pod) -> Ports:
    """The Service's ports on one pod; a named one that the pod does not have is left out."""
    found = []
    for port in service.ports:
        number = _number(port, pod)
        if number is not None:
            found.append(EndpointPort(number, port.protocol, port.name))
    return tuple(found)


def _number(port: ServicePort, pod: Pod) -> int | None:
    if not isinstance(port.target_port, str):
        return port.target_port or port.port
    for container in pod.containers:
        for declared in container.ports:
            if declared.name == port.target_port and declared.protocol is port.protocol:
                return declared.port
    return None


# ---------------------------------------------------------------- endpoints


def _endpoint(service: Service, pod: Pod, node: Node | None, family: Family) -> Endpoint | None:
    addresses = tuple(str(ip) for ip in pod.ips if family_of(ip) is family)
    if not addresses:
        return None
    ready = service.publish_not_ready or (pod.ready and not pod.terminating)
    zone = (node.zone if node else None) or None
    return Endpoint(
        addresses=addresses,
        ready=ready,
        serving=pod.ready,
        terminating=pod.terminating,
        node=pod.node,
        zone=zone,
        zone_hints=_zone_hints(service, zone) if ready else (),
        node_hints=_node_hints(service, pod) if ready else (),
        target=f"pod/{pod.namespace}/{pod.name}",
        hostname=pod.hostname if pod.subdomain == service.name else "",
    )


def _zone_hints(service: Service, zone: str | None) -> tuple[str, ...]:
    """trafficDistribution hints each ready endpoint to its own zone."""
    return (zone,) if zone and service.traffic_distribution in _ZONE_HINTS else ()


def _node_hints(service: Service, pod: Pod) -> tuple[str, ...]:
    """PreferSameNode hints each ready endpoint to its own node too."""
    wanted = service.traffic_distribution == "PreferSameNode"
    return (pod.node,) if wanted and pod.node else ()
