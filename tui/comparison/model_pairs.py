"""Which pods and nodes send to which, to try the rules of the network model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

from tui.sim.cni.machine import lan_interface, node_place
from tui.sim.cni.site import PodSite
from tui.sim.engine import World
from tui.sim.model.address import Family, IPAddress, family_of
from tui.sim.model.cluster import Node
from tui.sim.routing.network import DeviceKind

Pair = tuple[str, PodSite, Family]
"""Who sends, to which pod, and in which family."""


class Ends:
    """The pods and nodes of a world, and the pairs that they make."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sites = [site for site in world.pod_sites if not site.implied and site.node]
        self._nodes = world.cluster.nodes
        self._by_node: dict[str, list[PodSite]] = {}
        for site in self.sites:
            self._by_node.setdefault(site.node, []).append(site)

    def own(self, site: PodSite) -> tuple[IPAddress, ...]:
        """The addresses that a pod sees itself with."""
        space = self._world.network.namespace(site.place)
        cards = (d for d in space.devices if d.kind is not DeviceKind.LOOPBACK)
        return tuple(own.ip for card in cards for own in card.addresses)

    def _families(self, site: PodSite) -> list[Family]:
        return list(dict.fromkeys(map(family_of, self.own(site))))

    def _pairs(self, sources: Iterable[tuple[str, Sequence[Family]]], to: PodSite
               ) -> Iterator[Pair]:  # fmt: skip
        there = self._families(to)
        for place, families in sources:
            yield from ((place, to, family) for family in families if family in there)

    @property
    def count_of_pods(self) -> int:
        """Pairs of pods, each way and in each family that both have."""
        return sum(count * (count - 1) for count in self._with_family.values())

    @property
    def count_of_nodes(self) -> int:
        """Pairs of a node and a pod, in each family that both have."""
        nodes = Counter(family for node in self._nodes for family in _families_of(node))
        return sum(nodes[family] * count for family, count in self._with_family.items())

    @cached_property
    def _with_family(self) -> Counter[Family]:
        return Counter(family for site in self.sites for family in self._families(site))

    def pods_to_pods(self, most: int) -> Iterator[Pair]:
        """Every pod to every other one, or parts of that: on each node one to another there.

        Then one to one of the next node, and to one of each subnet.
        """
        if self.count_of_pods > most:
            yield from islice(self._some_pods(), most)
            return
        sources = [(site.place, self._families(site)) for site in self.sites]
        for to in self.sites:
            yield from self._pairs((s for s in sources if s[0] != to.place), to)

    def nodes_to_pods(self, most: int) -> Iterator[Pair]:
        """Every node to every pod, or parts of that: to its own and the same ones as its pods."""
        if self.count_of_nodes > most:
            yield from islice(self._some_nodes(), most)
            return
        sources = [(node_place(node.name), _families_of(node)) for node in self._nodes]
        for to in self.sites:
            yield from self._pairs(sources, to)

    def _some_pods(self) -> Iterator[Pair]:
        for site, to in self._neighbours():
            yield from self._pairs([(site.place, self._families(site))], to)

    def _some_nodes(self) -> Iterator[Pair]:
        for site, to in self._neighbours():
            node = self._world.cluster.node(site.node)
            if node is not None:
                yield from self._pairs([(node_place(node.name), _families_of(node))], to)

    def _neighbours(self) -> Iterator[tuple[PodSite, PodSite]]:
        with_pods = [node for node in self._nodes if node.name in self._by_node]
        first = {node.name: self._by_node[node.name][0] for node in with_pods}
        subnets: dict[object, PodSite] = {}
        for node in with_pods:
            for ip in node.internal_ips[:1]:
                subnets.setdefault(lan_interface(ip).network, first[node.name])
        for number, node in enumerate(with_pods):
            site, pods = first[node.name], self._by_node[node.name]
            others = (pods[-1], first[with_pods[number - 1].name], *subnets.values())
            for other in dict.fromkeys(o for o in others if o.place != site.place):
                yield site, other
                yield other, site


def _families_of(node: Node) -> list[Family]:
    return list(dict.fromkeys(map(family_of, node.internal_ips)))
