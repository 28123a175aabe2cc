"""Where netfilter looks at a packet, and in which order: one table for all who ask.

Priorities are those of include/uapi/linux/netfilter_ipv4.h; the evaluator walks this table
and the lessons draw it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Hook(StrEnum):
    """A place in the kernel's IP stack, by the name that iptables gives its base chain."""

    PREROUTING = "PREROUTING"
    INPUT = "INPUT"
    FORWARD = "FORWARD"
    OUTPUT = "OUTPUT"
    POSTROUTING = "POSTROUTING"


class Manip(StrEnum):
    """Which end of a connection a nat hook may decide about."""

    DESTINATION = "destination"
    SOURCE = "source"


class StageKind(StrEnum):
    """What happens at a priority of a hook."""

    TABLE = "table"
    TRACK = "track"
    NAT = "nat"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Stage:
    """One callback of a hook."""

    priority: int
    """Lower runs earlier."""
    kind: StageKind
    """What it does."""
    table: str = ""
    """The iptables table behind it."""


_RAW = Stage(-300, StageKind.TABLE, "raw")
_TRACK = Stage(-200, StageKind.TRACK)
_MANGLE = Stage(-150, StageKind.TABLE, "mangle")
_NAT_DESTINATION = Stage(-100, StageKind.NAT, "nat")
_FILTER = Stage(0, StageKind.TABLE, "filter")
_NAT_SOURCE = Stage(100, StageKind.NAT, "nat")
_CONFIRM = Stage(2**31 - 1, StageKind.CONFIRM)

STAGES: dict[Hook, tuple[Stage, ...]] = {
    Hook.PREROUTING: (_RAW, _TRACK, _MANGLE, _NAT_DESTINATION),
    Hook.INPUT: (_MANGLE, _FILTER, _NAT_SOURCE, _CONFIRM),
    Hook.FORWARD: (_MANGLE, _FILTER),
    Hook.OUTPUT: (_RAW, _TRACK, _MANGLE, _NAT_DESTINATION, _FILTER),
    Hook.POSTROUTING: (_MANGLE, _NAT_SOURCE, _CONFIRM),
}

MANIP: dict[Hook, Manip] = {
    Hook.PREROUTING: Manip.DESTINATION,
    Hook.OUTPUT: Manip.DESTINATION,
    Hook.INPUT: Manip.SOURCE,
    Hook.POSTROUTING: Manip.SOURCE,
}
"""Which end each nat hook decides about (the kernel's HOOK2MANIP)."""
