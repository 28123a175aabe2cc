"""Where objects do not fit each other, and what kube-proxy v1.36 makes of it.

The API server refuses most of this, but files are written by hand, and an object that does not
fit is one of the ways in which a Service fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from tui.sim.model.address import IPAddress, IPNetwork, family_of
from tui.sim.model.cluster import Cluster, EndpointSlice, Node, Pod, Service
from tui.sim.model.settings import ProxySettings
from tui.sim.model.shown import some_of
from tui.sim.model.sloppy import parse_sloppy_address, parse_sloppy_network
from tui.sim.model.value import value


class MismatchKind(StrEnum):
    """What does not fit. The fields of each are listed with it."""

    ENDPOINT_FAMILY = "endpoint-family"
    """An endpoint's address is not of its slice's family: found, expected."""
    PORT_NAME = "port-name"
    """A Service's port has a name that none of its slices has: port, known."""
    HOST_BITS = "host-bits"
    """A range names more than its network: field, found, read."""
    CLUSTER_IP_TWICE = "cluster-ip-twice"
    """Another Service has the same cluster IP, but no port of this one: found, other."""
    PORT_TWICE = "port-twice"
    """Another Service has the same cluster IP and port: found, other."""
    NODE_PORT_TWICE = "node-port-twice"
    """Another port of a Service has the same node port: found, other."""
    POD_IP_TWICE = "pod-ip-twice"
    """A pod named before has the same address: found, other."""
    POD_WAITS = "pod-waits"
    """The plugin has no address left for a pod of a node: node."""
    POD_RANGES_OVERLAP = "pod-ranges-overlap"
    """A pod range of this node shares addresses with one of another: found, range, other."""


@value
class Mismatch:
    """One thing that does not fit."""

    kind: MismatchKind
    """What it is."""
    owner: str
    """The object: `Service shop/web`, or the kind of a configuration."""
    fields: tuple[tuple[str, str], ...]
    """What the sentence about it needs."""

    @staticmethod
    def of(kind: MismatchKind, owner: str, **fields: str) -> Mismatch:
        """A mismatch from its fields by name."""
        return Mismatch(kind, owner, tuple(fields.items()))


def mismatches(
    cluster: Cluster, settings: ProxySettings, waiting: Collection[str] = ()
) -> Iterator[Mismatch]:
    """All that do not fit, in the order of the cluster's file, the configuration last.

    `waiting`: places of pods that the plugin has no address for.
    """
    yield from _overlapping_ranges(cluster.nodes)
    yield from _shared_pod_ips(cluster.pods)
    yield from _waiting(cluster.pods, waiting)
    yield from _families(cluster.slices)
    yield from _port_names(cluster)
    for service in cluster.services:
        owner = _service(service)
        yield from _host_bits(owner, "loadBalancerSourceRanges", service.source_ranges)
    yield from _shared_addresses(cluster.services)
    yield from _shared_node_ports(cluster.services)
    configuration = "KubeProxyConfiguration"
    yield from _host_bits(configuration, "clusterCIDR", settings.cluster_cidrs)
    yield from _host_bits(configuration, "nodePortAddresses", settings.node_port_addresses)


def _service(service: Service) -> str:
    return f"Service {service.namespace}/{service.name}"


def _overlapping_ranges(nodes: Sequence[Node]) -> Iterator[Mismatch]:
    """Of two ranges that overlap one holds the other, so it stands before it among all sorted."""
    ranges = [(net, place) for place, node in enumerate(nodes) for net in node.pod_cidrs]
    ranges.sort(key=lambda each: (each[0].version, int(each[0].network_address), each[0].prefixlen))
    around: tuple[IPNetwork, int] | None = None
    for own in ranges:
        if around is None or own[0].network_address not in around[0]:
            around = own
        elif own[1] != around[1]:
            (before, first), (net, place) = sorted((own, around), key=lambda each: each[1])
            yield Mismatch.of(
                MismatchKind.POD_RANGES_OVERLAP, f"Node {nodes[place].name}",
                found=str(net), range=str(before), other=f"Node {nodes[first].name}",
            )  # fmt: skip


