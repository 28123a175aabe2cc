"""Cisco ACI and VMware NSX on Open vSwitch: who translates, who knows pods, and what is said."""

import pytest

from tests.sim.cni.pairs import PAIRS, SETTINGS, cluster, largest, sent
from tui.sim.ebpf.flows_text import print_flows, print_groups
from tui.sim.engine import Choices, Injection, State, World, outcomes, send
from tui.sim.model.address import Family
from tui.sim.model.value import replace
from tui.sim.trace import Connection, Outcome, ReasonCode, StepKind, Verdict

ACI = World(cluster(), SETTINGS, "aci")
NSX = World(cluster(), SETTINGS, "nsx")
BOTH = {"aci": ACI, "nsx": NSX}
TO_WEB = Injection("pod/shop/client", "svc/shop/web:80")


def codes(outcome: Outcome) -> list[ReasonCode]:
    return [step.reason.code for leg in outcome.legs for _, step in leg.steps()]


@pytest.mark.parametrize("world", BOTH.values(), ids=BOTH)
def test_every_packet_of_a_pod_is_admitted_by_something_that_is_named(world: World) -> None:
    for pair in PAIRS.values():
        outcome = sent(world, pair)
        if pair.source.startswith("pod/") and pair.destination != "127.0.0.1:8080":
            assert ReasonCode.SWITCH_ADMITTED in codes(outcome)
    by = next(s.reason.fields["by"] for leg in sent(world, PAIRS["same node"]).legs
              for _, s in leg.steps() if s.reason.code is ReasonCode.SWITCH_ADMITTED)  # fmt: skip
    assert ("endpoint group" in str(by)) is (world is ACI)
    assert ("distributed firewall" in str(by)) is (world is NSX)


@pytest.mark.parametrize("world", BOTH.values(), ids=BOTH)
def test_the_switch_translates_for_pods_and_iptables_does_not(world: World) -> None:
    found = outcomes(world, State(), TO_WEB).outcomes
    assert [each.probability for each in found] == [pytest.approx(1 / 3)] * 3
    for outcome in found:
        assert outcome.connection is Connection.ESTABLISHED
        assert ReasonCode.EBPF_DNAT in codes(outcome)
        assert ReasonCode.RULE_DNAT not in codes(outcome)
    nobody = World(replace(cluster(), slices=()), SETTINGS, world.cni)
    refused = send(nobody, State(), TO_WEB)[0].outcomes[0]
    assert (refused.verdict, refused.connection) == (Verdict.REJECTED, Connection.REFUSED)


def test_a_host_of_aci_knows_the_leaf_alone_and_the_leaf_knows_every_pod() -> None:
    outcome = sent(ACI, PAIRS["other node"])
    outer = [str(step.packet.destination) for _, step in outcome.request.steps()
             if step.packet.inner is not None and step.kind is StepKind.SENT]  # fmt: skip
    assert outer == ["10.0.0.1"]
    assert ReasonCode.OVERLAY_REDIRECTED in codes(outcome)
    assert outcome.request.end.packet.ttl == 64, "bridged, as within one bridge domain"


def test_a_transport_node_of_nsx_knows_the_others() -> None:
    outcome = sent(NSX, PAIRS["other node"])
    outer = {(str(s.packet.source), str(s.packet.destination)) for _, s in outcome.request.steps()
             if s.packet.inner is not None and s.kind is StepKind.SENT}  # fmt: skip
    assert outer == {("172.16.0.11", "172.16.0.12")}


def test_towards_the_world_a_namespace_has_one_address_in_nsx_and_pods_their_own_in_aci() -> None:
    assert str(sent(NSX, PAIRS["world"]).request.end.packet.source) == "198.18.0.1"
    assert str(sent(ACI, PAIRS["world"]).request.end.packet.source) == "10.244.0.5"
    for world in BOTH.values():
        assert sent(world, PAIRS["world"]).connection is Connection.ESTABLISHED
    asked = Injection("pod/shop/client", "203.0.113.7:443", sport=40000)
    _, after = send(NSX, State(), asked)
    again, _ = send(NSX, after, asked)
    assert str(again.outcomes[0].request.end.packet.source) == "198.18.0.1"


@pytest.mark.parametrize("world", BOTH.values(), ids=BOTH)
def test_the_network_has_room_for_the_tunnel(world: World) -> None:
    for pair in ("same node", "other node", "other subnet", "world"):
        assert largest(world, PAIRS[pair]) == 1500, pair
    card = world.network.namespace("node/node-a").device("eth0")
    assert card.mtu == 1600


@pytest.mark.parametrize("world", BOTH.values(), ids=BOTH)
def test_what_is_too_big_for_a_port_is_lost_without_a_word(world: World) -> None:
    asked = Injection("node/node-b", "pod/shop/client", dport=8080, size=1520)
    outcome = send(world, State(), asked)[0].outcomes[0]
    assert (outcome.verdict, outcome.connection) == (Verdict.DROPPED, Connection.TIMEOUT)
    assert codes(outcome)[-1] is ReasonCode.MTU_EXCEEDED


@pytest.mark.parametrize("world", BOTH.values(), ids=BOTH)
def test_it_says_that_it_is_drawn_from_documentation(world: World) -> None:
    assert f"{world.cni}-unverified" in world.plugin.simplified


def test_a_pod_that_reaches_itself_through_a_service_does() -> None:
    asked = Injection("pod/shop/web-a", "svc/shop/web:80")
    for world in BOTH.values():
        outcome = send(world, State(), asked, Choices(pin="10.244.0.6:8080"))[0].outcomes[0]
        assert outcome.connection is Connection.ESTABLISHED
        assert str(outcome.request.end.packet.source) == "10.244.0.1"


def test_flows_and_groups_are_those_that_the_packet_meets() -> None:
    datapath = ACI.datapath("node-a", Family.IPV4)
    assert datapath is not None
    flows = print_flows(datapath).splitlines()
    assert " table=20, priority=50,tcp,nw_dst=10.96.0.10,tp_dst=80 actions=group:1" in flows
    assert (
        " table=30, priority=40,ip,nw_dst=10.244.1.5 "
        'actions=set_field:10.0.0.1->tun_dst,output:"vxlan_sys_8472"'
    ) in flows
    assert print_groups(datapath).startswith(
        " group_id=1,type=select,bucket=weight:100,"
        "actions=ct(commit,nat(dst=10.244.0.6:8080),table=30)"
    )
