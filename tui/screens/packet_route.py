"""The packet under the cursor, as `ip route get` is asked about it where it is."""

from __future__ import annotations

from tui.session import Moment, Session
from tui.sim.model.packet import Packet
from tui.sim.routing.iproute2 import View
from tui.sim.routing.iproute2.route_get import Asked
from tui.sim.trace import StepKind


def packet_at(session: Session, view: View) -> Asked | None:
    """What to ask about the packet under the cursor; None while it is somewhere else."""
    moment = session.moment
    if moment is None or moment.hop.namespace != view.space.name:
        return None
    packet = _as_routed(moment)
    if packet.destination.is_multicast:
        return None
    device = _came_by(view, moment.hop.device_in)
    # what this machine made itself, like a tunnel's outer packet, came in by no device
    if view.routing.is_local(packet.source):
        device = ""
    return Asked(packet.destination, packet.source, device, packet.mark)


def _as_routed(moment: Moment) -> Packet:
    """The packet as it was when its route was last chosen here; else as it is."""
    found = moment.step.packet
    for step in moment.hop.steps:
        if step.kind is StepKind.ROUTED:
            found = step.packet
        if step is moment.step:
            break
    return found


def _came_by(view: View, device: str | None) -> str:
    """The device that routing sees: of a bridge's port, the bridge."""
    known = next((each for each in view.devices if each.name == device), None)
    return (known.master or known.name) if known is not None else ""
