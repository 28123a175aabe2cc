"""What kube-proxy programs in IPVS mode, case by case, where the recordings show none."""

from dataclasses import replace
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
from tui.sim.model.settings import NodeFacts, ProxyMode, ProxySettings
from tui.sim.netfilter.ipset_text import print_element
from tui.sim.netfilter.ipvs import VirtualServer
from tui.sim.netfilter.ipvs_text import print_server
from tui.sim.netfilter.text import print_rule
from tui.sim.proxy.host import ProxyHost
from tui.sim.proxy.ipvs import Programmed, bound_addresses, render

NODE = Node(
    "node-a",
    (ip_address("192.168.10.1"), ip_address("fd00:10::1")),
    pod_cidrs=(ip_network("10.244.0.0/24"),),
)
CIDR = ProxySettings(mode=ProxyMode.IPVS, cluster_cidrs=("10.244.0.0/16",))
HERE, THERE = Endpoint(("10.244.0.5",), node="node-a"), Endpoint(("10.244.1.5",), node="node-b")
WEB = Service(
    "shop", "web", "LoadBalancer", ("10.96.0.10",), (ServicePort(80, node_port=30080),),
    external_ips=("203.0.113.1",), load_balancer=(LoadBalancerIngress("198.51.100.1"),),
)  # fmt: skip


def programmed(
    service: Service = WEB,
    endpoints: tuple[Endpoint, ...] = (HERE, THERE),
    settings: ProxySettings = CIDR,
    facts: NodeFacts | None = None,
) -> Programmed:
    ports = tuple(EndpointPort(8080, port.protocol, port.name) for port in service.ports)
    listed = EndpointSlice("shop", "web-x", service.name, "IPv4", endpoints, ports)
    cluster = Cluster((NODE,), (), (service,), (listed,))
    host = ProxyHost(NODE, Family.IPV4, settings, facts or NodeFacts())
    made = render(cluster, host)
    assert set(bound_addresses(cluster, host)) == set(made.addresses)
    return made


def chain(made: Programmed, table: str, name: str) -> list[str]:
    found = made.rules.chain(table, name)
    assert found is not None
    return [print_rule(rule, Family.IPV4) for rule in found.rules]


def elements(made: Programmed, name: str) -> list[str]:
    return [print_element(element) for element in made.sets_by_name[name].elements]


def behind(made: Programmed) -> dict[str, list[str]]:
    """Real servers by virtual one."""
    return {each.text: [real.text for real in each.servers] for each in made.servers}


def first(made: Programmed) -> VirtualServer:
    return made.servers[0]


# ---------------------------------------------------------------- virtual servers


def test_every_address_is_a_virtual_server_of_its_own() -> None:
    both = ["10.244.0.5:8080", "10.244.1.5:8080"]
    assert behind(programmed()) == {
        "10.96.0.10:80": both,
        "203.0.113.1:80": both,
        "198.51.100.1:80": both,
        "192.168.10.1:30080": both,
    }


def test_policy_local_is_about_what_comes_from_outside() -> None:
    made = behind(programmed(replace(WEB, external_traffic_policy="Local")))
    assert made.pop("10.96.0.10:80") == ["10.244.0.5:8080", "10.244.1.5:8080"]
    assert set(map(tuple, made.values())) == {("10.244.0.5:8080",)}


def test_policy_local_falls_back_where_no_endpoint_is_here() -> None:
    made = programmed(replace(WEB, external_traffic_policy="Local"), (THERE,))
    assert set(map(tuple, behind(made).values())) == {("10.244.1.5:8080",)}


def test_internal_policy_local_alone_finds_nobody_elsewhere() -> None:
    """For a ClusterIP Service the endpoints of other nodes are never looked at."""
    plain = Service("shop", "web", "ClusterIP", ("10.96.0.10",), (ServicePort(80),),
                    internal_traffic_policy="Local")  # fmt: skip
    assert behind(programmed(plain, (THERE,))) == {"10.96.0.10:80": []}


@pytest.mark.parametrize(
    ("settings", "service", "text"),
    [
        (CIDR, WEB, "-t 10.96.0.10:80 -s rr"),
        (replace(CIDR, ipvs_scheduler="lc"), WEB, "-t 10.96.0.10:80 -s lc"),
        (replace(CIDR, ipvs_scheduler="mh"), WEB, "-t 10.96.0.10:80 -s mh -b mh-port"),
        (CIDR, replace(WEB, session_affinity="ClientIP", affinity_timeout=60),
         "-t 10.96.0.10:80 -s rr -p 60"),
    ],
)  # fmt: skip
def test_scheduler_and_affinity(settings: ProxySettings, service: Service, text: str) -> None:
    assert print_server(first(programmed(service, settings=settings))) == text
    assert first(programmed()).owner == "Service shop/web"


