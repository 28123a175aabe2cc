"""What kube-proxy writes in cases that the recordings do not show."""

from ipaddress import ip_address, ip_network

import pytest

from tui.sim.model.address import Family
from tui.sim.model.cluster import (
    Cluster,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    LoadBalancerIngress,
    Node,
    Service,
    ServicePort,
)
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import NodeFacts, ProxySettings
from tui.sim.model.value import replace
from tui.sim.netfilter.text import print_ruleset
from tui.sim.proxy.host import ProxyHost
from tui.sim.proxy.iptables import render
from tui.sim.proxy.names import endpoint_chain, hashed, port_tag

NODE = Node("node-a", (ip_address("192.168.10.1"),), pod_cidrs=(ip_network("10.244.0.0/24"),))
CIDR = ProxySettings(cluster_cidrs=("10.244.0.0/16",))
WEB = Service("ns1", "svc1", "ClusterIP", ("10.96.0.10",), (ServicePort(80, name="p80"),))


def slice_of(service: Service, count: int, **endpoint: object) -> EndpointSlice:
    found = tuple(
        Endpoint((f"10.180.{i // 250}.{i % 250 + 1}",), **endpoint)  # type: ignore[arg-type]
        for i in range(count)
    )
    port = service.ports[0]
    return EndpointSlice(
        service.namespace, f"{service.name}-x", service.name, "IPv4", found,
        (EndpointPort(80, port.protocol, port.name),),
    )  # fmt: skip


def rules(
    service: Service, count: int = 1, settings: ProxySettings = CIDR,
    facts: NodeFacts | None = None, family: Family = Family.IPV4, **endpoint: object,
) -> list[str]:  # fmt: skip
    cluster = Cluster((NODE,), (), (service,), (slice_of(service, count, **endpoint),))
    host = ProxyHost(NODE, family, settings, facts or NodeFacts())
    return [line for line in print_ruleset(render(cluster, host)).splitlines() if line[0] == "-"]


def about(lines: list[str], *words: str) -> list[str]:
    return [line for line in lines if all(word in line for word in words)]


NAMES = [
    ("ns1/svc1:p80", "XPGD46QRK7WJZT7O"),
    ("default/kubernetes:https", "NPX46M4PTMTKRN6Y"),
    ("kube-system/kube-dns:dns-tcp", "ERIFXISQEP7F7OF4"),
    ("kube-system/kube-dns:metrics", "JD5MR3NA4I4DYORP"),
]


@pytest.mark.parametrize(("name", "digest"), NAMES)
def test_chain_names_are_those_of_a_real_node(name: str, digest: str) -> None:
    assert hashed(port_tag(name, Protocol.TCP)) == digest


def test_endpoint_chain_name() -> None:
    chain = endpoint_chain(port_tag("ns1/svc1:p80", Protocol.TCP), "10.180.0.1:80")
    assert chain == "KUBE-SEP-SXIVWICOYRO3J4NJ"


@pytest.mark.parametrize("usable", [True, False])
def test_a_large_cluster_drops_the_comments_of_endpoints(usable: bool) -> None:
    """Every endpoint that slices list counts, also those that nobody may use."""
    other = replace(WEB, name="other", cluster_ips=("10.96.0.11",))
    many = slice_of(other, 1000, ready=usable, serving=usable)
    for extra, commented in ((0, True), (1, False)):
        cluster = Cluster((NODE,), (), (WEB, other), (slice_of(WEB, extra), many))
        host = ProxyHost(NODE, Family.IPV4, CIDR, NodeFacts())
        lines = print_ruleset(render(cluster, host)).splitlines()
        assert bool(about(lines, "-> 10.180.0.1:80")) is (commented and usable)
        assert bool(about(lines, "-A KUBE-SEP-", "--comment")) is (commented and usable)
        assert about(lines, "ns1/other:p80 ")


def test_the_mark_follows_its_bit() -> None:
    lines = rules(WEB, settings=replace(CIDR, masquerade_bit=0))
    assert "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x1/0x1" in lines


def test_an_interface_prefix_tells_pods_apart() -> None:
    settings = ProxySettings(detect_local_mode="InterfaceNamePrefix", interface_name_prefix="cali")
    masked = about(rules(WEB, settings=settings), "-A KUBE-SVC-", "KUBE-MARK-MASQ")
    assert masked == [
        "-A KUBE-SVC-XPGD46QRK7WJZT7O -d 10.96.0.10/32 ! -i cali+ -p tcp -m comment --comment "
        '"ns1/svc1:p80 cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ'
    ]


def test_without_a_detector_nothing_is_masqueraded_on_the_cluster_ip() -> None:
    assert not about(rules(WEB, settings=ProxySettings()), "-A KUBE-SVC-", "KUBE-MARK-MASQ")


def test_liberal_conntrack_keeps_invalid_packets() -> None:
    assert about(rules(WEB), "INVALID")
    assert not about(rules(WEB, facts=NodeFacts(conntrack_tcp_be_liberal=True)), "INVALID")


def test_without_counters_there_is_no_nfacct() -> None:
    assert not about(rules(WEB, facts=NodeFacts(nfacct=False)), "nfacct")


