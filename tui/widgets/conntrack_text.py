"""Connections as `conntrack -L` prints them."""

from __future__ import annotations

from tui.sim.model.connection import ConntrackEntry, ConnTuple


def print_entry(entry: ConntrackEntry, now: float = 0.0) -> str:
    """One line of `conntrack -L`: protocol, seconds left, state, both directions, flags."""
    head = [entry.original.protocol.lower, str(seconds_left(entry, now))]
    if entry.state:
        head.append(entry.state)
    unreplied = [] if entry.replied else ["[UNREPLIED]"]
    assured = ["[ASSURED]"] if entry.assured else []
    return " ".join(
        [*head, print_tuple(entry.original), *unreplied, print_tuple(entry.reply), *assured]
    )


def print_tuple(value: ConnTuple) -> str:
    """One direction: `src=10.244.0.7 dst=10.96.31.7 sport=41532 dport=80`."""
    ends = f"src={value.source} dst={value.destination}"
    return f"{ends} sport={value.sport} dport={value.dport}" if value.protocol.has_ports else ends


def seconds_left(entry: ConntrackEntry, now: float) -> int:
    """Seconds until the entry is forgotten."""
    return max(round(entry.expires - now), 0)
