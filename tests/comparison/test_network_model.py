"""The rules of the network model: who keeps them, who does not, and what is said of it."""

from ipaddress import ip_address

import pytest

from tests.sampling import quick
from tests.sim.cni.pairs import SETTINGS, cluster
from tests.snapshots.scenes import demo_world
from tui.comparison.json import report_to_json
from tui.comparison.model_report import command_of, how_many, in_parts, what_happened
from tui.comparison.network_model import Fault, Report, Rule, check, folded
from tui.sim.cni import PLUGINS
from tui.sim.engine import World, send
from tui.sim.engine.state import State
from tui.sim.model.address import network
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.sim.trace import Connection
from tui.words import Words

NEEDS_ROUTERS = ("flannel-host-gw", "calico-bgp")
"""Plugins that leave the way to other subnets to routers, which do not know it here."""


@pytest.mark.parametrize("plugin", quick(PLUGINS, ("flannel", "calico-bgp", "cilium")))
def test_on_one_subnet_every_plugin_keeps_the_rules(plugin: str) -> None:
    report = check(demo_world().with_plugin(plugin))
    assert [(each.rule, each.tried == each.of) for each in report.rules] == [
        (rule, True) for rule in Rule
    ]
    assert report.holds, [breach for each in report.rules for breach in each.breaches]


@pytest.mark.parametrize("plugin", PLUGINS)
def test_across_subnets_those_without_a_way_do_not(plugin: str) -> None:
    report = check(World(cluster(), SETTINGS, plugin))
    assert report.holds is (plugin not in NEEDS_ROUTERS)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ProxyMode)
def test_the_mode_of_kube_proxy_makes_no_difference(mode: ProxyMode) -> None:
    assert check(demo_world().with_mode(mode)).holds


def apart() -> Report:
    return check(World(cluster(), SETTINGS, "flannel-host-gw"))


def test_breaches_that_are_alike_are_one() -> None:
    pods, nodes, own = apart().rules
    (lost,) = folded(pods.breaches)
    assert (lost.first.fault, lost.count) == (Fault.LOST, 6), "node-c's pod, to and from the rest"
    assert len(nodes.breaches) == 5
    assert own.holds
    words = Words()
    assert how_many(pods, words) == "12 of 12 pairs tried"
    assert what_happened(lost.first, words).startswith("the packet does not arrive (fabric): ")
    assert command_of(lost.first, "flannel-host-gw") == (
        "k8snet-tui trace --cni flannel-host-gw --from pod/shop/web-c --to pod/shop/client "
        "--port 8080 --family ipv4"
    )


def test_the_packet_of_a_breach_shows_it() -> None:
    world = World(cluster(), SETTINGS, "flannel-host-gw")
    for checked in apart().rules[:2]:
        for breach in checked.breaches:
            trace, _ = send(world, State(), breach.injection)
            outcome = trace.outcomes[0]
            assert outcome.reached_nobody or outcome.connection is Connection.TIMEOUT


def test_masquerading_between_nodes_is_nat() -> None:
    """flannel takes for outside what its network does not hold: pods of another range."""
    base = cluster()
    moved = tuple(
        replace(pod, ips=(ip_address("10.99.0.5"),)) if pod.name == "web-b" else pod
        for pod in base.pods
    )
    nodes = tuple(
        replace(node, pod_cidrs=(network("10.99.0.0/24"),)) if node.name == "node-b" else node
        for node in base.nodes
    )
    world = World(replace(base, pods=moved, nodes=nodes), SETTINGS, "flannel")
    pods, nodes_found, _own = check(world).rules
    faults = {(b.fault, b.injection.destination) for b in pods.breaches}
    assert (Fault.SOURCE_CHANGED, "pod/shop/web-b") in faults
    assert nodes_found.holds, "what a node sends bears its own address anyway"
    changed = next(b for b in pods.breaches if b.injection.destination == "pod/shop/web-b")
    assert "NAT" in what_happened(changed, Words())


def test_others_see_a_pod_behind_nat_otherwise() -> None:
    base = cluster()
    nodes = tuple(
        replace(node, pod_cidrs=(network("10.99.0.0/24"),)) if node.name == "node-b" else node
        for node in base.nodes
    )
    pods = tuple(
        replace(pod, ips=(ip_address("10.99.0.5"),)) if pod.name == "web-b" else pod
        for pod in base.pods
        if pod.name in ("web-b", "client")
    )
    own = check(World(replace(base, pods=pods, nodes=nodes), SETTINGS, "flannel")).rules[2]
    assert [(b.fault, b.injection.source) for b in own.breaches] == [
        (Fault.SEEN_OTHERWISE, "pod/shop/client")
    ]
    assert "its own address is 10.244.0.5" in what_happened(own.breaches[0], Words())


def test_a_big_cluster_is_tried_in_parts_and_says_so() -> None:
    pods = check(demo_world(), most=20).rules[0]
    assert pods.of == 132
    assert 0 < pods.tried <= 20
    assert pods.holds
    assert "one of the next node" in in_parts(pods, Words())


def test_the_report_as_json() -> None:
    told = report_to_json(apart())
    assert told["holds"] is False
    rules = told["rules"]
    assert isinstance(rules, list)
    assert rules[0]["breaches"][0]["reason"] == {"code": "world-nobody", "address": "10.244.0.5"}
    assert rules[2]["holds"] is True