@pytest.mark.parametrize(
    ("wanted", "extra", "taking"),
    [
        ((), (), ["192.168.10.1"]),
        ((), ("192.168.20.1/24", "fe80::1/64"), ["192.168.10.1", "192.168.20.1"]),
        (("192.168.20.0/24",), ("192.168.20.1/24",), ["192.168.20.1"]),
        (("primary",), ("192.168.20.1/24",), ["192.168.10.1"]),
        (("127.0.0.0/8",), (), []),
        (("fd00::/8",), (), ["192.168.10.1"]),
    ],
)
def test_node_ports_on_the_nodes_addresses(
    wanted: tuple[str, ...], extra: tuple[str, ...], taking: list[str]
) -> None:
    settings = replace(CIDR, node_port_addresses=wanted)
    made = programmed(settings=settings, facts=NodeFacts(extra_addresses=extra))
    assert [str(s.ip) for s in made.servers if s.port == 30080] == taking
    assert bool(elements(made, "KUBE-NODE-PORT-TCP")) == bool(taking)


def test_without_an_address_for_node_ports_the_health_check_is_left_out_too() -> None:
    checked = replace(WEB, external_traffic_policy="Local", health_check_node_port=32000)
    assert elements(programmed(checked), "KUBE-HEALTH-CHECK-NODE-PORT") == ["32000"]
    nowhere = replace(CIDR, node_port_addresses=("127.0.0.0/8",))
    made = programmed(checked, settings=nowhere)
    assert elements(made, "KUBE-HEALTH-CHECK-NODE-PORT") == []


# ---------------------------------------------------------------- addresses and sets


def test_an_address_of_another_device_is_not_bound() -> None:
    own = replace(WEB, external_ips=("192.168.10.1", "203.0.113.1"))
    made = programmed(own)
    assert [str(ip) for ip in made.addresses] == ["10.96.0.10", "203.0.113.1", "198.51.100.1"]
    assert elements(made, "KUBE-IPVS-IPS") == ["10.96.0.10", "203.0.113.1", "198.51.100.1"]
    assert "192.168.10.1:80" in behind(made)


def test_endpoints_of_this_node_are_in_loop_back_ready_or_not() -> None:
    gone = replace(HERE, addresses=("10.244.0.6",), ready=False, serving=False)
    made = programmed(endpoints=(HERE, THERE, gone))
    assert elements(made, "KUBE-LOOP-BACK") == [
        "10.244.0.5,tcp:8080,10.244.0.5", "10.244.0.6,tcp:8080,10.244.0.6"
    ]  # fmt: skip
    assert "10.244.0.6:8080" not in behind(made)["10.96.0.10:80"]


def test_policy_decides_which_sets() -> None:
    local = programmed(replace(WEB, external_traffic_policy="Local"))
    for made, lone, both in ((programmed(), False, False), (local, True, True)):
        assert bool(elements(made, "KUBE-EXTERNAL-IP")) != lone
        assert bool(elements(made, "KUBE-EXTERNAL-IP-LOCAL")) == lone
        assert elements(made, "KUBE-LOAD-BALANCER") == ["198.51.100.1,tcp:80"]
        assert bool(elements(made, "KUBE-LOAD-BALANCER-LOCAL")) == both
        assert elements(made, "KUBE-NODE-PORT-TCP") == ["30080"]
        assert bool(elements(made, "KUBE-NODE-PORT-LOCAL-TCP")) == both


def test_sctp_node_ports_are_kept_with_addresses() -> None:
    """A bitmap knows TCP and UDP only."""
    sctp = replace(WEB, ports=(ServicePort(80, Protocol.SCTP, node_port=30080),))
    made = programmed(replace(sctp, external_traffic_policy="Local"))
    for name in ("KUBE-NODE-PORT-SCTP-HASH", "KUBE-NODE-PORT-LOCAL-SCTP-HASH"):
        assert elements(made, name) == ["192.168.10.1,sctp:30080"]
    assert [rule.partition(" -m comment")[0] for rule in chain(made, "nat", "KUBE-NODE-PORT")] == [
        "-p sctp", "-p sctp"
    ]  # fmt: skip


