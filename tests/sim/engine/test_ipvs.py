"""A packet's way through IPVS: both directions, turns, affinity, refusals, and what goes wrong."""

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from tui.sim.engine import Choices, Injection, State, World, outcomes, send
from tui.sim.model.address import Family
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
from tui.sim.netfilter.hooks import WITH_IPVS, Hook, StageKind
from tui.sim.routing.network import DeviceKind
from tui.sim.trace import Connection, Leg, Outcome, Role, Step, StepKind, Trace, Verdict

IPVS = ProxySettings(mode=ProxyMode.IPVS, cluster_cidrs=("10.244.0.0/16", "fd00:244::/56"))
NODES = tuple(
    Node(
        f"node-{letter}",
        (ip_address(f"192.168.10.{n + 1}"), ip_address(f"fd00:10::{n + 1}")),
        pod_cidrs=(ip_network(f"10.244.{n}.0/24"), ip_network(f"fd00:244:0:{n}::/64")),
    )
    for n, letter in enumerate("ab")
)
LISTENING = (Container("app", (ContainerPort(8080), ContainerPort(8053, Protocol.UDP))),)
VIP, BALANCER = "10.96.0.10", "198.51.100.1"


def pod(name: str, node: int, host: int) -> Pod:
    ips = (ip_address(f"10.244.{node}.{host}"), ip_address(f"fd00:244:0:{node}::{host}"))
    return Pod("default", name, NODES[node].name, ips, containers=LISTENING)


CLIENT, NEAR, FAR = pod("client", 0, 7), pod("near", 0, 5), pod("far", 1, 5)
WEB = Service(
    "default", "web", "LoadBalancer", (VIP, "fd00:96::10"), (ServicePort(80, name="http"),),
    load_balancer=(LoadBalancerIngress(BALANCER),),
)  # fmt: skip


def slice_of(*pods: Pod, port: int = 8080, version: int = 0) -> EndpointSlice:
    endpoints = tuple(Endpoint((str(each.ips[version]),), node=each.node) for each in pods)
    family = ("IPv4", "IPv6")[version]
    return EndpointSlice(
        "default", f"web-{family}", "web", family, endpoints, (EndpointPort(port, name="http"),)
    )


def world(
    service: Service = WEB, endpoints: tuple[Pod, ...] = (NEAR, FAR), port: int = 8080,
    cni: str = "bridge", facts: NodeFacts | None = None, settings: ProxySettings = IPVS,
) -> World:  # fmt: skip
    """Two nodes, a client, and one Service with these pods behind it."""
    slices = (slice_of(*endpoints, port=port), slice_of(*endpoints, port=port, version=1))
    cluster = Cluster(NODES, (CLIENT, NEAR, FAR), (service,), slices)
    return World(cluster, settings, cni, dict.fromkeys(("node-a", "node-b"), facts or NodeFacts()))


def ask(where: World, destination: str, source: str = "pod/default/client") -> list[Outcome]:
    return list(outcomes(where, State(), Injection(source, destination)).outcomes)


def one(trace: Trace) -> Outcome:
    return trace.outcomes[0]


def kinds(leg: Leg, node: str = "node/node-a") -> list[str]:
    """What happened on a node to hooks, IPVS and addresses, in order."""
    found = []
    for hop, step in leg.steps():
        if hop.namespace == node and step.kind is StepKind.HOOK_ENTERED:
            assert step.place is not None
            found.append(step.place.hook)
        elif hop.namespace == node and step.reason.code.startswith("ipvs-"):
            found.append(step.reason.code)
    return found


def pinned(where: World, endpoint: str, source: str = "pod/default/client") -> Outcome:
    asked = Injection(source, f"{VIP}:80")
    return one(send(where, State(), asked, Choices(pin=endpoint))[0])


# ---------------------------------------------------------------- the way


