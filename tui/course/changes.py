"""What a solver does to a world: objects applied and deleted, another mode, another plugin."""

from __future__ import annotations

from tui.course.lesson import Change
from tui.formats.edits import Apply, Delete, edited
from tui.formats.errors import FormatError
from tui.formats.reader import ObjectKey
from tui.sim.engine.cleanup import cleaned
from tui.sim.engine.state import State
from tui.sim.engine.world import World
from tui.sim.model.cluster import Cluster

Standing = tuple[World, State]
"""A world and what its hosts remember."""


def changed(standing: Standing, change: Change) -> Standing:
    """The world after a change, once kube-proxy has synced and the wait is over.

    Raises FormatError for objects that cannot be read or are not there, NotBuiltError for a
    plugin that does not exist, OSError for a file that is gone.
    """
    world, state = standing
    cluster = _cluster_after(world.written, change)
    if cluster != world.written:
        world = world.with_cluster(cluster)
    if change.mode is not None:
        world = world.with_mode(change.mode)
    if change.cni is not None:
        world = world.with_plugin(change.cni)
    state = cleaned(world, state)
    return world, state.at(state.now + change.wait) if change.wait else state


def _cluster_after(cluster: Cluster, change: Change) -> Cluster:
    if change.apply is not None:
        text = change.apply.read_text(encoding="utf-8")
        cluster = edited(cluster, Apply(text, str(change.apply)))
    for name in change.delete:
        cluster = edited(cluster, Delete(_key(name)))
    return cluster


def _key(name: str) -> ObjectKey:
    """`Pod shop/web-1` or `Node node-a` as a key. Raises FormatError."""
    kind, _space, rest = name.partition(" ")
    namespace, slash, own = rest.partition("/")
    if not kind or not rest:
        raise FormatError("", f"expected `Kind namespace/name`, found `{name}`")
    return (kind, namespace, own) if slash else (kind, "", rest)
