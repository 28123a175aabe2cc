"""flannel's own iptables rules: masquerade towards the world, and pods may be forwarded.

Follows flannel v0.26: pkg/trafficmngr/iptables/iptables.go. They are the same for every backend.
"""

from __future__ import annotations

from tui.sim.cni.site import ChainPatch, Site
from tui.sim.model.address import Family, IPNetwork, family_of, network
from tui.sim.model.cluster import Node
from tui.sim.netfilter.rules import (
    Accept,
    Comment,
    Jump,
    MarkMatch,
    Masquerade,
    Return,
    Rule,
    Target,
)

_MULTICAST = {Family.IPV4: network("224.0.0.0/4"), Family.IPV6: network("ff00::/8")}
_KUBE_PROXY_MARK = MarkMatch(0x4000, 0x4000)
_MASQ = Comment("flanneld masq")
_FORWARD = Comment("flanneld forward")


def rules(site: Site, node: Node, family: Family) -> tuple[ChainPatch, ...]:
    """flannel's rules, which it appends behind kube-proxy's jumps."""
    home = next((net for net in node.pod_cidrs if family_of(net) is family), None)
    whole = next(iter(site.pod_ranges(family)), None)
    if home is None or whole is None:
        return ()
    facts = site.facts.get(node.name)
    masquerade = Masquerade(random_fully=facts.random_fully if facts else True)
    return (
        ChainPatch("nat", "POSTROUTING", (Rule(Jump("FLANNEL-POSTRTG"), matches=(_MASQ,)),)),
        ChainPatch("nat", "FLANNEL-POSTRTG", _masquerading(whole, home, masquerade)),
        ChainPatch("filter", "FORWARD", (Rule(Jump("FLANNEL-FWD"), matches=(_FORWARD,)),)),
        ChainPatch(
            "filter",
            "FLANNEL-FWD",
            (
                Rule(Accept(), source=whole, matches=(_FORWARD,)),
                Rule(Accept(), destination=whole, matches=(_FORWARD,)),
            ),
        ),
    )


def _masquerading(whole: IPNetwork, home: IPNetwork, masquerade: Target) -> tuple[Rule, ...]:
    back = Return()
    return (
        Rule(back, matches=(_KUBE_PROXY_MARK, _MASQ)),
        Rule(back, source=home, destination=whole, matches=(_MASQ,)),
        Rule(back, source=whole, destination=home, matches=(_MASQ,)),
        Rule(back, source=whole, not_source=True, destination=home, matches=(_MASQ,)),
        Rule(
            masquerade,
            source=whole,
            destination=_MULTICAST[family_of(whole)],
            not_destination=True,
            matches=(_MASQ,),
        ),
        Rule(masquerade, source=whole, not_source=True, destination=whole, matches=(_MASQ,)),
    )
