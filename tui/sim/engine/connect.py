"""The eBPF program at connect(): a socket that calls a Service is connected to a backend itself.

Follows Cilium v1.16: bpf/bpf_sock.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sim.ebpf import Attach, Backend, Datapath, LbService, Scope
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.value import replace
from tui.sim.netfilter.conntrack import Direction, Tracked, translated
from tui.sim.netfilter.hooks import Manip
from tui.sim.netfilter.nat import with_destination
from tui.sim.routing.network import Namespace
from tui.sim.trace import Chance, Cost, Reason, ReasonCode, Role, StepKind

if TYPE_CHECKING:
    from tui.sim.engine.walk import Walk
    from tui.sim.engine.world import World

_TRANSLATABLE = (Protocol.TCP, Protocol.UDP, Protocol.SCTP)


def calls_a_service(world: World, space: Namespace, packet: Packet) -> bool:
    """Whether a program will connect the socket that sends a packet to somebody else."""
    datapath = world.datapath(space.node, packet.family) if space.node is not None else None
    return datapath is not None and datapath.socket_lb and bool(service_for(datapath, packet))


def connected(walk: Walk, space: Namespace, packet: Packet) -> Packet | None:
    """The packet that a socket sends after a program saw its connect(); None if it refused.

    The kernel's socket is connected to the backend itself: no packet bears the Service's address.
    """
    datapath = datapath_of(walk, space.node, packet)
    if datapath is None or not datapath.socket_lb or walk.role not in (Role.REQUEST, Role.DNS):
        return packet
    service = service_for(datapath, packet)
    if service is None:
        return packet
    backends = service.backends(Scope.INTERNAL)
    if not backends:
        reason = Reason.of(
            ReasonCode.EBPF_CONNECT_REFUSED, program=Attach.CONNECT, service=packet.to_text
        )
        walk.finish(StepKind.REJECTED, space, packet, reason, REFUSED_AT_CONNECT,
                    owner=service.owner, lookups=1)  # fmt: skip
        return None
    table = walk.scene.program_connections(space.name)
    known = table.track(packet)
    if known.confirmed and known.direction is Direction.ORIGINAL:
        sent = translated(packet, known, Manip.DESTINATION)
        table.refresh(known, packet)
        told = {"old": packet.to_text, "new": sent.to_text}
        reason = Reason.of(ReasonCode.EBPF_SOCKET_KNOWN, **told)
        walk.log.add(StepKind.PROGRAM, sent, reason, owner=service.owner)
        return sent
    backend, chance = chosen(walk, backends)
    sent = replace(packet, destination=backend.ip, dport=backend.port)
    entry = with_destination(known.entry, backend.ip, backend.port)
    table.confirm(Tracked(entry, known.state), packet)
    reason = Reason.of(
        ReasonCode.EBPF_CONNECTED, program=Attach.CONNECT, old=packet.to_text, new=sent.to_text,
        backends=len(backends),
    )  # fmt: skip
    walk.log.add(StepKind.PROGRAM, sent, reason, chance=chance, cost=Cost(lookups=3),
                 owner=service.owner)  # fmt: skip
    return sent


REFUSED_AT_CONNECT = "connect"
"""In place of an ICMP message: the process itself is told."""


def datapath_of(walk: Walk, node: str | None, packet: Packet) -> Datapath | None:
    """The programs and maps of a node for the packet's family; None where there are none."""
    return walk.scene.world.datapath(node, packet.family) if node is not None else None


def service_for(datapath: Datapath, packet: Packet) -> LbService | None:
    """The Service that a packet is for, as the datapath's maps know it."""
    if packet.protocol not in _TRANSLATABLE:
        return None
    return datapath.maps.service((packet.protocol, packet.destination, packet.dport))


def chosen(walk: Walk, backends: tuple[Backend, ...]) -> tuple[Backend, Chance | None]:
    """One of the backends, all equally likely."""
    if len(backends) == 1:
        return backends[0], None
    ways = [(lambda each=each: (each.text,)) for each in backends]
    branch, pinned = walk.scene.dice.draw(ways)
    return backends[branch], Chance(1 / len(backends), branch, len(backends), pinned)
