"""Fills in what hand-written manifests leave to others, always with the same result.

Nodes get addresses as an installer would give them, pods a node and an address as the
scheduler and the CNI plugin would, Services cluster IPs and node ports as the API server
would. Nothing that the file gives is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tui.formats.draft import Draft, PodDraft, ServiceDraft
from tui.formats.errors import FieldError, Path, quoted
from tui.formats.families import Stack, given_cluster_ips, service_families, stack_of
from tui.formats.fields import address_of
from tui.formats.pools import (
    NODE_PORTS,
    SERVICES,
    node_addresses,
    overlaps,
    pod_addresses,
    pod_range_around,
    pod_ranges,
    service_addresses,
)
from tui.sim.model.address import Family, IPAddress, IPNetwork, family_of
from tui.sim.model.cluster import Node, Pod, Service
from tui.sim.model.value import replace, value

_ONLY_NODE = "node-a"


class AllocationError(Exception):
    """An object asks for something that cannot be had."""

    def __init__(self, key: tuple[str, str, str], fault: FieldError) -> None:
        self.key = key
        """Kind, namespace and name of the object."""
        self.fault = fault
        """What is wrong, and where in the object."""
        super().__init__(str(fault))


@value
class Allocation:
    """A draft with everything filled in."""

    draft: Draft
    """The draft: pods have nodes and addresses, Services addresses and families."""
    notes: tuple[str, ...]
    """What was filled in, a sentence each."""


def allocate(draft: Draft) -> Allocation:
    """Fill in what is missing. Raises AllocationError."""
    stack = stack_of(draft)
    notes: list[str] = []
    nodes = _Nodes(draft, stack, notes).filled()
    draft = replace(draft, nodes=nodes)
    draft = replace(draft, pods=_Pods(draft, notes).filled())
    draft = replace(draft, services=_Services(draft, stack, notes).filled())
    return Allocation(draft, tuple(notes))


# ---------------------------------------------------------------- nodes


@dataclass(slots=True)
class _Nodes:
    """Gives nodes addresses and ranges for their pods; makes nodes if there are none."""

    draft: Draft
    stack: Stack
    notes: list[str]
    _addresses: dict[Family, Iterator[IPAddress]] = field(default_factory=dict)
    _ranges: dict[Family, Iterator[IPNetwork]] = field(default_factory=dict)
    _used: list[IPNetwork] = field(default_factory=list)
    _owners: dict[IPNetwork, set[str | None]] = field(default_factory=dict)
    _seen: dict[str | None, list[IPNetwork]] = field(default_factory=dict)

    def filled(self) -> tuple[Node, ...]:
        nodes = self.draft.nodes or self._made()
        if all(node.internal_ips and node.pod_cidrs for node in nodes):
            return nodes
        self._used = [net for node in nodes for net in node.pod_cidrs]
        self._used += [net for item in self.draft.service_cidrs for net in item.cidrs]
        self._prepare(nodes)
        return tuple(self._filled(node) for node in nodes)

    def _made(self) -> tuple[Node, ...]:
        names = dict.fromkeys(d.pod.node for d in self.draft.pods if d.pod.node)
        made = tuple(Node(name) for name in names) or (Node(_ONLY_NODE),)
        self.notes += [f"Node {node.name}: made, because the file has no Node." for node in made]
        return made

    def _prepare(self, nodes: tuple[Node, ...]) -> None:
        machines = {ip for node in nodes for ip in (*node.internal_ips, *node.external_ips)}
        for ip in machines:
            self._owners.setdefault(pod_range_around(ip), set()).add(None)
        for pod in _own_network(self.draft):
            for ip in pod.ips:
                self._owners.setdefault(pod_range_around(ip), set()).add(pod.node)
                self._seen.setdefault(pod.node, []).append(pod_range_around(ip))
        for family in Family:
            self._addresses[family] = node_addresses(family, machines)
            self._ranges[family] = pod_ranges(family, self._used, self._owners.keys())

    def _pod_cidrs(self, node: Node) -> tuple[IPNetwork, ...]:
        """The ranges around the node's pods, as far as they are its alone; else free ones."""
        own: dict[Family, IPNetwork] = {}
        for seen in self._seen.get(node.name, ()):
            if self._owners[seen] == {node.name} and not overlaps(seen, self._used):
                own.setdefault(family_of(seen), seen)
        if own:
            return tuple(own.values())
        families = dict.fromkeys(family_of(ip) for ip in node.internal_ips)
        found = [next(self._ranges[family], None) for family in families]
        if None in found:
            key = ("Node", "", node.name)
            problem = "no range is left for its pods; write podCIDRs for the nodes"
            raise AllocationError(key, FieldError(("spec", "podCIDR"), problem))
        return tuple(net for net in found if net is not None)

    def _filled(self, node: Node) -> Node:
        given: list[str] = []
        if not node.internal_ips:
            ips = tuple(next(self._addresses[family]) for family in self.stack)
            node = replace(node, internal_ips=ips)
            given.append(f"InternalIP {_listed(ips)}")
        if not node.pod_cidrs:
            ranges = self._pod_cidrs(node)
            node = replace(node, pod_cidrs=ranges)
            given.append(f"podCIDR {_listed(ranges)}")
        if given:
            self.notes.append(f"Node {node.name}: {', '.join(given)}.")
        return node


