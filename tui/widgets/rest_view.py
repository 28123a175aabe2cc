"""What there is to see before the first packet: the rules that wait for it, and the Services."""

from __future__ import annotations

from tui.session import Session
from tui.sim.model.address import Family
from tui.theme import Role
from tui.widgets.cluster_view import cluster_lines
from tui.widgets.line import BLANK, Line, fit, spread
from tui.widgets.rule_list import IptablesRules, RuleList
from tui.words import Words

MOST_RULES = 40
"""Rules that are listed; a big cluster has thousands."""

ENTRY = ("nat", "KUBE-SERVICES")
"""The chain by which every packet enters kube-proxy's rules, in the modes that use iptables."""

NFT_ENTRY = "services"
"""The same in nftables mode."""


def rest_lines(session: Session, words: Words, width: int) -> list[Line]:
    """The entry chain of the first node, then the Services."""
    nodes = session.world.cluster.nodes
    waiting = _waiting(session, nodes[0].name, words, width) if nodes else []
    return [*waiting, *cluster_lines(session, words, width)]


def _waiting(session: Session, node: str, words: Words, width: int) -> list[Line]:
    """The rules of the entry chain, in two columns."""
    found = _entry_chain(session, node)
    if found is None:
        return []
    command, rules = found
    rows = [Line.of((" $ ", Role.FAINT), (command, Role.CODE), (f"   # {node}", Role.FAINT))]
    shown = min(len(rules), MOST_RULES)
    rows += [_rule(rules, number, words, width) for number in range(1, shown + 1)]
    if len(rules) > shown:
        left = words("{count} more rules", count=len(rules) - shown)
        rows.append(Line.of((f"   … {left}", Role.QUIET)))
    return [*rows, BLANK]


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
