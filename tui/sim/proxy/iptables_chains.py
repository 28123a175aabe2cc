"""What kube-proxy writes in iptables mode whatever the cluster says: jumps, and fixed chains.

Follows iptablesJumpChains and the fixed parts of syncProxyRules in
pkg/proxy/iptables/proxier.go, v1.36. They are there in both families.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tui.sim.model.address import Family, IPNetwork, host_network, network
from tui.sim.netfilter.rules import (
    Accept,
    AddrType,
    Chain,
    Comment,
    ConntrackMatch,
    Drop,
    Jump,
    MarkMatch,
    Masquerade,
    Match,
    NfAcct,
    Return,
    Rule,
    SetMark,
    Table,
)
from tui.sim.proxy.host import ProxyHost
from tui.sim.services import LocalDetector

MASQUERADE_CHAIN = "KUBE-MARK-MASQ"
"""Marks a packet that shall be masqueraded when it leaves."""

LOCAL_DESTINATION = AddrType(destination="LOCAL")
"""The packet is for this node itself."""

LOOPBACK4 = network("127.0.0.0/8")
"""Loopback addresses."""

_NEW = ConntrackMatch(("NEW",))
_LOOPBACK6 = network("::1/128")
_LAST = "kubernetes service nodeports; NOTE: this must be the last rule in this chain"

_BASE_NAT = ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING")
_BASE_FILTER = ("INPUT", "FORWARD", "OUTPUT")
_BASE_MANGLE = ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING")


def _jump(chain: str, comment: str = "", new_only: bool = False) -> Rule:
    matches: list[Match] = [_NEW] if new_only else []
    if comment:
        matches.append(Comment(comment))
    return Rule(Jump(chain), matches=tuple(matches))


_FIREWALL = _jump("KUBE-FIREWALL")
_PROXY_FIREWALL = _jump("KUBE-PROXY-FIREWALL", "kubernetes load balancer firewall", new_only=True)
_HEALTH_CHECKS = _jump("KUBE-NODEPORTS", "kubernetes health check service ports")
_EXTERNAL = _jump(
    "KUBE-EXTERNAL-SERVICES", "kubernetes externally-visible service portals", new_only=True
)
_FORWARD = _jump("KUBE-FORWARD", "kubernetes forwarding rules")
_PORTALS_NEW = _jump("KUBE-SERVICES", "kubernetes service portals", new_only=True)
_PORTALS = _jump("KUBE-SERVICES", "kubernetes service portals")

_JUMPS: dict[tuple[str, str], tuple[Rule, ...]] = {
    ("filter", "INPUT"): (_FIREWALL, _PROXY_FIREWALL, _HEALTH_CHECKS, _EXTERNAL),
    ("filter", "FORWARD"): (_PROXY_FIREWALL, _FORWARD, _PORTALS_NEW, _EXTERNAL),
    ("filter", "OUTPUT"): (_FIREWALL, _PROXY_FIREWALL, _PORTALS_NEW),
    ("nat", "PREROUTING"): (_PORTALS,),
    ("nat", "OUTPUT"): (_PORTALS,),
    ("nat", "POSTROUTING"): (_jump("KUBE-POSTROUTING", "kubernetes postrouting rules"),),
}
"""Jumps from the base chains, in the order in which a fresh node shows them."""


def _forward_rules(host: ProxyHost) -> Iterator[Rule]:
    mark = host.settings.mark
    if not host.facts.conntrack_tcp_be_liberal:
        counted = (NfAcct("ct_state_invalid_dropped_pkts"),) if host.facts.nfacct else ()
        yield Rule(Drop(), matches=(ConntrackMatch(("INVALID",)), *counted))
    yield Rule(Accept(), matches=(Comment("kubernetes forwarding rules"), MarkMatch(mark, mark)))
    yield Rule(
        Accept(),
        matches=(
            Comment("kubernetes forwarding conntrack rule"),
            ConntrackMatch(("RELATED", "ESTABLISHED")),
        ),
    )


def _firewall_rules(host: ProxyHost) -> Iterator[Rule]:
    """kubelet's copy: nobody on the wire may talk to loopback (CVE-2020-8558)."""
    if host.localhost_node_ports:
        yield Rule(
            Drop(),
            source=LOOPBACK4,
            not_source=True,
            destination=LOOPBACK4,
            matches=(
                Comment("block incoming localnet connections"),
                ConntrackMatch(("RELATED", "ESTABLISHED", "DNAT"), negated=True),
            ),
        )


