"""The iptables rules that remain in kube-proxy's IPVS mode.

They do what IPVS cannot: decide who is masqueraded, keep some out, and keep virtual addresses
from leading to the node's own ports. Their number does not grow with the Services, for they ask
ipsets. Follows createAndLinkKubeChain and writeIptablesRules in pkg/proxy/ipvs/proxier.go, v1.36.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.sim.model.address import Family, IPAddress, host_network, network
from tui.sim.model.packet import Protocol
from tui.sim.netfilter.rules import (
    Accept,
    AddrType,
    Chain,
    Comment,
    ConntrackMatch,
    Drop,
    IpvsMatch,
    Jump,
    MarkMatch,
    Masquerade,
    Match,
    PhysdevIsIn,
    Reject,
    Return,
    Rule,
    Ruleset,
    SetMark,
    Table,
    Target,
)
from tui.sim.proxy import ipvs_sets as kinds
from tui.sim.proxy.host import ProxyHost
from tui.sim.proxy.iptables_chains import LOCAL_DESTINATION, MASQUERADE_CHAIN, postrouting_rules
from tui.sim.proxy.ipvs_sets import SetKind, Sets

Blocked = tuple[IPAddress, Protocol, int]
"""A load balancer's address that the node itself may not use: address, protocol, port."""

_LOOPBACK = {Family.IPV4: network("127.0.0.0/8"), Family.IPV6: network("::1/128")}
_REJECT = {
    Family.IPV4: Reject("icmp-port-unreachable"),
    Family.IPV6: Reject("icmp6-port-unreachable"),
}
_TO_MASQUERADE = Jump(MASQUERADE_CHAIN)


