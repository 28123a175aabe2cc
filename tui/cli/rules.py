"""`k8snet-tui rules`: what kube-proxy would install on a node, as the real tools print it."""

from __future__ import annotations

from argparse import Namespace

from tui.cli import DELIVERED, UsageError
from tui.cli.settings import family_named, world_of
from tui.cli.streams import put, put_json
from tui.sim.engine import World
from tui.sim.engine.dumps import dump, dumps
from tui.sim.model.address import Family
from tui.sim.model.settings import ProxyMode
from tui.sim.model.shown import shown, some_of


def rules(asked: Namespace) -> int:
    """Print the rules of a node."""
    world = world_of(asked)
    node = asked.node or world.proxy.hostname_override or _first_node(world)
    if world.cluster.node(node) is None:
        known = some_of(n.name for n in world.cluster.nodes)
        problem = f"no such node; name one with --node: {known}"
        raise UsageError(f"hostnameOverride {shown(node)}: {problem}")
    if asked.json:
        put_json(dumps(world, node))
    elif world.proxy.mode is ProxyMode.IPVS:
        family = family_named(asked.family)
        found = dumps(world, node, Family if family is None else (family,))
        put("\n".join(f"# {name}\n{text}" for name, text in found.items()), end="")
    else:
        put(dump(world, node, family_named(asked.family) or Family.IPV4), end="")
    return DELIVERED


def _first_node(world: World) -> str:
    if not world.cluster.nodes:
        raise UsageError("the cluster has no Node: add one, or name it in a file of --cluster")
    return world.cluster.nodes[0].name
