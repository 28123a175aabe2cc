"""kube-proxy in nftables mode: the table of pkg/proxy/nftables/proxier.go, v1.36.

`render` gives what `nft list table` would show on a node. Both families have their table,
whatever the cluster says. A Service is found by one lookup in a map, so there are chains only
for what happens then.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.model.address import IPAddress, host_network
from tui.sim.model.cluster import Cluster
from tui.sim.netfilter.nft.rules import (
    IN_SET,
    AnonymousMap,
    Dnat,
    Drop,
    Element,
    Goto,
    Key,
    MappedDnat,
    Match,
    Named,
    Numgen,
    Rule,
    Selector,
    Set,
    Statement,
    Table,
    Update,
    Verdict,
    VerdictMap,
)
from tui.sim.proxy.host import ProxyHost
from tui.sim.proxy.names import readable_endpoint, readable_port
from tui.sim.proxy.nftables_chains import (
    REJECT_CHAIN,
    TableUnderConstruction,
    local_match,
    mark_for_masquerade,
    one_or_more,
)
from tui.sim.services import PortPlan, ServiceEndpoint, plan_ports

_SET_SIZE = 65535
"""What nft gives a dynamic set for which no size is asked."""


def render(cluster: Cluster, host: ProxyHost) -> Table:
    """The table of one node and family."""
    table = TableUnderConstruction(cluster, host)
    for plan in plan_ports(cluster, host.node, host.family, host.settings):
        _PortRules(table, plan).write()
    return table.finished()


class _PortRules:
    """Writes the elements and chains of one service port into the table."""

    def __init__(self, table: TableUnderConstruction, plan: PortPlan) -> None:
        self.table = table
        self.host = table.host
        self.spelling = table.spelling
        self.plan = plan
        base = readable_port(plan.namespace, plan.service, plan.protocol, plan.port.name)
        self.service = f"service-{base}"
        self.local = f"local-{base}"
        self.external = f"external-{base}"
        self.firewall = f"firewall-{base}"

    @property
    def internal_endpoints(self) -> tuple[ServiceEndpoint, ...]:
        plan = self.plan
        return plan.local_endpoints if plan.internal_local else plan.cluster_endpoints

    @property
    def external_endpoints(self) -> tuple[ServiceEndpoint, ...]:
        plan = self.plan
        return plan.local_endpoints if plan.external_local else plan.cluster_endpoints

    def write(self) -> None:
        """Everything of this port, in kube-proxy's order."""
        self._cluster_ip()
        self._external_addresses()
        self._node_port()
        self._hairpins()
        self._endpoint_chains()
        self._dispatch_chains()
        self._external_chain()
        self._firewall_chain()

    # -------------------------------------------------- elements

    def _element(self, found: str, key: Key, value: Verdict, comment: str = "") -> None:
        self.table.elements[found][key] = Element(value, comment)

    def _refusal(self, policy_local: bool) -> Verdict:
        """What those get for whom nobody is there.

        The reject chain if there is no endpoint at all; `drop` if policy Local hides the
        others, so that a load balancer that still sends here tries again elsewhere.
        """
        if policy_local and self.plan.has_any_endpoints:
            return Drop()
        return Goto(REJECT_CHAIN)

    def _key(self, ip: IPAddress) -> Key:
        return (ip, self.plan.protocol, self.plan.port.port)

    def _cluster_ip(self) -> None:
        plan = self.plan
        self.table.elements["cluster-ips"][plan.cluster_ip,] = IN_SET
        key = self._key(plan.cluster_ip)
        if self.internal_endpoints:
            chain = self.local if plan.internal_local else self.service
            self._element("service-ips", key, Goto(chain))
        else:
            refusal = self._refusal(plan.internal_local)
            self._element("no-endpoint-services", key, refusal, plan.name)

    def _external_addresses(self) -> None:
        plan = self.plan
        for ip in (*plan.external_ips, *plan.load_balancer_ips):
            if plan.has_any_endpoints:
                self._element("service-ips", self._key(ip), Goto(self.external))
            if not self.external_endpoints:
                refusal = self._refusal(plan.external_local)
                self._element("no-endpoint-services", self._key(ip), refusal, plan.name)
        if plan.source_ranges:
            for ip in plan.load_balancer_ips:
                self._element("firewall-ips", self._key(ip), Goto(self.firewall))

    def _node_port(self) -> None:
        plan = self.plan
        key: Key = (plan.protocol, plan.port.node_port)
        if not plan.port.node_port:
            return
        if plan.has_any_endpoints:
            self._element("service-nodeports", key, Goto(self.external))
        if not self.external_endpoints:
            refusal = self._refusal(plan.external_local)
            self._element("no-endpoint-nodeports", key, refusal, plan.name)

    def _hairpins(self) -> None:
        """An endpoint of this node that meets itself must be masqueraded to hear itself."""
        for endpoint in self.plan.reachable_endpoints:
            if endpoint.local:
                key = (endpoint.ip, endpoint.ip, self.plan.protocol, endpoint.port)
                self.table.elements["hairpin-connections"][key] = IN_SET

    # -------------------------------------------------- chains

    def _append(self, chain: str, *statements: Statement, comment: str = "") -> None:
        self.table.chains.setdefault(chain, []).append(Rule(statements, comment))

    def _of_endpoint(self, endpoint: ServiceEndpoint) -> str:
        plan = self.plan
        return readable_endpoint(
            plan.namespace, plan.service, plan.protocol, plan.port.name,
            endpoint.ip, endpoint.port,
        )  # fmt: skip

    def _endpoint_chains(self) -> None:
        """Only session affinity needs a chain per endpoint: it writes down who came."""
        if not self.plan.affinity_seconds:
            return
        protocol = Match((Selector.L4PROTO,), (self.plan.protocol,))
        for endpoint in self.plan.reachable_endpoints:
            base = self._of_endpoint(endpoint)
            self._affinity_set(f"affinity-{base}")
            note = Update(f"affinity-{base}", (self.spelling.source,))
            self._append(f"endpoint-{base}", note)
            self._append(f"endpoint-{base}", protocol, Dnat(endpoint.ip, endpoint.port))

    def _affinity_set(self, name: str) -> None:
        self.table.affinity[name] = Set(
            name,
            (self.spelling.type,),
            size=_SET_SIZE,
            flags=("dynamic", "timeout"),
            timeout=self.plan.affinity_seconds * 1000,
        )

    def _dispatch_chains(self) -> None:
        plan = self.plan
        if plan.uses_cluster and plan.cluster_endpoints:
            self._dispatch(self.service, plan.cluster_endpoints)
        if plan.uses_local and plan.local_endpoints:
            self._dispatch(self.local, plan.local_endpoints)

    def _dispatch(self, chain: str, endpoints: tuple[ServiceEndpoint, ...]) -> None:
        number = Numgen(len(endpoints))
        if not self.plan.affinity_seconds:
            ends = tuple(((i,), (e.ip, e.port)) for i, e in enumerate(endpoints))
            draw = MappedDnat(number, AnonymousMap(ends), self.spelling.family)
            self._append(chain, Match((Selector.L4PROTO,), (self.plan.protocol,)), draw)
            return
        bases = [self._of_endpoint(endpoint) for endpoint in endpoints]
        for base in bases:
            known = Match((self.spelling.source,), Named(f"affinity-{base}"))
            self._append(chain, known, Goto(f"endpoint-{base}"))
        ways = tuple(((i,), Goto(f"endpoint-{base}")) for i, base in enumerate(bases))
        self._append(chain, VerdictMap(number, AnonymousMap(ways)))

    def _external_chain(self) -> None:
        plan = self.plan
        if not plan.externally_accessible or not plan.has_any_endpoints:
            return
        if not plan.external_local:
            marked = mark_for_masquerade(self.host)
            self._append(self.external, marked, comment="masquerade")
            self._append(self.external, Goto(self.service))
            return
        for rule in self._short_circuits():
            self.table.chains.setdefault(self.external, []).append(rule)
        if plan.local_endpoints:
            self._append(self.external, Goto(self.local))

    def _short_circuits(self) -> Iterator[Rule]:
        """Policy Local means outsiders only: pods and the node itself go to all endpoints."""
        detector = self.host.detector
        if detector is not None:
            pod = local_match(detector, self.spelling)
            yield Rule((pod, Goto(self.service)), "short-circuit pod traffic")
        own = Match((Selector.FIB_SADDR,), ("local",))
        yield Rule((own, mark_for_masquerade(self.host)), "masquerade local traffic")
        yield Rule((own, Goto(self.service)), "short-circuit local traffic")

    def _firewall_chain(self) -> None:
        plan = self.plan
        if not plan.source_ranges or not plan.load_balancer_ips:
            return
        allowed = list(plan.source_ranges)
        if any(self.host.node_ip in source for source in plan.source_ranges):
            # The node itself may have the address as its source when it talks to it.
            allowed += [host_network(ip) for ip in plan.load_balancer_ips]
        outside = Match((self.spelling.source,), one_or_more(allowed), negated=True)
        self._append(self.firewall, outside, Drop())
