"""kube-proxy in IPVS mode, v1.36: virtual servers, ipsets, addresses, and a few iptables rules.

Deprecated since v1.35. Every address of a Service is bound to the dummy device kube-ipvs0, so
that the kernel takes its packets in, and IPVS takes them over there. Follows syncProxyRules and
syncEndpoint in pkg/proxy/ipvs/proxier.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tui.sim.model.address import IPAddress
from tui.sim.model.cluster import Cluster
from tui.sim.model.packet import Protocol
from tui.sim.netfilter.ipset import IpSet, SetPort
from tui.sim.netfilter.ipvs import Address, RealServer, VirtualServer
from tui.sim.netfilter.rules import Ruleset
from tui.sim.proxy import ipvs_sets as kinds
from tui.sim.proxy.host import ProxyHost
from tui.sim.proxy.ipvs_chains import Blocked, ruleset
from tui.sim.proxy.ipvs_sets import SetKind, Sets
from tui.sim.services import (
    PortPlan,
    ServiceAddresses,
    ServiceEndpoint,
    plan_ports,
    service_addresses,
)

_DEFAULT_SCHEDULER = "rr"


@dataclass(frozen=True)
class Programmed:
    """What kube-proxy programs on one node for one family."""

    rules: Ruleset
    """iptables."""
    sets: tuple[IpSet, ...]
    """ipsets."""
    servers: tuple[VirtualServer, ...]
    """Virtual servers."""
    addresses: tuple[IPAddress, ...]
    """Addresses of kube-ipvs0."""

    @cached_property
    def sets_by_name(self) -> Mapping[str, IpSet]:
        """The sets, as rules ask for them."""
        return {each.name: each for each in self.sets}


def render(cluster: Cluster, host: ProxyHost) -> Programmed:
    """Everything on one node for one family."""
    draft = _Draft(host)
    for plan in plan_ports(cluster, host.node, host.family, host.settings):
        _PortEntries(draft, plan).write()
    for ip in draft.bound:
        draft.sets.add(kinds.IPVS_IPS, ip)
    return Programmed(
        ruleset(host, draft.sets, draft.blocked),
        tuple(draft.sets.made()),
        tuple(draft.servers.values()),
        tuple(draft.bound),
    )


def bound_addresses(cluster: Cluster, host: ProxyHost) -> tuple[IPAddress, ...]:
    """The addresses of kube-ipvs0 alone, for which no endpoint has to be looked at."""
    own = frozenset(host.addresses)
    served = (
        service_addresses(each, host.family, host.settings)
        for each in cluster.services
        if each.ports
    )
    found = (ip for addresses in served if addresses for ip in _to_bind(addresses, own))
    return tuple(dict.fromkeys(found))


def _to_bind(found: PortPlan | ServiceAddresses, own: frozenset[IPAddress]) -> Iterator[IPAddress]:
    """Cluster IPs always; other addresses unless a device of the node has them already."""
    yield found.cluster_ip
    yield from (ip for ip in (*found.external_ips, *found.load_balancer_ips) if ip not in own)


class _Draft:
    """What is being filled, service port by service port."""

    def __init__(self, host: ProxyHost) -> None:
        self.host = host
        self.own = frozenset(host.addresses)
        self.node_port_addresses = _node_port_addresses(host)
        self.sets = Sets(host.family)
        self.servers: dict[Address, VirtualServer] = {}
        self.bound: dict[IPAddress, None] = {}
        self.blocked: list[Blocked] = []


def _node_port_addresses(host: ProxyHost) -> tuple[IPAddress, ...]:
    """The node's addresses that take node ports; loopback never does."""
    wanted = host.node_port_addresses
    candidates = host.addresses if wanted is None else wanted
    link_local = (ip for ip in candidates if ip.version == 6 and ip.is_link_local)
    left_out = {ip for ip in candidates if ip.is_loopback}.union(link_local)
    return tuple(ip for ip in candidates if ip not in left_out)