# ---------------------------------------------------------------- rules

OUTSIDERS = '-m comment --comment "Kubernetes service cluster ip + port for masquerade purpose"'


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        (CIDR, f"! -s 10.244.0.0/16 {OUTSIDERS} -m set --match-set KUBE-CLUSTER-IP dst,dst"),
        (replace(CIDR, cluster_cidrs=()),
         f"{OUTSIDERS} -m set --match-set KUBE-CLUSTER-IP src,dst"),
        (replace(CIDR, masquerade_all=True),
         f"{OUTSIDERS} -m set --match-set KUBE-CLUSTER-IP dst,dst"),
        (replace(CIDR, cluster_cidrs=(), masquerade_all=True),
         f"{OUTSIDERS} -m set --match-set KUBE-CLUSTER-IP dst,dst"),
        (replace(CIDR, detect_local_mode="InterfaceNamePrefix", interface_name_prefix="veth"),
         f"! -i veth+ {OUTSIDERS} -m set --match-set KUBE-CLUSTER-IP dst,dst"),
    ],
)  # fmt: skip
def test_who_is_masqueraded_on_the_way_to_a_cluster_ip(settings: ProxySettings, rule: str) -> None:
    assert f"{rule} -j KUBE-MARK-MASQ" in chain(
        programmed(settings=settings), "nat", "KUBE-SERVICES"
    )


def test_the_order_of_kube_services() -> None:
    """With every set filled, each rule stands where kube-proxy writes it."""
    local = replace(
        WEB, name="local", cluster_ips=("10.96.0.11",), external_ips=("203.0.113.2",),
        load_balancer=(), external_traffic_policy="Local", ports=(ServicePort(81),),
    )  # fmt: skip
    host = ProxyHost(NODE, Family.IPV4, CIDR, NodeFacts())
    made = render(Cluster((NODE,), (), (WEB, local)), host)
    short = [
        " ".join(word for word in rule.split() if word.isupper() or "KUBE" in word or "," in word)
        for rule in chain(made, "nat", "KUBE-SERVICES")
    ]
    assert short == [
        "RETURN",
        "KUBE-LOAD-BALANCER dst,dst KUBE-LOAD-BALANCER",
        "KUBE-CLUSTER-IP dst,dst KUBE-MARK-MASQ",
        "KUBE-EXTERNAL-IP dst,dst KUBE-MARK-MASQ",
        "KUBE-EXTERNAL-IP dst,dst LOCAL ACCEPT",
        "KUBE-EXTERNAL-IP dst,dst LOCAL ACCEPT",
        "KUBE-EXTERNAL-IP-LOCAL dst,dst LOCAL ACCEPT",
        "KUBE-EXTERNAL-IP-LOCAL dst,dst LOCAL ACCEPT",
        "LOCAL KUBE-NODE-PORT",
        "KUBE-CLUSTER-IP dst,dst ACCEPT",
        "KUBE-LOAD-BALANCER dst,dst ACCEPT",
    ]


@pytest.mark.parametrize(
    ("ranges", "blocked", "own"),
    [
        (("203.0.113.0/24",), ["-s 198.51.100.1/32 -m ipvs --vproto 6 --vaddr 198.51.100.1 "
                               "--vport 80 -j DROP"], []),
        (("192.168.10.0/24",), [], ["198.51.100.1,tcp:80,198.51.100.1"]),
        (("0.0.0.0/0",), [], []),
        ((), [], []),
    ],
)  # fmt: skip
def test_source_ranges(ranges: tuple[str, ...], blocked: list[str], own: list[str]) -> None:
    made = programmed(replace(WEB, source_ranges=ranges))
    assert chain(made, "filter", "KUBE-IPVS-OUT-FILTER") == blocked
    assert elements(made, "KUBE-LOAD-BALANCER-SOURCE-IP") == own
    counts = [r for r in ranges if not r.endswith("/0")]
    assert elements(made, "KUBE-LOAD-BALANCER-SOURCE-CIDR") == [
        f"198.51.100.1,tcp:80,{net}" for net in counts
    ]
    assert bool(chain(made, "filter", "KUBE-PROXY-FIREWALL")) == bool(counts)


def test_a_service_without_endpoints_has_no_rule_that_refuses() -> None:
    with_none, with_some = programmed(endpoints=()), programmed()
    assert with_none.rules.tables["filter"] == with_some.rules.tables["filter"]
    assert set(behind(with_none)) == set(behind(with_some))
