"""nftables mode where the recordings show nothing: names, detectors, addresses, ServiceCIDRs."""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from tui.sim.engine import Choices, Injection, State, World, outcomes, send
from tui.sim.model.address import Family, address
from tui.sim.model.cluster import (
    Cluster,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    LoadBalancerIngress,
    Node,
    Service,
    ServiceCIDR,
    ServicePort,
)
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import NodeFacts, ProxyMode, ProxySettings
from tui.sim.netfilter.nft.text import print_rule, print_table
from tui.sim.proxy.host import ProxyHost
from tui.sim.proxy.names import readable_endpoint, readable_port
from tui.sim.proxy.nftables import render
from tui.sim.trace import Connection, ReasonCode, StepKind, Verdict

NODES = (
    Node("node-a", (ip_address("192.168.10.1"),), pod_cidrs=(ip_network("10.244.0.0/24"),)),
    Node("node-b", (ip_address("192.168.10.2"),), pod_cidrs=(ip_network("10.244.1.0/24"),)),
)
WEB = Service(
    "shop", "web", "LoadBalancer", ("10.96.0.10",),
    (ServicePort(80, name="http", node_port=30080),),
    load_balancer=(LoadBalancerIngress("198.51.100.1"),),
)  # fmt: skip
ENDPOINTS = tuple(
    Endpoint((f"10.244.{n}.5",), node=node.name, target=f"pod/shop/web-{n}")
    for n, node in enumerate(NODES)
)
SLICE = EndpointSlice("shop", "web-x", "web", "IPv4", ENDPOINTS, (EndpointPort(8080, name="http"),))
SETTINGS = ProxySettings(mode=ProxyMode.NFTABLES, cluster_cidrs=("10.244.0.0/16",))
FIREWALL = f"firewall-{readable_port('shop', 'web', Protocol.TCP, 'http')}"


def cluster(**changes: Any) -> Cluster:
    return Cluster(NODES, services=(replace(WEB, **changes),), slices=(SLICE,))


def chain(
    name: str,
    found: Cluster,
    settings: ProxySettings = SETTINGS,
    family: Family = Family.IPV4,
    facts: NodeFacts | None = None,
) -> list[str]:
    host = ProxyHost(NODES[0], family, settings, facts or NodeFacts())
    return [print_rule(rule) for rule in render(found, host).chains[name].rules]


# ---------------------------------------------------------------- names


def test_names_of_chains_are_upstreams() -> None:
    assert readable_port("ns1", "svc1", Protocol.TCP, "p80") == "ULMVA6XW-ns1/svc1/tcp/p80"
    assert readable_port("ns1", "svc1", Protocol.TCP, "").endswith("-ns1/svc1/tcp/")
    name = readable_endpoint("ns1", "svc1", Protocol.TCP, "p80", address("10.180.0.1"), 80)
    assert name == "5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80"


def test_a_colon_may_not_stand_in_a_name() -> None:
    name = readable_endpoint("ns1", "svc1", Protocol.TCP, "p80", address("fd00:10:180::1"), 80)
    assert name.endswith("-ns1/svc1/tcp/p80__fd00.10.180..1/80")


def test_a_name_too_long_is_cut() -> None:
    longest = "x" * 63
    ip = address("1111:2222:3333:4444:5555:6666:7777:8888")
    name = readable_endpoint(longest, longest, Protocol.SCTP, longest, ip, 65535)
    assert len(name) == 240
    assert name.endswith("...")


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        (SETTINGS, "ip daddr @cluster-ips ip saddr != 10.244.0.0/16 "),
        (replace(SETTINGS, detect_local_mode="NodeCIDR"),
         "ip daddr @cluster-ips ip saddr != 10.244.0.0/24 "),
        (replace(SETTINGS, detect_local_mode="BridgeInterface", bridge_interface="br0"),
         'ip daddr @cluster-ips iifname != "br0" '),
        (replace(SETTINGS, detect_local_mode="InterfaceNamePrefix", interface_name_prefix="cali"),
         'ip daddr @cluster-ips iifname != "cali*" '),
        (replace(SETTINGS, nftables_masquerade_all=True), "ip daddr @cluster-ips meta mark set "),
        (replace(SETTINGS, masquerade_all=True), "ip daddr @cluster-ips ip saddr != "),
        (replace(SETTINGS, cluster_cidrs=()), "ip daddr . meta l4proto . th dport vmap "),
    ],
)  # fmt: skip
def test_the_first_rule_of_services(settings: ProxySettings, rule: str) -> None:
    assert chain("services", cluster(), settings)[0].startswith(rule)