def test_where_ipvs_hangs() -> None:
    """After the filters and before nat chooses a source; around nat where packets are sent."""
    order = {
        hook: [stage.kind for stage in WITH_IPVS.stages(hook) if stage.kind is not StageKind.TRACK]
        for hook in Hook
    }
    request, reply, table, nat = (
        StageKind.IPVS_REQUEST, StageKind.IPVS_REPLY, StageKind.TABLE, StageKind.NAT
    )  # fmt: skip
    assert order[Hook.INPUT] == [table, table, reply, request, nat, StageKind.CONFIRM]
    assert order[Hook.OUTPUT] == [table, table, nat, reply, request, table]
    assert order[Hook.FORWARD] == [table, table, reply]
    assert not {request, reply} & {*order[Hook.PREROUTING], *order[Hook.POSTROUTING]}


@pytest.mark.parametrize("cni", ["bridge", "flannel"])
def test_a_pod_reaches_a_pod_of_another_node(cni: str) -> None:
    outcome = pinned(world(cni=cni), "10.244.1.5:8080")
    request = outcome.request
    assert kinds(request)[:5] == [
        "PREROUTING", "INPUT", "ipvs-scheduled", "ipvs-translated", "OUTPUT"
    ]  # fmt: skip
    assert kinds(request)[5] == "POSTROUTING"
    assert (outcome.destination, outcome.dnat, outcome.snat) == ("10.244.1.5:8080", True, None)
    assert request.end.packet.ttl == 62, "IPVS and node-b have each lowered it"
    assert outcome.connection is Connection.ESTABLISHED
    reply = next(leg for leg in outcome.legs if leg.role is Role.REPLY)
    assert kinds(reply)[-3:] == ["FORWARD", "ipvs-undone", "POSTROUTING"]


def test_a_process_of_the_node_calls_with_the_services_own_address() -> None:
    outcome = pinned(world(), "10.244.1.5:8080", "node/node-a")
    assert str(outcome.request.packet.source) == VIP
    assert outcome.snat == "192.168.10.1"
    assert kinds(outcome.request) == [
        "OUTPUT", "ipvs-scheduled", "ipvs-translated", "OUTPUT", "POSTROUTING"
    ]  # fmt: skip
    reply = next(leg for leg in outcome.legs if leg.role is Role.REPLY)
    assert kinds(reply) == ["PREROUTING", "INPUT", "ipvs-undone"]
    assert outcome.connection is Connection.ESTABLISHED


def test_the_second_pass_through_output_asks_no_nat_rule() -> None:
    steps = [step for _, step in pinned(world(), "10.244.1.5:8080").request.steps()]
    taken = next(i for i, step in enumerate(steps) if step.reason.code == "hook-for-ipvs")
    tables = [s.place.table for s in steps[taken:] if s.kind is StepKind.CHAIN_ENTERED and s.place]
    assert tables[:2] == ["filter", "nat"], "nat is asked at POSTROUTING only"


def test_conntrack_learns_the_real_server_but_calls_it_no_dnat() -> None:
    asked = Injection("pod/default/client", f"{VIP}:80")
    _, state = send(world(), State(), asked, Choices(pin="10.244.1.5:8080"))
    entry = state.hosts["node/node-a"].conntrack[0]
    assert str(entry.original.destination) == VIP
    assert (str(entry.reply.source), entry.reply.sport) == ("10.244.1.5", 8080)
    assert not entry.dnat
    connection = state.hosts["node/node-a"].ipvs.connections[0]
    assert (connection.state, connection.served.dport) == ("SYN_RECV", 8080)


def test_a_pod_behind_its_own_service_is_masqueraded() -> None:
    outcome = pinned(world(), "10.244.0.5:8080", "pod/default/near")
    assert (outcome.destination, outcome.snat) == ("10.244.0.5:8080", "10.244.0.1")
    assert outcome.connection is Connection.ESTABLISHED


