"""A trace that contradicts itself is refused, and the place is named."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address

import pytest

from tui.sim.model.packet import Ethernet, Packet, Protocol, Tunnel
from tui.sim.trace import (
    Connection,
    FieldChange,
    Flow,
    Hop,
    Leg,
    Outcome,
    Reason,
    ReasonCode,
    Role,
    Step,
    StepKind,
    Trace,
    Verdict,
)
from tui.sim.trace.check import TraceError, check_trace
from tui.sim.trace.recorder import field_changes

CLIENT, SERVICE, WEB = (ip_address(ip) for ip in ("10.244.0.7", "10.96.31.7", "10.244.1.5"))
NODE_A, NODE_B = ip_address("192.168.10.1"), ip_address("192.168.10.2")

SENT = Packet(CLIENT, SERVICE, Protocol.TCP, 41532, 80, "SYN")
MARKED = replace(SENT, mark=0x4000, ttl=63)
FRAMED = replace(MARKED, ethernet=Ethernet("0a:00:00:00:00:01", "0a:00:00:00:00:02"))
REWRITTEN = replace(FRAMED, destination=WEB, dport=8080)
OUTER = Packet(
    NODE_A, NODE_B, Protocol.UDP, 50000, 8472, tunnel=Tunnel("vxlan", 1, 50), inner=REWRITTEN
)
UNWRAPPED = replace(REWRITTEN, mark=0)


def step(
    kind: StepKind,
    before: Packet,
    after: Packet,
    pushed: str | None = None,
    popped: str | None = None,
) -> Step:
    changes = () if pushed or popped else field_changes(before, after)
    reason = Reason(ReasonCode.DEVICE_SENT)
    return Step(kind, after, reason, changes=changes, pushed=pushed, popped=popped)


POD = Hop(
    "node-a", "pod/shop/client", None, "eth0",
    (step(StepKind.ORIGINATED, SENT, SENT), step(StepKind.SENT, SENT, SENT)),
)  # fmt: skip
NODE = Hop(
    "node-a", "node/node-a", "veth1", "eth0",
    (
        step(StepKind.RECEIVED, SENT, SENT),
        step(StepKind.RULE_MATCHED, SENT, MARKED),
        step(StepKind.NEIGHBOUR_FOUND, MARKED, FRAMED),
        step(StepKind.RULE_MATCHED, FRAMED, REWRITTEN),
        step(StepKind.ENCAPSULATED, REWRITTEN, OUTER, pushed="vxlan"),
    ),
)  # fmt: skip
FAR = Hop(
    "node-b", "node/node-b", "eth0", None,
    (
        step(StepKind.DECAPSULATED, OUTER, UNWRAPPED, popped="vxlan"),
        step(StepKind.DELIVERED, UNWRAPPED, UNWRAPPED),
    ),
)  # fmt: skip
LEG = Leg(Role.REQUEST, SENT, (POD, NODE, FAR))
OUTCOME = Outcome(Verdict.DELIVERED, Connection.ESTABLISHED, (LEG,))


def trace_of(*outcomes: Outcome) -> Trace:
    return Trace(Flow("pod/shop/client", "svc/shop/web:80", SENT), "iptables", "flannel", outcomes)


def with_hops(*hops: Hop) -> Trace:
    return trace_of(replace(OUTCOME, legs=(replace(LEG, hops=hops),)))


def with_steps(hop: Hop, *steps: Step) -> Trace:
    hops = tuple(replace(h, steps=steps) if h is hop else h for h in (POD, NODE, FAR))
    return with_hops(*hops)


def with_change(change: FieldChange) -> Trace:
    """The node's second step, which marks the packet, tells one more change."""
    marking = NODE.steps[1]
    told = replace(marking, changes=(*marking.changes, change))
    return with_steps(NODE, NODE.steps[0], told, *NODE.steps[2:])


def with_probabilities(*values: float) -> Trace:
    return trace_of(*(replace(OUTCOME, probability=value) for value in values))


def test_a_whole_trace_passes() -> None:
    check_trace(trace_of(OUTCOME))


@pytest.mark.parametrize(
    "values", [(1.0,), (0.25,), (0.0,), (0.5, 0.5), (1 / 3, 1 / 3, 1 / 3), (0.1,) * 10, (1.0, 0.0)]
)
def test_probabilities_that_sum_to_one(values: tuple[float, ...]) -> None:
    check_trace(with_probabilities(*values))


def test_what_no_header_shows_may_change_unsaid() -> None:
    state = FieldChange("state", "NEW", "ESTABLISHED")
    check_trace(with_change(state))


WHERE = "outcome 1, leg 1 (request)"

