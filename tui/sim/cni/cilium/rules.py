"""Cilium's iptables rules: what its programs leave to the node's stack.

Follows v1.16, pkg/datapath/iptables/iptables.go; the chains are put before kube-proxy's. Rules for
the proxy of L7 policies are left out: nothing bears their marks here.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from tui.sim.cni.cilium.names import HOST, NET
from tui.sim.cni.cilium.settings import CiliumSettings, Routing
from tui.sim.cni.cilium.wiring import pod_range, router_ip
from tui.sim.cni.site import ChainPatch, Site
from tui.sim.model.address import Family, IPAddress, IPNetwork
from tui.sim.model.cluster import Node
from tui.sim.netfilter.rules import (
    Accept,
    Comment,
    ConntrackMatch,
    Jump,
    MarkMatch,
    Masquerade,
    Rule,
    Snat,
)

_LOOPBACK = ip_network("127.0.0.1/32")


def rules(
    settings: CiliumSettings, site: Site, node: Node, family: Family
) -> tuple[ChainPatch, ...]:
    """Everything that Cilium adds on a node."""
    net, router = pod_range(node), router_ip(node, site)
    if family is not Family.IPV4 or net is None or router is None:
        return ()
    return (
        _feeder("filter", "FORWARD", "CILIUM_FORWARD"),
        _feeder("nat", "POSTROUTING", "CILIUM_POST_nat"),
        ChainPatch("filter", "CILIUM_FORWARD", tuple(_forwarded())),
        ChainPatch("nat", "CILIUM_POST_nat", tuple(_sources(settings, site, net, router))),
    )


def _feeder(table: str, hook: str, chain: str) -> ChainPatch:
    rule = Rule(Jump(chain), matches=(Comment(f"cilium-feeder: {chain}"),))
    return ChainPatch(table, hook, (rule,), first=True)


def _forwarded() -> Iterator[Rule]:
    """What goes to pods or comes from them passes."""
    yield _accepted("any->cluster on cilium_host forward accept", out=HOST)
    yield _accepted("cluster->any on cilium_host forward accept (nodeport)", came_by=HOST)
    yield _accepted("cluster->any on lxc+ forward accept", came_by="lxc+")
    yield _accepted("cluster->any on cilium_net forward accept (nodeport)", came_by=NET)


def _accepted(words: str, came_by: str | None = None, out: str | None = None) -> Rule:
    comment = Comment(f"cilium: {words}")
    return Rule(Accept(), in_interface=came_by, out_interface=out, matches=(comment,))


def _sources(
    settings: CiliumSettings, site: Site, net: IPNetwork, router: IPAddress
) -> Iterator[Rule]:
    """To the world as the node; from the node to pods as cilium_host."""
    if not settings.masquerade:
        return
    tunnelled = settings.routing is Routing.TUNNEL
    within = net if tunnelled else next(iter(site.pod_ranges(Family.IPV4)), net)
    yield Rule(
        Masquerade(), source=net, destination=within, not_destination=True,
        out_interface="cilium_+", not_out_interface=True,
        matches=(Comment("cilium masquerade non-cluster"),),
    )  # fmt: skip
    yield Rule(
        Accept(),
        matches=(
            MarkMatch(0xA00, 0xE00), Comment("exclude proxy return traffic from masquerade"),
        ),
    )  # fmt: skip
    snat = Snat(router)
    if tunnelled:
        yield Rule(
            snat, source=net, not_source=True, destination=net, not_destination=True,
            out_interface=HOST, matches=(Comment("cilium host->cluster masquerade"),),
        )  # fmt: skip
    yield Rule(
        snat, source=_LOOPBACK, out_interface=HOST,
        matches=(Comment("cilium host->cluster from 127.0.0.1 masquerade"),),
    )  # fmt: skip
    yield Rule(
        snat, out_interface=HOST,
        matches=(
            MarkMatch(0xF00, 0xF00), ConntrackMatch(("DNAT",)),
            Comment("hairpin traffic that originated from a local pod"),
        ),
    )  # fmt: skip