def _own_network(draft: Draft) -> Iterator[Pod]:
    """Pods that have a network namespace of their own."""
    return (item.pod for item in draft.pods if not item.pod.host_network)


# ---------------------------------------------------------------- pods


@dataclass(slots=True)
class _Pods:
    """Gives pods a node and addresses, unless the file says that they do not run."""

    draft: Draft
    notes: list[str]
    _nodes: dict[str, Node] = field(default_factory=dict)
    _taken: set[IPAddress] = field(default_factory=set)
    _pools: dict[IPNetwork, Iterator[IPAddress]] = field(default_factory=dict)
    _turn: int = 0

    def filled(self) -> tuple[PodDraft, ...]:
        self._nodes = {node.name: node for node in self.draft.nodes}
        if any(not item.pod.ips for item in self.draft.pods):
            self._taken = _given_addresses(self.draft)
        return tuple(self._filled(item) for item in self.draft.pods)

    def _filled(self, item: PodDraft) -> PodDraft:
        pod = item.pod
        if pod.node is not None and pod.node not in self._nodes:
            known = ", ".join(list(self._nodes)[:5])
            problem = f"the file has no Node {quoted(pod.node)}; it has {known}"
            raise _pod_error(pod, ("spec", "nodeName"), problem)
        if item.pending or pod.finished:
            return item
        if pod.node is None:
            pod = replace(pod, node=self._home_of(pod) or self._next_node())
        if not pod.ips:
            pod = replace(pod, ips=self._ips(pod))
        if pod is item.pod:
            return item
        self.notes.append(_pod_note(item.pod, pod))
        return replace(item, pod=pod)

    def _home_of(self, pod: Pod) -> str | None:
        """The node that an address of the pod speaks of."""
        for node in self.draft.nodes:
            for ip in pod.ips:
                if ip in node.internal_ips or any(ip in net for net in node.pod_cidrs):
                    return node.name
        return None

    def _next_node(self) -> str:
        name = self.draft.nodes[self._turn % len(self.draft.nodes)].name
        self._turn += 1
        return name

    def _ips(self, pod: Pod) -> tuple[IPAddress, ...]:
        node = self._nodes[pod.node or ""]
        if pod.host_network:
            return node.internal_ips
        one_each = {family_of(net): net for net in reversed(node.pod_cidrs)}
        ranges = [net for net in node.pod_cidrs if one_each[family_of(net)] == net]
        return tuple(self._take(net, pod) for net in dict.fromkeys(ranges))

    def _take(self, within: IPNetwork, pod: Pod) -> IPAddress:
        pool = self._pools.setdefault(within, pod_addresses(within, self._taken))
        ip = next(pool, None)
        if ip is None:
            problem = f"no address is left in {within} of node {pod.node}"
            raise _pod_error(pod, ("status", "podIP"), f"{problem}; give the node a larger podCIDR")
        self._taken.add(ip)
        return ip


def _given_addresses(draft: Draft) -> set[IPAddress]:
    taken = {ip for item in draft.pods for ip in item.pod.ips}
    for endpoints in draft.slices:
        if endpoints.address_type != "FQDN":
            taken.update(address_of(text) for e in endpoints.endpoints for text in e.addresses)
    return taken


def _pod_error(pod: Pod, path: Path, problem: str) -> AllocationError:
    return AllocationError(("Pod", pod.namespace, pod.name), FieldError(path, problem))


def _pod_note(before: Pod, after: Pod) -> str:
    told = [f"on {after.node}"] if before.node is None else []
    if not before.ips:
        told.append(f"address {_listed(after.ips)}")
    return f"Pod {after.namespace}/{after.name}: {', '.join(told)}."


