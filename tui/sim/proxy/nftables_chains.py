"""The fixed part of kube-proxy's nftables table, there whatever the cluster says.

Source: setupNFTables in pkg/proxy/nftables/proxier.go, v1.36.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from tui.sim.model.address import Family, IPNetwork, address, family_of, network
from tui.sim.model.cluster import Cluster
from tui.sim.model.value import value
from tui.sim.netfilter.hooks import Hook
from tui.sim.netfilter.nft.rules import (
    IN_SET,
    AnonymousSet,
    Base,
    Chain,
    Drop,
    Element,
    Flags,
    Jump,
    Key,
    MarkMatch,
    Masquerade,
    Match,
    Named,
    Reject,
    Rule,
    Selector,
    Selectors,
    Set,
    SetMark,
    Statement,
    Table,
    VerdictMap,
)
from tui.sim.proxy.address_ranges import merged
from tui.sim.proxy.host import ProxyHost
from tui.sim.services import LocalDetector

REJECT_CHAIN = "reject-chain"
_NEW = Match((Selector.CT_STATE,), (Flags(("new",)),))


def _jump(chain: str, *conditions: Statement) -> Rule:
    return Rule((*conditions, Jump(chain)))


_BASE_CHAINS: Mapping[str, tuple[Base, tuple[Rule, ...]]] = {
    "filter-prerouting-pre-dnat": (
        Base("filter", Hook.PREROUTING, -110),
        (_jump("firewall-check", _NEW),),
    ),
    "filter-output-pre-dnat": (
        Base("filter", Hook.OUTPUT, -110),
        (_jump("firewall-check", _NEW),),
    ),
    "filter-input": (
        Base("filter", Hook.INPUT, 0),
        (_jump("nodeport-endpoints-check", _NEW), _jump("service-endpoints-check", _NEW)),
    ),
    "filter-forward": (
        Base("filter", Hook.FORWARD, 0),
        (_jump("service-endpoints-check", _NEW), _jump("cluster-ips-check", _NEW)),
    ),
    "filter-output": (
        Base("filter", Hook.OUTPUT, 0),
        (_jump("service-endpoints-check", _NEW), _jump("cluster-ips-check", _NEW)),
    ),
    "nat-prerouting": (Base("nat", Hook.PREROUTING, -100), (_jump("services"),)),
    "nat-output": (Base("nat", Hook.OUTPUT, -100), (_jump("services"),)),
    "nat-postrouting": (Base("nat", Hook.POSTROUTING, 100), (_jump("masquerading"),)),
}
"""Base chains with their jumps. What a load balancer's source ranges forbid must be dropped
while the packet still bears its address: before nat, ten priorities earlier."""

_MAPS = {
    "no-endpoint-services": "vmap to drop or reject packets to services with no endpoints",
    "no-endpoint-nodeports": (
        "vmap to drop or reject packets to service nodeports with no endpoints"
    ),
    "firewall-ips": "destinations that are subject to LoadBalancerSourceRanges",
    "service-ips": "ClusterIP, ExternalIP and LoadBalancer IP traffic",
    "service-nodeports": "NodePort traffic",
}
"""Verdict maps in the order in which they are made, with their comments; those of node ports
have no address in their keys."""

_PORT = ("inet_proto", "inet_service")


@value
class Spelling:
    """What one family's rules call addresses."""

    family: str
    """`ip` or `ip6`."""
    type: str
    """Type of an address in a set."""
    source: Selector
    destination: Selector
    loopback: Match
    """Any destination but loopback, which never takes node ports."""

    @property
    def address_and_port(self) -> Selectors:
        """Destination, protocol and port: the key of most maps."""
        return (self.destination, Selector.L4PROTO, Selector.TH_DPORT)


SPELLINGS = {
    Family.IPV4: Spelling(
        "ip", "ipv4_addr", Selector.IP_SADDR, Selector.IP_DADDR,
        Match((Selector.IP_DADDR,), (network("127.0.0.0/8"),), negated=True),
    ),
    Family.IPV6: Spelling(
        "ip6", "ipv6_addr", Selector.IP6_SADDR, Selector.IP6_DADDR,
        Match((Selector.IP6_DADDR,), (address("::1"),), negated=True),
    ),
}  # fmt: skip


def local_match(detector: LocalDetector, spelling: Spelling, *, negated: bool = False) -> Match:
    """Whether a packet comes from a pod, as kube-proxy tells pods from others."""
    if detector.cidr is not None:
        return Match((spelling.source,), (detector.cidr,), negated)
    device = detector.interface or ""
    name = f"{device[:-1]}*" if device.endswith("+") else device
    return Match((Selector.IIFNAME,), (name,), negated)


