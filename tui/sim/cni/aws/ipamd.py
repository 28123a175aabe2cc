"""ipamd, the plugin's address manager: attaches cards to a node, and leases their addresses.

A pod gets an address of any card that has one left (the plugin walks a Go map of them), and as soon
as less than a whole card is free, the next card is attached: WARM_ENI_TARGET is 1, or with prefixes
WARM_PREFIX_TARGET. When no card can be attached any more, pods wait.
Follows v1.19: pkg/ipamd/ipamd.go, pkg/ipamd/datastore/data_store.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network

from tui.sim.cni.addressed import has_own, place_of
from tui.sim.cni.aws.instances import PREFIX_SIZE, Instance, instance_of
from tui.sim.cni.aws.settings import AwsSettings
from tui.sim.cni.aws.subnets import FreeAddresses, address_of, vpc_ranges
from tui.sim.cni.site import Addressing, Capacity, Interface
from tui.sim.model.address import IPAddress
from tui.sim.model.cluster import Cluster, Node, Pod

_Lease = tuple[IPAddress, str]


def addressing(settings: AwsSettings, cluster: Cluster, before: Addressing | None) -> Addressing:
    """Cards and leases of a cluster; what was given before stays given."""
    before = before or Addressing()
    pods = _pods_by_node(cluster)
    own = {place: ip for node in cluster.nodes
           for place, ip in _own(node, pods.get(node.name, ()), vpc_ranges(cluster))}  # fmt: skip
    free = FreeAddresses(_taken(cluster, own, before))
    stores = {
        node.name: _Store.opened(settings, node, pods.get(node.name, ()), own, before, free)
        for node in cluster.nodes
        if address_of(node) is not None
    }
    for name, store in stores.items():
        store.lease_all(pods.get(name, ()))
    return Addressing(
        {name: tuple(store.cards) for name, store in stores.items()},
        {place: lease for store in stores.values() for place, lease in store.leases.items()},
        {place: name for name, store in stores.items() for place in store.waiting},
        {name: _capacity(settings, store.instance) for name, store in stores.items()},
    )


def _capacity(settings: AwsSettings, instance: Instance) -> Capacity:
    size = PREFIX_SIZE if settings.prefix_delegation else 1
    most = instance.max_pods(settings.prefix_delegation)
    return Capacity(instance.name, instance.cards, instance.slots, size, most)


def _pods_by_node(cluster: Cluster) -> dict[str, list[Pod]]:
    found: dict[str, list[Pod]] = {}
    for pod in cluster.pods:
        if has_own(pod) and pod.node is not None:
            found.setdefault(pod.node, []).append(pod)
    return found


def _own(
    node: Node, pods: Sequence[Pod], ranges: Sequence[IPv4Network]
) -> Iterator[tuple[str, IPv4Address]]:
    """Addresses that pods may keep: they are the VPC's, and not of the node's own pod range."""
    for pod in pods:
        for ip in pod.ips:
            inside = isinstance(ip, IPv4Address) and any(ip in net for net in ranges)
            if inside and not any(ip in net for net in node.pod_cidrs):
                assert isinstance(ip, IPv4Address)
                yield place_of(pod), ip


def _taken(
    cluster: Cluster, own: Mapping[str, IPv4Address], before: Addressing
) -> Iterator[IPAddress]:
    """Addresses that are not free: nodes', pods' own of the VPC, and cards with their pools."""
    yield from (ip for node in cluster.nodes for ip in node.internal_ips)
    yield from own.values()
    for card in (each for cards in before.interfaces.values() for each in cards):
        yield from (card.address, *card.pool)


@dataclass(slots=True)
class _Store:
    """The cards of one node and who has their addresses."""

    settings: AwsSettings
    instance: Instance
    free: FreeAddresses
    cards: list[Interface]
    leases: dict[str, _Lease]
    own: dict[str, IPv4Address]
    """Addresses that pods of the file may keep, by place."""
    waiting: list[str]

    @staticmethod
    def opened(
        settings: AwsSettings, node: Node, pods: Sequence[Pod], own: Mapping[str, IPv4Address],
        before: Addressing, free: FreeAddresses,
    ) -> _Store:  # fmt: skip
        """A node's cards as they were, or its first one."""
        places = [place_of(pod) for pod in pods]
        held = {place: before.leases[place] for place in places if place in before.leases}
        kept = {place: own[place] for place in places if place in own}
        cards = list(before.interfaces.get(node.name, ()))
        store = _Store(settings, instance_of(node), free, cards, held, kept, [])
        first = address_of(node)
        if not cards and first is not None:
            store.attach(first)
        return store

    # ------------------------------------------------------------ cards

    def attach(self, address: IPv4Address) -> None:
        """Attach a card and fill its slots."""
        self.cards.append(Interface(f"eth{len(self.cards)}", address, self._pool(address, 0)))

    def _pool(self, near: IPv4Address, filled: int) -> tuple[IPv4Address, ...]:
        """Addresses for the slots of a card: all of them, or one more prefix."""
        if self.settings.prefix_delegation:
            return self.free.prefix_near(near) if filled < self.instance.slots else ()
        found = (self.free.near(near) for _ in range(self.instance.slots))
        return tuple(ip for ip in found if ip is not None)

    def _grow(self) -> bool:
        """One more prefix on the last card, or one more card; False if there is none."""
        last = self.cards[-1]
        near = last.address
        assert isinstance(near, IPv4Address)
        if self.settings.prefix_delegation:
            more = self._pool(near, len(last.pool) // PREFIX_SIZE)
            if more:
                self.cards[-1] = Interface(last.device, near, (*last.pool, *more))
                return True
        if len(self.cards) >= self.instance.cards:
            return False
        address = self.free.near(near)
        if address is not None:
            self.attach(address)
        return address is not None

    # ------------------------------------------------------------ leases

    def lease_all(self, pods: Sequence[Pod]) -> None:
        """An address for every pod that has none yet."""
        for pod in pods:
            place = place_of(pod)
            if place in self.leases:
                continue
            lease = self._lease(place)
            if lease is None:
                self.waiting.append(place)
            else:
                self.leases[place] = lease
                self._keep_warm()

    def _lease(self, place: str) -> _Lease | None:
        own = self.own.get(place)
        left = self._left()
        if own is None:
            choices = [(card.device, ips) for card, ips in left if ips]
            if not choices:
                return None
            device, ips = choices[_drawn(place) % len(choices)]
            return ips[0], device
        with_room = next((card for card, ips in left if ips), self.cards[-1])
        self._swap(with_room, own)
        return own, with_room.device

    def _swap(self, card: Interface, own: IPv4Address) -> None:
        """An address that a pod of the file has is one of the card's; another is not, then."""
        used = {ip for ip, _ in self.leases.values()}
        spare = next((ip for ip in card.pool if ip not in used), None)
        pool = (*(ip for ip in card.pool if ip != spare), own)
        self.cards[self.cards.index(card)] = Interface(card.device, card.address, pool)

    def _left(self) -> list[tuple[Interface, list[IPAddress]]]:
        """The cards with what they still have; not what a pod of the file has already."""
        used = {ip for ip, _ in self.leases.values()} | set(self.own.values())
        return [(card, [ip for ip in card.pool if ip not in used]) for card in self.cards]

    def _keep_warm(self) -> None:
        """As much as a whole card, or a prefix, stays free."""
        wanted = PREFIX_SIZE if self.settings.prefix_delegation else self.instance.slots
        while sum(len(ips) for _, ips in self._left()) < wanted and self._grow():
            pass


def _drawn(place: str) -> int:
    """A number that follows from a pod's name: which card it gets is nobody's choice."""
    return sha256(place.encode()).digest()[0]
