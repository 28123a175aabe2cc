"""Where the things that have a name are to be looked at."""

from __future__ import annotations

from tui.sim.engine.world import World
from tui.sim.model.cluster import Pod


def seen_at(world: World, found: str) -> tuple[str, str]:
    """Where the map shows what was found, and the device in it: a container has its pod's place.

    A pod of the host network is where its node is.
    """
    path, _space_before, device = found.partition(" ")
    if not path.startswith("pod/"):
        return path, device
    namespace, name = path.split("/")[1:3]
    pod = world.cluster.pod(namespace, name)
    return home_of(pod) if pod is not None else f"pod/{namespace}/{name}", device


def home_of(pod: Pod) -> str:
    """The namespace that a pod's processes are in."""
    return f"node/{pod.node}" if pod.host_network else f"pod/{pod.namespace}/{pod.name}"