def ruleset(host: ProxyHost, sets: Sets, blocked: Iterable[Blocked]) -> Ruleset:
    """All rules of one node and family, as `iptables-save` would show them."""
    rules = _Rules(host, sets)
    nat = {
        "KUBE-LOAD-BALANCER": rules.load_balancer(),
        MASQUERADE_CHAIN: rules.mark(),
        "KUBE-NODE-PORT": rules.node_ports(),
        "KUBE-POSTROUTING": rules.postrouting(),
        "KUBE-SERVICES": rules.services(),
    }
    kept = {
        "KUBE-FORWARD": rules.forward(),
        "KUBE-IPVS-FILTER": rules.virtual_addresses(),
        "KUBE-IPVS-OUT-FILTER": _blocked_rules(blocked),
        "KUBE-NODE-PORT": rules.health_checks(),
        "KUBE-PROXY-FIREWALL": rules.firewall(),
        "KUBE-SOURCE-RANGES-FIREWALL": rules.source_ranges(),
    }
    tables = (
        _table("filter", ("INPUT", "FORWARD", "OUTPUT"), kept),
        _table("nat", ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"), nat),
    )
    return Ruleset(host.family, {table.name: table for table in tables})


def _table(name: str, base: tuple[str, ...], chains: dict[str, Iterator[Rule]]) -> Table:
    made = {chain: Chain(chain, _JUMPS.get((name, chain), ()), "ACCEPT") for chain in base}
    made.update({chain: Chain(chain, tuple(rules)) for chain, rules in chains.items()})
    return Table(name, made)


# ---------------------------------------------------------------- jumps


def _jump(chain: str, comment: str) -> Rule:
    return Rule(Jump(chain), matches=(Comment(comment),))


_PORTALS = _jump("KUBE-SERVICES", "kubernetes service portals")
_FIREWALL = _jump("KUBE-PROXY-FIREWALL", "kube-proxy firewall rules")

_JUMPS: dict[tuple[str, str], tuple[Rule, ...]] = {
    ("filter", "INPUT"): (
        _jump("KUBE-IPVS-FILTER", "kubernetes ipvs access filter"),
        _FIREWALL,
        _jump("KUBE-NODE-PORT", "kubernetes health check rules"),
    ),
    ("filter", "FORWARD"): (_FIREWALL, _jump("KUBE-FORWARD", "kubernetes forwarding rules")),
    ("filter", "OUTPUT"): (_jump("KUBE-IPVS-OUT-FILTER", "kubernetes ipvs access filter"),),
    ("nat", "PREROUTING"): (_PORTALS,),
    ("nat", "OUTPUT"): (_PORTALS,),
    ("nat", "POSTROUTING"): (_jump("KUBE-POSTROUTING", "kubernetes postrouting rules"),),
}
"""Jumps from the base chains, in the order in which a fresh node shows them."""


# ---------------------------------------------------------------- chains


def _blocked_rules(blocked: Iterable[Blocked]) -> Iterator[Rule]:
    """Source ranges leave the node out: what it sends to the load balancer itself is dropped.

    Its packets bear the load balancer's own address as their source, for that is bound here.
    """
    for ip, protocol, port in blocked:
        own = host_network(ip)
        yield Rule(Drop(), source=own, matches=(IpvsMatch(protocol, own, port),))


class _Rules:
    """The chains of one node and family."""

    def __init__(self, host: ProxyHost, sets: Sets) -> None:
        self.host = host
        self.sets = sets

    def _asking(
        self, target: Target, kind: SetKind, directions: str, *more: Match,
        protocol: Protocol | None = None,
    ) -> Rule:  # fmt: skip
        """A rule that asks a set and says what for."""
        asked = self.sets.match(kind, directions)
        return Rule(target, protocol=protocol, matches=(Comment(kind.comment), asked, *more))

    def _silent(self, target: Target, kind: SetKind, directions: str) -> Rule:
        """A rule that asks a set without a comment."""
        return Rule(target, matches=(self.sets.match(kind, directions),))

    # -------------------------------------------------- nat

    def services(self) -> Iterator[Rule]:
        """nat KUBE-SERVICES: who is masqueraded, and what stays with IPVS."""
        yield Rule(Return(), source=_LOOPBACK[self.host.family])
        if self.sets.has(kinds.LOAD_BALANCER):
            yield self._asking(Jump("KUBE-LOAD-BALANCER"), kinds.LOAD_BALANCER, "dst,dst")
        if self.sets.has(kinds.CLUSTER_IP):
            yield self._outsiders()
        if self.sets.has(kinds.EXTERNAL_IP):
            yield self._asking(_TO_MASQUERADE, kinds.EXTERNAL_IP, "dst,dst")
            yield from self._external(kinds.EXTERNAL_IP)
        if self.sets.has(kinds.EXTERNAL_IP_LOCAL):
            yield from self._external(kinds.EXTERNAL_IP_LOCAL)
        yield Rule(Jump("KUBE-NODE-PORT"), matches=(LOCAL_DESTINATION,))
        for kind in (kinds.CLUSTER_IP, kinds.LOAD_BALANCER):
            if self.sets.has(kind):
                yield self._silent(Accept(), kind, "dst,dst")

    def _outsiders(self) -> Rule:
        """Who calls a cluster IP but is no pod is masqueraded, so that answers come back.

        Without a detector pods cannot be told from others; then only the node itself is, whose
        packets bear a virtual address as their source.
        """
        detector = self.host.detector
        directions = "dst,dst"
        if detector is None and not self.host.settings.masquerade_all:
            directions = "src,dst"
        rule = self._asking(_TO_MASQUERADE, kinds.CLUSTER_IP, directions)
        if detector is None or self.host.settings.masquerade_all:
            return rule
        return Rule(
            rule.target,
            source=detector.cidr,
            not_source=detector.cidr is not None,
            in_interface=detector.interface,
            not_in_interface=detector.interface is not None,
            matches=rule.matches,
        )

    def _external(self, kind: SetKind) -> Iterator[Rule]:
        """External addresses stay with IPVS for traffic from other machines, or where bound here.

        "From other machines" is told by what it is not: from a bridge's port, or from this node.
        """
        elsewhere = AddrType(source="LOCAL", not_source=True)
        yield self._asking(Accept(), kind, "dst,dst", PhysdevIsIn(negated=True), elsewhere)
        yield self._asking(Accept(), kind, "dst,dst", LOCAL_DESTINATION)

    def load_balancer(self) -> Iterator[Rule]:
        """nat KUBE-LOAD-BALANCER: policy Local keeps the client's address."""
        if self.sets.has(kinds.LOAD_BALANCER_LOCAL):
            yield self._asking(Return(), kinds.LOAD_BALANCER_LOCAL, "dst,dst")
        yield Rule(_TO_MASQUERADE)

    def node_ports(self) -> Iterator[Rule]:
        """nat KUBE-NODE-PORT: policy Local keeps the client's address."""
        for local, every, protocol, directions in (
            (kinds.NODE_PORT_LOCAL_TCP, kinds.NODE_PORT_TCP, Protocol.TCP, "dst"),
            (kinds.NODE_PORT_LOCAL_UDP, kinds.NODE_PORT_UDP, Protocol.UDP, "dst"),
            (kinds.NODE_PORT_LOCAL_SCTP, kinds.NODE_PORT_SCTP, Protocol.SCTP, "dst,dst"),
        ):
            if self.sets.has(local):
                yield self._asking(Return(), local, directions, protocol=protocol)
            if self.sets.has(every):
                yield self._asking(_TO_MASQUERADE, every, directions, protocol=protocol)

    def postrouting(self) -> Iterator[Rule]:
        """nat KUBE-POSTROUTING: a pod that got itself as its Service's endpoint comes first."""
        if self.sets.has(kinds.LOOP_BACK):
            yield self._asking(Masquerade(), kinds.LOOP_BACK, "dst,dst,src")
        yield from postrouting_rules(self.host)

    def mark(self) -> Iterator[Rule]:
        """nat KUBE-MARK-MASQ."""
        mark = self.host.settings.mark
        yield Rule(SetMark(mark, mark))

    # -------------------------------------------------- filter

    def forward(self) -> Iterator[Rule]:
        """filter KUBE-FORWARD; unlike in iptables mode, nothing INVALID is dropped."""
        mark = self.host.settings.mark
        yield Rule(
            Accept(), matches=(Comment("kubernetes forwarding rules"), MarkMatch(mark, mark))
        )
        known = ConntrackMatch(("RELATED", "ESTABLISHED"))
        yield Rule(Accept(), matches=(Comment("kubernetes forwarding conntrack rule"), known))

    def health_checks(self) -> Iterator[Rule]:
        """filter KUBE-NODE-PORT: lets health checks in."""
        yield self._asking(Accept(), kinds.HEALTH_CHECK_NODE_PORT, "dst")

    def firewall(self) -> Iterator[Rule]:
        """filter KUBE-PROXY-FIREWALL: load balancers with source ranges."""
        if self.sets.has(kinds.LOAD_BALANCER_FIREWALL):
            where = Jump("KUBE-SOURCE-RANGES-FIREWALL")
            yield self._asking(where, kinds.LOAD_BALANCER_FIREWALL, "dst,dst")

    def source_ranges(self) -> Iterator[Rule]:
        """filter KUBE-SOURCE-RANGES-FIREWALL: whom a range lets in goes back, the rest ends."""
        for kind in (kinds.LOAD_BALANCER_SOURCE_CIDR, kinds.LOAD_BALANCER_SOURCE_IP):
            if self.sets.has(kind):
                yield self._asking(Return(), kind, "dst,dst,src")
        yield Rule(Drop())

    def virtual_addresses(self) -> Iterator[Rule]:
        """filter KUBE-IPVS-FILTER: a virtual address answers on its Services' ports only.

        It is bound here, so without these rules it would lead to every port of the node.
        """
        for kind in (
            kinds.LOAD_BALANCER, kinds.CLUSTER_IP, kinds.EXTERNAL_IP, kinds.EXTERNAL_IP_LOCAL
        ):  # fmt: skip
            yield self._silent(Return(), kind, "dst,dst")
        yield self._silent(Return(), kinds.HEALTH_CHECK_NODE_PORT, "dst")
        bound = self.sets.match(kinds.IPVS_IPS, "dst")
        yield Rule(_REJECT[self.host.family], matches=(ConntrackMatch(("NEW",)), bound))
