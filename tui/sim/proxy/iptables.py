"""kube-proxy in iptables mode: the rules of pkg/proxy/iptables/proxier.go, v1.36.

`render` gives what `iptables-save` would show on a node on which nothing but kube-proxy
has written rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from tui.sim.model.address import Family, IPAddress, host_network
from tui.sim.model.cluster import Cluster
from tui.sim.model.collection import collection_paused
from tui.sim.model.packet import Protocol
from tui.sim.netfilter.rules import (
    Accept,
    AddrType,
    Comment,
    Dnat,
    Drop,
    Jump,
    Match,
    NfAcct,
    Ports,
    Recent,
    Reject,
    Rule,
    Ruleset,
    Statistic,
    Target,
)
from tui.sim.proxy.host import ProxyHost
from tui.sim.proxy.iptables_chains import (
    LOCAL_DESTINATION,
    LOOPBACK4,
    MASQUERADE_CHAIN,
    Chains,
)
from tui.sim.proxy.names import endpoint_chain, hashed, port_tag
from tui.sim.services import LocalDetector, PortPlan, ServiceEndpoint, plan_ports

LARGE_CLUSTER_ENDPOINTS = 1000
"""Above this number of endpoints kube-proxy leaves the comments of endpoints out."""

_LOCAL_SOURCE = AddrType(source="LOCAL")
_MASQUERADE = Jump(MASQUERADE_CHAIN)
_REJECT = {
    Family.IPV4: Reject("icmp-port-unreachable"),
    Family.IPV6: Reject("icmp6-port-unreachable"),
}


def render(cluster: Cluster, host: ProxyHost) -> Ruleset:
    """The ruleset of one node and family."""
    with collection_paused():
        return _rendered(cluster, host)


def _rendered(cluster: Cluster, host: ProxyHost) -> Ruleset:
    plans = tuple(plan_ports(cluster, host.node, host.family, host.settings))
    chains = Chains(host, large=_known_endpoints(plans) > LARGE_CLUSTER_ENDPOINTS)
    for plan in plans:
        _PortRules(chains, plan).write()
    chains.finish()
    return Ruleset(host.family, {table.name: table for table in chains.tables()})


def _known_endpoints(plans: Iterable[PortPlan]) -> int:
    return sum(len(plan.endpoints) for plan in plans)


# ---------------------------------------------------------------- one service port


class _PortRules:
    """Writes the rules of one service port into the tables."""

    def __init__(self, chains: Chains, plan: PortPlan) -> None:
        self.chains = chains
        self.host = chains.host
        self.detector = chains.detector
        self.plan = plan
        self.name = plan.name
        self.tag = port_tag(self.name, plan.protocol)
        digest = hashed(self.tag)
        self.svc = f"KUBE-SVC-{digest}"
        self.svl = f"KUBE-SVL-{digest}"
        self.ext = f"KUBE-EXT-{digest}"
        self.fw = f"KUBE-FW-{digest}"
        self._jumps: dict[str, Jump] = {}

    @property
    def internal_endpoints(self) -> tuple[ServiceEndpoint, ...]:
        plan = self.plan
        return plan.local_endpoints if plan.internal_local else plan.cluster_endpoints

    @property
    def external_endpoints(self) -> tuple[ServiceEndpoint, ...]:
        plan = self.plan
        return plan.local_endpoints if plan.external_local else plan.cluster_endpoints

    @property
    def internal_chain(self) -> str:
        return self.svl if self.plan.internal_local else self.svc

    def write(self) -> None:
        """Everything of this port, in kube-proxy's order."""
        self._cluster_ip()
        self._external_addresses()
        self._node_port()
        self._health_check()
        if self.plan.has_any_endpoints:
            self._internal_masquerade()
            self._external_chain()
            self._firewall_chain()
            self._dispatch_chains()
            self._endpoint_chains()

    # -------------------------------------------------- entry points

    def _to(
        self, target: Target | None, comment: str, ip: IPAddress | None, port: int,
        first: tuple[Match, ...] = (), last: tuple[Match, ...] = (),
    ) -> Rule:  # fmt: skip
        """A rule for one address and port of this protocol."""
        protocol = self.plan.protocol
        return Rule(
            target,
            destination=host_network(ip) if ip is not None else None,
            protocol=protocol,
            matches=(Comment(comment), *first, Ports(protocol, dport=(port, port)), *last),
        )

    def _refusal(self, policy_local: bool) -> tuple[str, Target]:
        """What those hear for whom nobody is there.

        REJECT if there is no endpoint at all; DROP if policy Local hides the others, so that
        a load balancer that still sends here tries again elsewhere.
        """
        if policy_local and self.plan.has_any_endpoints:
            return f"{self.name} has no local endpoints", Drop()
        return f"{self.name} has no endpoints", _REJECT[self.host.family]

    def _cluster_ip(self) -> None:
        plan = self.plan
        if self.internal_endpoints:
            rule = self._to(
                Jump(self.internal_chain), f"{self.name} cluster IP", plan.cluster_ip,
                plan.port.port,
            )  # fmt: skip
            self.chains.nat["KUBE-SERVICES"].append(rule)
            return
        comment, target = self._refusal(plan.internal_local)
        rule = self._to(target, comment, plan.cluster_ip, plan.port.port)
        self.chains.filter["KUBE-SERVICES"].append(rule)

    def _external_addresses(self) -> None:
        plan = self.plan
        for ip in plan.external_ips:
            self._external_address(ip, f"{self.name} external IP", self.ext)
        entry = self.fw if plan.source_ranges else self.ext
        for ip in plan.load_balancer_ips:
            self._external_address(ip, f"{self.name} loadbalancer IP", entry)
        if plan.source_ranges and plan.has_any_endpoints:
            self._guard_load_balancer()

    def _external_address(self, ip: IPAddress, comment: str, entry: str) -> None:
        port = self.plan.port.port
        if self.plan.has_any_endpoints:
            self.chains.nat["KUBE-SERVICES"].append(self._to(Jump(entry), comment, ip, port))
        if not self.external_endpoints:
            why, target = self._refusal(self.plan.external_local)
            self.chains.filter["KUBE-EXTERNAL-SERVICES"].append(self._to(target, why, ip, port))

    def _guard_load_balancer(self) -> None:
        """Packets that KUBE-FW did not let through to DNAT still bear the address: DROP."""
        comment = f"{self.name} traffic not accepted by {self.fw}"
        for ip in self.plan.load_balancer_ips:
            rule = self._to(Drop(), comment, ip, self.plan.port.port)
            self.chains.filter["KUBE-PROXY-FIREWALL"].append(rule)

    def _node_port(self) -> None:
        plan = self.plan
        number = plan.port.node_port
        if not number:
            return
        if plan.has_any_endpoints:
            self.chains.nat["KUBE-NODEPORTS"].extend(self._node_port_rules(number))
        if not self.external_endpoints:
            why, target = self._refusal(plan.external_local)
            rule = self._to(target, why, None, number, first=(LOCAL_DESTINATION,))
            self.chains.filter["KUBE-EXTERNAL-SERVICES"].append(rule)

    def _node_port_rules(self, number: int) -> Iterator[Rule]:
        plain = self._to(Jump(self.ext), self.name, None, number)
        if self.host.localhost_node_ports and self.host.facts.nfacct:
            counter = NfAcct("localhost_nps_accepted_pkts")
            yield Rule(
                plain.target,
                destination=LOOPBACK4,
                protocol=plain.protocol,
                matches=(*plain.matches, counter),
            )
        yield plain

    def _health_check(self) -> None:
        number = self.plan.health_check_node_port
        if not number:
            return
        rule = Rule(
            Accept(),
            protocol=Protocol.TCP,
            matches=(
                Comment(f"{self.name} health check node port"),
                Ports(Protocol.TCP, dport=(number, number)),
            ),
        )
        self.chains.filter["KUBE-NODEPORTS"].append(rule)

    # -------------------------------------------------- chains of this port

    def _internal_masquerade(self) -> None:
        """Who is no pod of the cluster gets the node's address, so that answers come back."""
        if not self.internal_endpoints:
            return
        plan, detector = self.plan, self.detector
        if self.host.settings.masquerade_all:
            detector = LocalDetector()
        if detector is None:
            return
        protocol, port = plan.protocol, plan.port.port
        rule = Rule(
            _MASQUERADE,
            source=detector.cidr,
            not_source=detector.cidr is not None,
            destination=host_network(plan.cluster_ip),
            in_interface=detector.interface,
            not_in_interface=detector.interface is not None,
            protocol=protocol,
            matches=(Comment(f"{self.name} cluster IP"), Ports(protocol, dport=(port, port))),
        )
        self._append(self.internal_chain, rule)

    def _external_chain(self) -> None:
        if not self.plan.externally_accessible:
            return
        what = f"traffic for {self.name} external destinations"
        if not self.plan.external_local:
            self._append(self.ext, self._plain(MASQUERADE_CHAIN, f"masquerade {what}"))
            self._append(self.ext, Rule(Jump(self.svc)))
            return
        for rule in self._short_circuits():
            self._append(self.ext, rule)
        if self.plan.local_endpoints:
            self._append(self.ext, Rule(Jump(self.svl)))

    def _short_circuits(self) -> Iterator[Rule]:
        """Policy Local means outsiders only: pods and the node itself go to all endpoints."""
        name, detector = self.name, self.detector
        if detector is not None:
            yield Rule(
                Jump(self.svc),
                source=detector.cidr,
                in_interface=detector.interface,
                matches=(Comment(f"pod traffic for {name} external destinations"),),
            )
        yield self._plain(
            MASQUERADE_CHAIN, f"masquerade LOCAL traffic for {name} external destinations",
            _LOCAL_SOURCE,
        )  # fmt: skip
        yield self._plain(
            self.svc, f"route LOCAL traffic for {name} external destinations", _LOCAL_SOURCE
        )

    def _plain(self, chain: str, comment: str, *more: Match) -> Rule:
        return Rule(Jump(chain), matches=(Comment(comment), *more))

    def _firewall_chain(self) -> None:
        plan = self.plan
        if not plan.source_ranges or not plan.load_balancer_ips:
            return
        allowed = Comment(f"{self.name} loadbalancer IP")
        for source in plan.source_ranges:
            self._append(self.fw, Rule(Jump(self.ext), source=source, matches=(allowed,)))
        if any(self.host.node_ip in source for source in plan.source_ranges):
            # The node itself may have the address as its source when it talks to it.
            for ip in plan.load_balancer_ips:
                own = Rule(Jump(self.ext), source=host_network(ip), matches=(allowed,))
                self._append(self.fw, own)
        closing = f"other traffic to {self.name} will be dropped by KUBE-PROXY-FIREWALL"
        self._append(self.fw, Rule(matches=(Comment(closing),)))

    def _dispatch_chains(self) -> None:
        plan = self.plan
        if plan.uses_cluster and plan.cluster_endpoints:
            self._dispatch(self.svc, plan.cluster_endpoints)
        if plan.uses_local and plan.local_endpoints:
            self._dispatch(self.svl, plan.local_endpoints)

    def _dispatch(self, chain: str, endpoints: tuple[ServiceEndpoint, ...]) -> None:
        rules = self.chains.nat.setdefault(chain, [])
        if self.plan.affinity_seconds:
            for endpoint in endpoints:
                jump = self._jump_to(endpoint)
                stuck = Recent(jump.chain, "rcheck", self.plan.affinity_seconds, reap=True)
                rules.append(self._choice(endpoint, jump, (stuck,)))
        for left, endpoint in zip(range(len(endpoints), 0, -1), endpoints, strict=True):
            rules.append(self._choice(endpoint, self._jump_to(endpoint), _chance_of(left)))

    def _choice(self, endpoint: ServiceEndpoint, jump: Jump, matches: tuple[Match, ...]) -> Rule:
        if self.chains.large:
            return Rule(jump, matches=matches)
        return Rule(jump, matches=(Comment(f"{self.name} -> {endpoint.text}"), *matches))

    def _jump_to(self, endpoint: ServiceEndpoint) -> Jump:
        """The jump to an endpoint's chain, whose name is hashed once."""
        held = self._jumps.get(endpoint.text)
        if held is None:
            held = Jump(endpoint_chain(self.tag, endpoint.text))
            self._jumps[endpoint.text] = held
        return held

    def _endpoint_chains(self) -> None:
        protocol = self.plan.protocol
        comment = () if self.chains.large else (Comment(self.name),)
        usual = (*comment, _header_of(protocol))
        for endpoint in self.plan.reachable_endpoints:
            name = self._jump_to(endpoint).chain
            matches = usual
            if self.plan.affinity_seconds:
                matches = (*comment, Recent(name, "set"), _header_of(protocol))
            self.chains.endpoints[name] = (
                Rule(_MASQUERADE, source=host_network(endpoint.ip), matches=comment),
                Rule(Dnat(endpoint.ip, endpoint.port), protocol=protocol, matches=matches),
            )

    def _append(self, chain: str, rule: Rule) -> None:
        self.chains.nat.setdefault(chain, []).append(rule)


@cache
def _header_of(protocol: Protocol) -> Ports:
    """`-m tcp`: the match that a rule with a protocol has."""
    return Ports(protocol)


@cache
def _chance_of(left: int) -> tuple[Match, ...]:
    """The match that gives one of so many endpoints its turn; the last one needs none."""
    return (Statistic(_share(left)),) if left > 1 else ()


def _share(left: int) -> int:
    """1/left as kube-proxy writes it (10 decimals) and the kernel keeps it (31 bits)."""
    return round(round(1 / left, 10) * 2**31)