# ---------------------------------------------------------------- Services


@dataclass(slots=True)
class _Services:
    """Gives Services cluster IPs and node ports."""

    draft: Draft
    stack: Stack
    notes: list[str]
    _addresses: dict[Family, Iterator[IPAddress]] = field(default_factory=dict)
    _ports: Iterator[int] = field(default_factory=lambda: iter(()))

    def filled(self) -> tuple[ServiceDraft, ...]:
        taken = frozenset(ip for item in self.draft.services for ip in given_cluster_ips(item))
        for family in Family:
            self._addresses[family] = service_addresses(self._ranges(family), taken)
        used = {port for item in self.draft.services for port in _given_ports(item.service)}
        self._ports = (port for port in NODE_PORTS if port not in used)
        return tuple(self._filled(item) for item in self.draft.services)

    def _ranges(self, family: Family) -> list[IPNetwork]:
        given = [net for item in self.draft.service_cidrs for net in item.cidrs]
        return [net for net in given if family_of(net) is family] or [SERVICES[family]]

    def _filled(self, item: ServiceDraft) -> ServiceDraft:
        service = item.service
        if service.type == "ExternalName":
            return item
        try:
            families = service_families(item, self.stack)
            told: list[str] = []
            if service.cluster_ips[:1] != ("None",):
                service = self._with_cluster_ips(item, families, told)
            if service.type in ("NodePort", "LoadBalancer"):
                service = self._with_node_ports(service, item.node_ports, told)
        except FieldError as fault:
            key = ("Service", service.namespace, service.name)
            raise AllocationError(key, fault) from None
        if told:
            self.notes.append(f"Service {service.namespace}/{service.name}: {', '.join(told)}.")
        return replace(item, service=service, families=families)

    def _with_cluster_ips(self, item: ServiceDraft, families: Stack, told: list[str]) -> Service:
        have = {family_of(ip) for ip in given_cluster_ips(item)}
        missing = [family for family in families if family not in have]
        if not missing:
            return item.service
        fresh = tuple(self._cluster_ip(family) for family in missing)
        told.append(f"clusterIP {_listed(fresh)}")
        held = item.service.cluster_ips
        return replace(item.service, cluster_ips=(*held, *(str(ip) for ip in fresh)))

    def _cluster_ip(self, family: Family) -> IPAddress:
        ip = next(self._addresses[family], None)
        if ip is None:
            ranges = _listed(tuple(self._ranges(family)))
            problem = f"no address is left in {ranges}; add a ServiceCIDR, or write clusterIPs"
            raise FieldError(("spec", "clusterIP"), problem)
        return ip

    def _with_node_ports(self, service: Service, allowed: bool, told: list[str]) -> Service:
        if allowed or service.type == "NodePort":
            service = self._with_ports(service, told)
        local = service.external_traffic_policy == "Local"
        if service.type == "LoadBalancer" and local and not service.health_check_node_port:
            port = self._node_port(("spec", "healthCheckNodePort"))
            service = replace(service, health_check_node_port=port)
            told.append(f"health check node port {port}")
        return service

    def _with_ports(self, service: Service, told: list[str]) -> Service:
        """One node port per port number: `53/UDP` and `53/TCP` share theirs."""
        if all(port.node_port for port in service.ports):
            return service
        by_number = {port.port: port.node_port for port in service.ports if port.node_port}
        ports = []
        for index, port in enumerate(service.ports):
            if not port.node_port:
                if port.port not in by_number:
                    path = ("spec", "ports", index, "nodePort")
                    by_number[port.port] = self._node_port(path)
                port = replace(port, node_port=by_number[port.port])
                told.append(f"node port {port.node_port} for {port.name or port.port}")
            ports.append(port)
        return replace(service, ports=tuple(ports))

    def _node_port(self, path: Path) -> int:
        port = next(self._ports, None)
        if port is None:
            span = f"{NODE_PORTS.start}-{NODE_PORTS.stop - 1}"
            raise FieldError(path, f"no node port is left in {span}")
        return port


def _given_ports(service: Service) -> Iterator[int]:
    yield service.health_check_node_port
    for port in service.ports:
        yield port.node_port


def _listed(values: tuple[IPAddress, ...] | tuple[IPNetwork, ...]) -> str:
    return " and ".join(str(value) for value in values)
