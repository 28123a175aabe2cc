"""The AWS VPC CNI: rules as network.go writes them, leases that last, and cards that run out."""

from dataclasses import replace as with_fields
from ipaddress import ip_address

import pytest

from tests.sim.cni.pairs import PAIRS, SETTINGS, cluster, sent, told
from tui.session import Session
from tui.sim.cni.aws import AwsSettings, aws_plugin
from tui.sim.cni.aws.instances import INSTANCES, LABEL
from tui.sim.cni.aws.wiring import veth_of
from tui.sim.engine import Choices, Injection, PlaceError, State, World, send
from tui.sim.mismatches import MismatchKind, mismatches
from tui.sim.model.address import Family, network
from tui.sim.model.cluster import Cluster, Pod
from tui.sim.model.connection import ConntrackEntry
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.sim.netfilter.text import print_ruleset
from tui.sim.routing.rule_text import print_routing_rule
from tui.sim.trace import Verdict

AWS = World(cluster(), SETTINGS, "aws-vpc")


def with_pods(number: int, **labels: str) -> Cluster:
    """The cluster with so many more pods on node-a."""
    base = cluster()
    more = tuple(
        Pod("more", f"pod-{n}", "node-a", (ip_address(f"10.244.0.{n + 20}"),))
        for n in range(number)
    )
    nodes = tuple(replace(node, labels=labels) for node in base.nodes)
    return replace(base, pods=(*base.pods, *more), nodes=nodes)


def world_with(settings: AwsSettings, objects: Cluster | None = None) -> World:
    plugin = aws_plugin(settings)
    return World(objects or cluster(), SETTINGS, plugin.name, configured=plugin)


def own_rules(world: World) -> list[str]:
    text = print_ruleset(world.ruleset("node-a", Family.IPV4))
    return [line for line in text.splitlines() if "AWS" in line]


# ---------------------------------------------------------------- rules


def test_the_rules_are_those_of_the_plugin() -> None:
    assert own_rules(AWS) == [
        '-A PREROUTING -i eth0 -m comment --comment "AWS, primary ENI" -m addrtype '
        "--dst-type LOCAL --limit-iface-in -j CONNMARK --set-xmark 0x80/0x80",
        '-A PREROUTING -i eni+ -m comment --comment "AWS, primary ENI" '
        "-j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80",
        '-A PREROUTING -i vlan+ -m comment --comment "AWS, primary ENI" '
        "-j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80",
        ":AWS-CONNMARK-CHAIN-0 - [0:0]",
        ":AWS-SNAT-CHAIN-0 - [0:0]",
        '-A PREROUTING -i eni+ -m comment --comment "AWS, outbound connections" '
        "-j AWS-CONNMARK-CHAIN-0",
        '-A PREROUTING -m comment --comment "AWS, CONNMARK" '
        "-j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80",
        '-A POSTROUTING -m comment --comment "AWS SNAT CHAIN" -j AWS-SNAT-CHAIN-0',
        "-A AWS-CONNMARK-CHAIN-0 -d 192.168.0.0/16 "
        '-m comment --comment "AWS CONNMARK CHAIN, VPC CIDR" -j RETURN',
        '-A AWS-CONNMARK-CHAIN-0 -m comment --comment "AWS, CONNMARK" '
        "-j CONNMARK --set-xmark 0x80/0x80",
        '-A AWS-SNAT-CHAIN-0 -d 192.168.0.0/16 -m comment --comment "AWS SNAT CHAIN" -j RETURN',
        '-A AWS-SNAT-CHAIN-0 ! -o vlan+ -m comment --comment "AWS, SNAT" -m addrtype '
        "! --dst-type LOCAL -j SNAT --to-source 192.168.10.1 --random-fully",
    ]


def test_what_is_excluded_keeps_its_address() -> None:
    excluded = AwsSettings(exclude_snat=(network("203.0.113.0/24"),), random_snat="none")
    world = world_with(excluded)
    rules = own_rules(world)
    assert (
        '-A AWS-SNAT-CHAIN-0 -d 203.0.113.0/24 -m comment --comment "AWS SNAT CHAIN EXCLUSION" '
        "-j RETURN"
    ) in rules
    assert any(line.endswith("--to-source 192.168.10.1") for line in rules)
    assert "seen: 192.168.10.3 > 203.0.113.7" in told(world, PAIRS["world"])


def test_with_external_snat_the_node_translates_nothing() -> None:
    world = world_with(AwsSettings(external_snat=True))
    chains = [line for line in own_rules(world) if line.startswith(":")]
    assert chains == [":AWS-CONNMARK-CHAIN-0 - [0:0]", ":AWS-SNAT-CHAIN-0 - [0:0]"]
    assert not any("SNAT CHAIN" in line for line in own_rules(world))
    assert "seen: 192.168.10.3 > 203.0.113.7" in told(world, PAIRS["world"])
    assert sent(world, PAIRS["world"]).connection == "established", "the VPC knows its pods"


def test_a_cable_is_named_after_the_pod() -> None:
    # as the plugin's own names_test.go has it
    place = "pod/kube-system/coredns-57ff979f67-qqbdh"
    assert veth_of(AwsSettings(), place) == "enib5faff8a083"


# ---------------------------------------------------------------- cards


