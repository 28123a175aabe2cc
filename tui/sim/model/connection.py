"""A connection as conntrack knows it: two tuples, a state, and what was translated."""

from __future__ import annotations

from enum import StrEnum

from tui.sim.model.address import IPAddress, endpoint_text
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.value import value


@value
class ConnTuple:
    """One direction of a connection."""

    source: IPAddress
    """Source address."""
    destination: IPAddress
    """Destination address."""
    protocol: Protocol
    """Layer-4 protocol."""
    sport: int
    """Source port."""
    dport: int
    """Destination port."""

    @staticmethod
    def of(packet: Packet) -> ConnTuple:
        """The tuple that a packet's headers make."""
        return ConnTuple(
            packet.source, packet.destination, packet.protocol, packet.sport, packet.dport
        )

    @property
    def reversed(self) -> ConnTuple:
        """The tuple of the answer if nothing is translated."""
        return ConnTuple(self.destination, self.source, self.protocol, self.dport, self.sport)

    def __str__(self) -> str:
        left = endpoint_text(self.source, self.sport)
        return f"{self.protocol.lower} {left} -> {endpoint_text(self.destination, self.dport)}"


class ConnState(StrEnum):
    """What `-m conntrack --ctstate` may see of a packet."""

    NEW = "NEW"
    ESTABLISHED = "ESTABLISHED"
    RELATED = "RELATED"
    INVALID = "INVALID"
    UNTRACKED = "UNTRACKED"


@value
class ConntrackEntry:
    """One line of `conntrack -L`."""

    original: ConnTuple
    """The first packet as it came."""
    reply: ConnTuple
    """What an answer will look like on this host's side of the translation."""
    state: str = ""
    """TCP state, `SYN_SENT` or `ESTABLISHED`; empty for UDP."""
    dnat: bool = False
    """The destination of the original direction is translated."""
    snat: bool = False
    """The source of the original direction is translated."""
    replied: bool = False
    """An answer has been seen; until then conntrack prints [UNREPLIED]."""
    assured: bool = False
    """Kept when the table is full; printed as [ASSURED]."""
    mark: int = 0
    """The connection's own mark, which rules set and read (CONNMARK)."""
    expires: float = 0.0
    """Time, in seconds of the simulation's clock, at which the entry is forgotten."""


class ConntrackOp(StrEnum):
    """What happened to an entry."""

    CREATED = "created"
    CHANGED = "changed"
    DESTROYED = "destroyed"


@value
class ConntrackChange:
    """One change to one host's conntrack table."""

    host: str
    """Namespace whose table changed, as in `Hop.namespace`."""
    op: ConntrackOp
    """What happened."""
    entry: ConntrackEntry
    """The entry after the change; before it, if it was destroyed."""