BALANCED = replace(
    WEB, type="LoadBalancer", load_balancer=(LoadBalancerIngress("203.0.113.9"),),
)  # fmt: skip

RANGES = [
    ((" 203.0.113.000/025 ",), ["203.0.113.0/25"]),
    (("0.0.0.0/0", "203.0.113.0/24"), []),
    (("2001:db8::/32",), []),
    (("192.168.10.7/16",), ["192.168.0.0/16", "203.0.113.9/32"]),
]


@pytest.mark.parametrize(("ranges", "sources"), RANGES)
def test_source_ranges_are_read_sloppily(ranges: tuple[str, ...], sources: list[str]) -> None:
    lines = about(rules(replace(BALANCED, source_ranges=ranges)), "-A KUBE-FW-", " -s ")
    assert [line.split()[3] for line in lines] == sources


def test_a_load_balancer_that_is_a_proxy_gets_no_rule() -> None:
    proxied = replace(BALANCED, load_balancer=(LoadBalancerIngress("203.0.113.9", "Proxy"),))
    assert not about(rules(proxied), "203.0.113.9")


@pytest.mark.parametrize("kind", ["ExternalName", "headless"])
def test_services_without_an_address_get_no_rule(kind: str) -> None:
    if kind == "headless":
        service = replace(WEB, cluster_ips=("None",))
    else:
        service = replace(WEB, type="ExternalName")
    assert not about(rules(service), "ns1/svc1")


def test_a_service_of_another_proxy_is_left_alone() -> None:
    foreign = replace(WEB, labels={"service.kubernetes.io/service-proxy-name": "other"})
    assert not about(rules(foreign), "ns1/svc1")


def test_endpoints_are_sorted_as_text() -> None:
    lines = about(rules(WEB, 12), "-A KUBE-SVC-", "->")
    texts = [line.split("-> ")[1].split('"')[0] for line in lines]
    assert texts[:4] == ["10.180.0.10:80", "10.180.0.11:80", "10.180.0.12:80", "10.180.0.1:80"]


def test_probabilities_are_those_of_the_kernels_31_bits() -> None:
    lines = about(rules(WEB, 4), "statistic")
    assert [line.split("--probability ")[1].split()[0] for line in lines] == [
        "0.25000000000", "0.33333333349", "0.50000000000",
    ]  # fmt: skip


HERE = Endpoint(("10.180.0.1",))
AWAY = replace(HERE, ready=False, serving=False)
LEAVING = replace(AWAY, terminating=True)


@pytest.mark.parametrize(
    ("first", "last", "served"),
    [
        (HERE, AWAY, False),
        (AWAY, HERE, True),
        (HERE, LEAVING, True),
        (LEAVING, HERE, True),
    ],
)
def test_of_duplicates_the_last_counts_unless_it_goes_away(
    first: Endpoint, last: Endpoint, served: bool
) -> None:
    """addEndpoints in pkg/proxy/endpointslicecache.go, v1.36."""
    both = replace(slice_of(WEB, 1), endpoints=(first, last))
    cluster = Cluster((NODE,), (), (WEB,), (both,))
    host = ProxyHost(NODE, Family.IPV4, CIDR, NodeFacts())
    lines = print_ruleset(render(cluster, host)).splitlines()
    assert bool(about(lines, "-A KUBE-SVC-")) is served
    assert bool(about(lines, "has no endpoints", "REJECT")) is not served


def test_who_else_is_asked_for() -> None:
    """kube-proxy's informers leave out labelled Services, and slices of headless ones."""
    headless = {"service.kubernetes.io/headless": ""}
    assert about(rules(replace(WEB, labels=headless)), "-A KUBE-SVC-")
    assert not about(
        rules(replace(WEB, labels={"service.kubernetes.io/service-proxy-name": "other"})), "svc1"
    )
    hidden = replace(slice_of(WEB, 1), headless=True)
    host = ProxyHost(NODE, Family.IPV4, CIDR, NodeFacts())
    lines = print_ruleset(render(Cluster((NODE,), (), (WEB,), (hidden,)), host)).splitlines()
    assert about(lines, "has no endpoints", "REJECT")


@pytest.mark.parametrize("allowed", [True, False])
def test_external_ips_can_be_switched_off(allowed: bool) -> None:
    outside = replace(WEB, external_ips=("203.0.113.9",))
    lines = rules(outside, settings=replace(CIDR, allow_external_ips=allowed))
    assert bool(about(lines, "203.0.113.9")) is allowed
    assert bool(about(lines, "KUBE-EXT-")) is allowed


@pytest.mark.parametrize(
    ("bound", "inside"), [("", False), ("0.0.0.0", False), ("::1", False), ("172.16.0.1", True)]
)
def test_an_address_to_bind_to_is_the_nodes_own(bound: str, inside: bool) -> None:
    balanced = replace(
        WEB, type="LoadBalancer", source_ranges=("172.16.0.0/12",),
        load_balancer=(LoadBalancerIngress("198.51.100.1"),),
    )  # fmt: skip
    lines = rules(balanced, settings=replace(CIDR, bind_address=bound))
    assert bool(about(lines, "-A KUBE-FW-", "-s 198.51.100.1/32")) is inside
