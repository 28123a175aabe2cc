"""Laws that hold in any cluster: every packet ends once, and chance adds up."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sampling import one_in
from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.sim.cni import PLUGINS
from tui.sim.engine import BUILT_MODES, Choices, Injection, State, World, outcomes, send
from tui.sim.model.cluster import (
    Cluster,
    Container,
    ContainerPort,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    LoadBalancerIngress,
    Node,
    Pod,
    Service,
    ServicePort,
)
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import NodeFacts, ProxyMode, ProxySettings
from tui.sim.trace import Outcome, Trace, Verdict
from tui.sim.trace.check import check_trace

NODES = ("node-a", "node-b", "node-c")
POLICIES = st.sampled_from(["Cluster", "Local"])


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    nodes = tuple(
        Node(name, (ip_address(f"192.168.10.{i + 1}"),),
             pod_cidrs=(ip_network(f"10.244.{i}.0/24"),))
        for i, name in enumerate(NODES[: draw(st.integers(1, 3))])
    )  # fmt: skip
    pods = tuple(draw(pod(number, nodes)) for number in range(draw(st.integers(1, 5))))
    numbers = range(draw(st.integers(1, 3)))
    found = [draw(service(number, pods)) for number in numbers]
    return Cluster(nodes, pods, tuple(s for s, _ in found), tuple(e for _, e in found))


@st.composite
def pod(draw: st.DrawFn, number: int, nodes: tuple[Node, ...]) -> Pod:
    home = draw(st.integers(0, len(nodes) - 1))
    return Pod(
        "default", f"pod-{number}", nodes[home].name, (ip_address(f"10.244.{home}.{number + 2}"),),
        containers=(Container("app", (ContainerPort(8080), ContainerPort(53, Protocol.UDP))),),
    )  # fmt: skip


@st.composite
def service(draw: st.DrawFn, number: int, pods: tuple[Pod, ...]) -> tuple[Service, EndpointSlice]:
    kind = draw(st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"]))
    protocol = draw(st.sampled_from([Protocol.TCP, Protocol.UDP]))
    target = 8080 if protocol is Protocol.TCP else 53
    external = kind != "ClusterIP"
    made = Service(
        "default", f"svc-{number}", kind, (f"10.96.0.{number + 10}",),
        (ServicePort(80, protocol, "p", target, 30080 + number if external else 0),),
        load_balancer=(LoadBalancerIngress(f"198.51.100.{number + 1}"),)
        if kind == "LoadBalancer" else (),
        source_ranges=draw(st.sampled_from([(), ("203.0.113.0/24",)])),
        external_traffic_policy=draw(POLICIES) if external else "Cluster",
        internal_traffic_policy=draw(POLICIES),
        session_affinity=draw(st.sampled_from(["None", "ClientIP"])),
    )  # fmt: skip
    endpoints = tuple(
        Endpoint((str(p.ips[0]),), draw(st.booleans()), draw(st.booleans()),
                 draw(st.booleans()), p.node)
        for p in pods if draw(st.booleans())
    )  # fmt: skip
    ports = (EndpointPort(target, protocol, "p"),)
    return made, EndpointSlice(
        "default", f"svc-{number}-x", f"svc-{number}", "IPv4", endpoints, ports
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    proxy = ProxySettings(
        mode=draw(st.sampled_from(sorted(BUILT_MODES))),
        cluster_cidrs=draw(st.sampled_from([(), ("10.244.0.0/16",)])),
        masquerade_all=draw(st.booleans()),
        nftables_masquerade_all=draw(st.booleans()),
        localhost_node_ports=draw(st.booleans()),
    )
    facts = NodeFacts(bridge_nf_call_iptables=draw(st.booleans()))
    cni = draw(st.sampled_from(list(PLUGINS)))
    return World(draw(clusters()), proxy, cni, dict.fromkeys(NODES, facts))


@st.composite
def asked(draw: st.DrawFn) -> tuple[World, Injection]:
    world = draw(worlds())
    node = draw(st.sampled_from([n.name for n in world.cluster.nodes]))
    pods = [f"pod/{p.namespace}/{p.name}" for p in world.cluster.pods]
    source = draw(st.sampled_from([*pods, f"node/{node}", "external/203.0.113.7", "127.0.0.1"]))
    targets = [f"{s.cluster_ips[0]}:80" for s in world.cluster.services]
    targets += [f"node/{node}:30080", "198.51.100.1:80", "external/198.18.0.9:443",
                "127.0.0.1:30080", "10.96.0.77:80", "10.244.0.99:80"]  # fmt: skip
    targets += [f"{pod}:8080" for pod in pods]
    protocol = draw(st.sampled_from([Protocol.TCP, Protocol.UDP]))
    return world, Injection(source, draw(st.sampled_from(targets)), protocol, node=node)


@given(asked())
@settings(max_examples=150)
def test_probabilities_sum_to_one_and_every_leg_ends_once(
    question: tuple[World, Injection],
) -> None:
    world, injection = question
    trace = outcomes(world, State(), injection)
    check_trace(trace)
    assert sum(o.probability for o in trace.outcomes) == pytest.approx(1, abs=1e-9)
    assert all(o.verdict is not Verdict.UNKNOWN for o in trace.outcomes)


@given(asked(), st.integers(0, 1000))
@settings(max_examples=60)
def test_one_outcome_is_among_all(question: tuple[World, Injection], seed: int) -> None:
    world, injection = question
    one, _ = send(world, State(), injection, Choices(seed=seed))
    again, _ = send(world, State(), injection, Choices(seed=seed))
    every = outcomes(world, State(), injection)
    assert one == again
    assert gist(one.outcomes[0]) in [gist(o) for o in every.outcomes]


@given(asked())
@settings(max_examples=60)
def test_a_pinned_endpoint_is_taken_wherever_chance_allows(
    question: tuple[World, Injection],
) -> None:
    world, injection = question
    for outcome in outcomes(world, State(), injection).outcomes:
        if outcome.dnat and len(outcome.choices) > 0 and outcome.destination is not None:
            pinned, _ = send(world, State(), injection, Choices(pin=outcome.destination))
            assert pinned.outcomes[0].destination == outcome.destination


@given(asked())
@settings(max_examples=60)
def test_a_second_packet_of_a_connection_goes_where_the_first_went(
    question: tuple[World, Injection],
) -> None:
    """conntrack pins: chance is asked once for a connection."""
    world, injection = question
    fixed = Injection(
        injection.source, injection.destination, injection.protocol, sport=40000,
        node=injection.node,
    )  # fmt: skip
    first, state = send(world, State(), fixed, Choices(seed=1))
    if first.outcomes[0].verdict is not Verdict.DELIVERED:
        return
    second, _ = send(world, state, fixed, Choices(seed=2))
    assert second.outcomes[0].choices == ()
    assert second.outcomes[0].destination == first.outcomes[0].destination
    assert second.outcomes[0].snat == first.outcomes[0].snat


@pytest.mark.slow
@given(worlds())
@settings(max_examples=40)
def test_rules_of_both_kinds_bring_a_cluster_ip_to_the_same_endpoints(world: World) -> None:
    """iptables and nftables mode differ in how they find an endpoint, not in which."""
    for service in world.cluster.services:
        for pod in world.cluster.pods:
            asked = Injection(
                f"pod/{pod.namespace}/{pod.name}", f"{service.cluster_ips[0]}:80",
                service.ports[0].protocol,
            )  # fmt: skip
            found = [shares(world.with_mode(mode), asked) for mode in ProxyMode if mode != "ipvs"]
            assert found[0] == pytest.approx(found[1], abs=1e-6)


def shares(world: World, asked: Injection) -> dict[tuple[object, ...], float]:
    """The probability of each end; `statistic` knows it to 31 bits."""
    ends: dict[tuple[object, ...], float] = {}
    for outcome in outcomes(world, State(), asked).outcomes:
        end = (outcome.verdict, outcome.destination)
        ends[end] = ends.get(end, 0) + outcome.probability
    return ends


def gist(outcome: Outcome) -> tuple[object, ...]:
    return (outcome.verdict, outcome.destination, outcome.dnat, outcome.snat, outcome.choices)


# ---------------------------------------------------------------- the demo cluster

DEMO = world_of(parser().parse_args(["sandbox"]))
SOURCES = [
    *(f"pod/{p.namespace}/{p.name}" for p in DEMO.cluster.pods),
    *(f"node/{n.name}" for n in DEMO.cluster.nodes),
    "external/203.0.113.7",
]


def destinations() -> list[tuple[str, Protocol]]:
    found = []
    for service in DEMO.cluster.services:
        place = f"svc/{service.namespace}/{service.name}"
        for port in service.ports:
            if not service.headless:
                found.append((f"{place}:{port.port}", port.protocol))
            if port.node_port:
                found += [(f"node/{n.name}:{port.node_port}", port.protocol)
                          for n in DEMO.cluster.nodes]  # fmt: skip
            found += [(f"{i.ip}:{port.port}", port.protocol) for i in service.load_balancer]
    return found


@pytest.mark.parametrize("mode", sorted(BUILT_MODES))
@pytest.mark.parametrize("source", one_in(4, SOURCES))
def test_every_flow_of_the_demo_cluster_adds_up(source: str, mode: ProxyMode) -> None:
    world = DEMO.with_mode(mode)
    for destination, protocol in destinations():
        trace: Trace = outcomes(world, State(), Injection(source, destination, protocol))
        assert sum(o.probability for o in trace.outcomes) == pytest.approx(1, abs=1e-9)
