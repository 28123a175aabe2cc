"""A trace as text: every leg, hop and step, one line each, for a terminal or a file."""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.model.packet import Packet
from tui.sim.trace import Hop, Leg, Outcome, ReasonCode, RulePlace, Step, StepKind, Trace
from tui.words.words import Words

_INDENT = "      "


def transcript(trace: Trace, words: Words) -> Iterator[str]:
    """The lines of a trace with one outcome."""
    yield _heading(trace, words)
    outcome = trace.outcomes[0]
    for leg in outcome.legs:
        yield ""
        yield from _leg(leg, words)
    yield ""
    yield _summary(outcome, words)
    yield f"  {words.felt_sentence(outcome)}"


def outcome_table(trace: Trace, words: Words) -> Iterator[str]:
    """One line for each outcome, with its probability."""
    yield _heading(trace, words)
    yield ""
    for outcome in trace.outcomes:
        yield f"{outcome.probability:8.2%}  {_summary(outcome, words)}"


def _heading(trace: Trace, words: Words) -> str:
    flow = trace.flow
    ends = f"{flow.source} → {flow.destination}"
    return f"{ends}   {_packet(flow.packet)}   {words.kube_proxy(trace.mode)}, {trace.cni}"


def _packet(packet: Packet) -> str:
    flags = f" {packet.flags}" if packet.flags else ""
    message = f" {packet.icmp.message}" if packet.icmp else ""
    return f"{packet.protocol} {packet.from_text} → {packet.to_text}{flags}{message}"


def _summary(outcome: Outcome, words: Words) -> str:
    parts = [words.outcome(outcome)]
    if outcome.reached_nobody:
        parts.append(words("on the way to {place}", place=outcome.destination))
    elif outcome.destination is not None:
        parts.append(words("at {place}", place=outcome.destination))
    if outcome.dnat:
        parts.append("(DNAT)")
    if outcome.snat is not None:
        parts.append(words("as {address} (SNAT)", address=outcome.snat))
    return f"{' '.join(parts)}; {words.felt(outcome)}"


def _leg(leg: Leg, words: Words) -> Iterator[str]:
    yield f"{words.role(leg.role)}   {_packet(leg.packet)}"
    for hop in leg.hops:
        yield f"  {_hop(hop)}"
        for step in hop.steps:
            yield from _step(step, words)


def _hop(hop: Hop) -> str:
    ways = []
    if hop.device_in is not None:
        ways.append(f"in {hop.device_in}")
    if hop.device_out is not None:
        ways.append(f"out {hop.device_out}")
    return f"{hop.namespace}   {', '.join(ways)}".rstrip()


def _step(step: Step, words: Words) -> Iterator[str]:
    if step.kind in (StepKind.RULE_MATCHED, StepKind.RULE_DECLINED) or (
        step.kind.final and step.place is not None and step.place.rule
    ):
        yield from _rule(step, words)
    elif step.kind is not StepKind.RULES_SKIPPED or step.cost.rules:
        yield f"{_INDENT}{_mark(step)} {words.sentence(step.reason)}"


def _rule(step: Step, words: Words) -> Iterator[str]:
    place = step.place
    assert place is not None
    skipped = words(" ({count} passed over)", count=place.skipped) if place.skipped else ""
    owner = f"   [{step.owner}]" if step.owner else ""
    yield f"{_INDENT}{_mark(step)} {_where(place)}{skipped}  {place.text}{owner}"
    yield f"{_INDENT}    {words.sentence(step.reason)}"


def _where(place: RulePlace) -> str:
    return f"{place.table} {place.chain}:{place.rule}"


def _mark(step: Step) -> str:
    """A sign at the line's start: what changed the packet or ended it stands out."""
    lost = step.reason.code is ReasonCode.WORLD_NOBODY
    if lost or step.kind in (StepKind.DROPPED, StepKind.REJECTED, StepKind.UNKNOWN):
        return "✗"
    if step.kind is StepKind.DELIVERED:
        return "✓"
    if step.changes or step.pushed or step.popped:
        return "*"
    return "·"