def test_a_real_server_on_the_node_itself() -> None:
    """The packet goes on through INPUT; IPVS does not send it."""
    where = world(endpoints=())
    api = EndpointSlice(
        "default", "api", "web", "IPv4", (Endpoint(("192.168.10.1",), node="node-a"),),
        (EndpointPort(10250, name="http"),),
    )  # fmt: skip
    outcome = ask(where.with_cluster(replace(where.cluster, slices=(api,))), f"{VIP}:80")[0]
    assert outcome.destination == "192.168.10.1:10250"
    assert kinds(outcome.request) == ["PREROUTING", "INPUT", "ipvs-scheduled", "ipvs-translated"]
    assert outcome.request.end.packet.ttl == 64
    assert outcome.connection is Connection.ESTABLISHED


def test_ipv6_goes_the_same_way() -> None:
    where = world()
    found = ask(where, "[fd00:96::10]:80")
    assert {o.destination for o in found} == {"[fd00:244::5]:8080", "[fd00:244:0:1::5]:8080"}
    assert {o.connection for o in found} == {Connection.ESTABLISHED}


# ---------------------------------------------------------------- who gets it


def test_all_outcomes_share_the_round() -> None:
    found = ask(world(), f"{VIP}:80")
    assert {(o.destination, o.probability) for o in found} == {
        ("10.244.0.5:8080", 0.5), ("10.244.1.5:8080", 0.5)
    }  # fmt: skip
    step = next(s for _, s in found[0].request.steps() if s.kind is StepKind.SCHEDULED)
    assert step.chance is not None
    assert (step.chance.probability, step.chance.branches) == (0.5, 2)
    assert step.owner == "Service default/web"
    assert step.cost.lookups == 2


def test_a_session_goes_on_round_robin() -> None:
    where, state, found = world(), State(), []
    for seed in range(4):
        asked = Injection("pod/default/client", f"{VIP}:80")
        trace, state = send(where, state, asked, Choices(seed=seed))
        found.append(one(trace).destination)
    assert found[0] != found[1]
    assert found[:2] == found[2:]
    known = outcomes(where, state, Injection("pod/default/client", f"{VIP}:80"))
    assert len(known.outcomes) == 1, "whose turn it is is known by now"


def test_each_address_of_a_service_has_turns_of_its_own() -> None:
    asked = Injection("pod/default/client", f"{VIP}:80")
    _, state = send(world(), State(), asked)
    other = outcomes(world(), state, Injection("pod/default/client", f"{BALANCER}:80"))
    assert len(other.outcomes) == 2


def test_affinity_sticks_until_its_time_is_up() -> None:
    sticky = world(replace(WEB, session_affinity="ClientIP", affinity_timeout=60))
    asked = Injection("pod/default/client", f"{VIP}:80")
    trace, state = send(sticky, State(), asked)
    again, _ = send(sticky, state.at(59.0), asked)
    later, _ = send(sticky, state.at(60.0), asked)
    assert one(again).destination == one(trace).destination
    assert one(later).destination != one(trace).destination, "it is the other one's turn"
    step = next(s for _, s in one(again).request.steps() if s.kind is StepKind.SCHEDULED)
    assert step.reason.fields["how"] == "stuck"


def test_a_scheduler_can_be_configured() -> None:
    hashing = world(settings=replace(IPVS, ipvs_scheduler="sh"))
    assert len(ask(hashing, f"{VIP}:80")) == 1
    unknown = ask(world(settings=replace(IPVS, ipvs_scheduler="lblc")), f"{VIP}:80")
    assert [o.verdict for o in unknown] == [Verdict.UNKNOWN]


# ---------------------------------------------------------------- refusals and silence