def test_a_pod_of_a_second_card_has_a_table_of_its_own() -> None:
    world = World(with_pods(6), SETTINGS, "aws-vpc")
    assert world.addressing is not None
    leases = dict(world.addressing.leases.values())
    node = world.network.namespace("node/node-a")
    rules = [print_routing_rule(rule) for rule in node.rules]
    second = [str(ip) for ip, device in leases.items() if device == "eth1"]
    assert second
    assert [f"1536:\tfrom {ip} lookup 2" for ip in second] == rules[-len(second) :]
    assert rules[-len(second) - 1] == "1024:\tfrom all fwmark 0x80/0x80 lookup main"


def test_what_leaves_the_vpc_bears_the_first_cards_address_and_leaves_by_it() -> None:
    world = World(with_pods(6), SETTINGS, "aws-vpc")
    assert world.addressing is not None
    place = next(p for p, (_, dev) in world.addressing.leases.items() if dev == "eth1")
    for destination, card in (("203.0.113.7:443", "eth0"), ("192.168.20.9:80", "eth1")):
        trace, after = send(world, State(), Injection(place, destination))
        hop = next(h for h in trace.outcomes[0].legs[0].hops if h.namespace == "node/node-a")
        assert hop.device_out == card, destination
        assert [entry.mark for entry in entries(after)] == [0x80 if card == "eth0" else 0]


def entries(state: State) -> tuple[ConntrackEntry, ...]:
    return state.hosts["node/node-a"].conntrack


@pytest.mark.parametrize(
    ("kind", "prefixes", "most"),
    [
        ("m5.large", False, 29), ("t3.medium", False, 17), ("m5.xlarge", False, 58),
        ("c5.4xlarge", False, 234), ("t3.nano", False, 4), ("m5.large", True, 110),
        ("t3.nano", True, 34),
    ],
)  # fmt: skip
def test_max_pods_is_what_the_table_of_eks_says(kind: str, prefixes: bool, most: int) -> None:
    # https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/eni-max-pods.txt
    assert INSTANCES[kind].max_pods(prefixes) == most


def test_pods_wait_where_the_cards_are_full() -> None:
    world = World(with_pods(30, **{LABEL: "t3.medium"}), SETTINGS, "aws-vpc")
    assert world.addressing is not None
    assert [card.device for card in world.addressing.interfaces["node-a"]] == [
        "eth0", "eth1", "eth2",
    ]  # fmt: skip
    on_node = [p for p in world.cluster.pods if p.node == "node-a" and p.ips]
    assert len(on_node) == 15, "three cards with five addresses for pods"
    assert len(world.waiting) == 17
    with pytest.raises(PlaceError, match="the cards of node-a have none left"):
        send(world, State(), Injection("pod/more/pod-29", "203.0.113.7:80"))
    kinds = [m.kind for m in mismatches(world.cluster, world.proxy, world.waiting)]
    assert kinds.count(MismatchKind.POD_WAITS) == 17


def test_prefixes_have_room_for_all_of_them() -> None:
    objects = with_pods(30, **{LABEL: "t3.medium"})
    world = World(objects, SETTINGS, "aws-vpc-prefix")
    assert not world.waiting
    assert world.addressing is not None
    pool = world.addressing.interfaces["node-a"][0].pool
    assert len(pool) == 48, "two prefixes in use, and a warm one"
    assert all(int(pool[n]) % 16 == 0 for n in range(0, len(pool), 16))


# ---------------------------------------------------------------- leases


def test_what_a_pod_has_it_keeps_while_others_come_and_go() -> None:
    before = World(with_pods(8), SETTINGS, "aws-vpc")
    fewer = replace(before.written, pods=before.written.pods[2:])
    after = before.with_cluster(fewer)
    assert before.addressing is not None
    assert after.addressing is not None
    kept = {p: own for p, own in before.addressing.leases.items() if p in after.addressing.leases}
    assert len(kept) == len(before.addressing.leases) - 2
    assert after.addressing.leases == kept
    again = after.with_cluster(before.written)
    assert again.addressing is not None
    given = [ip for ip, _ in again.addressing.leases.values()]
    assert len(set(given)) == len(given)


def test_an_address_of_the_vpc_stays() -> None:
    objects = cluster()
    at = ip_address("192.168.11.77")
    pods = (replace(objects.pods[0], ips=(at,)), *objects.pods[1:])
    world = World(replace(objects, pods=pods), SETTINGS, "aws-vpc")
    assert world.cluster.pods[0].ips == (at,)
    assert world.network.cards[at] == ("node/node-a", "eth0")


def test_another_plugin_gives_the_files_addresses_back() -> None:
    assert AWS.with_plugin("flannel") == World(cluster(), SETTINGS, "flannel")
    assert AWS.with_mode(ProxyMode.IPVS).cluster == AWS.cluster
    assert AWS.written == cluster()
    assert AWS.proxy.cluster_cidrs == (), "no range of the VPC is the pods' alone"


def test_a_switch_finds_the_same_pods_by_their_new_addresses() -> None:
    world = World(cluster(), SETTINGS, "flannel")
    asked = Injection("10.244.0.5", "svc/shop/web:80")
    there = Session(world).injected(asked, Choices(pin="10.244.1.5:8080")).with_plugin("aws-vpc")
    assert there.injection == with_fields(asked, source="192.168.10.3")
    assert there.trace is not None
    assert there.trace.outcomes[0].destination == "192.168.10.12:8080"
    assert there.trace.outcomes[0].verdict is Verdict.DELIVERED
    back = there.with_plugin("flannel")
    assert back.injection == asked
    assert back.trace is not None
    assert back.trace.outcomes[0].destination == "10.244.1.5:8080"
