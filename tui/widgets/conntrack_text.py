"""Connections as `conntrack -L` prints them."""

from __future__ import annotations

from tui.sim.model.connection import ConntrackEntry, ConnTuple
from tui.sim.model.packet import Protocol

_NUMBERS = {Protocol.TCP: 6, Protocol.UDP: 17, Protocol.SCTP: 132, Protocol.ICMP: 1}


def print_entry(entry: ConntrackEntry, now: float = 0.0) -> str:
    """One line of `conntrack -L`: protocol, seconds left, state, both directions, flags."""
    protocol = entry.original.protocol
    number = _NUMBERS[protocol]
    if protocol is Protocol.ICMP and entry.original.source.version == 6:
        number = 58
    name = "icmpv6" if number == 58 else protocol.lower
    head = [f"{name:<8}", str(number), str(seconds_left(entry, now))]
    if entry.state:
        head.append(entry.state)
    unreplied = [] if entry.replied else ["[UNREPLIED]"]
    assured = ["[ASSURED]"] if entry.assured else []
    directions = [print_tuple(entry.original), *unreplied, print_tuple(entry.reply), *assured]
    return " ".join([*head, *directions, f"mark={entry.mark} use=1"])


def print_tuple(value: ConnTuple) -> str:
    """One direction: `src=10.244.0.7 dst=10.96.31.7 sport=41532 dport=80`."""
    ends = f"src={value.source} dst={value.destination}"
    return f"{ends} sport={value.sport} dport={value.dport}" if value.protocol.has_ports else ends


def seconds_left(entry: ConntrackEntry, now: float) -> int:
    """Seconds until the entry is forgotten."""
    return max(round(entry.expires - now), 0)
