"""A trace written as JSON and read back is the same trace."""

import json
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.sim.model.address import IPAddress
from tui.sim.model.connection import ConntrackChange, ConntrackEntry, ConntrackOp, ConnTuple
from tui.sim.model.packet import Ethernet, Icmp, Packet, Protocol, Tunnel
from tui.sim.trace import (
    Chance,
    Connection,
    Cost,
    FieldChange,
    Flow,
    Hop,
    Leg,
    Outcome,
    Reason,
    ReasonCode,
    Role,
    RulePlace,
    Step,
    StepKind,
    Trace,
    Verdict,
)
from tui.sim.trace.json import step_to_json, trace_from_json, trace_to_json

WORDS = st.text(max_size=6)
ADDRESSES: st.SearchStrategy[IPAddress] = st.ip_addresses()
PORTS = st.integers(0, 65535)
NUMBERS = st.integers(0, 2**32)
CHANCES = st.floats(0, 1)

TUPLES = st.builds(ConnTuple, ADDRESSES, ADDRESSES, st.sampled_from(Protocol), PORTS, PORTS)
ENTRIES = st.builds(
    ConntrackEntry,
    TUPLES,
    TUPLES,
    WORDS,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.floats(0, 1e9),
)
PLAIN_PACKETS = st.builds(
    Packet,
    source=ADDRESSES,
    destination=ADDRESSES,
    protocol=st.sampled_from(Protocol),
    sport=PORTS,
    dport=PORTS,
    flags=st.sampled_from(["", "SYN", "SYN,ACK", "RST,ACK"]),
    ttl=st.integers(0, 255),
    size=PORTS,
    mark=NUMBERS,
    ethernet=st.none() | st.builds(Ethernet, WORDS, WORDS),
    icmp=st.none()
    | st.builds(Icmp, WORDS, ADDRESSES, ADDRESSES, st.sampled_from(Protocol), PORTS, PORTS),
    tunnel=st.none(),
    inner=st.none(),
)
TUNNELLED_PACKETS = st.builds(
    Packet,
    source=ADDRESSES,
    destination=ADDRESSES,
    protocol=st.just(Protocol.UDP),
    tunnel=st.builds(Tunnel, WORDS, NUMBERS, PORTS),
    inner=PLAIN_PACKETS,
)
PACKETS = PLAIN_PACKETS | TUNNELLED_PACKETS
REASONS = st.builds(
    Reason,
    st.sampled_from(ReasonCode),
    st.dictionaries(WORDS, WORDS | st.booleans() | NUMBERS, max_size=3),
)
PLACES = st.builds(
    RulePlace,
    hook=WORDS,
    table=WORDS,
    chain=WORDS,
    rule=NUMBERS,
    text=WORDS,
    jumps=st.lists(st.tuples(WORDS, NUMBERS), max_size=2).map(tuple),
    skipped=NUMBERS,
)
STEPS = st.builds(
    Step,
    kind=st.sampled_from(StepKind),
    packet=PACKETS,
    reason=REASONS,
    place=st.none() | PLACES,
    changes=st.lists(st.builds(FieldChange, WORDS, WORDS, WORDS), max_size=2).map(tuple),
    pushed=st.none() | WORDS,
    popped=st.none() | WORDS,
    conntrack=st.lists(
        st.builds(ConntrackChange, WORDS, st.sampled_from(ConntrackOp), ENTRIES), max_size=2
    ).map(tuple),
    state=st.none() | WORDS,
    chance=st.none() | st.builds(Chance, CHANCES, NUMBERS, NUMBERS, st.booleans()),
    cost=st.builds(Cost, NUMBERS, NUMBERS),
    owner=st.none() | WORDS,
    device=st.none() | WORDS,
)
NAMES = st.none() | WORDS
HOPS = st.builds(Hop, NAMES, WORDS, NAMES, NAMES, st.lists(STEPS, max_size=2).map(tuple))
LEGS = st.builds(Leg, st.sampled_from(Role), PACKETS, st.lists(HOPS, max_size=2).map(tuple))
OUTCOMES = st.builds(
    Outcome,
    verdict=st.sampled_from(Verdict),
    connection=st.sampled_from(Connection),
    legs=st.lists(LEGS, max_size=2).map(tuple),
    destination=NAMES,
    dnat=st.booleans(),
    snat=NAMES,
    probability=CHANCES,
    choices=st.lists(NUMBERS, max_size=2).map(tuple),
)
TRACES = st.builds(
    Trace,
    st.builds(Flow, WORDS, WORDS, PACKETS),
    WORDS,
    WORDS,
    st.lists(OUTCOMES, max_size=2).map(tuple),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(TRACES)
def test_reading_undoes_writing(trace: Trace) -> None:
    text = json.dumps(trace_to_json(trace), allow_nan=False)
    assert trace_from_json(json.loads(text)) == trace


@given(STEPS)
def test_every_step_survives(step: Step) -> None:
    trace = trace_of(step)
    assert trace_from_json(json.loads(json.dumps(trace_to_json(trace)))) == trace


# ---------------------------------------------------------------- the shape

CLIENT, SERVICE, WEB = (ip_address(ip) for ip in ("10.244.0.7", "10.96.31.7", "10.244.1.5"))
SENT = Packet(CLIENT, SERVICE, Protocol.TCP, 41532, 80, "SYN")
REWRITTEN = Packet(CLIENT, WEB, Protocol.TCP, 41532, 8080, "SYN")


def trace_of(*steps: Step) -> Trace:
    hop = Hop("node-a", "node/node-a", None, None, steps)
    outcome = Outcome(
        Verdict.DELIVERED,
        Connection.ESTABLISHED,
        (Leg(Role.REQUEST, SENT, (hop,)),),
        destination="10.244.1.5:8080",
        dnat=True,
        probability=0.5,
        choices=(1, 0),
    )
    flow = Flow("pod/shop/client", "svc/shop/web:80", SENT)
    return Trace(flow, "iptables", "flannel", (outcome,))


def matched() -> Step:
    entry = ConntrackEntry(ConnTuple.of(SENT), ConnTuple.of(REWRITTEN).reversed, dnat=True)
    return Step(
        StepKind.RULE_MATCHED,
        REWRITTEN,
        Reason.of(ReasonCode.RULE_DNAT, old="10.96.31.7:80", new="10.244.1.5:8080"),
        place=RulePlace(
            "PREROUTING",
            "nat",
            "KUBE-SEP-X",
            2,
            "-A KUBE-SEP-X ...",
            (("KUBE-SERVICES", 3), ("KUBE-SVC-X", 1)),
            1,
        ),
        changes=(FieldChange("destination", "10.96.31.7", "10.244.1.5"),),
        conntrack=(ConntrackChange("node/node-a", ConntrackOp.CREATED, entry),),
        state="NEW",
        chance=Chance(0.5, 1, 2, True),
        cost=Cost(2, 1),
        owner="Service shop/web",
    )


def test_the_keys_from_the_top_down() -> None:
    data = trace_to_json(trace_of(matched()))
    assert list(data) == ["version", "flow", "mode", "cni", "outcomes"]
    assert data["version"] == 1
    (outcome,) = data["outcomes"]
    assert list(outcome) == [
        "verdict",
        "destination",
        "dnat",
        "snat",
        "probability",
        "connection",
        "choices",
        "legs",
    ]
    (leg,) = outcome["legs"]
    assert list(leg) == ["role", "packet", "hops", "end"]
    assert list(leg["hops"][0]) == ["node", "namespace", "device_in", "device_out", "steps"]
    assert leg["end"]["owner"] == "Service shop/web"


def test_a_step_with_everything() -> None:
    def ends(source: str, destination: str, sport: int, dport: int) -> dict[str, Any]:
        return {
            "source": source,
            "destination": destination,
            "protocol": "TCP",
            "sport": sport,
            "dport": dport,
        }

    assert step_to_json(matched()) == {
        "kind": "rule-matched",
        "hook": "PREROUTING",
        "table": "nat",
        "chain": "KUBE-SEP-X",
        "rule": 2,
        "text": "-A KUBE-SEP-X ...",
        "jumps": [{"chain": "KUBE-SERVICES", "rule": 3}, {"chain": "KUBE-SVC-X", "rule": 1}],
        "skipped": 1,
        "matched": True,
        "changes": [{"field": "destination", "old": "10.96.31.7", "new": "10.244.1.5"}],
        "pushed": None,
        "popped": None,
        "conntrack": [
            {
                "host": "node/node-a",
                "op": "created",
                "entry": {
                    "original": ends("10.244.0.7", "10.96.31.7", 41532, 80),
                    "reply": ends("10.244.1.5", "10.244.0.7", 8080, 41532),
                    "state": "",
                    "dnat": True,
                    "snat": False,
                    "replied": False,
                    "assured": False,
                    "mark": 0,
                    "expires": 0.0,
                },
            }
        ],
        "state": "NEW",
        "chance": {"probability": 0.5, "branch": 1, "branches": 2, "pinned": True},
        "cost": {"rules": 2, "lookups": 1},
        "owner": "Service shop/web",
        "device": None,
        "reason": {
            "code": "rule-dnat",
            "fields": {"old": "10.96.31.7:80", "new": "10.244.1.5:8080"},
        },
        "packet": {
            **ends("10.244.0.7", "10.244.1.5", 41532, 8080),
            "flags": "SYN",
            "ttl": 64,
            "size": 60,
            "mark": 0,
            "ethernet": None,
            "icmp": None,
            "tunnel": None,
            "inner": None,
        },
    }


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (StepKind.RULE_MATCHED, True),
        (StepKind.RULE_DECLINED, False),
        (StepKind.RULES_SKIPPED, None),
        (StepKind.ROUTED, None),
    ],
)
def test_whether_a_rule_matched(kind: StepKind, told: bool | None) -> None:
    data = step_to_json(Step(kind, SENT, Reason(ReasonCode.ROUTE_LOCAL)))
    assert data["matched"] is told


