"""conntrack of one host while packets pass: look up, create, confirm, translate.

The table is the working copy of one `send`; what lasts is the tuple of entries that
`entries()` gives back. States and timeouts are those of net/netfilter/nf_conntrack_proto_*.c.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from tui.sim.model.connection import ConnState, ConntrackEntry, ConnTuple
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.value import replace
from tui.sim.netfilter.hooks import Manip

TCP_TIMEOUTS = {
    "SYN_SENT": 120.0,
    "SYN_RECV": 60.0,
    "ESTABLISHED": 432000.0,
    "FIN_WAIT": 120.0,
    "TIME_WAIT": 120.0,
    "CLOSE": 10.0,
}
"""Seconds that an entry of each TCP state lives without traffic (kernel defaults)."""

UDP_TIMEOUT = 30.0
"""Seconds for a UDP entry that has seen one direction only."""

UDP_STREAM_TIMEOUT = 120.0
"""Seconds once both directions have been seen for a while."""

_OTHER_TIMEOUT = 600.0


class Direction(StrEnum):
    """Which way along its connection a packet goes."""

    ORIGINAL = "original"
    REPLY = "reply"


@dataclass(slots=True)
class Tracked:
    """The connection that a packet carries while it is inside one host."""

    entry: ConntrackEntry
    """The connection."""
    state: ConnState
    """How the packet relates to it."""
    direction: Direction = Direction.ORIGINAL
    """Which way the packet goes."""
    confirmed: bool = False
    """Whether the entry is in the table."""
    decided: set[Manip] = field(default_factory=set)
    """Ends about which nat has decided, even if only to leave them."""

    @property
    def flags(self) -> frozenset[str]:
        """What `--ctstate` can see: the state, and DNAT or SNAT on the connection."""
        seen = {self.state.value}
        if self.entry.dnat:
            seen.add("DNAT")
        if self.entry.snat:
            seen.add("SNAT")
        return frozenset(seen)


class ConntrackTable:
    """The entries of one host, found by the tuple of either direction."""

    def __init__(self, entries: Iterable[ConntrackEntry] = (), now: float = 0.0) -> None:
        self.now = now
        self._entries: dict[ConnTuple, ConntrackEntry] = {}
        self._replies: dict[ConnTuple, ConnTuple] = {}
        for entry in entries:
            if entry.expires > now:
                self.put(entry)

    def entries(self) -> tuple[ConntrackEntry, ...]:
        """All entries, oldest first."""
        return tuple(self._entries.values())

    def put(self, entry: ConntrackEntry) -> None:
        """Add an entry, or put it in the place of the one with the same original tuple."""
        held = self._entries.get(entry.original)
        if held is not None and held.reply != entry.reply:
            self._replies.pop(held.reply, None)
        self._entries[entry.original] = entry
        self._replies[entry.reply] = entry.original

    def taken(self, reply: ConnTuple) -> bool:
        """Whether an answer of that shape already belongs to somebody."""
        return reply in self._replies or reply in self._entries

    def track(self, packet: Packet) -> Tracked:
        """What the table knows of a packet; a new, unconfirmed connection if nothing."""
        if packet.icmp is not None:
            return self._track_error(packet)
        shape = ConnTuple.of(packet)
        if shape in self._entries:
            return self._known(self._entries[shape], Direction.ORIGINAL)
        if shape in self._replies:
            return self._known(self._entries[self._replies[shape]], Direction.REPLY)
        entry = ConntrackEntry(shape, shape.reversed)
        return Tracked(entry, _state_of_first(packet))

    def _known(self, entry: ConntrackEntry, direction: Direction) -> Tracked:
        established = direction is Direction.REPLY or entry.replied
        state = ConnState.ESTABLISHED if established else ConnState.NEW
        decided = set(Manip)
        return Tracked(entry, state, direction, confirmed=True, decided=decided)

    def _track_error(self, packet: Packet) -> Tracked:
        """An ICMP error goes the way of the answer to the packet that it quotes."""
        icmp = packet.icmp
        assert icmp is not None
        quoted = ConnTuple(icmp.source, icmp.destination, icmp.protocol, icmp.sport, icmp.dport)
        answer = quoted.reversed
        if answer in self._replies:
            entry = self._entries[self._replies[answer]]
            return Tracked(entry, ConnState.RELATED, Direction.REPLY, True, set(Manip))
        if answer in self._entries:
            entry = self._entries[answer]
            return Tracked(entry, ConnState.RELATED, Direction.ORIGINAL, True, set(Manip))
        return Tracked(ConntrackEntry(quoted, answer), ConnState.INVALID)

    def confirm(self, tracked: Tracked, packet: Packet) -> ConntrackEntry:
        """Put a new connection into the table as its first packet leaves or is delivered."""
        entry = replace(
            tracked.entry,
            state="SYN_SENT" if packet.protocol is Protocol.TCP else "",
            expires=self.now + _first_timeout(packet.protocol),
        )
        tracked.entry = entry
        tracked.confirmed = True
        self.put(entry)
        return entry

    def refresh(self, tracked: Tracked, packet: Packet) -> ConntrackEntry | None:
        """Let a packet of a known connection move its state on; None if nothing changed."""
        if packet.icmp is not None or tracked.state is ConnState.INVALID:
            return None
        entry = tracked.entry
        replied = entry.replied or tracked.direction is Direction.REPLY
        moved = _moved(entry, tracked.direction, packet)
        assured = entry.assured or moved == "ESTABLISHED"
        timeout = _timeout(packet.protocol, moved, replied)
        updated = replace(
            entry, state=moved, replied=replied, assured=assured, expires=self.now + timeout
        )
        tracked.entry = updated
        self.put(updated)
        return updated if updated != entry else None

    def drop(self, entry: ConntrackEntry) -> None:
        """Forget an entry."""
        self._entries.pop(entry.original, None)
        self._replies.pop(entry.reply, None)


def _state_of_first(packet: Packet) -> ConnState:
    """A TCP connection that begins with RST or SYN,ACK is no connection."""
    if packet.protocol is Protocol.TCP and packet.flags not in ("SYN", "ACK", ""):
        return ConnState.INVALID
    return ConnState.NEW


def _first_timeout(protocol: Protocol) -> float:
    if protocol is Protocol.TCP:
        return TCP_TIMEOUTS["SYN_SENT"]
    return UDP_TIMEOUT if protocol is Protocol.UDP else _OTHER_TIMEOUT


def _moved(entry: ConntrackEntry, direction: Direction, packet: Packet) -> str:
    """The TCP state after a packet (the part of tcp_conntracks that lessons show)."""
    if packet.protocol is not Protocol.TCP:
        return entry.state
    if "RST" in packet.flags:
        return "CLOSE"
    if direction is Direction.REPLY and packet.flags == "SYN,ACK":
        return "SYN_RECV"
    if entry.state == "SYN_RECV" and "ACK" in packet.flags:
        return "ESTABLISHED"
    return entry.state


def _timeout(protocol: Protocol, state: str, replied: bool) -> float:
    if protocol is Protocol.TCP:
        return TCP_TIMEOUTS.get(state, TCP_TIMEOUTS["SYN_SENT"])
    if protocol is Protocol.UDP:
        return UDP_STREAM_TIMEOUT if replied else UDP_TIMEOUT
    return _OTHER_TIMEOUT


def translated(packet: Packet, tracked: Tracked, manip: Manip) -> Packet:
    """The packet with one end rewritten as its connection says (nf_nat_packet).

    At a hook for destinations the original direction is DNATed and the reply loses its SNAT;
    at a hook for sources it is the other way round.
    """
    entry = tracked.entry
    original = tracked.direction is Direction.ORIGINAL
    affects_dnat = (manip is Manip.DESTINATION) == original
    if not (entry.dnat if affects_dnat else entry.snat):
        return packet
    goal = (entry.reply if original else entry.original).reversed
    if packet.icmp is not None:
        return _translated_error(packet, goal, manip)
    if manip is Manip.DESTINATION:
        return replace(packet, destination=goal.destination, dport=goal.dport)
    return replace(packet, source=goal.source, sport=goal.sport)


def _translated_error(packet: Packet, goal: ConnTuple, manip: Manip) -> Packet:
    """An ICMP error is rewritten outside and, mirrored, in the packet that it quotes."""
    icmp = packet.icmp
    assert icmp is not None
    if manip is Manip.DESTINATION:
        quoted = replace(icmp, source=goal.destination, sport=goal.dport)
        return replace(packet, destination=goal.destination, icmp=quoted)
    quoted = replace(icmp, destination=goal.source, dport=goal.sport)
    return replace(packet, source=goal.source, icmp=quoted)