@dataclass(slots=True)
class TableUnderConstruction:
    """The table being filled."""

    cluster: Cluster
    """The cluster, whose ServiceCIDRs are asked."""
    host: ProxyHost
    """The node."""
    elements: dict[str, dict[Key, Element]] = field(default_factory=lambda: defaultdict(dict))
    """Elements of the sets and maps with a fixed name."""
    affinity: dict[str, Set] = field(default_factory=dict)
    """Sets of session affinity."""
    chains: dict[str, list[Rule]] = field(default_factory=dict)
    """Chains of services and endpoints, in the order in which they are made."""
    spelling: Spelling = field(init=False)
    """What this family calls addresses."""

    def __post_init__(self) -> None:
        self.spelling = SPELLINGS[self.host.family]
        for ip in self.host.node_port_addresses or ():
            self.elements["nodeport-ips"][ip,] = IN_SET

    def finished(self) -> Table:
        """The table as it is."""
        chains = {name: Chain(name, rules, base) for name, (base, rules) in _BASE_CHAINS.items()}
        chains |= {chain.name: chain for chain in self._fixed_chains()}
        chains |= {name: Chain(name, tuple(rules)) for name, rules in self.chains.items()}
        sets = {each.name: each for each in self._fixed_sets()} | self.affinity
        return Table(self.spelling.family, "kube-proxy", sets, chains, "rules for kube-proxy")

    # -------------------------------------------------- sets and maps

    def _fixed_sets(self) -> Iterator[Set]:
        ip = self.spelling.type
        ends = (ip, ip, *_PORT)
        yield self._set("hairpin-connections", ends, "service hairpin connections")
        yield self._set("cluster-ips", (ip,), "Active ClusterIPs")
        if self.host.node_port_addresses is not None:
            yield self._set("nodeport-ips", (ip,), "IPs that accept NodePort traffic")
        for name, comment in _MAPS.items():
            key = _PORT if name.endswith("nodeports") else (ip, *_PORT)
            yield self._set(name, key, comment, ("verdict",))

    def _set(
        self, name: str, types: tuple[str, ...], comment: str,
        values: tuple[str, ...] | None = None,
    ) -> Set:  # fmt: skip
        return Set(name, types, values, self.elements[name], comment)

    # -------------------------------------------------- chains

    def _fixed_chains(self) -> Iterator[Chain]:
        port = self.spelling.address_and_port
        yield Chain("nodeport-endpoints-check", (self._node_ports("no-endpoint-nodeports"),))
        for name, found in (
            ("service-endpoints-check", "no-endpoint-services"),
            ("firewall-check", "firewall-ips"),
        ):
            yield Chain(name, (Rule((VerdictMap(port, Named(found)),)),))
        yield Chain("services", tuple(self._services()))
        yield Chain("masquerading", tuple(self._masquerading()))
        yield Chain("cluster-ips-check", tuple(self._cluster_ips_check()))
        comment = "helper for @no-endpoint-services / @no-endpoint-nodeports"
        yield Chain(REJECT_CHAIN, (Rule((Reject(),)),), comment=comment)

    @property
    def _to_cluster_ip(self) -> Match:
        return Match((self.spelling.destination,), Named("cluster-ips"))

    def _node_ports(self, found: str, *first: Statement) -> Rule:
        """A lookup by node port, for packets to an address that takes node ports."""
        lookup = VerdictMap((Selector.L4PROTO, Selector.TH_DPORT), Named(found))
        if self.host.node_port_addresses is None:
            return Rule((*first, self.spelling.loopback, lookup))
        return Rule((Match((self.spelling.destination,), Named("nodeport-ips")), lookup))

    def _services(self) -> Iterator[Rule]:
        yield from self._masquerade_cluster_ips()
        yield Rule((VerdictMap(self.spelling.address_and_port, Named("service-ips")),))
        local = Match((Selector.FIB_DADDR,), ("local",))
        yield self._node_ports("service-nodeports", local)

    def _masquerade_cluster_ips(self) -> Iterator[Rule]:
        """Who is no pod of the cluster gets the node's address, so that answers come back."""
        host, marked = self.host, mark_for_masquerade(self.host)
        if host.settings.nftables_masquerade_all:
            yield Rule((self._to_cluster_ip, marked), "masquerade all clusterIP traffic")
        elif host.detector is not None:
            outside = local_match(host.detector, self.spelling, negated=True)
            yield Rule(
                (self._to_cluster_ip, outside, marked),
                "masquerade clusterIP traffic from outside cluster",
            )

    def _masquerading(self) -> Iterator[Rule]:
        """The mark is cleared, lest a tunnel's outer packet carry it on."""
        mark, spelling = self.host.settings.mark, self.spelling
        masquerade = Masquerade(fully_random=True)
        yield Rule((MarkMatch(0, mark, negated=True), SetMark(mark, "^"), masquerade))
        ends = (spelling.source, *spelling.address_and_port)
        yield Rule(
            (
                Match((Selector.CT_STATUS,), (Flags(("dnat",)),)),
                Match(ends, Named("hairpin-connections")),
                masquerade,
            )
        )

    def _cluster_ips_check(self) -> Iterator[Rule]:
        yield Rule((self._to_cluster_ip, Reject()), "Reject traffic to invalid ports of ClusterIPs")
        cidrs = {net for each in self.cluster.service_cidrs for net in each.cidrs}
        own = [net for net in cidrs if family_of(net) is self.host.family]
        if own:
            inside = Match((self.spelling.destination,), one_or_more(own))
            yield Rule((inside, Drop()), "Drop traffic to unallocated ClusterIPs")


def one_or_more(networks: Collection[IPNetwork]) -> Key | AnonymousSet:
    """Ranges as nft lists them: merged in a set, but one that is alone needs no set."""
    spans = merged(networks)
    return spans[:1] if len(networks) == 1 else AnonymousSet(tuple((span,) for span in spans))


def mark_for_masquerade(host: ProxyHost) -> SetMark:
    """The note that a packet shall be masqueraded when it leaves."""
    return SetMark(host.settings.mark, "|")
