"""Questions whose right answer is read from a trace, so that it stays right in any cluster.

An `ask` is one word of a closed list, for some followed by what it is about:
`receiver-source`, `probability 10.244.1.5:8080`, `passes node-b`. Answers are text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from tui.course.reading import (
    DESTINATION,
    NONE,
    SOURCE,
    changes_any,
    encapsulation,
    first_rewrite,
    names_of,
    rewriter,
    route_field,
    source_at_end,
)
from tui.course.spelling import chain_family, share
from tui.sim.trace import Outcome, Role, StepKind, Trace


class Ask(StrEnum):
    """The closed list of questions about a packet."""

    VERDICT = "verdict"
    """delivered, rejected, dropped or unknown."""
    CONNECTION = "connection"
    """established, refused, timeout, reset or unknown."""
    RECEIVER = "receiver"
    """Who got it, `10.244.0.5:8080`; none if nobody did."""
    RECEIVER_NAMESPACE = "receiver-namespace"
    """The network namespace it ended in, `pod/shop/web-1`; none if nobody got it."""
    RECEIVER_SOURCE = "receiver-source"
    """The source address that the receiver sees; none if nobody got it."""
    REPLY_SOURCE = "reply-source"
    """The source address of the answer as the client sees it; none if no answer came."""
    DNAT_HOOK = "dnat-hook"
    """The hook in which the destination is first rewritten, or none."""
    DNAT_CHAIN = "dnat-chain"
    """The chain that first rewrites the destination, `KUBE-SEP-*`; conntrack; or none."""
    DNAT_COUNT = "dnat-count"
    """How many times the destination is rewritten."""
    SNAT_CHAIN = "snat-chain"
    """The chain that first rewrites the source; conntrack; or none."""
    NEXT_HOP = "next-hop"
    """The gateway in the route that the first node chooses, or none."""
    ROUTE_DEVICE = "route-device"
    """The device in the route that the first node chooses, or none."""
    OUTER_SOURCE = "outer-source"
    """Source address of the tunnel's packet, or none."""
    OUTER_DESTINATION = "outer-destination"
    """Destination address of the tunnel's packet, or none."""
    OUTER_SIZE = "outer-size"
    """Bytes of the tunnel's packet, or none."""
    PASSES = "passes"
    """About a node, a namespace or a device: yes or no."""
    NAMESPACES = "namespaces"
    """How many network namespaces of the cluster the request is in, one after the other."""
    PROBABILITY = "probability"
    """About a receiver, `10.244.1.5:8080`: its chance, `1/3`."""
    ENDPOINTS = "endpoints"
    """How many receivers chance can choose from."""
    RULES_EXAMINED = "rules-examined"
    """Rules that the request is compared with, in all tables."""
    NAT_RULES_EXAMINED = "nat-rules-examined"
    """Rules that the request is compared with in the table nat."""
    DNS_QUERIES = "dns-queries"
    """How many names the client's resolver asks for before it has an address, or gives up."""
    ENDED_IN = "ended-in"
    """The chain that ended the request, `KUBE-SERVICES`; socket if it arrived; else none."""


ABOUT = frozenset({Ask.PASSES, Ask.PROBABILITY})
"""Questions that must name what they are about."""


class PredictionError(ValueError):
    """A question that has no single answer; `args[0]` says why in one line."""


def ask_problem(ask: str) -> str:
    """What is wrong with the spelling of a question; nothing if it is fine."""
    word, _, about = ask.partition(" ")
    known = ", ".join(Ask)
    if word not in list(Ask):
        return f"`ask` expected one of {known}; found {word!r}"
    if Ask(word) in ABOUT and not about:
        return f"`ask` expected what `{word}` is about, as in `{word} NAME`"
    if Ask(word) not in ABOUT and about:
        return f"`ask` expected `{word}` alone, found {ask!r}"
    return ""


def answer(ask: str, trace: Trace) -> str:
    """The right answer. Raises PredictionError if it hangs on chance or on no known word."""
    found = set(answers(ask, trace))
    if len(found) != 1:
        listed = ", ".join(sorted(found))
        raise PredictionError(f"`{ask}` hangs on chance ({listed}); pin an endpoint")
    return found.pop()


def answers(ask: str, trace: Trace) -> tuple[str, ...]:
    """The answer of each outcome, in order; one for all where the question is about them all.

    Raises PredictionError for a question that there is not.
    """
    if problem := ask_problem(ask):
        raise PredictionError(problem)
    word, _, about = ask.partition(" ")
    if word == Ask.PROBABILITY:
        return (share(sum(o.probability for o in trace.outcomes if o.destination == about)),)
    if word == Ask.ENDPOINTS:
        return (str(len({o.destination for o in trace.outcomes if o.destination})),)
    return tuple(_ANSWERS[Ask(word)](outcome, about) for outcome in trace.outcomes)