def test_a_step_outside_of_netfilter_has_no_place() -> None:
    data = step_to_json(Step(StepKind.ROUTED, SENT, Reason(ReasonCode.ROUTE_LOCAL)))
    names = ("hook", "table", "chain", "rule", "text", "jumps", "skipped")
    assert all(data[name] is None for name in names)


# ---------------------------------------------------------------- what is no trace


def without_packet(data: dict[str, Any]) -> object:
    del data["flow"]["packet"]
    return data


def with_other_verdict(data: dict[str, Any]) -> object:
    data["outcomes"][0]["verdict"] = "lost"
    return data


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda data: [data], "not a trace of version 1"),
        (lambda data: {**data, "version": 2}, "not a trace of version 1"),
        (without_packet, "not a trace: 'packet' is missing"),
        (with_other_verdict, "not a trace: 'lost' is not a valid Verdict"),
        (lambda data: {**data, "outcomes": 3}, "not a trace: 'int' object is not iterable"),
        (
            lambda data: {**data, "flow": None},
            "not a trace: 'NoneType' object is not subscriptable",
        ),
    ],
)
def test_what_is_no_trace_is_refused(broken: Callable[[dict[str, Any]], object], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}$"):
        trace_from_json(broken(trace_to_json(trace_of(matched()))))
