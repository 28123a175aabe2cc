"""What must hold in every trace, checked when one is built.

The checks look at each step once and compare packets by identity first: most steps leave
the packet as it was.
"""

from __future__ import annotations

from math import fsum

from tui.sim.model.packet import Packet
from tui.sim.trace.record import FieldChange, Hop, Leg, Outcome, Step, Trace

TOLERANCE = 1e-9
"""How far probabilities may stray from their sum of 1."""

_REWRITTEN = ("source", "destination", "protocol", "sport", "dport")
"""Fields that no step changes without saying so."""

_PLAIN = (*_REWRITTEN, "ttl", "flags", "size")
"""Fields whose text in a change is the value's own."""


class TraceError(ValueError):
    """A trace contradicts itself. The text names the outcome, leg, hop and step."""


def check_trace(trace: Trace) -> None:
    """Look at everything that must hold. Raises TraceError at the first that does not."""
    if not trace.outcomes:
        raise TraceError("a trace has no outcome")
    for number, outcome in enumerate(trace.outcomes, start=1):
        _check_outcome(outcome, f"outcome {number}")
    if len(trace.outcomes) > 1:
        total = fsum(outcome.probability for outcome in trace.outcomes)
        if abs(total - 1.0) > TOLERANCE:
            raise TraceError(f"the probabilities of all outcomes sum to {total!r}, not to 1")


def _check_outcome(outcome: Outcome, where: str) -> None:
    if not -TOLERANCE <= outcome.probability <= 1.0 + TOLERANCE:
        raise TraceError(f"{where}: its probability is {outcome.probability!r}")
    if not outcome.legs:
        raise TraceError(f"{where}: it has no leg")
    for number, leg in enumerate(outcome.legs, start=1):
        _check_leg(leg, f"{where}, leg {number} ({leg.role})")


# ---------------------------------------------------------------- hops


def _check_leg(leg: Leg, where: str) -> None:
    if not leg.hops:
        raise TraceError(f"{where}: it has no hop")
    if leg.hops[0].device_in is not None:
        raise TraceError(f"{where}: it came in by {leg.hops[0].device_in} before it was sent")
    last = len(leg.hops) - 1
    packet = leg.packet
    for number, hop in enumerate(leg.hops):
        here = f"{where}, hop {number + 1} ({hop.namespace})"
        if number < last:
            _check_joint(hop, leg.hops[number + 1], here)
        packet = _check_hop(hop, packet, here, ends=number == last)


def _check_joint(hop: Hop, following: Hop, where: str) -> None:
    """A packet that goes on left by one device and came in by another."""
    if hop.device_out is None:
        raise TraceError(f"{where}: it went on without leaving by a device")
    if following.device_in is None:
        raise TraceError(f"{where}: it came in nowhere at {following.namespace}")


def _check_hop(hop: Hop, packet: Packet, where: str, *, ends: bool) -> Packet:
    """Follow the packet through a hop; the packet as it leaves."""
    if not hop.steps:
        raise TraceError(f"{where}: it has no step")
    last = len(hop.steps) - 1
    for number, step in enumerate(hop.steps):
        final = step.kind.final
        if final != (ends and number == last):
            problem = "is final, but the leg goes on" if final else "ends the leg, but is not final"
            raise TraceError(f"{where}, step {number + 1}: {step.kind} {problem}")
        if step.packet is not packet or step.changes or step.pushed or step.popped:
            _check_packet(step, packet, f"{where}, step {number + 1} ({step.kind})")
        packet = step.packet
    return packet


# ---------------------------------------------------------------- packets


def _check_packet(step: Step, before: Packet, where: str) -> None:
    """A step starts from the packet that the step before left."""
    if step.pushed or step.popped:
        _check_wrapping(step, before, where)
        return
    for change in step.changes:
        _check_change(change, before, step.packet, where)
    told = {change.field for change in step.changes}
    for name in _REWRITTEN:
        if name not in told and getattr(before, name) != getattr(step.packet, name):
            old, new = getattr(before, name), getattr(step.packet, name)
            raise TraceError(f"{where}: {name} became {new} from {old}, but no change says so")


def _check_wrapping(step: Step, before: Packet, where: str) -> None:
    """A tunnel's header goes around the packet, or comes off it, and nothing else changes."""
    if step.changes:
        raise TraceError(f"{where}: it changes {step.changes[0].field} besides wrapping")
    outer, inner = (step.packet, before) if step.pushed else (before, step.packet)
    carried = outer.inner
    if carried is None or any(getattr(carried, n) != getattr(inner, n) for n in _REWRITTEN):
        what = f"put {step.pushed} around" if step.pushed else f"took {step.popped} off"
        raise TraceError(f"{where}: it {what} another packet than the one before it")


def _check_change(change: FieldChange, before: Packet, after: Packet, where: str) -> None:
    old, new = _text(before, change.field), _text(after, change.field)
    if old is None or new is None:
        if change.field != "state":
            raise TraceError(f"{where}: there is no field {change.field} to change")
        return
    if (change.old, change.new) != (old, new):
        told = f"{change.field} is said to go from {change.old} to {change.new}"
        raise TraceError(f"{where}: {told}, but the packets say from {old} to {new}")


def _text(packet: Packet, name: str) -> str | None:
    """A header field as a change writes it; None if the packet has no such field."""
    if name in _PLAIN:
        return str(getattr(packet, name))
    if name == "mark":
        return f"{packet.mark:#x}"
    frame = packet.ethernet
    if name == "source-mac":
        return frame.source if frame else "none"
    if name == "destination-mac":
        return frame.destination if frame else "none"
    return None
