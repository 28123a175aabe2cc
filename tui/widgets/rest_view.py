"""What there is to see before the first packet: the rules that wait for it, and the Services."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from tui.session import Session
from tui.sim.model.address import Family
from tui.theme import Role
from tui.widgets.cluster_view import cluster_lines
from tui.widgets.line import BLANK, Line, fit, spread
from tui.widgets.rule_list import IptablesRules, RuleList
from tui.words import Words

if TYPE_CHECKING:
    from tui.sim.netfilter.ipvs import VirtualServer

MOST_RULES = 40
"""Rules, or lines of virtual servers, that are listed; a big cluster has thousands."""

ENTRY = ("nat", "KUBE-SERVICES")
"""The chain by which every packet enters kube-proxy's rules in iptables mode."""

NFT_ENTRY = "services"
"""The same in nftables mode."""


def rest_lines(session: Session, words: Words, width: int) -> list[Line]:
    """The entry chain of the first node, or its virtual servers, then the Services."""
    nodes = session.world.cluster.nodes
    waiting = _waiting_at(session, nodes[0].name, words, width) if nodes else []
    return [*waiting, *cluster_lines(session, words, width)]


def _waiting_at(session: Session, node: str, words: Words, width: int) -> list[Line]:
    """What waits for a packet on a node; in IPVS mode that is virtual servers, not rules."""
    servers = session.world.virtual_servers(node)
    if servers is None:
        return _waiting(session, node, words, width)
    return _virtual_servers(servers.values(), node, words, width)


def _virtual_servers(
    servers: Collection[VirtualServer], node: str, words: Words, width: int
) -> list[Line]:
    """Each virtual server with its real ones, as `ipvsadm-save -n` prints them."""
    from tui.sim.netfilter.ipvs_text import print_servers

    rows = [_command("ipvsadm-save -n", node)]
    texts = print_servers(servers).splitlines()
    for text in texts[:MOST_RULES]:
        role = Role.PLAIN if text.startswith("-A") else Role.QUIET
        rows.append(Line.of((f"   {fit(text, width - 4)}", role)))
    if len(texts) > MOST_RULES:
        left = words("{count} more lines", count=len(texts) - MOST_RULES)
        rows.append(Line.of((f"   … {left}", Role.QUIET)))
    return [*rows, BLANK]


def _waiting(session: Session, node: str, words: Words, width: int) -> list[Line]:
    """The rules of the entry chain, in two columns."""
    found = _entry_chain(session, node)
    if found is None:
        return []
    command, rules = found
    rows = [_command(command, node)]
    shown = min(len(rules), MOST_RULES)
    rows += [_rule(rules, number, words, width) for number in range(1, shown + 1)]
    if len(rules) > shown:
        left = words("{count} more rules", count=len(rules) - shown)
        rows.append(Line.of((f"   … {left}", Role.QUIET)))
    return [*rows, BLANK]


def _command(text: str, node: str) -> Line:
    """What shows this on a real node."""
    return Line.of((" $ ", Role.FAINT), (text, Role.CODE), (f"   # {node}", Role.FAINT))


def _entry_chain(session: Session, node: str) -> tuple[str, RuleList] | None:
    world = session.world
    family = world.cluster.nodes[0].pod_cidrs
    version = Family.IPV6 if family and family[0].version == 6 else Family.IPV4
    nftables = world.kube_proxy_table(node, version)
    if nftables is not None and NFT_ENTRY in nftables.chains:
        from tui.widgets.nft_list import NftablesRules

        command = f"nft list chain {nftables.title} {NFT_ENTRY}"
        return command, NftablesRules(nftables, nftables.chains[NFT_ENTRY])
    ruleset = world.ruleset(node, version)
    chain = ruleset.chain(*ENTRY)
    if chain is None:
        return None
    return "iptables-save -t nat | grep KUBE-SERVICES", IptablesRules(ruleset, ENTRY[0], chain)


def _rule(rules: RuleList, number: int, words: Words, width: int) -> Line:
    asks = rules.looks_at(number) or words("every packet")
    does = rules.does(number, 24)
    left = [(f" {number:>3}  ", Role.FAINT), (fit(asks, width - len(does) - 9), Role.PLAIN)]
    return spread(left, [(f"{does} ", Role.QUIET)], width)
