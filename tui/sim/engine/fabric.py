"""The fabric: everything between nodes and the world, as one router with a leg on each LAN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sim.cni.machine import CARD, external_place, node_place
from tui.sim.engine import overlays
from tui.sim.engine.arrival import Arrival, Next
from tui.sim.model.packet import Ethernet, Packet
from tui.sim.model.value import replace
from tui.sim.netfilter.passage import Skb
from tui.sim.routing.network import FABRIC, Namespace
from tui.sim.routing.text import print_route
from tui.sim.trace import Reason, ReasonCode, Role, StepKind

if TYPE_CHECKING:
    from tui.sim.engine.walk import Walk


def through(walk: Walk, packet: Packet, came_from_outside: bool) -> Next:
    """The router between the nodes and the world."""
    network = walk.scene.network
    router = network.namespace(FABRIC)
    came_by, leaves_by = ("wan", "lan") if came_from_outside else ("lan", "wan")
    packet = replace(packet, ttl=packet.ttl - 1)
    walk.log.enter(None, FABRIC, came_by)
    packet = overlays.carried(walk, packet, came_from_outside)
    card = network.cards.get(packet.destination)
    if card is not None:
        return _to_card(walk, router, packet, card, ReasonCode.FABRIC_DELIVERED)
    if not came_from_outside:
        return _by_route(walk, router, packet) or _into_world(walk, router, packet, leaves_by)
    if walk.role in (Role.REPLY, Role.ICMP):
        walk.drop(router, packet, ReasonCode.FABRIC_UNROUTED, came_by, address=packet.destination)
        return None
    entry = node_place(walk.scene.entry), CARD
    return _to_card(walk, router, packet, entry, ReasonCode.FABRIC_ENTERED)


def _by_route(walk: Walk, router: Namespace, packet: Packet) -> Next:
    """To the node that a route of the fabric names for a range; None if it has no such route."""
    route = walk.scene.routing(FABRIC).lookup(packet.destination)
    card = walk.scene.network.cards.get(route.via) if route is not None and route.via else None
    if route is None or card is None:
        return None
    text = print_route(route)
    return _to_card(walk, router, packet, card, ReasonCode.FABRIC_KNEW, route=text)


def _to_card(
    walk: Walk, router: Namespace, packet: Packet, card: tuple[str, str], code: ReasonCode,
    **told: str,
) -> Next:  # fmt: skip
    """Onto the wire of a node's network card."""
    if not walk.fits(router, router.device("lan"), Skb(packet)):
        return None
    node, name = card
    device = walk.scene.namespace(node).device(name)
    frame = replace(packet, ethernet=Ethernet(router.device("lan").mac, device.mac))
    reason = Reason.of(code, address=packet.destination, node=node.removeprefix("node/"), **told)
    walk.log.add(StepKind.ROUTED, frame, reason, device="lan")
    walk.log.leave("lan")
    return Arrival(node, name, frame)


def _into_world(walk: Walk, router: Namespace, packet: Packet, device: str) -> Next:
    """Towards an address that no node has; the way ends with the machine that has it."""
    if not walk.fits(router, router.device(device), Skb(packet)):
        return None
    reason = Reason.of(ReasonCode.FABRIC_ROUTED, address=packet.destination)
    place = external_place(packet.destination)
    machine = walk.scene.network.namespaces.get(place)
    if machine is None:
        final = walk.at_socket(router, packet)
        walk.log.add(StepKind.ROUTED, packet, reason, device=device)
        walk.finish(StepKind.DELIVERED, router, packet, final, device=device)
        return None
    frame = replace(packet, ethernet=Ethernet(router.device("wan").mac, machine.device(CARD).mac))
    walk.log.add(StepKind.ROUTED, frame, reason, device=device)
    walk.log.leave(device)
    return Arrival(place, CARD, frame)
