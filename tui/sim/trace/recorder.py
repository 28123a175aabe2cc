"""Collects steps into hops and hops into a leg while a packet walks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from tui.sim.model.connection import ConntrackChange
from tui.sim.model.packet import Packet
from tui.sim.trace.reason import Reason
from tui.sim.trace.record import (
    Chance,
    Cost,
    FieldChange,
    Hop,
    Leg,
    Role,
    RulePlace,
    Step,
    StepKind,
)

_COMPARED = ("source", "destination", "sport", "dport", "ttl", "mark", "flags", "size")


def field_changes(before: Packet, after: Packet) -> tuple[FieldChange, ...]:
    """The header fields in which two packets differ, link layer included."""
    if before is after:
        return ()
    changes = [
        FieldChange(name, _text(name, before), _text(name, after))
        for name in _COMPARED
        if getattr(before, name) != getattr(after, name)
    ]
    changes += _frame_changes(before, after)
    return tuple(changes)


def _text(name: str, packet: Packet) -> str:
    value = getattr(packet, name)
    return f"{value:#x}" if name == "mark" else str(value)


def _frame_changes(before: Packet, after: Packet) -> list[FieldChange]:
    old, new = before.ethernet, after.ethernet
    if old == new:
        return []
    found = []
    for name, a, b in (
        ("source-mac", old and old.source, new and new.source),
        ("destination-mac", old and old.destination, new and new.destination),
    ):
        if a != b:
            found.append(FieldChange(name, a or "none", b or "none"))
    return found


class Details(TypedDict, total=False):
    """What a step may say besides what happened and why; the fields of `Step`."""

    place: RulePlace | None
    pushed: str | None
    popped: str | None
    conntrack: tuple[ConntrackChange, ...]
    state: str | None
    chance: Chance | None
    cost: Cost
    owner: str | None
    device: str | None


@dataclass(slots=True)
class _OpenHop:
    node: str | None
    namespace: str
    device_in: str | None
    steps: list[Step] = field(default_factory=list)


@dataclass(slots=True)
class Recorder:
    """The leg being walked."""

    role: Role
    """What the leg is for."""
    packet: Packet
    """The packet as sent; then as the last step left it."""
    _sent: Packet = field(init=False)
    _hops: list[Hop] = field(default_factory=list)
    _open: _OpenHop | None = None

    def __post_init__(self) -> None:
        self._sent = self.packet

    def enter(self, node: str | None, namespace: str, device_in: str | None) -> None:
        """Begin a hop."""
        self._open = _OpenHop(node, namespace, device_in)

    def add(
        self, kind: StepKind, packet: Packet, reason: Reason, **details: Unpack[Details]
    ) -> None:
        """Add a step; the fields it changed are found by comparing with the step before.

        A step that pushes or pops a header changes no field: it shows another packet.
        """
        assert self._open is not None, "a step outside of a hop"
        wrapped = details.get("pushed") or details.get("popped")
        changes = () if wrapped else field_changes(self.packet, packet)
        self._open.steps.append(Step(kind, packet, reason, changes=changes, **details))
        self.packet = packet

    def leave(self, device_out: str | None) -> None:
        """End the hop."""
        hop = self._open
        assert hop is not None, "no hop to leave"
        self._hops.append(Hop(hop.node, hop.namespace, hop.device_in, device_out, tuple(hop.steps)))
        self._open = None

    def finished(self) -> Leg:
        """The leg, once its last hop has been left."""
        return Leg(self.role, self._sent, tuple(self._hops))