def test_a_mark_of_the_highest_bit_is_listed_as_a_prefix() -> None:
    settings = replace(SETTINGS, nftables_masquerade_bit=31)
    assert chain("masquerading", cluster(), settings)[0].startswith("meta mark != 0x00000000/1 ")


NODE_PORTS = "meta l4proto . th dport vmap @service-nodeports"


@pytest.mark.parametrize(
    ("ranges", "rule", "addresses"),
    [
        ((), f"ip daddr @nodeport-ips {NODE_PORTS}", {"192.168.10.1"}),
        (("primary",), f"ip daddr @nodeport-ips {NODE_PORTS}", {"192.168.10.1"}),
        (("192.168.0.0/16",), f"ip daddr @nodeport-ips {NODE_PORTS}",
         {"192.168.10.1", "192.168.20.1"}),
        (("127.0.0.0/8",), f"ip daddr @nodeport-ips {NODE_PORTS}", set()),
        (("0.0.0.0/0",), f"fib daddr type local ip daddr != 127.0.0.0/8 {NODE_PORTS}", None),
        (("fd00::/8",), f"fib daddr type local ip daddr != 127.0.0.0/8 {NODE_PORTS}", None),
    ],
)  # fmt: skip
def test_addresses_that_take_node_ports(
    ranges: tuple[str, ...], rule: str, addresses: set[str] | None
) -> None:
    settings = replace(SETTINGS, node_port_addresses=ranges)
    facts = NodeFacts(extra_addresses=("192.168.20.1/24",))
    assert chain("services", cluster(), settings, facts=facts)[-1] == rule
    table = render(cluster(), ProxyHost(NODES[0], Family.IPV4, settings, facts))
    found = table.sets.get("nodeport-ips")
    held = {str(key[0]) for key in found.elements} if found else None
    assert held == addresses


def test_a_family_without_an_address_of_the_node_takes_every_local_one() -> None:
    assert chain("services", cluster(), family=Family.IPV6)[-1] == (
        f"fib daddr type local ip6 daddr != ::1 {NODE_PORTS}"
    )


# ---------------------------------------------------------------- services


@pytest.mark.parametrize(
    ("ranges", "rule"),
    [
        (("203.0.113.0/24",), "ip saddr != 203.0.113.0/24 drop"),
        (("203.0.113.7/32",), "ip saddr != 203.0.113.7 drop"),
        (("203.0.113.0/25", "203.0.113.128/25"), "ip saddr != { 203.0.113.0/24 } drop"),
        (("203.0.114.0/24", "203.0.113.0/24"), "ip saddr != { 203.0.113.0-203.0.114.255 } drop"),
        (("192.168.10.0/24",), "ip saddr != { 192.168.10.0/24, 198.51.100.1 } drop"),
        (("198.51.0.0/16", "192.168.10.0/24"),
         "ip saddr != { 192.168.10.0/24, 198.51.0.0/16 } drop"),
    ],
)  # fmt: skip
def test_source_ranges(ranges: tuple[str, ...], rule: str) -> None:
    assert chain(FIREWALL, cluster(source_ranges=ranges)) == [rule]