class _PortEntries:
    """Writes what one service port needs."""

    def __init__(self, draft: _Draft, plan: PortPlan) -> None:
        self.draft = draft
        self.host = draft.host
        self.plan = plan

    def write(self) -> None:
        """Everything of this port, in kube-proxy's order."""
        self._loop_back()
        self._bind()
        self._cluster_ip()
        for ip in self.plan.external_ips:
            self._external_ip(ip)
        for ip in self.plan.load_balancer_ips:
            self._load_balancer_ip(ip)
        if self.plan.port.node_port:
            if not self.draft.node_port_addresses:
                return  # kube-proxy goes on with the next port, past the health check
            self._node_port(self.plan.port.node_port)
        if self.plan.health_check_node_port:
            port = SetPort(self.plan.health_check_node_port)
            self.draft.sets.add(kinds.HEALTH_CHECK_NODE_PORT, port)

    def _port(self, number: int) -> SetPort:
        return SetPort(number, self.plan.protocol)

    def _loop_back(self) -> None:
        """Endpoints of this node, ready or not: packets from one to itself are masqueraded."""
        for endpoint in self.plan.endpoints:
            if endpoint.local:
                port = self._port(endpoint.port)
                self.draft.sets.add(kinds.LOOP_BACK, endpoint.ip, port, endpoint.ip)

    def _bind(self) -> None:
        for ip in _to_bind(self.plan, self.draft.own):
            self.draft.bound[ip] = None

    # -------------------------------------------------- addresses

    def _add(self, kind: SetKind, ip: IPAddress) -> None:
        self.draft.sets.add(kind, ip, self._port(self.plan.port.port))

    def _cluster_ip(self) -> None:
        self._add(kinds.CLUSTER_IP, self.plan.cluster_ip)
        self._serve(self.plan.cluster_ip, self.plan.port.port, self.plan.internal_local)

    def _external_ip(self, ip: IPAddress) -> None:
        local = self.plan.external_local
        self._add(kinds.EXTERNAL_IP_LOCAL if local else kinds.EXTERNAL_IP, ip)
        self._serve(ip, self.plan.port.port, local)

    def _load_balancer_ip(self, ip: IPAddress) -> None:
        self._add(kinds.LOAD_BALANCER, ip)
        if self.plan.external_local:
            self._add(kinds.LOAD_BALANCER_LOCAL, ip)
        if self.plan.source_ranges:
            self._guard(ip)
        self._serve(ip, self.plan.port.port, self.plan.external_local)

    def _guard(self, ip: IPAddress) -> None:
        """loadBalancerSourceRanges; the node itself comes with the load balancer's address."""
        plan, sets = self.plan, self.draft.sets
        port = self._port(plan.port.port)
        sets.add(kinds.LOAD_BALANCER_FIREWALL, ip, port)
        for source in plan.source_ranges:
            sets.add(kinds.LOAD_BALANCER_SOURCE_CIDR, ip, port, source)
        if any(self.host.node_ip in source for source in plan.source_ranges):
            sets.add(kinds.LOAD_BALANCER_SOURCE_IP, ip, port, ip)
        else:
            self.draft.blocked.append((ip, plan.protocol, plan.port.port))

    def _node_port(self, number: int) -> None:
        every, local = _NODE_PORTS[self.plan.protocol]
        for kind in (every, local) if self.plan.external_local else (every,):
            if self.plan.protocol is Protocol.SCTP:
                for ip in self.draft.node_port_addresses:
                    self.draft.sets.add(kind, ip, self._port(number))
            else:
                self.draft.sets.add(kind, SetPort(number))
        for ip in self.draft.node_port_addresses:
            self._serve(ip, number, self.plan.external_local)

    # -------------------------------------------------- virtual servers

    def _serve(self, ip: IPAddress, port: int, local: bool) -> None:
        """A virtual server; it is there even where nobody stands behind it, and then refuses."""
        plan = self.plan
        scheduler = self.host.settings.ipvs_scheduler or _DEFAULT_SCHEDULER
        made = VirtualServer(
            plan.protocol,
            ip,
            port,
            scheduler,
            persistence=plan.affinity_seconds,
            flags=("mh-port",) if scheduler == "mh" else (),
            servers=tuple(RealServer(e.ip, e.port) for e in self._endpoints(local)),
            owner=plan.owner,
        )
        self.draft.servers[made.address] = made

    def _endpoints(self, local: bool) -> tuple[ServiceEndpoint, ...]:
        """Policy Local falls back on the others where no endpoint is here.

        So pods of this node are served too, but what comes from outside gets its answer from an
        address that it never called (kubernetes/kubernetes#97081).
        """
        plan = self.plan
        return (local and plan.local_endpoints) or plan.cluster_endpoints


_NODE_PORTS = {
    Protocol.TCP: (kinds.NODE_PORT_TCP, kinds.NODE_PORT_LOCAL_TCP),
    Protocol.UDP: (kinds.NODE_PORT_UDP, kinds.NODE_PORT_LOCAL_UDP),
    Protocol.SCTP: (kinds.NODE_PORT_SCTP, kinds.NODE_PORT_LOCAL_SCTP),
}
