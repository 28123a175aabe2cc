"""Sentences about a flow that does not come out as a challenge wants it."""

from __future__ import annotations

from collections.abc import Mapping

from tui.course.predictions import Ask
from tui.course.reading import NONE
from tui.course.result import Result
from tui.sim.trace import Hop, Outcome, Step, StepKind
from tui.words.language import _

NOT_SENT = _("cannot be sent: {why}")
STOPPED = _("{ended} at {place}")
OTHERWISE = _("{question}: {found}; it should be {wanted}")
NOTHING = _("nothing")
EITHER = _(" or ")

QUESTIONS: Mapping[Ask, str] = {
    Ask.VERDICT: _("the packet is"),
    Ask.CONNECTION: _("what the client feels"),
    Ask.RECEIVER: _("who gets it"),
    Ask.RECEIVER_NAMESPACE: _("where it arrives"),
    Ask.RECEIVER_SOURCE: _("the source address that the receiver sees"),
    Ask.REPLY_SOURCE: _("the source address of the answer"),
    Ask.ENDPOINTS: _("how many endpoints get a share"),
    Ask.NAMESPACES: _("how many network namespaces it passes"),
    Ask.PASSES: _("whether it passes {about}"),
    Ask.PROBABILITY: _("the chance of {about}"),
}
"""The question that was answered otherwise; one that is not here is called by its name."""

_ENDS = frozenset({Ask.VERDICT, Ask.CONNECTION, Ask.RECEIVER, Ask.RECEIVER_NAMESPACE})
"""Questions whose wrong answer is told best by where the packet ended."""


def unmet(result: Result) -> tuple[str, dict[str, object]]:
    """The English sentence, and the values of its placeholders; some are phrases themselves."""
    outcome = result.outcome
    if outcome is None:
        return NOT_SENT, {"why": result.found}
    word, _space, about = result.ask.partition(" ")
    if word in _ENDS and outcome.request.end.kind is not StepKind.DELIVERED:
        return STOPPED, {"place": place_of_end(outcome)}
    wanted = [NOTHING if each == NONE else each for each in result.goal.wants[result.ask]]
    found = NOTHING if result.found == NONE else result.found
    question = QUESTIONS.get(Ask(word), word)
    return OTHERWISE, {"question": question, "about": about, "found": found, "wanted": wanted}


def place_of_end(outcome: Outcome) -> str:
    """Where a packet ended: `node-b, filter KUBE-PROXY-FIREWALL`, `pod/shop/web-1`."""
    hop, step = _last(outcome)
    where = hop.node if hop.node and hop.namespace.startswith("node/") else hop.namespace
    place = step.place
    if place is None or not place.chain:
        return where
    return f"{where}, {place.table} {place.chain}"


def _last(outcome: Outcome) -> tuple[Hop, Step]:
    hop = outcome.request.hops[-1]
    return hop, hop.steps[-1]
