"""A plugin's own iptables rules among kube-proxy's."""

from __future__ import annotations

from tui.sim.cni.site import ChainPatch
from tui.sim.netfilter.hooks import built_in_chains
from tui.sim.netfilter.rules import Chain, Ruleset, Table


def patched(ruleset: Ruleset, patches: tuple[ChainPatch, ...]) -> Ruleset:
    """A ruleset with a plugin's rules in its chains, printed in order."""
    tables = {name: dict(table.chains) for name, table in ruleset.tables.items()}
    for patch in patches:
        chains = tables.setdefault(patch.table, _built_in(patch.table))
        held = chains.get(patch.chain, Chain(patch.chain))
        rules = (patch.rules, held.rules) if patch.first else (held.rules, patch.rules)
        chains[patch.chain] = Chain(held.name, (*rules[0], *rules[1]), held.policy)
    return Ruleset(ruleset.family, {n: Table(n, _ordered(c)) for n, c in tables.items()})


def _built_in(table: str) -> dict[str, Chain]:
    """The base chains of a table, which come with its first rule."""
    return {hook.value: Chain(hook.value, policy="ACCEPT") for hook in built_in_chains(table)}


def _ordered(chains: dict[str, Chain]) -> dict[str, Chain]:
    """Base chains as they are, the others by name, as iptables-save orders them."""
    base = {name: chain for name, chain in chains.items() if chain.policy is not None}
    return {**base, **{name: chains[name] for name in sorted(chains.keys() - base.keys())}}
