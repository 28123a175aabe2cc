"""What passes between namespaces: a frame that arrives, or nothing more."""

from __future__ import annotations

from tui.sim.model.packet import Packet
from tui.sim.model.value import value


@value
class Arrival:
    """A frame about to come in by a device of another namespace."""

    namespace: str
    """Where."""
    device: str
    """By which device."""
    packet: Packet
    """The packet, with the frame's header."""


Next = Arrival | None
"""Where a packet goes on; None once it has ended."""
