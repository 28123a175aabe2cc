"""Where in a trace a question is decided, so that the packet can be replayed to that place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.course.predictions import Ask
from tui.course.reading import (
    DESTINATION,
    SOURCE,
    encapsulation,
    first_rewrite,
    first_route,
    names_of,
)
from tui.sim.trace import Outcome, Role, Step

_Finder = Callable[[Outcome, str], "Step | None"]


def deciding_step(ask: str, outcome: Outcome) -> Step | None:
    """The step after which the answer is known; None where no single step decides."""
    word, _space, about = ask.partition(" ")
    found = _DECIDED.get(Ask(word))
    return found(outcome, about) if found is not None else None


def _at_end(outcome: Outcome, _about: str) -> Step | None:
    return outcome.request.end


def _of_reply(outcome: Outcome, _about: str) -> Step | None:
    return next((leg.end for leg in outcome.legs if leg.role is Role.REPLY), None)


def _destination(outcome: Outcome, _about: str) -> Step | None:
    return first_rewrite(outcome, DESTINATION)


def _source(outcome: Outcome, _about: str) -> Step | None:
    return first_rewrite(outcome, SOURCE)


def _source_seen(outcome: Outcome, _about: str) -> Step | None:
    """Where the source was rewritten; where it was not, its arrival shows it."""
    return first_rewrite(outcome, SOURCE) or outcome.request.end


def _route(outcome: Outcome, _about: str) -> Step | None:
    return first_route(outcome)


def _outer(outcome: Outcome, _about: str) -> Step | None:
    return encapsulation(outcome)


def _chance(outcome: Outcome, _about: str) -> Step | None:
    return next((step for _, step in outcome.request.steps() if step.chance is not None), None)


def _passing(outcome: Outcome, about: str) -> Step | None:
    passed = (hop for hop in outcome.request.hops if about in names_of(hop))
    first = next(passed, None)
    return first.steps[0] if first is not None else outcome.request.end


_DECIDED: Mapping[Ask, _Finder] = {
    Ask.VERDICT: _at_end,
    Ask.CONNECTION: _at_end,
    Ask.RECEIVER: _at_end,
    Ask.RECEIVER_NAMESPACE: _at_end,
    Ask.ENDED_IN: _at_end,
    Ask.RECEIVER_SOURCE: _source_seen,
    Ask.REPLY_SOURCE: _of_reply,
    Ask.DNAT_HOOK: _destination,
    Ask.DNAT_CHAIN: _destination,
    Ask.DNAT_COUNT: _destination,
    Ask.SNAT_CHAIN: _source,
    Ask.NEXT_HOP: _route,
    Ask.ROUTE_DEVICE: _route,
    Ask.OUTER_SOURCE: _outer,
    Ask.OUTER_DESTINATION: _outer,
    Ask.OUTER_SIZE: _outer,
    Ask.PASSES: _passing,
    Ask.PROBABILITY: _chance,
    Ask.ENDPOINTS: _chance,
}
