"""What a nat target does to a connection: a new end, and a port that is free.

Follows nf_nat_core.c: the tuple is chosen so that no other connection's answer has it.
"""

from __future__ import annotations

from hashlib import sha256

from tui.sim.model.address import IPAddress
from tui.sim.model.connection import ConntrackEntry, ConnTuple
from tui.sim.model.value import replace
from tui.sim.netfilter.conntrack import ConntrackTable


def with_destination(entry: ConntrackEntry, ip: IPAddress, port: int | None) -> ConntrackEntry:
    """The connection with another receiver: its answers will come from there."""
    reply = replace(entry.reply, source=ip, sport=port if port is not None else entry.reply.sport)
    changed = reply != entry.original.reversed
    return replace(entry, reply=reply, dnat=changed)


def with_source(
    entry: ConntrackEntry, ip: IPAddress, random_fully: bool, table: ConntrackTable
) -> ConntrackEntry:
    """The connection with another sender: its answers will go there."""
    reply = replace(entry.reply, destination=ip)
    reply = replace(reply, dport=_port(reply, random_fully, table))
    return replace(entry, reply=reply, snat=reply.destination != entry.original.source
                   or reply.dport != entry.original.sport)  # fmt: skip


def _port(reply: ConnTuple, random_fully: bool, table: ConntrackTable) -> int:
    """The sender's port if it may stay and is free, else another of its range.

    The kernel draws it at random; here it follows from the tuple, so that a trace repeats.
    """
    if not reply.protocol.has_ports:
        return reply.dport
    if not random_fully and not table.taken(reply):
        return reply.dport
    low, high = _range(reply.dport)
    seed = int.from_bytes(sha256(str(reply).encode()).digest()[:4], "big")
    for attempt in range(high - low + 1):
        port = low + (seed + attempt) % (high - low + 1)
        if not table.taken(replace(reply, dport=port)):
            return port
    return reply.dport


def _range(port: int) -> tuple[int, int]:
    """Ports stay in their class (nf_nat_l4proto_unique_tuple)."""
    if port < 512:
        return 1, 511
    if port < 1024:
        return 600, 1023
    return 1024, 65535
