"""`k8snet-tui rules`: what kube-proxy would install on a node, as the real tools print it."""

from __future__ import annotations

import json
import sys
from argparse import Namespace

from tui.cli import DELIVERED, UsageError
from tui.cli.settings import family_named, world_of
from tui.sim.engine import World
from tui.sim.model.address import Family
from tui.sim.netfilter.text import print_ruleset

_DUMPS = {"iptables-save": Family.IPV4, "ip6tables-save": Family.IPV6}


def rules(asked: Namespace) -> int:
    """Print the rules of a node."""
    world = world_of(asked)
    node = asked.node or world.proxy.hostname_override or _first_node(world)
    if world.cluster.node(node) is None:
        known = ", ".join(n.name for n in world.cluster.nodes)
        raise UsageError(f"hostnameOverride {node}: no such node; name one with --node: {known}")
    if asked.json:
        dumps = {name: dump(world, node, family) for name, family in _DUMPS.items()}
        print(json.dumps(dumps, indent=2))
    else:
        sys.stdout.write(dump(world, node, family_named(asked.family) or Family.IPV4))
    return DELIVERED


def dump(world: World, node: str, family: Family) -> str:
    """One family's rules on a node."""
    return print_ruleset(world.kube_proxy_ruleset(node, family))


def _first_node(world: World) -> str:
    if not world.cluster.nodes:
        raise UsageError("the cluster has no Node: add one, or name it in a file of --cluster")
    return world.cluster.nodes[0].name
