"""The network as a graph of devices: what is wired to what, and over which devices.

The only module that imports networkx. A packet never asks it: its way is walked by routes
and forwarding tables. People do, who want to see what lies between two places.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

import networkx as nx

from tui.sim.model.value import value
from tui.sim.routing.network import FABRIC, WITHOUT_WIRE, DeviceKind, Namespace, Network, Route

if TYPE_CHECKING:
    _Graph = nx.Graph[tuple[str, str]]
else:
    _Graph = nx.Graph

Spot = tuple[str, str]
"""(namespace, device)."""


class LinkKind(StrEnum):
    """Why two devices are neighbours."""

    PAIR = "pair"
    """The two ends of a veth."""
    PORT = "port"
    """A bridge and one of its ports."""
    STACK = "stack"
    """Two devices of one namespace, between which its IP layer forwards."""
    TUNNEL = "tunnel"
    """Two tunnel devices, one of which has a forwarding entry for the other."""
    WIRE = "wire"
    """A network card and the fabric."""


@value
class Link:
    """Two devices that are neighbours."""

    ends: tuple[Spot, Spot]
    """The devices."""
    kind: LinkKind
    """Why they are neighbours."""


class Topology:
    """The devices of a network and what joins them."""

    def __init__(self, network: Network, around: str | None = None) -> None:
        """Look at the whole network, or at a namespace and those that it is joined to."""
        self.network = network
        self.graph: _Graph = nx.Graph()
        self._spaces = _spaces(network, around)
        self._add_devices()
        self._add_pairs_and_ports()
        self._add_stacks()
        self._add_tunnels()
        self._add_wires()

    def links(self, spot: Spot) -> tuple[Link, ...]:
        """What a device is joined to. Raises KeyError for one that is not there."""
        return tuple(
            Link((spot, other), LinkKind(data["kind"])) for other, data in self.graph[spot].items()
        )

    def between(self, one: str, other: str) -> tuple[Spot, ...]:
        """The devices between two namespaces on the shortest way; empty if there is none.

        A tunnel is one step long, as the packet inside sees it.
        """
        starts = self._outer_devices(one)
        ends = self._outer_devices(other)
        found = [
            nx.shortest_path(self.graph, a, b)
            for a in starts
            for b in ends
            if nx.has_path(self.graph, a, b)
        ]
        return min((tuple(way) for way in found), key=len, default=())

    def around(self, namespace: str, steps: int) -> frozenset[str]:
        """The namespaces within so many links of a namespace, itself included."""
        reached = {namespace}
        for spot in self._outer_devices(namespace):
            near = nx.single_source_shortest_path_length(self.graph, spot, cutoff=steps)
            reached.update(place for place, _ in near)
        return frozenset(reached)

    def _outer_devices(self, namespace: str) -> tuple[Spot, ...]:
        devices = self.network.namespace(namespace).devices
        return tuple((namespace, d.name) for d in devices if d.kind not in WITHOUT_WIRE)

    # ------------------------------------------------------------ building

    def _add_devices(self) -> None:
        for space in self._spaces:
            self.graph.add_nodes_from(self._outer_devices(space.name))

    def _join(self, one: Spot, other: Spot, kind: LinkKind) -> None:
        if one in self.graph and other in self.graph:
            self.graph.add_edge(one, other, kind=kind.value)

    def _add_pairs_and_ports(self) -> None:
        for space in self._spaces:
            for device in space.devices:
                here = (space.name, device.name)
                if device.peer is not None:
                    self._join(here, device.peer, LinkKind.PAIR)
                if device.master is not None:
                    self._join(here, (space.name, device.master), LinkKind.PORT)

    def _add_stacks(self) -> None:
        """The IP layer forwards between devices that are no ports of a bridge."""
        for space in self._spaces:
            routed = [
                (space.name, d.name)
                for d in space.devices
                if d.master is None and d.kind not in WITHOUT_WIRE
            ]
            for position, one in enumerate(routed):
                for other in routed[position + 1 :]:
                    self._join(one, other, LinkKind.STACK)

    def _add_tunnels(self) -> None:
        for space in self._spaces:
            for entry in space.fdb:
                far = self.network.nodes.get(entry.remote) if entry.remote is not None else None
                if far is not None:
                    here, there = (space.name, entry.device), (far, entry.device)
                    self._join(here, there, LinkKind.TUNNEL)
            for route in space.routes:
                far = self.network.nodes.get(route.via) if route.via is not None else None
                if far is not None and _is_ipip(space, route):
                    here, there = (space.name, route.device), (far, route.device)
                    self._join(here, there, LinkKind.TUNNEL)

    def _add_wires(self) -> None:
        for space in self._spaces:
            leg = "lan" if space.node is not None else "wan"
            for device in space.devices:
                if device.kind is DeviceKind.PHYSICAL and space.name != FABRIC:
                    self._join((space.name, device.name), (FABRIC, leg), LinkKind.WIRE)


def _is_ipip(space: Namespace, route: Route) -> bool:
    """Whether a route's next hop is the other end of an IPIP tunnel."""
    return any(d.name == route.device and d.ipip is not None for d in space.devices)


def _spaces(network: Network, around: str | None) -> tuple[Namespace, ...]:
    """The namespaces to look at; a big network has thousands, and few of them are neighbours."""
    if around is None:
        return tuple(network.namespaces.values())
    middle = network.namespace(around)
    peers = (device.peer[0] for device in middle.devices if device.peer is not None)
    far: Iterable[str | None] = (
        network.nodes.get(entry.remote) for entry in middle.fdb if entry.remote is not None
    )
    ways = {route.via for route in middle.routes if _is_ipip(middle, route)}
    far = chain(far, (network.nodes.get(via) for via in ways if via is not None))
    wired = network.nodes.values() if around == FABRIC else (FABRIC,)
    names = dict.fromkeys((around, *peers, *(name for name in far if name), *wired))
    return tuple(network.namespaces[name] for name in names if name in network.namespaces)
