"""Cilium: programs at connect(), at a pod's cable, at the card and at the tunnel; rules; maps."""

from ipaddress import ip_address, ip_network

import pytest

from tests.sim.cni.pairs import OUTSIDE, PAIRS, SETTINGS, cluster, sent
from tui.sim.ebpf.text import print_endpoints, print_services
from tui.sim.engine import Choices, Injection, State, World, outcomes, send
from tui.sim.model.address import Family
from tui.sim.model.cluster import Cluster, LoadBalancerIngress
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.sim.netfilter.text import print_ruleset
from tui.sim.routing.text import print_route
from tui.sim.trace import Connection, Outcome, ReasonCode, StepKind, Verdict

CILIUM = World(cluster(), SETTINGS, "cilium")
NATIVE = World(cluster(), SETTINGS, "cilium-native")
BESIDE = World(cluster(), SETTINGS, "cilium-kube-proxy")
REPLACING = {"cilium": CILIUM, "cilium-native": NATIVE}
TO_WEB = Injection("pod/shop/client", "svc/shop/web:80")
FAR, NEAR = Choices(pin="10.244.1.5:8080"), Choices(pin="10.244.0.6:8080")
NODE_PORT = Injection(OUTSIDE, "node/node-a:30080")


def codes(outcome: Outcome) -> list[ReasonCode]:
    return [step.reason.code for leg in outcome.legs for _, step in leg.steps()]


def one(world: World, injection: Injection, choices: Choices | None = None) -> Outcome:
    return send(world, State(), injection, choices)[0].outcomes[0]


def seen(outcome: Outcome) -> str:
    return str(outcome.request.end.packet.source)


def changed(**service: object) -> Cluster:
    base = cluster()
    return replace(base, services=(replace(base.services[0], **service),))


# ---------------------------------------------------------------- connect()


@pytest.mark.parametrize("world", REPLACING.values(), ids=REPLACING)
def test_no_packet_bears_the_address_of_a_service(world: World) -> None:
    outcome = one(world, TO_WEB, FAR)
    assert outcome.connection is Connection.ESTABLISHED
    assert outcome.dnat
    on_devices = [step.packet.innermost for leg in outcome.legs for _, step in leg.steps()
                  if step.kind in (StepKind.SENT, StepKind.RECEIVED)]  # fmt: skip
    assert on_devices
    assert not any(str(ip) == "10.96.0.10" for p in on_devices for ip in (p.source, p.destination))
    assert codes(outcome)[-1] is ReasonCode.REPLY_BEHIND
    assert not any("KUBE-" in (s.place.chain if s.place else "")
                   for leg in outcome.legs for _, s in leg.steps())  # fmt: skip


def test_each_backend_is_as_likely_as_every_other() -> None:
    found = outcomes(CILIUM, State(), TO_WEB).outcomes
    assert [each.probability for each in found] == [pytest.approx(1 / 3)] * 3
    assert {each.destination for each in found} == {
        "10.244.0.6:8080", "10.244.1.5:8080", "10.244.2.5:8080",
    }  # fmt: skip


def test_connect_fails_where_nobody_stands_behind() -> None:
    world = World(replace(cluster(), slices=()), SETTINGS, "cilium")
    outcome = one(world, TO_WEB)
    assert (outcome.verdict, outcome.connection) == (Verdict.REJECTED, Connection.REFUSED)
    assert codes(outcome) == [ReasonCode.SOCKET_CALLED, ReasonCode.EBPF_CONNECT_REFUSED]


def test_a_node_port_of_any_node_is_known_at_connect() -> None:
    outcome = one(CILIUM, Injection("pod/shop/client", "node/node-c:30080"), FAR)
    assert outcome.request.hops[-1].namespace == "pod/shop/web-b"
    assert "node/node-c" not in {hop.namespace for hop in outcome.request.hops}


def test_a_process_of_the_node_is_connected_too() -> None:
    outcome = one(CILIUM, Injection("node/node-a", "svc/shop/web:80"), FAR)
    assert ReasonCode.EBPF_CONNECTED in codes(outcome)
    assert seen(outcome) == "10.244.0.254", "its route by cilium_host has that source"


# ---------------------------------------------------------------- from outside