@pytest.mark.parametrize("source", ["pod/default/client", "node/node-a", "external/203.0.113.7"])
def test_a_virtual_server_without_real_ones_refuses(source: str) -> None:
    """No rule says REJECT: IPVS itself does, for every address that leads to it."""
    for target in (f"{VIP}:80", f"{BALANCER}:80"):
        outcome = ask(world(endpoints=()), target, source)[0]
        assert outcome.verdict is Verdict.REJECTED
        assert outcome.request.end.reason.code == "ipvs-refused"
        assert outcome.connection is Connection.REFUSED


@pytest.mark.parametrize("port", [81, 10250])
def test_a_virtual_address_leads_to_no_port_of_the_node(port: int) -> None:
    for source in ("pod/default/client", "node/node-a"):
        outcome = ask(world(), f"{VIP}:{port}", source)[0]
        assert outcome.verdict is Verdict.REJECTED
        assert outcome.request.end.place is not None
        assert outcome.request.end.place.chain == "KUBE-IPVS-FILTER"


def test_source_ranges_keep_pods_out_in_silence_and_the_node_too() -> None:
    guarded = world(replace(WEB, source_ranges=("203.0.113.0/24",)))
    assert ask(guarded, f"{BALANCER}:80")[0].request.end.place is not None
    for source, chain in (
        ("pod/default/client", "KUBE-SOURCE-RANGES-FIREWALL"),
        ("node/node-a", "KUBE-IPVS-OUT-FILTER"),
    ):
        end = ask(guarded, f"{BALANCER}:80", source)[0].request.end
        assert end.kind is StepKind.DROPPED
        assert end.place is not None
        assert end.place.chain == chain
    allowed = ask(guarded, f"{BALANCER}:80", "external/203.0.113.7")
    assert {o.verdict for o in allowed} == {Verdict.DELIVERED}


def test_policy_local_without_a_local_endpoint_answers_from_the_wrong_address() -> None:
    """Unlike the other modes IPVS falls back on other nodes, and does not masquerade for it."""
    local = world(replace(WEB, external_traffic_policy="Local"), endpoints=(FAR,))
    outcome = ask(local, f"{BALANCER}:80", "external/203.0.113.7")[0]
    assert (outcome.verdict, outcome.snat) == (Verdict.DELIVERED, None)
    assert outcome.connection is Connection.TIMEOUT
    reply = next(leg for leg in outcome.legs if leg.role is Role.REPLY)
    assert reply.end.reason.code == "reply-astray"


def test_without_br_netfilter_a_neighbours_answer_takes_the_short_way() -> None:
    bare = world(facts=NodeFacts(bridge_nf_call_iptables=False))
    near = pinned(bare, "10.244.0.5:8080")
    assert (near.verdict, near.connection) == (Verdict.DELIVERED, Connection.TIMEOUT)
    assert pinned(bare, "10.244.1.5:8080").connection is Connection.ESTABLISHED
    assert pinned(world(), "10.244.0.5:8080").connection is Connection.ESTABLISHED


def test_a_loopback_source_does_not_leave() -> None:
    outcome = ask(world(), f"{VIP}:80", "127.0.0.1")[0]
    assert outcome.verdict is Verdict.DROPPED
    assert outcome.request.end.reason.code == "ipvs-loopback"


def test_a_refusal_of_the_real_server_comes_back_as_the_virtual_ones() -> None:
    """TCP answers with a reset, UDP with an ICMP error about a packet that IPVS has rewritten."""
    dns = replace(WEB, ports=(ServicePort(80, Protocol.UDP, "http"),))
    for service, protocol in ((WEB, Protocol.TCP), (dns, Protocol.UDP)):
        where = world(service, (FAR,), port=9999)
        slices = tuple(
            replace(each, ports=(EndpointPort(9999, protocol, "http"),))
            for each in where.cluster.slices
        )
        where = where.with_cluster(replace(where.cluster, slices=slices))
        for source in ("pod/default/client", "node/node-a"):
            asked = Injection(source, f"{VIP}:80", protocol)
            outcome = one(send(where, State(), asked)[0])
            assert outcome.destination == "10.244.1.5:9999"
            assert outcome.connection is Connection.REFUSED, (protocol, source)
            assert any(s.reason.code == "ipvs-undone" for s in steps(outcome.legs[-1]))