def _shared_pod_ips(pods: Iterable[Pod]) -> Iterator[Mismatch]:
    """A finished pod has given its address back, one on the host's network shares the node's."""
    holders: dict[IPAddress, str] = {}
    for pod in pods:
        if pod.host_network or pod.finished:
            continue
        owner = f"Pod {pod.namespace}/{pod.name}"
        taken = next((ip for ip in pod.ips if ip in holders), None)
        if taken is None:
            holders.update(dict.fromkeys(pod.ips, owner))
        else:
            found = {"found": str(taken), "other": holders[taken]}
            yield Mismatch.of(MismatchKind.POD_IP_TWICE, owner, **found)


def _waiting(pods: Iterable[Pod], waiting: Collection[str]) -> Iterator[Mismatch]:
    for pod in pods if waiting else ():
        if f"pod/{pod.namespace}/{pod.name}" in waiting:
            owner = f"Pod {pod.namespace}/{pod.name}"
            yield Mismatch.of(MismatchKind.POD_WAITS, owner, node=pod.node or "")


def _families(slices: Iterable[EndpointSlice]) -> Iterator[Mismatch]:
    for item in slices:
        owner, expected = f"EndpointSlice {item.namespace}/{item.name}", item.address_type
        for text in (e.addresses[0] for e in item.endpoints if e.addresses):
            ip = parse_sloppy_address(text)
            if ip is not None and expected != "FQDN" and family_of(ip) != expected:
                yield Mismatch.of(
                    MismatchKind.ENDPOINT_FAMILY, owner, found=text, expected=expected
                )


def _port_names(cluster: Cluster) -> Iterator[Mismatch]:
    named = _names_by_service(cluster.slices)
    for service in cluster.services:
        known = named.get((service.namespace, service.name))
        for port in service.ports if known else ():
            if known is not None and (port.name, port.protocol.value) not in known:
                yield Mismatch.of(
                    MismatchKind.PORT_NAME, _service(service),
                    port=_port_name(port.name, port.protocol.value),
                    known=some_of(_port_name(*each) for each in known),
                )  # fmt: skip


def _names_by_service(
    slices: Iterable[EndpointSlice],
) -> Mapping[tuple[str, str], dict[tuple[str, str], None]]:
    """Names and protocols of ports, of the slices that have endpoints, by Service."""
    found: dict[tuple[str, str], dict[tuple[str, str], None]] = {}
    for item in slices:
        if item.endpoints:
            known = found.setdefault((item.namespace, item.service), {})
            known.update(dict.fromkeys((p.name or "", p.protocol.value) for p in item.ports))
    return found


def _port_name(name: str, protocol: str) -> str:
    return f"{name or '(no name)'}/{protocol}"


def _host_bits(owner: str, field: str, texts: Iterable[str]) -> Iterator[Mismatch]:
    for text in texts:
        net = parse_sloppy_network(text)
        base = parse_sloppy_address(text.partition("/")[0])
        if net is not None and base is not None and base != net.network_address:
            yield Mismatch.of(
                MismatchKind.HOST_BITS, owner, field=field, found=text.strip(), read=str(net)
            )


def _shared_addresses(services: Iterable[Service]) -> Iterator[Mismatch]:
    holders: dict[str, list[Service]] = {}
    for service in services:
        for ip in dict.fromkeys(map(parse_sloppy_address, service.cluster_ips)):
            if ip is None:
                continue
            others = holders.setdefault(str(ip), [])
            if others:
                yield _shared(service, str(ip), others)
            others.append(service)


def _shared(service: Service, ip: str, others: Sequence[Service]) -> Mismatch:
    own = {(port.port, port.protocol) for port in service.ports}
    for other in others:
        for port in other.ports:
            if (port.port, port.protocol) in own:
                found = f"{ip}:{port.port}/{port.protocol.value}"
                return Mismatch.of(
                    MismatchKind.PORT_TWICE, _service(service), found=found, other=_service(other)
                )
    first = _service(others[0])
    return Mismatch.of(MismatchKind.CLUSTER_IP_TWICE, _service(service), found=ip, other=first)


def _shared_node_ports(services: Iterable[Service]) -> Iterator[Mismatch]:
    holders: dict[str, str] = {}
    for service in services:
        if service.type == "ExternalName" or service.headless:
            continue
        for port in service.ports:
            found, owner = f"{port.node_port}/{port.protocol.value}", _service(service)
            if port.node_port and found in holders:
                other = holders[found]
                yield Mismatch.of(MismatchKind.NODE_PORT_TWICE, owner, found=found, other=other)
            elif port.node_port:
                holders[found] = owner