def postrouting_rules(host: ProxyHost) -> Iterator[Rule]:
    """What is marked is masqueraded.

    The mark is cleared before, lest a tunnel's outer packet carry it on.
    """
    mark = host.settings.mark
    yield Rule(Return(), matches=(MarkMatch(mark, mark, negated=True),))
    yield Rule(SetMark(mark, 0))
    yield Rule(
        Masquerade(random_fully=host.facts.random_fully),
        matches=(Comment("kubernetes service traffic requiring SNAT"),),
    )


def _last_rules(host: ProxyHost) -> Iterator[Rule]:
    """The end of nat KUBE-SERVICES: what is left and meant for this node may be a node port."""
    wanted = host.node_port_addresses
    if wanted is not None:
        for ip in wanted:
            yield Rule(
                Jump("KUBE-NODEPORTS"), destination=host_network(ip), matches=(Comment(_LAST),)
            )
        return
    excluded: IPNetwork | None = None
    if host.family is Family.IPV6:
        excluded = _LOOPBACK6
    elif not host.localhost_node_ports:
        excluded = LOOPBACK4
    yield Rule(
        Jump("KUBE-NODEPORTS"),
        destination=excluded,
        not_destination=excluded is not None,
        matches=(Comment(_LAST), LOCAL_DESTINATION),
    )


# ---------------------------------------------------------------- chains under construction


@dataclass(slots=True)
class Chains:
    """The two tables being filled."""

    host: ProxyHost
    """The node."""
    large: bool
    """So many endpoints that their comments are left out."""
    detector: LocalDetector | None = None
    """How pods are told from others: the host's, asked once."""
    nat: dict[str, list[Rule]] = field(default_factory=dict)
    """Chains of the table nat."""
    filter: dict[str, list[Rule]] = field(default_factory=dict)
    """Chains of the table filter."""
    endpoints: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    """Chains of nat that are complete as soon as they are there: one for each endpoint."""

    def __post_init__(self) -> None:
        host = self.host
        self.detector = host.detector
        for name in ("KUBE-EXTERNAL-SERVICES", "KUBE-NODEPORTS", "KUBE-PROXY-CANARY"):
            self.filter[name] = []
        self.filter["KUBE-FIREWALL"] = list(_firewall_rules(host))
        self.filter["KUBE-FORWARD"] = list(_forward_rules(host))
        self.filter["KUBE-PROXY-FIREWALL"] = []
        self.filter["KUBE-SERVICES"] = []
        for name in ("KUBE-NODEPORTS", "KUBE-PROXY-CANARY", "KUBE-SERVICES"):
            self.nat[name] = []
        mark = host.settings.mark
        self.nat[MASQUERADE_CHAIN] = [Rule(SetMark(mark, mark))]
        self.nat["KUBE-POSTROUTING"] = list(postrouting_rules(host))

    def finish(self) -> None:
        """Write what must stand last."""
        self.nat["KUBE-SERVICES"].extend(_last_rules(self.host))

    def tables(self) -> Iterator[Table]:
        """The tables as iptables-save orders them."""
        yield _table("mangle", _BASE_MANGLE, {"KUBE-PROXY-CANARY": []})
        yield _table("filter", _BASE_FILTER, self.filter)
        yield _table("nat", _BASE_NAT, {**self.nat, **self.endpoints})


def _table(name: str, base: tuple[str, ...], chains: Mapping[str, Sequence[Rule]]) -> Table:
    made = {chain: Chain(chain, _JUMPS.get((name, chain), ()), "ACCEPT") for chain in base}
    for chain in sorted(chains):
        made[chain] = Chain(chain, tuple(chains[chain]))
    return Table(name, made)