def test_a_pod_here_sees_the_client_one_elsewhere_the_node() -> None:
    near, far = one(CILIUM, NODE_PORT, NEAR), one(CILIUM, NODE_PORT, FAR)
    assert seen(near) == "203.0.113.7"
    assert seen(far) == "10.244.0.254", "through the tunnel with cilium_host's address"
    assert seen(one(NATIVE, NODE_PORT, FAR)) == "192.168.10.1"
    for outcome in (near, far):
        assert outcome.connection is Connection.ESTABLISHED
        assert ReasonCode.EBPF_UNDONE in codes(outcome)


def test_a_later_packet_goes_where_the_first_one_went() -> None:
    asked = replace(NODE_PORT, sport=40000)
    _, after = send(CILIUM, State(), asked, FAR)
    again, _ = send(CILIUM, after, asked, NEAR)
    assert again.outcomes[0].request.hops[-1].namespace == "pod/shop/web-b"
    assert ReasonCode.EBPF_REPEATED in codes(again.outcomes[0])
    later = after.at(1_000_000.0)
    forgotten, _ = send(CILIUM, later, asked, NEAR)
    assert forgotten.outcomes[0].request.hops[-1].namespace == "pod/shop/web-a"


def test_policy_local_keeps_to_the_pods_of_the_node() -> None:
    world = World(changed(external_traffic_policy="Local"), SETTINGS, "cilium")
    assert one(world, NODE_PORT, FAR).destination == "10.244.0.6:8080"
    empty = replace(world.cluster, slices=(
        replace(world.cluster.slices[0], endpoints=world.cluster.slices[0].endpoints[1:]),
    ))  # fmt: skip
    outcome = one(world.with_cluster(empty), NODE_PORT)
    assert ReasonCode.EBPF_NO_BACKEND in codes(outcome)
    assert outcome.connection is Connection.REFUSED


def test_a_load_balancer_admits_its_source_ranges() -> None:
    objects = changed(
        type="LoadBalancer", load_balancer=(LoadBalancerIngress("203.0.113.80"),),
        source_ranges=("198.51.100.0/24",),
    )  # fmt: skip
    world = World(objects, SETTINGS, "cilium")
    outcome = one(world, Injection(OUTSIDE, "203.0.113.80:80"))
    assert outcome.verdict is Verdict.DROPPED
    assert codes(outcome)[-1] is ReasonCode.EBPF_NOT_ADMITTED
    admitted = one(world, Injection("external/198.51.100.9", "203.0.113.80:80"))
    assert admitted.verdict is Verdict.DELIVERED


# ---------------------------------------------------------------- beside a kube-proxy


def test_beside_a_kube_proxy_pods_cluster_ips_are_cilium_s_and_node_ports_are_not() -> None:
    inside, outside = one(BESIDE, TO_WEB, FAR), one(BESIDE, NODE_PORT, FAR)
    assert {ReasonCode.EBPF_DNAT, ReasonCode.EBPF_UNDONE} <= set(codes(inside))
    assert codes(inside)[-1] is ReasonCode.REPLY_MATCHED
    assert inside.legs[0].hops[0].steps[-1].packet.to_text == "10.96.0.10:80"
    assert ReasonCode.RULE_DNAT in codes(outside)
    assert not {ReasonCode.EBPF_DNAT, ReasonCode.EBPF_SNAT} & set(codes(outside))


def test_a_pod_that_reaches_itself_sees_the_loopback_of_services() -> None:
    asked = Injection("pod/shop/web-a", "svc/shop/web:80")
    outcome = one(BESIDE, asked, NEAR)
    assert outcome.connection is Connection.ESTABLISHED
    assert seen(outcome) == "169.254.42.1"
    direct = one(CILIUM, asked, NEAR)
    assert len(direct.request.hops) == 1, "connected to its own address, it stays inside"


@pytest.mark.parametrize("mode", ProxyMode)
def test_without_a_kube_proxy_its_mode_changes_nothing(mode: ProxyMode) -> None:
    world = CILIUM.with_mode(mode)
    for pair in PAIRS.values():
        assert sent(world, pair) == sent(CILIUM, pair)
    assert send(world, State(), TO_WEB)[0].mode == "none"
    assert not any("KUBE-" in line for line in print_ruleset(
        world.ruleset("node-a", Family.IPV4)).splitlines())  # fmt: skip


# ---------------------------------------------------------------- the node