def steps(leg: Leg) -> list[Step]:
    return [step for _, step in leg.steps()]


def test_a_packet_too_large_for_the_tunnel_is_refused_before_it_is_rewritten() -> None:
    where = world(cni="flannel")
    asked = Injection("node/node-a", f"{VIP}:80", size=1451)
    outcome = one(send(where, State(), asked, Choices(pin="10.244.1.5:8080"))[0])
    assert outcome.request.end.reason.code == "mtu-exceeded"
    assert str(outcome.request.end.packet.destination) == VIP


# ---------------------------------------------------------------- later packets


def fixed() -> Injection:
    return Injection("pod/default/client", f"{VIP}:80", sport=40000)


def test_a_later_packet_goes_where_the_first_went() -> None:
    first, state = send(world(), State(), fixed(), Choices(seed=1))
    second, _ = send(world(), state, fixed(), Choices(seed=2))
    assert one(second).destination == one(first).destination
    assert "ipvs-known" in kinds(one(second).request)


def test_a_connection_whose_server_is_gone_costs_one_packet() -> None:
    first, state = send(world(), State(), fixed(), Choices(pin="10.244.0.5:8080"))
    assert one(first).destination == "10.244.0.5:8080"
    left = world(endpoints=(FAR,))
    late, state = send(left, state, fixed())
    assert kinds(one(late).request)[-2:] == ["ipvs-server-gone", "ipvs-too-late"]
    assert one(late).verdict is Verdict.DROPPED
    again, _ = send(left, state, fixed())
    assert one(again).destination == "10.244.1.5:8080"
    assert one(again).connection is Connection.ESTABLISHED


def test_connections_affinity_and_conntrack_time_out_together_with_the_state() -> None:
    sticky = world(replace(WEB, session_affinity="ClientIP", affinity_timeout=30))
    _, state = send(sticky, State(), fixed())
    held = state.hosts["node/node-a"].ipvs
    assert (len(held.connections), len(held.templates), len(held.turns)) == (1, 1, 1)
    later = state.at(61.0).hosts["node/node-a"].ipvs
    assert (len(later.connections), len(later.templates), len(later.turns)) == (0, 0, 1)


# ---------------------------------------------------------------- the world


def test_virtual_addresses_are_bound_to_every_node_in_this_mode_only() -> None:
    where = world()
    for name in ("node-a", "node-b"):
        dummy = where.network.namespace(f"node/{name}").device("kube-ipvs0")
        assert dummy.kind is DeviceKind.DUMMY
        assert [str(own) for own in dummy.addresses] == [
            f"{VIP}/32", f"{BALANCER}/32", "fd00:96::10/128"
        ]  # fmt: skip
        with pytest.raises(KeyError):
            where.with_mode(ProxyMode.IPTABLES).network.namespace(f"node/{name}").device(
                "kube-ipvs0"
            )


def test_the_number_of_rules_does_not_grow_with_services() -> None:
    few = world()
    services = tuple(
        replace(WEB, name=f"web-{n}", cluster_ips=(f"10.96.1.{n}",)) for n in range(1, 100)
    )
    many = few.with_cluster(replace(few.cluster, services=(WEB, *services)))
    rules = [w.kube_proxy_ruleset("node-a", Family.IPV4).size for w in (few, many)]
    assert rules[0] == rules[1]
    servers = many.virtual_servers("node-a")
    assert servers is not None
    assert len(servers) > 100


def test_another_mode_forgets_nothing_of_this_one() -> None:
    _, state = send(world(), State(), fixed())
    _, state = send(world().with_mode(ProxyMode.IPTABLES), state, fixed())
    assert len(state.hosts["node/node-a"].ipvs.connections) == 1
