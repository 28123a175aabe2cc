"""The 246 packet flows that kube-proxy's own unit tests pin for iptables mode.

Their tracer walks nat KUBE-SERVICES and then four chains of the filter table, whatever the
hook, and follows every branch of chance. Here the same chains are walked by our evaluator
over our own rendered rules, once for each way that chance can fall.
"""

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tui.formats.cluster import parse_cluster
from tui.sim.engine.dice import TAKE_FIRST, SeededDice
from tui.sim.engine.injection import Choices
from tui.sim.engine.state import RecentTable
from tui.sim.model.address import Family, address
from tui.sim.model.cluster import Cluster, Node
from tui.sim.model.connection import ConnState, ConntrackEntry, ConnTuple
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.settings import NodeFacts, ProxySettings
from tui.sim.netfilter.conntrack import ConntrackTable, Tracked
from tui.sim.netfilter.hooks import Hook
from tui.sim.netfilter.index import IndexedRuleset
from tui.sim.netfilter.rules import Chain, Ruleset, Table
from tui.sim.netfilter.traverse import Fate, Host, Skb, Traversal
from tui.sim.proxy.host import ProxyHost
from tui.sim.proxy.iptables import render
from tui.sim.trace import Role
from tui.sim.trace.recorder import Recorder

UPSTREAM = json.loads(
    (Path(__file__).parents[2] / "reference" / "upstream-flows-iptables.json").read_text()
)
FILTER_CHAINS = (
    "KUBE-SERVICES",
    "KUBE-EXTERNAL-SERVICES",
    "KUBE-NODEPORTS",
    "KUBE-PROXY-FIREWALL",
)


def cluster_of(case: dict[str, Any]) -> Cluster:
    """The objects of an upstream test, and the node it runs on."""
    config = case["config"]
    items = [*case["services"], *case["endpointSlices"]]
    # The tests set no nodePort range and no node objects; kube-proxy needs none of them.
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": config["hostname"]},
        "spec": {"podCIDR": "10.255.0.0/24"},
        "status": {"addresses": [{"type": "InternalIP", "address": config["nodeIP"]}]},
    }
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [node, *items]})
    return parse_cluster(text, "upstream").cluster


def node_of(cluster: Cluster, config: dict[str, Any]) -> Node:
    node = cluster.node(config["hostname"])
    assert node is not None
    own = [text.partition("/")[0] for text in config["interfaces"]["eth0"]]
    return replace(node, internal_ips=tuple(address(ip) for ip in own))


def ruleset_of(case: dict[str, Any]) -> Ruleset:
    config = case["config"]
    cluster = cluster_of(case)
    node = node_of(cluster, config)
    settings = ProxySettings(
        cluster_cidrs=(config["detectLocal"].get("cidr"),)
        if config["detectLocal"]["mode"] == "ClusterCIDR"
        else (),
        node_port_addresses=tuple(config["nodePortAddresses"]),
        masquerade_all=config["masqueradeAll"],
        localhost_node_ports=config["localhostNodePorts"],
    )
    facts = NodeFacts(
        nfacct=bool(config["nfacctCounters"]),
        conntrack_tcp_be_liberal=config["conntrackTCPBeLiberal"],
        random_fully=config["iptablesHasRandomFully"],
    )
    return render(cluster, ProxyHost(node, Family(config["ipFamily"]), settings, facts))


@dataclass
class Walked:
    """What one way through the chains came to."""

    target: str
    masquerade: bool
    branches: tuple[int, ...]


HOOKS = {"nat": Hook.PREROUTING, "filter": Hook.FORWARD}


def based_on(ruleset: Ruleset, table: str, chain: str) -> IndexedRuleset:
    """The ruleset with one of its chains hung on a hook, so that the hook walks it."""
    found = ruleset.chain(table, chain)
    assert found is not None
    base = HOOKS[table].value
    chains = {**ruleset.tables[table].chains, base: Chain(base, found.rules, "ACCEPT")}
    return IndexedRuleset(Ruleset(ruleset.family, {table: Table(table, chains)}))


def walk(
    case: dict[str, Any], ruleset: Ruleset, flow: dict[str, Any], told: tuple[int, ...]
) -> Walked:
    packet = Packet(
        address(flow["sourceIP"]), address(flow["destIP"]), Protocol(flow["protocol"].upper()),
        40000, flow["destPort"], flags="SYN",
    )  # fmt: skip
    local = {address(ip) for ip in case["config"]["localIPsForFlowTests"]}
    dice = SeededDice(Choices(branches=told, seed=TAKE_FIRST))
    skb = Skb(
        packet,
        Tracked(ConntrackEntry(ConnTuple.of(packet), ConnTuple.of(packet).reversed), ConnState.NEW),
    )
    walked = ""
    for table, chain in (("nat", "KUBE-SERVICES"), *(("filter", name) for name in FILTER_CHAINS)):
        log = Recorder(Role.REQUEST, skb.packet)
        log.enter("test-node", "node/test-node", None)
        rules = based_on(ruleset, table, chain)
        host = Host(
            "node/test-node",
            partial(same, rules),
            ConntrackTable(),
            RecentTable({}, 0),
            local.__contains__,
            lambda _device, _packet: None,
        )
        ruling = Traversal(HOOKS[table], skb, host, dice, log).run()
        if ruling.fate is not Fate.ACCEPTED:
            walked = walked or ruling.fate.value
            break
        if table == "filter" and accepted_by_rule(log):
            walked = walked or "accepted"
            break
    if skb.packet.destination != packet.destination or skb.packet.dport != packet.dport:
        walked = skb.packet.to_text if walked in ("", "accepted") else walked
    return Walked(walked, bool(skb.packet.mark & 0x4000), tuple(dice.branches))


def accepted_by_rule(log: Recorder) -> bool:
    log.leave(None)
    steps = [step for _, step in log.finished().steps()]
    return any(step.reason.code == "rule-accepted" for step in steps)


def same(rules: IndexedRuleset, _: Family) -> IndexedRuleset:
    """A host that has one ruleset for every family."""
    return rules


def every_way(case: dict[str, Any], ruleset: Ruleset, flow: dict[str, Any]) -> list[Walked]:
    ways: list[Walked] = []
    told: tuple[int, ...] | None = ()
    while told is not None:
        ways.append(walk(case, ruleset, flow, told))
        taken = ways[-1].branches
        told = next(((*taken[:i], 0) for i in range(len(taken) - 1, -1, -1) if taken[i]), None)
    return ways


RULESETS: dict[str, Ruleset] = {}
EXPECTED = {"REJECT": "rejected", "DROP": "dropped", "ACCEPT": "accepted", "NOMATCH": ""}


@pytest.mark.parametrize("flow", UPSTREAM["cases"], ids=lambda flow: flow["id"])
def test_flow_ends_as_upstream_says(flow: dict[str, Any]) -> None:
    name = flow["cluster"]
    case = UPSTREAM["clusters"][name]
    if name not in RULESETS:
        RULESETS[name] = ruleset_of(case)
    ways = every_way(case, RULESETS[name], flow)
    expected = flow["expected"]
    targets = list(dict.fromkeys(way.target for way in ways))
    if expected["kind"] == "DNAT":
        assert targets == expected["targets"]
    else:
        assert targets == [EXPECTED[expected["kind"]]]
    assert {way.masquerade for way in ways} == {expected["masquerade"]}


def test_all_of_upstream_is_here() -> None:
    assert len(UPSTREAM["cases"]) == 246
