"""A fabric that knows pods: the leaf or the edge takes packets out of tunnels, and puts them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sim.cni.site import Overlay
from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Packet, Protocol, Tunnel
from tui.sim.model.value import replace
from tui.sim.netfilter.conntrack import Direction, Tracked, translated
from tui.sim.netfilter.hooks import Manip
from tui.sim.netfilter.nat import with_source
from tui.sim.routing.network import FABRIC
from tui.sim.trace import Reason, ReasonCode, StepKind

if TYPE_CHECKING:
    from tui.sim.engine.walk import Walk


def carried(walk: Walk, packet: Packet, came_from_outside: bool) -> Packet:
    """The packet as the fabric's routers pass it on: redirected, unwrapped or wrapped."""
    overlay = walk.scene.world.overlay
    if overlay is None:
        return packet
    if packet.inner is not None and packet.destination == overlay.gateway:
        return _at_the_gateway(walk, overlay, packet)
    if packet.inner is None:
        plain = _translated_back(walk, packet) if came_from_outside else packet
        return _into_tunnel(walk, overlay, plain)
    return packet


def _tep(walk: Walk, overlay: Overlay, ip: IPAddress) -> IPAddress | None:
    """The tunnel end of the node that has a pod."""
    place = walk.scene.network.pods.get(ip)
    node = walk.scene.namespace(place).node if place is not None else None
    return overlay.teps.get(node) if node is not None else None


def _at_the_gateway(walk: Walk, overlay: Overlay, packet: Packet) -> Packet:
    """What a node sent because it knows no better: on to the right node, or out of the tunnel."""
    inner = packet.inner
    assert inner is not None
    tep = _tep(walk, overlay, inner.destination)
    if tep is not None:
        onwards = replace(packet, source=overlay.gateway, destination=tep)
        reason = Reason.of(
            ReasonCode.OVERLAY_REDIRECTED, what=overlay.what, address=inner.destination, tep=tep
        )
        walk.log.add(StepKind.ROUTED, onwards, reason, device="lan")
        return onwards
    inner = replace(inner, ethernet=None)
    reason = Reason.of(ReasonCode.OVERLAY_UNWRAPPED, what=overlay.what, address=inner.destination)
    walk.log.add(StepKind.DECAPSULATED, inner, reason, device="lan", popped=overlay.kind.value)
    return _translated(walk, overlay, replace(inner, ttl=inner.ttl - 1))


def _into_tunnel(walk: Walk, overlay: Overlay, packet: Packet) -> Packet:
    """What comes for a pod from a node's own stack or from the world."""
    tep = _tep(walk, overlay, packet.destination)
    if tep is None:
        return packet
    inner = replace(packet, mark=0)
    outer = Packet(
        source=overlay.gateway, destination=tep, protocol=Protocol.UDP, sport=_PORT,
        dport=overlay.port, size=inner.size + overlay.overhead,
        tunnel=Tunnel(overlay.kind.value, 0, overlay.overhead), inner=inner,
    )  # fmt: skip
    reason = Reason.of(
        ReasonCode.OVERLAY_WRAPPED, what=overlay.what, address=packet.destination, tep=tep,
        overhead=overlay.overhead,
    )  # fmt: skip
    walk.log.add(StepKind.ENCAPSULATED, outer, reason, device="lan", pushed=overlay.kind.value)
    return outer


_PORT = 49152
"""Source port of what the fabric itself wraps."""


# ---------------------------------------------------------------- SNAT at the edge


def _translated(walk: Walk, overlay: Overlay, packet: Packet) -> Packet:
    """Towards the world a namespace's pods share one address."""
    place = walk.scene.network.pods.get(packet.source, "")
    address = overlay.snat.get(place.split("/")[1]) if place else None
    if address is None or packet.destination in walk.scene.network.cards:
        return packet
    table = walk.scene.program_connections(FABRIC)
    known = table.track(packet)
    entry = known.entry if known.confirmed else with_source(known.entry, address, False, table)
    after = replace(packet, source=address, sport=entry.reply.dport)
    if known.confirmed:
        table.refresh(known, packet)
    else:
        table.confirm(Tracked(entry, known.state), packet)
    reason = Reason.of(
        ReasonCode.OVERLAY_SNAT, what=overlay.what, old=packet.from_text, new=after.from_text
    )
    walk.log.add(StepKind.TRANSLATED, after, reason, device="wan")
    return after


def _translated_back(walk: Walk, packet: Packet) -> Packet:
    table = walk.scene.program_connections(FABRIC)
    known = table.track(packet)
    if not known.confirmed or known.direction is not Direction.REPLY:
        return packet
    after = translated(packet, known, Manip.DESTINATION)
    table.refresh(known, packet)
    overlay = walk.scene.world.overlay
    reason = Reason.of(
        ReasonCode.OVERLAY_UNDONE, what=overlay.what if overlay else "", old=packet.to_text,
        new=after.to_text,
    )  # fmt: skip
    walk.log.add(StepKind.TRANSLATED, after, reason, device="wan")
    return after