def test_the_rules_are_those_of_real_nodes() -> None:
    lines = print_ruleset(CILIUM.ruleset("node-a", Family.IPV4)).splitlines()
    assert [line for line in lines if line.startswith("-A CILIUM_POST_nat")] == [
        "-A CILIUM_POST_nat -s 10.244.0.0/24 ! -d 10.244.0.0/24 ! -o cilium_+ -m comment --comment "
        '"cilium masquerade non-cluster" -j MASQUERADE',
        "-A CILIUM_POST_nat -m mark --mark 0xa00/0xe00 -m comment --comment "
        '"exclude proxy return traffic from masquerade" -j ACCEPT',
        "-A CILIUM_POST_nat ! -s 10.244.0.0/24 ! -d 10.244.0.0/24 -o cilium_host -m comment "
        '--comment "cilium host->cluster masquerade" -j SNAT --to-source 10.244.0.254',
        "-A CILIUM_POST_nat -s 127.0.0.1/32 -o cilium_host -m comment --comment "
        '"cilium host->cluster from 127.0.0.1 masquerade" -j SNAT --to-source 10.244.0.254',
        "-A CILIUM_POST_nat -o cilium_host -m mark --mark 0xf00/0xf00 -m conntrack --ctstate DNAT "
        '-m comment --comment "hairpin traffic that originated from a local pod" '
        "-j SNAT --to-source 10.244.0.254",
    ]
    assert [line for line in lines if line.startswith("-A CILIUM_FORWARD")] == [
        "-A CILIUM_FORWARD -o cilium_host -m comment --comment "
        '"cilium: any->cluster on cilium_host forward accept" -j ACCEPT',
        "-A CILIUM_FORWARD -i cilium_host -m comment --comment "
        '"cilium: cluster->any on cilium_host forward accept (nodeport)" -j ACCEPT',
        "-A CILIUM_FORWARD -i lxc+ -m comment --comment "
        '"cilium: cluster->any on lxc+ forward accept" -j ACCEPT',
        "-A CILIUM_FORWARD -i cilium_net -m comment --comment "
        '"cilium: cluster->any on cilium_net forward accept (nodeport)" -j ACCEPT',
    ]


def test_the_routes_are_those_of_real_nodes() -> None:
    node, pod = (CILIUM.network.namespace(n) for n in ("node/node-a", "pod/shop/client"))
    by_host = [print_route(r) for r in node.routes if r.device == "cilium_host"]
    assert "10.244.0.0/24 via 10.244.0.254 dev cilium_host proto kernel src 10.244.0.254" in by_host
    assert "10.244.0.254 dev cilium_host proto kernel scope link" in by_host
    assert (
        "10.244.1.0/24 via 10.244.0.254 dev cilium_host proto kernel src 10.244.0.254 mtu 1450"
    ) in by_host
    assert "default via 10.244.0.254 dev eth0 mtu 1450" in map(print_route, pod.routes)
    assert next(a for a in pod.addresses if not a.ip.is_loopback).network == ip_network(
        "10.244.0.5/32"
    )


def test_the_maps_as_the_agent_prints_them() -> None:
    datapath = CILIUM.datapath("node-a", Family.IPV4)
    assert datapath is not None
    assert print_services(datapath.maps).splitlines() == [
        "SERVICE ADDRESS    BACKEND ADDRESS (REVNAT_ID) (SLOT)",
        "10.96.0.10:80/TCP  0.0.0.0:0 (1) (0) [ClusterIP, non-routable]",
        "10.96.0.10:80/TCP  10.244.0.6:8080/TCP (1) (1)",
        "10.96.0.10:80/TCP  10.244.1.5:8080/TCP (1) (2)",
        "10.96.0.10:80/TCP  10.244.2.5:8080/TCP (1) (3)",
        "0.0.0.0:30080/TCP  0.0.0.0:0 (2) (0) [NodePort]",
        "0.0.0.0:30080/TCP  10.244.0.6:8080/TCP (2) (1)",
        "0.0.0.0:30080/TCP  10.244.1.5:8080/TCP (2) (2)",
        "0.0.0.0:30080/TCP  10.244.2.5:8080/TCP (2) (3)",
    ]
    assert [line.split()[0] for line in print_endpoints(datapath.maps).splitlines()[1:]] == [
        "10.244.0.5:0", "10.244.0.6:0",
    ]  # fmt: skip
    assert CILIUM.datapath("node-a", Family.IPV6) is None
    assert ip_address("10.244.0.5") in datapath.maps.identities
