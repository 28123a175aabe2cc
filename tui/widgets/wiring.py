"""What a namespace's devices are joined to: the other ends of its cables, ports and tunnels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.sim.routing.network import Network
from tui.words import Words
from tui.words.language import _

if TYPE_CHECKING:
    from tui.sim.routing.topology import Link

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

    topology = Topology(network, namespace)
    names = [d.name for d in network.namespace(namespace).devices if device in ("", d.name)]
    links = [
        link
        for name in names
        if (namespace, name) in topology.graph
        for link in topology.links((namespace, name))
        if link.kind.value in KINDS
    ]
    rows = [_row(network, link, words) for link in _once(links)]
    if len(rows) > MOST:
        left = words("{count} more", count=len(rows) - MOST + 1)
        rows = [*rows[: MOST - 1], f"… {left}"]
    return rows


def _once(links: list[Link]) -> Iterator[Link]:
    """Links that both of their ends tell of, told by the later one: a port's by the port."""
    ends = [frozenset(link.ends) for link in links]
    return (link for i, link in enumerate(links) if ends[i] not in ends[i + 1 :])


def _row(network: Network, link: Link, words: Words) -> str:
    """Both ends and why they are neighbours; behind a bridge's port, whose cable it is."""
    (namespace, name), (place, device) = link.ends
    text = f"{name} ── {_end((place, device), namespace)}   {words(KINDS[link.kind.value])}"
    far = network.namespace(place).device(device)
    if far.master != name or far.peer is None:
        return text
    return f"{text}: {other_end(far.peer, words)}"


def other_end(peer: tuple[str, str], words: Words) -> str:
    """Where a veth leads: `the other end is eth0 of pod shop/web-1`."""
    place, device = peer
    return words("the other end is {device} of {place}", device=device, place=_spoken(place))


def _spoken(place: str) -> str:
    """`pod shop/web-1` for the namespace `pod/shop/web-1`."""
    return place.replace("/", " ", 1)


def _end(spot: tuple[str, str], namespace: str) -> str:
    place, device = spot
    return device if place == namespace else f"{device} · {place}"