BROKEN: dict[str, tuple[Callable[[], Trace], str]] = {
    "no outcome": (lambda: trace_of(), "a trace has no outcome"),
    "no leg": (lambda: trace_of(replace(OUTCOME, legs=())), "outcome 1: it has no leg"),
    "no hop": (lambda: with_hops(), f"{WHERE}: it has no hop"),
    "no step": (
        lambda: with_steps(NODE),
        f"{WHERE}, hop 2 (node/node-a): it has no step",
    ),
    "came in before it was sent": (
        lambda: with_hops(replace(POD, device_in="eth0"), NODE, FAR),
        f"{WHERE}: it came in by eth0 before it was sent",
    ),
    "went on without a device": (
        lambda: with_hops(POD, replace(NODE, device_out=None), FAR),
        f"{WHERE}, hop 2 (node/node-a): it went on without leaving by a device",
    ),
    "came in nowhere": (
        lambda: with_hops(POD, replace(NODE, device_in=None), FAR),
        f"{WHERE}, hop 1 (pod/shop/client): it came in nowhere at node/node-a",
    ),
    "no end": (
        lambda: with_steps(FAR, FAR.steps[0]),
        f"{WHERE}, hop 3 (node/node-b), step 1: decapsulated ends the leg, but is not final",
    ),
    "an end that is none": (
        lambda: with_steps(POD, POD.steps[0], step(StepKind.DROPPED, SENT, SENT)),
        f"{WHERE}, hop 1 (pod/shop/client), step 2: dropped is final, but the leg goes on",
    ),
    "two ends": (
        lambda: with_steps(FAR, FAR.steps[0], FAR.steps[1], FAR.steps[1]),
        f"{WHERE}, hop 3 (node/node-b), step 2: delivered is final, but the leg goes on",
    ),
    "a rewrite that nobody tells": (
        lambda: with_steps(
            NODE, *NODE.steps[:3], replace(NODE.steps[3], changes=()), NODE.steps[4]
        ),
        f"{WHERE}, hop 2 (node/node-a), step 4 (rule-matched): destination became 10.244.1.5 from "
        "10.96.31.7, but no change says so",
    ),
    "a jump between hops": (
        lambda: with_hops(POD, FAR),
        f"{WHERE}, hop 2 (node/node-b), step 1 (decapsulated): it took vxlan off another packet "
        "than the one before it",
    ),
    "a wrong old value": (
        lambda: with_change(FieldChange("dport", "81", "80")),
        f"{WHERE}, hop 2 (node/node-a), step 2 (rule-matched): dport is said to go from 81 to 80, "
        "but the packets say from 80 to 80",
    ),
    "a wrong new value": (
        lambda: with_change(FieldChange("mark", "0x0", "0x8000")),
        f"{WHERE}, hop 2 (node/node-a), step 2 (rule-matched): mark is said to go from 0x0 to "
        "0x8000, but the packets say from 0x0 to 0x4000",
    ),
    "a wrong address on the wire": (
        lambda: with_change(FieldChange("source-mac", "none", "0a:00:00:00:00:01")),
        f"{WHERE}, hop 2 (node/node-a), step 2 (rule-matched): source-mac is said to go from none "
        "to 0a:00:00:00:00:01, but the packets say from none to none",
    ),
    "a field that is none": (
        lambda: with_change(FieldChange("colour", "red", "blue")),
        f"{WHERE}, hop 2 (node/node-a), step 2 (rule-matched): there is no field colour to change",
    ),
    "another packet in the tunnel": (
        lambda: with_steps(
            NODE, *NODE.steps[:4], replace(NODE.steps[4], packet=replace(OUTER, inner=SENT))
        ),
        f"{WHERE}, hop 2 (node/node-a), step 5 (encapsulated): it put vxlan around another packet "
        "than the one before it",
    ),
    "a rewrite besides wrapping": (
        lambda: with_steps(
            NODE,
            *NODE.steps[:4],
            replace(NODE.steps[4], changes=(FieldChange("ttl", "63", "64"),)),
        ),
        f"{WHERE}, hop 2 (node/node-a), step 5 (encapsulated): it changes ttl besides wrapping",
    ),
    "a probability above 1": (
        lambda: with_probabilities(1.5),
        "outcome 1: its probability is 1.5",
    ),
    "a probability below 0": (
        lambda: with_probabilities(1.1, -0.1),
        "outcome 1: its probability is 1.1",
    ),
    "a probability that is no number": (
        lambda: with_probabilities(float("nan")),
        "outcome 1: its probability is nan",
    ),
    "probabilities that sum to less": (
        lambda: with_probabilities(0.5, 0.25),
        "the probabilities of all outcomes sum to 0.75, not to 1",
    ),
    "probabilities that sum to more": (
        lambda: with_probabilities(0.5, 0.5 + 1e-8),
        "the probabilities of all outcomes sum to 1.00000001, not to 1",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_trace(name: str) -> None:
    make, said = BROKEN[name]
    with pytest.raises(TraceError) as caught:
        check_trace(make())
    assert str(caught.value) == said


def test_the_place_is_counted_from_one() -> None:
    broken = replace(OUTCOME, legs=(LEG, replace(LEG, role=Role.REPLY, hops=())))
    with pytest.raises(TraceError, match=r"^outcome 2, leg 2 \(reply\): it has no hop$"):
        check_trace(trace_of(replace(OUTCOME, probability=0.5), replace(broken, probability=0.5)))
