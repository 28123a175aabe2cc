"""What a namespace's devices are joined to: the other ends of its cables, ports and tunnels."""

from __future__ import annotations

from tui.sim.routing.network import Network
from tui.words import Words
from tui.words.language import _

KINDS = {
    "pair": _("veth pair"),
    "port": _("port of the bridge"),
    "tunnel": _("tunnel"),
    "wire": _("wire"),
}
"""Why two devices are neighbours; those that one IP layer joins need no cable."""

MOST = 12
"""Ends that are listed."""


def wires(network: Network, namespace: str, device: str, words: Words) -> list[str]:
    """A row for each link of a device, or of all devices where none is named."""
    # the graph, and networkx with it, loads when somebody asks what is wired to what
    from tui.sim.routing.topology import Topology

    topology = Topology(network)
    names = [d.name for d in network.namespace(namespace).devices if device in ("", d.name)]
    rows = [
        f"{name} ── {_end(link.ends[1], namespace)}   {words(KINDS[link.kind.value])}"
        for name in names
        if (namespace, name) in topology.graph
        for link in topology.links((namespace, name))
        if link.kind.value in KINDS
    ]
    if len(rows) > MOST:
        left = words("{count} more", count=len(rows) - MOST + 1)
        rows = [*rows[: MOST - 1], f"… {left}"]
    return rows


def _end(spot: tuple[str, str], namespace: str) -> str:
    place, device = spot
    return device if place == namespace else f"{device} · {place}"
