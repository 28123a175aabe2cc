"""Answers are read from traces, and a question that hangs on chance is refused."""

from dataclasses import replace

import pytest

from tui.course.predictions import ABOUT, Ask, PredictionError, answer, ask_problem
from tui.course.spelling import chain_family, share
from tui.sim.engine import Choices, Injection, State, World, outcomes, send
from tui.sim.model.address import address, network
from tui.sim.model.cluster import (
    Cluster,
    Container,
    ContainerPort,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Node,
    Pod,
    Service,
    ServicePort,
)
from tui.sim.model.settings import ProxySettings
from tui.sim.trace import Trace, Verdict

NODES = tuple(
    Node(f"node-{letter}", (address(f"192.168.10.{n}"),), pod_cidrs=(network(f"10.244.{n}.0/24"),))
    for n, letter in ((1, "a"), (2, "b"))
)


def pod(name: str, node: str, ip: str) -> Pod:
    """A pod that listens on 8080."""
    listens = (Container("app", (ContainerPort(8080),)),)
    return Pod("shop", name, node, (address(ip),), containers=listens)


WEB = ("10.244.1.5", "10.244.2.5")
CLUSTER = Cluster(
    NODES,
    (
        pod("client", "node-a", "10.244.1.7"),
        pod("web-1", "node-a", WEB[0]),
        pod("web-2", "node-b", WEB[1]),
    ),
    (
        Service("shop", "web", cluster_ips=("10.96.0.7",), ports=(ServicePort(80),)),
        Service("shop", "broken", cluster_ips=("10.96.0.8",), ports=(ServicePort(80),)),
    ),
    (
        EndpointSlice(
            "shop",
            "web-1",
            "web",
            ports=(EndpointPort(8080),),
            endpoints=tuple(
                Endpoint((ip,), node=f"node-{n}") for ip, n in zip(WEB, "ab", strict=True)
            ),
        ),
    ),
)
WORLD = World(CLUSTER, ProxySettings(cluster_cidrs=("10.244.0.0/16",)))
FAR = "10.244.2.5:8080"


def trace(to: str, pin: str | None = None, source: str = "pod/shop/client") -> Trace:
    """What becomes of a packet to somewhere."""
    injection = Injection(source, to, sport=40000)
    if pin is None:
        return outcomes(WORLD, State(), injection)
    return send(WORLD, State(), injection, Choices(pin=pin))[0]


@pytest.mark.parametrize(
    ("ask", "to", "right"),
    [
        ("verdict", FAR, "delivered"),
        ("connection", FAR, "established"),
        ("connection", "10.244.2.5:9", "refused"),
        ("receiver", FAR, FAR),
        ("receiver-source", FAR, "10.244.1.7"),
        ("reply-source", FAR, "10.244.2.5"),
        ("dnat-hook", FAR, "none"),
        ("dnat-count", FAR, "0"),
        ("snat-chain", FAR, "none"),
        ("snat-chain", "external/203.0.113.9:443", "FLANNEL-POSTRTG"),
        ("receiver-source", "external/203.0.113.9:443", "192.168.10.1"),
        ("next-hop", FAR, "10.244.2.0"),
        ("route-device", FAR, "flannel.1"),
        ("outer-source", FAR, "192.168.10.1"),
        ("outer-destination", FAR, "192.168.10.2"),
        ("outer-size", FAR, "110"),
        ("outer-size", "10.244.1.5:8080", "none"),
        ("passes node-b", FAR, "yes"),
        ("passes cni0", FAR, "yes"),
        ("passes pod/shop/web-1", FAR, "no"),
        ("namespaces", FAR, "4"),
        ("namespaces", "127.0.0.1:8080", "1"),
        ("ended-in", FAR, "socket"),
        ("ended-in", "10.96.0.8:80", "KUBE-SERVICES"),
        ("connection", "10.96.0.8:80", "refused"),
    ],
)
def test_an_answer_is_what_happened(ask: str, to: str, right: str) -> None:
    assert answer(ask, trace(to)) == right


@pytest.mark.parametrize(
    ("ask", "right"),
    [
        ("dnat-hook", "PREROUTING"),
        ("dnat-chain", "KUBE-SEP-*"),
        ("dnat-count", "1"),
        ("reply-source", "10.96.0.7"),
        ("receiver", FAR),
        ("route-device", "flannel.1"),
    ],
)
def test_an_answer_about_a_service(ask: str, right: str) -> None:
    assert answer(ask, trace("10.96.0.7:80", pin=FAR)) == right


def test_a_process_of_the_node_meets_output() -> None:
    assert answer("dnat-hook", trace("10.96.0.7:80", FAR, "node/node-a")) == "OUTPUT"


def test_chance_is_summed_over_outcomes() -> None:
    both = trace("10.96.0.7:80")
    assert answer(f"probability {FAR}", both) == "1/2"
    assert answer("probability 10.244.9.9:80", both) == "0"
    assert answer("endpoints", both) == "2"


def test_what_hangs_on_chance_is_refused() -> None:
    with pytest.raises(PredictionError, match=r"hangs on chance.*pin an endpoint"):
        answer("receiver", trace("10.96.0.7:80"))


def test_what_chance_does_not_touch_needs_no_pin() -> None:
    assert answer("reply-source", trace("10.96.0.7:80")) == "10.96.0.7"


def test_conntrack_answers_for_the_second_packet() -> None:
    injection = Injection("pod/shop/client", "10.96.0.7:80", sport=40000)
    _, state = send(WORLD, State(), injection, Choices(pin=FAR))
    second = outcomes(WORLD, state, injection)
    assert answer("dnat-chain", second) == "conntrack"
    assert answer("nat-rules-examined", second) == "0"
    assert answer("receiver", second) == FAR


def test_rules_are_counted() -> None:
    here = trace("10.96.0.7:80", pin=FAR)
    every, nat = (int(answer(f"{table}rules-examined", here)) for table in ("", "nat-"))
    assert 0 < nat < every


def test_a_packet_that_is_lost_has_no_receiver() -> None:
    lost = trace("10.244.2.5:8080")
    dropped = replace(
        lost,
        outcomes=tuple(
            replace(o, verdict=Verdict.DROPPED, destination=None) for o in lost.outcomes
        ),
    )
    assert answer("receiver", dropped) == "none"
    assert answer("verdict", dropped) == "dropped"


@pytest.mark.parametrize("ask", Ask)
def test_every_word_is_answered(ask: Ask) -> None:
    about = " node-a" if ask in ABOUT else ""
    assert ask_problem(ask + about) == ""
    assert answer(ask + about, trace("10.96.0.7:80", pin=FAR))


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ("fate", "expected one of verdict"),
        ("passes", "as in `passes NAME`"),
        ("verdict of it", "expected `verdict` alone"),
        ("", "expected one of verdict"),
    ],
)
def test_a_misspelt_question_is_named(ask: str, said: str) -> None:
    assert said in ask_problem(ask)
    with pytest.raises(PredictionError):
        answer(ask, trace(FAR))


def test_spelling() -> None:
    assert share(0.33333333349) == "1/3"
    assert share(1.0) == "1"
    assert share("soon") == "soon"
    assert chain_family("KUBE-SVC-NPX46M4PTMTKRN6Y") == "KUBE-SVC-*"
    assert chain_family("KUBE-SVC-SHORT") == "KUBE-SVC-SHORT"
