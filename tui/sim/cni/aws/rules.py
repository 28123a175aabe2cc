"""The iptables rules of the AWS VPC CNI, appended behind kube-proxy's.

What leaves the VPC takes the first card's address, and has to leave by that card: a connection
out of a pod is marked, and so is one that came to the first card itself (a node port); what
bears the mark is routed by the table main, answers too.
Follows v1.19: pkg/networkutils/network.go, buildIptablesSNATRules, buildIptablesConnmarkRules.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.cni.aws.settings import AwsSettings
from tui.sim.cni.aws.subnets import address_of, vpc_ranges
from tui.sim.cni.machine import CARD
from tui.sim.cni.site import ChainPatch, Site
from tui.sim.model.address import Family, IPAddress, IPNetwork
from tui.sim.model.cluster import Node
from tui.sim.netfilter.rules import (
    AddrType,
    Comment,
    Jump,
    RestoreMark,
    Return,
    Rule,
    SetConnMark,
    Snat,
)

SNAT_CHAIN, MARK_CHAIN = "AWS-SNAT-CHAIN-0", "AWS-CONNMARK-CHAIN-0"
_NOT_LOCAL = AddrType(destination="LOCAL", not_destination=True)
_TO_THE_CARD = AddrType(destination="LOCAL", limit_in=True)
_PRIMARY = Comment("AWS, primary ENI")


def rules(settings: AwsSettings, site: Site, node: Node, family: Family) -> tuple[ChainPatch, ...]:
    """Everything that the plugin adds on a node."""
    own = address_of(node)
    if family is not Family.IPV4 or own is None:
        return ()
    patches = (
        ChainPatch("mangle", "PREROUTING", tuple(_marks_in_mangle(settings))),
        ChainPatch("nat", "PREROUTING", tuple(_marks_in_nat(settings))),
        ChainPatch("nat", "POSTROUTING", tuple(_to_snat_chain(settings))),
        ChainPatch("nat", MARK_CHAIN, tuple(_marking(settings, site))),
        ChainPatch("nat", SNAT_CHAIN, tuple(_translating(settings, site, own))),
    )
    kept = {MARK_CHAIN, SNAT_CHAIN}
    return tuple(patch for patch in patches if patch.rules or patch.chain in kept)


def _restored(settings: AwsSettings, comment: Comment, device: str | None = None) -> Rule:
    """A packet gets its connection's bit back."""
    return Rule(RestoreMark(settings.mark, settings.mark), in_interface=device, matches=(comment,))


def _marks_in_mangle(settings: AwsSettings) -> Iterator[Rule]:
    mark = SetConnMark(settings.mark, settings.mark)
    if settings.node_port_support:
        yield Rule(mark, in_interface=CARD, matches=(_PRIMARY, _TO_THE_CARD))
    if settings.node_port_support or not settings.external_snat:
        yield _restored(settings, _PRIMARY, f"{settings.veth_prefix}+")
    if settings.node_port_support:
        yield _restored(settings, _PRIMARY, "vlan+")


def _marks_in_nat(settings: AwsSettings) -> Iterator[Rule]:
    if not settings.external_snat:
        outbound = Comment("AWS, outbound connections")
        device = f"{settings.veth_prefix}+"
        yield Rule(Jump(MARK_CHAIN), in_interface=device, matches=(outbound,))
        yield _restored(settings, Comment("AWS, CONNMARK"))


def _to_snat_chain(settings: AwsSettings) -> Iterator[Rule]:
    if not settings.external_snat:
        yield Rule(Jump(SNAT_CHAIN), matches=(Comment("AWS SNAT CHAIN"),))


def _ranges(settings: AwsSettings, site: Site, words: str) -> Iterator[Rule]:
    """Leave the chain for these ranges; each is inserted first, so the last comes first."""
    own: list[tuple[IPNetwork, str]] = [(net, words) for net in vpc_ranges(site.cluster)]
    excluded = "EXCLUDED CIDR" if words.endswith("VPC CIDR") else "EXCLUSION"
    words = words.removesuffix(" VPC CIDR")
    own += [(net, f"{words} {excluded}") for net in settings.exclude_snat]
    for net, comment in reversed(own):
        yield Rule(Return(), destination=net, matches=(Comment(comment),))


def _marking(settings: AwsSettings, site: Site) -> Iterator[Rule]:
    if not settings.external_snat:
        yield from _ranges(settings, site, "AWS CONNMARK CHAIN, VPC CIDR")
        mark = SetConnMark(settings.mark, settings.mark)
        yield Rule(mark, matches=(Comment("AWS, CONNMARK"),))


def _translating(settings: AwsSettings, site: Site, own: IPAddress) -> Iterator[Rule]:
    if not settings.external_snat:
        yield from _ranges(settings, site, "AWS SNAT CHAIN")
        yield Rule(
            Snat(own, random_fully=settings.random_snat == "prng"),
            out_interface="vlan+",
            not_out_interface=True,
            matches=(Comment("AWS, SNAT"), _NOT_LOCAL),
        )