def test_addresses_of_no_service_are_dropped_where_service_cidrs_are_known() -> None:
    told = tuple(
        ServiceCIDR(name, (ip_network(v4), ip_network(v6)))
        for name, v4, v6 in (
            ("kubernetes", "10.96.0.0/16", "fd00:96::/112"),
            ("more", "10.97.0.0/16", "fd00:97::/112"),
        )
    )
    known = replace(cluster(), service_cidrs=told[:1])
    drop = 'drop comment "Drop traffic to unallocated ClusterIPs"'
    assert chain("cluster-ips-check", known)[1] == f"ip daddr 10.96.0.0/16 {drop}"
    both = replace(cluster(), service_cidrs=told)
    assert chain("cluster-ips-check", both)[1] == f"ip daddr {{ 10.96.0.0/15 }} {drop}"
    assert chain("cluster-ips-check", both, family=Family.IPV6)[1] == (
        f"ip6 daddr {{ fd00:96::/112, fd00:97::/112 }} {drop}"
    )
    trace = outcomes(World(known, SETTINGS), State(), Injection("node/node-a", "10.96.0.77:80"))
    assert [o.verdict for o in trace.outcomes] == [Verdict.DROPPED]


def test_a_port_that_no_service_has_is_refused_in_its_name() -> None:
    trace = outcomes(World(cluster(), SETTINGS), State(), Injection("10.244.0.7", "10.96.0.10:81"))
    (only,) = trace.outcomes
    end = only.request.end
    assert only.connection is Connection.REFUSED
    assert end.owner == "Service shop/web"
    assert end.place is not None
    assert (end.place.table, end.place.chain) == ("ip kube-proxy", "cluster-ips-check")
    assert end.reason.fields["comment"] == "Reject traffic to invalid ports of ClusterIPs"


# ---------------------------------------------------------------- affinity


def test_a_client_stays_with_its_endpoint_until_its_time_is_up() -> None:
    world = World(cluster(session_affinity="ClientIP", affinity_timeout=60), SETTINGS)
    asked = Injection("10.244.0.7", "10.96.0.10:80")
    first, state = send(world, State(), asked, Choices(pin="10.244.1.5:8080"))
    kept = state.hosts["node/node-a"].elements
    assert [key for keys in kept.values() for key, _ in keys] == [(address("10.244.0.7"),)]
    assert first.outcomes[0].choices == (1,)
    for now, ways in ((59.0, 1), (61.0, 2)):
        later = outcomes(world, state.at(now), asked)
        assert len(later.outcomes) == ways
        assert "10.244.1.5:8080" in {o.destination for o in later.outcomes}
    assert state.at(61.0).hosts["node/node-a"].elements == {}


def test_an_endpoint_that_meets_itself_is_masqueraded_without_a_rule_of_its_own() -> None:
    world = World(cluster(), SETTINGS, "bridge")
    trace, _ = send(
        world, State(), Injection("10.244.0.5", "10.96.0.10:80"), Choices(pin="10.244.0.5:8080")
    )
    (only,) = trace.outcomes
    assert only.snat == "10.244.0.1"
    masqueraded = [
        step.place.rule for _, step in only.request.steps()
        if step.reason.code is ReasonCode.RULE_MASQUERADED and step.place
    ]  # fmt: skip
    assert masqueraded == [2]


def test_the_same_rules_are_walked_that_are_printed() -> None:
    world = World(cluster(), SETTINGS)
    trace, _ = send(world, State(), Injection("10.244.0.7", "10.96.0.10:80"), Choices())
    table = world.kube_proxy_table("node-a", Family.IPV4)
    assert table is not None
    lines = {line.strip() for line in print_table(table).splitlines()}
    shown = [
        step.place.text for hop, step in trace.outcomes[0].request.steps()
        if step.kind is StepKind.RULE_MATCHED and step.place and hop.node == "node-a"
        and step.place.table == "ip kube-proxy"
    ]  # fmt: skip
    assert shown
    assert set(shown) <= lines
