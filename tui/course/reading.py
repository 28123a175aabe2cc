"""Reading a trace: who rewrote what, which route was taken, what a tunnel put around it."""

from __future__ import annotations

from collections.abc import Iterator

from tui.course.spelling import chain_family
from tui.sim.trace import Hop, Leg, Outcome, ReasonCode, Step, StepKind

NONE = "none"
"""The answer where the thing asked for did not happen."""
DESTINATION = frozenset({"destination", "dport"})
"""Header fields that DNAT rewrites."""
SOURCE = frozenset({"source"})
"""The header field that SNAT rewrites."""
_ROUTES = frozenset({ReasonCode.ROUTE_CHOSEN, ReasonCode.ROUTE_BY_RULE, ReasonCode.ROUTE_AGAIN})


def source_at_end(leg: Leg) -> str:
    """The source address that whoever got a packet sees."""
    return str(leg.end.packet.source) if leg.end.kind is StepKind.DELIVERED else NONE


def changes_any(step: Step, fields: frozenset[str]) -> bool:
    """Whether a step gives one of the packet's fields another value; a tunnel's are its own."""
    if step.packet.inner is not None:
        return False
    return any(change.field in fields and change.old != change.new for change in step.changes)


def first_rewrite(outcome: Outcome, fields: frozenset[str]) -> Step | None:
    """The first step of the request that rewrites one of the fields."""
    steps = (step for _, step in outcome.request.steps())
    return next((step for step in steps if changes_any(step, fields)), None)


def rewriter(step: Step | None) -> str:
    """Who made a rewrite: a chain without its hash, or conntrack."""
    if step is None:
        return NONE
    if step.kind is StepKind.TRANSLATED or step.place is None:
        return "conntrack"
    return chain_family(step.place.chain)


def encapsulation(outcome: Outcome) -> Step | None:
    """The step that puts the request into a tunnel."""
    steps = (step for _, step in outcome.request.steps())
    return next((step for step in steps if step.kind is StepKind.ENCAPSULATED), None)


def first_route(outcome: Outcome) -> Step | None:
    """The last route that the first node chose for the packet itself, not for its tunnel."""
    routes = [
        step
        for step in _on_first_node(outcome)
        if step.reason.code in _ROUTES and step.packet.tunnel is None
    ]
    return routes[-1] if routes else None


def route_field(outcome: Outcome, name: str) -> str:
    """A field of that route, `via` or `device`."""
    route = first_route(outcome)
    found = route.reason.fields.get(name) if route is not None else None
    return str(found) if found else NONE


def names_of(hop: Hop) -> frozenset[str | None]:
    """Everything that a hop may be called by: node, namespace, devices."""
    node = hop.namespace.removeprefix("node/")
    devices = {hop.device_in, hop.device_out, *(step.device for step in hop.steps)}
    return frozenset({node, hop.namespace, *devices})


def _on_first_node(outcome: Outcome) -> Iterator[Step]:
    """The steps of the request on the first node it meets."""
    hops = (hop for hop in outcome.request.hops if hop.namespace.startswith("node/"))
    first = next(hops, None)
    return iter(first.steps if first else ())
