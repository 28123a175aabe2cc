"""What tcpdump on every device of the way would have caught, with a comment for each frame."""

from __future__ import annotations

from collections.abc import Iterator

from tui.formats.frames import frame
from tui.formats.pcapng import Capture
from tui.sim.model.packet import Packet
from tui.sim.trace import Leg, Outcome, Step, StepKind
from tui.words.words import Words

_BETWEEN_STEPS = 10
"""Microseconds: time stands still in the simulation, but a capture wants an order."""


def captures(outcome: Outcome, words: Words, start: float = 0.0) -> Iterator[Capture]:
    """Every frame on every device, in order. `start` is the time of the first, in seconds.

    On a tunnel device the inner frame is seen, on the card below it the outer one. The comment
    says what was rewritten since the device before, what happens here, and how the leg ends.
    """
    number = 0
    for leg in outcome.legs:
        for namespace, step, said in _told(leg, words):
            number += 1
            packet = _seen(step)
            if packet is not None:
                moment = int(start * 1_000_000) + number * _BETWEEN_STEPS
                yield Capture(f"{step.device}@{namespace}", moment, frame(packet), said)


def _told(leg: Leg, words: Words) -> Iterator[tuple[str, Step, str]]:
    """Each step with its namespace and the comment for its frame."""
    for hop in leg.hops:
        rewritten: list[str] = []
        final = [words.sentence(step.reason) for step in hop.steps if step.kind.final]
        for step in hop.steps:
            said = [*rewritten, words.sentence(step.reason)]
            if step.kind is StepKind.RECEIVED:
                said += final
            yield hop.namespace, step, f"{words.role(leg.role)}, {hop.namespace}: {' '.join(said)}"
            if _seen(step) is not None:
                rewritten = []
            elif step.rewrites:
                rewritten.append(words.sentence(step.reason))


def _seen(step: Step) -> Packet | None:
    """The packet that a capture on the step's device shows; None where nothing passes there."""
    if step.device is None:
        return None
    if step.kind in (StepKind.SENT, StepKind.RECEIVED, StepKind.DECAPSULATED):
        return step.packet
    return step.packet.inner if step.kind is StepKind.ENCAPSULATED else None