# ---------------------------------------------------------------- one question each


def _receiver_namespace(outcome: Outcome, _about: str) -> str:
    end, hops = outcome.request.end, outcome.request.hops
    return hops[-1].namespace if end.kind is StepKind.DELIVERED else NONE


def _receiver_source(outcome: Outcome, _about: str) -> str:
    return source_at_end(outcome.request)


def _reply_source(outcome: Outcome, _about: str) -> str:
    replies = [leg for leg in outcome.legs if leg.role is Role.REPLY]
    return source_at_end(replies[0]) if replies else NONE


def _dnat_hook(outcome: Outcome, _about: str) -> str:
    step = first_rewrite(outcome, DESTINATION)
    return step.place.hook if step and step.place else NONE


def _dnat_chain(outcome: Outcome, _about: str) -> str:
    return rewriter(first_rewrite(outcome, DESTINATION))


def _snat_chain(outcome: Outcome, _about: str) -> str:
    return rewriter(first_rewrite(outcome, SOURCE))


def _dnat_count(outcome: Outcome, _about: str) -> str:
    return str(sum(changes_any(step, DESTINATION) for _, step in outcome.request.steps()))


def _next_hop(outcome: Outcome, _about: str) -> str:
    return route_field(outcome, "via")


def _route_device(outcome: Outcome, _about: str) -> str:
    return route_field(outcome, "device")


def _outer_source(outcome: Outcome, _about: str) -> str:
    step = encapsulation(outcome)
    return str(step.packet.source) if step else NONE


def _outer_destination(outcome: Outcome, _about: str) -> str:
    step = encapsulation(outcome)
    return str(step.packet.destination) if step else NONE


def _outer_size(outcome: Outcome, _about: str) -> str:
    step = encapsulation(outcome)
    return str(step.packet.size) if step else NONE


def _passes(outcome: Outcome, about: str) -> str:
    return "yes" if any(about in names_of(hop) for hop in outcome.request.hops) else "no"


def _namespaces(outcome: Outcome, _about: str) -> str:
    inside = {hop.namespace for hop in outcome.request.hops if hop.node is not None}
    return str(len(inside))


def _rules_examined(outcome: Outcome, _about: str) -> str:
    return str(sum(step.cost.rules for _, step in outcome.request.steps()))


def _nat_rules_examined(outcome: Outcome, _about: str) -> str:
    steps = (step for _, step in outcome.request.steps())
    return str(sum(s.cost.rules for s in steps if s.place and s.place.table == "nat"))


def _dns_queries(outcome: Outcome, _about: str) -> str:
    return str(sum(leg.role is Role.DNS for leg in outcome.legs))


def _ended_in(outcome: Outcome, _about: str) -> str:
    end = outcome.request.end
    if end.kind is StepKind.DELIVERED:
        return "socket"
    return chain_family(end.place.chain) if end.place and end.place.chain else NONE


_ANSWERS: Mapping[Ask, Callable[[Outcome, str], str]] = {
    Ask.VERDICT: lambda outcome, _: outcome.verdict.value,
    Ask.CONNECTION: lambda outcome, _: outcome.connection.value,
    Ask.RECEIVER: lambda outcome, _: outcome.destination or NONE,
    Ask.RECEIVER_NAMESPACE: _receiver_namespace,
    Ask.RECEIVER_SOURCE: _receiver_source,
    Ask.REPLY_SOURCE: _reply_source,
    Ask.DNAT_HOOK: _dnat_hook,
    Ask.DNAT_CHAIN: _dnat_chain,
    Ask.DNAT_COUNT: _dnat_count,
    Ask.SNAT_CHAIN: _snat_chain,
    Ask.NEXT_HOP: _next_hop,
    Ask.ROUTE_DEVICE: _route_device,
    Ask.OUTER_SOURCE: _outer_source,
    Ask.OUTER_DESTINATION: _outer_destination,
    Ask.OUTER_SIZE: _outer_size,
    Ask.PASSES: _passes,
    Ask.NAMESPACES: _namespaces,
    Ask.RULES_EXAMINED: _rules_examined,
    Ask.NAT_RULES_EXAMINED: _nat_rules_examined,
    Ask.DNS_QUERIES: _dns_queries,
    Ask.ENDED_IN: _ended_in,
}
