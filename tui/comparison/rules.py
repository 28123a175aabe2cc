"""What kube-proxy writes anew, and what it takes away, on one node after a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tui.sim.engine import World
from tui.sim.model.address import Family
from tui.sim.model.value import value


@value
class Rewritten:
    """Rules, set elements and real servers that differ on a node."""

    node: str
    """Its name."""
    new: int
    """So many were not there before."""
    gone: int
    """So many are there no more."""


def rewritten(before: World, after: World, node: str) -> Rewritten:
    """What differs on a node; one that is not in both clusters has all of it anew, or gone."""
    was, now = Counter(_programmed(before, node)), Counter(_programmed(after, node))
    return Rewritten(node, (now - was).total(), (was - now).total())


def _programmed(world: World, node: str) -> Iterator[object]:
    """Everything that kube-proxy programs on a node, each piece with its place."""
    if world.cluster.node(node) is None:
        return
    for family in Family:
        yield from _rules(world, node, family)
        yield from _elements(world, node, family)
        yield from _servers(world, node, family)


def _rules(world: World, node: str, family: Family) -> Iterator[object]:
    for table in world.kube_proxy_ruleset(node, family).tables.values():
        for chain in table.chains.values():
            yield from ((family, table.name, chain.name, rule) for rule in chain.rules)
    nft = world.kube_proxy_table(node, family)
    for each in nft.chains.values() if nft is not None else ():
        yield from ((family, each.name, rule) for rule in each.rules)


def _elements(world: World, node: str, family: Family) -> Iterator[object]:
    """Elements of nftables' sets and maps, and of ipsets."""
    table = world.kube_proxy_table(node, family)
    for held in table.sets.values() if table is not None else ():
        yield from ((family, held.name, key, element) for key, element in held.elements.items())
    for name, found in world.ipsets(node, family).items():
        yield from ((family, name, element) for element in found.elements)


def _servers(world: World, node: str, family: Family) -> Iterator[object]:
    """Virtual servers, and the real servers behind them."""
    programmed = world.kube_proxy_ipvs(node, family)
    for virtual in programmed.servers if programmed is not None else ():
        yield (virtual.address, virtual.scheduler, virtual.persistence, virtual.prefix)
        yield from ((virtual.address, real) for real in virtual.servers)
