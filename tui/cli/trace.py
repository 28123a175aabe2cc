"""`k8snet-tui trace`: one packet as text or JSON, or many flows as JSON lines."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterable

from tui.cli import DELIVERED, NOT_DELIVERED, UNKNOWN, UsageError
from tui.cli.settings import family_named, language_of, world_of
from tui.formats.errors import FormatError
from tui.sim.engine import Choices, Injection, PlaceError, State, World, outcomes, send
from tui.sim.model.packet import Protocol
from tui.sim.trace import Outcome, Trace, Verdict
from tui.sim.trace.json import trace_to_json
from tui.words import Words
from tui.words.transcript import outcome_table, transcript


def trace(asked: Namespace) -> int:
    """Follow the packet or the flows that the options describe."""
    if asked.flows is not None:
        if asked.compare:
            raise UsageError("--compare follows one packet: leave --flows away, or --compare")
        return _flows(asked)
    if asked.source is None or asked.destination is None:
        raise UsageError("trace needs --from PLACE and --to PLACE, or --flows FILE")
    if asked.compare and asked.all:
        raise UsageError("--compare follows one packet: leave --all away, or --compare")
    world = world_of(asked)
    if asked.compare:
        from tui.cli.compare import compared

        return exit_code(compared(asked, world, State(now=asked.at), _injection(asked)))
    found = _answer(asked, world)
    _print(asked, found)
    return exit_code(found.outcomes)


def _injection(asked: Namespace) -> Injection:
    return Injection(
        asked.source,
        asked.destination,
        protocol_named(asked.protocol),
        asked.port,
        asked.sport,
        asked.size,
        asked.node,
        family_named(asked.family),
    )


def _answer(asked: Namespace, world: World) -> Trace:
    injection, state = _injection(asked), State(now=asked.at)
    if asked.all:
        return outcomes(world, state, injection)
    found, _ = send(world, state, injection, Choices(asked.pin, asked.seed))
    return found


def _print(asked: Namespace, found: Trace) -> None:
    if asked.json:
        print(json.dumps(trace_to_json(found), indent=2))
        return
    words = Words(language_of(asked))
    lines = outcome_table(found, words) if asked.all else transcript(found, words)
    print("\n".join(lines))


def exit_code(found: Iterable[Outcome]) -> int:
    """0 if every outcome is delivered, 3 if one is unknown, else 1."""
    verdicts = {outcome.verdict for outcome in found}
    if verdicts == {Verdict.DELIVERED}:
        return DELIVERED
    return UNKNOWN if Verdict.UNKNOWN in verdicts else NOT_DELIVERED


def protocol_named(text: str) -> Protocol:
    """A protocol by its name, in either case. Raises UsageError."""
    try:
        return Protocol(text.upper())
    except ValueError:
        known = ", ".join(p.lower for p in Protocol)
        raise UsageError(f"--protocol {text}: expected one of {known}") from None


# ---------------------------------------------------------------- many flows


def _flows(asked: Namespace) -> int:
    """One line of JSON for each line of JSON, each from a fresh state."""
    from tui.formats.flows import load_flows
    from tui.formats.text import origin_of

    world = world_of(asked)
    origin = origin_of(asked.flows)
    for flow in load_flows(asked.flows):
        injection = Injection(flow.src, flow.dst, flow.protocol, flow.dport, node=asked.node)
        try:
            found = outcomes(world, State(now=asked.at), injection)
        except PlaceError as error:
            raise FormatError(origin, str(error), f"line {flow.line}") from None
        told = [_plain(outcome) for outcome in found.outcomes]
        print(json.dumps({**flow.written, "outcomes": told}, ensure_ascii=False))
    return DELIVERED


def _plain(outcome: Outcome) -> dict[str, object]:
    return {
        "verdict": outcome.verdict.value,
        "destination": outcome.destination,
        "dnat": outcome.dnat,
        "snat": outcome.snat,
        "probability": outcome.probability,
    }
