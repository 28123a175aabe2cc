"""How a packet ends, what its sender feels, and what steps and legs are called."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.model.packet import Protocol
from tui.sim.trace import Connection, ReasonCode, Role, StepKind, Verdict
from tui.words.language import _
from tui.words.phrase import Phrase

VERDICTS: Mapping[Verdict, str] = {
    Verdict.DELIVERED: _("delivered"),
    Verdict.REJECTED: _("refused"),
    Verdict.DROPPED: _("dropped"),
    Verdict.UNKNOWN: _("unknown"),
}
"""One word each."""

NOBODY_THERE = _("lost outside the cluster")
"""Delivered only in the sense that the nodes let it go: nobody has the address."""

VERDICT_SENTENCES: Mapping[Verdict, str] = {
    Verdict.DELIVERED: _("The packet arrived."),
    Verdict.REJECTED: _("The packet was refused, and the sender was told."),
    Verdict.DROPPED: _("The packet was dropped, and nobody was told."),
    Verdict.UNKNOWN: _("The simulator met something it does not know, and does not guess."),
}
"""A sentence each."""

_Felt = Mapping[Connection, str]

_TCP: _Felt = {
    Connection.ESTABLISHED: _("connected"),
    Connection.REFUSED: _("connection refused, at once"),
    Connection.TIMEOUT: _("timeout, after long silence"),
    Connection.RESET: _("connection reset"),
    Connection.UNKNOWN: _("unknown"),
}
_OTHERS: _Felt = {
    **_TCP,
    Connection.ESTABLISHED: _("answered"),
    Connection.REFUSED: _("refused, at once"),
    Connection.TIMEOUT: _("no answer"),
}
_TCP_SENTENCES: _Felt = {
    Connection.ESTABLISHED: _("The client has its answer: the connection stands."),
    Connection.REFUSED: _(
        "The client reads “connection refused”, within milliseconds. Somebody said no."
    ),
    Connection.TIMEOUT: _(
        "The client hears nothing. It sends again, waits longer each time, and "
        "gives up after a minute or two."
    ),
    Connection.RESET: _("The client reads “connection reset by peer”: the connection was cut off."),
    Connection.UNKNOWN: _("What the client would feel cannot be told."),
}
_UDP_SENTENCES: _Felt = {
    **_TCP_SENTENCES,
    Connection.ESTABLISHED: _("The client has its answer."),
    Connection.TIMEOUT: _(
        "The client hears nothing. UDP does not send again: the program waits as long as it "
        "likes (a DNS resolver: five seconds)."
    ),
}
_ICMP_SENTENCES: _Felt = {
    **_TCP_SENTENCES,
    Connection.ESTABLISHED: _("ping has its answer."),
    Connection.REFUSED: _("ping prints at once who refused, and why."),
    Connection.TIMEOUT: _("ping hears nothing, and counts the packet as lost."),
}
_SMALLER = _(
    "The packet was too big and is gone, but its sender was told the MTU: TCP sends the data again "
    "in smaller packets, and the connection goes on."
)


def felt(connection: Connection, protocol: Protocol) -> str:
    """What the client feels, in a few words."""
    return (_TCP if protocol is Protocol.TCP else _OTHERS)[connection]


def felt_sentence(connection: Connection, protocol: Protocol, verdict: Verdict) -> str:
    """What the client feels, in a sentence."""
    if connection is Connection.ESTABLISHED and verdict is Verdict.REJECTED:
        return _SMALLER
    return _SENTENCES.get(protocol, _TCP_SENTENCES)[connection]


_SENTENCES: Mapping[Protocol, _Felt] = {
    Protocol.UDP: _UDP_SENTENCES,
    Protocol.ICMP: _ICMP_SENTENCES,
}

ROLES: Mapping[Role, str] = {
    Role.DNS: _("DNS lookup"),
    Role.REQUEST: _("request"),
    Role.REPLY: _("answer"),
    Role.ICMP: _("ICMP error"),
    Role.LATER: _("later packet"),
}
"""What a leg is for."""

STEP_KINDS: Mapping[StepKind, str] = {
    StepKind.ORIGINATED: _("sent by a process"),
    StepKind.RESOLVED: _("name resolved"),
    StepKind.HOOK_ENTERED: _("hook"),
    StepKind.CHAIN_ENTERED: _("table"),
    StepKind.RULE_MATCHED: _("rule matched"),
    StepKind.RULE_DECLINED: _("chance said no"),
    StepKind.RULES_SKIPPED: _("end of the chain"),
    StepKind.POLICY_APPLIED: _("chain policy"),
    StepKind.TRACKED: _("connection looked up"),
    StepKind.TRANSLATED: _("translated as remembered"),
    StepKind.CONFIRMED: _("connection remembered"),
    StepKind.SCHEDULED: _("real server chosen"),
    StepKind.PROGRAM: _("eBPF program"),
    StepKind.ROUTED: _("route chosen"),
    StepKind.NEIGHBOUR_FOUND: _("neighbour found"),
    StepKind.BRIDGED: _("bridged"),
    StepKind.SENT: _("left by a device"),
    StepKind.RECEIVED: _("came in by a device"),
    StepKind.ENCAPSULATED: _("put into a tunnel"),
    StepKind.DECAPSULATED: _("taken out of a tunnel"),
    StepKind.DELIVERED: _("delivered"),
    StepKind.REJECTED: _("refused"),
    StepKind.DROPPED: _("dropped"),
    StepKind.UNKNOWN: _("unknown"),
}
"""What happened at a step, in a few words."""

STEPS: Mapping[ReasonCode, tuple[Phrase, ...]] = {
    ReasonCode.RULES_EXHAUSTED: (
        Phrase(_("the chain is empty"), "total=0"),
        Phrase(_("no rule matched"), "matched=0"),
    ),
}
"""What happened where the reason says it better than the kind."""
