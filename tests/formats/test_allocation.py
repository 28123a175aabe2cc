"""What hand-written manifests leave out is filled in, always alike, and told."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.formats.cluster import Loaded, parse_cluster
from tui.formats.errors import FormatError


def loaded_from(*documents: str) -> Loaded:
    return parse_cluster("\n---\n".join(documents), "cluster.yaml")


def node(name: str, spec: str = "{}", status: str = "{}") -> str:
    return f"{{kind: Node, metadata: {{name: {name}}}, spec: {spec}, status: {status}}}"


def internal(address: str) -> str:
    return f'{{addresses: [{{type: InternalIP, address: "{address}"}}]}}'


def pod(name: str, spec: str = "{}", status: str = "{}") -> str:
    return f"{{kind: Pod, metadata: {{name: {name}}}, spec: {spec}, status: {status}}}"


def service(name: str, spec: str = "{ports: [{port: 80}]}") -> str:
    return f"{{kind: Service, metadata: {{name: {name}}}, spec: {spec}}}"


def ips(loaded: Loaded) -> dict[str, list[str]]:
    return {pod.name: [str(ip) for ip in pod.ips] for pod in loaded.cluster.pods}


# ---------------------------------------------------------------- nodes


def test_a_node_is_made_where_there_is_none() -> None:
    loaded = loaded_from(pod("web"))
    (made,) = loaded.cluster.nodes
    assert (made.name, made.internal_ips) == ("node-a", (ip_address("192.168.10.1"),))
    assert made.pod_cidrs == (ip_network("10.244.0.0/24"),)
    assert loaded.notes == (
        "Node node-a: made, because the file has no Node.",
        "Node node-a: InternalIP 192.168.10.1, podCIDR 10.244.0.0/24.",
        "Pod default/web: on node-a, address 10.244.0.2.",
    )


def test_nodes_are_made_by_the_names_that_pods_use() -> None:
    loaded = loaded_from(
        pod("a", "{nodeName: two}"), pod("b", "{nodeName: one}"), pod("c", "{nodeName: two}")
    )
    assert [node.name for node in loaded.cluster.nodes] == ["two", "one"]
    assert ips(loaded) == {"a": ["10.244.0.2"], "b": ["10.244.1.2"], "c": ["10.244.0.3"]}


def test_nodes_get_what_is_free() -> None:
    loaded = loaded_from(
        node("a", "{podCIDR: 10.244.1.0/24}"),
        node("b", status=internal("192.168.10.1")),
        node("c"),
        node("d", "{podCIDR: 10.244.2.128/25}", internal("192.168.10.3")),
    )
    assert [str(node.internal_ips[0]) for node in loaded.cluster.nodes] == [
        "192.168.10.2",
        "192.168.10.1",
        "192.168.10.4",
        "192.168.10.3",
    ]
    assert [str(node.pod_cidrs[0]) for node in loaded.cluster.nodes] == [
        "10.244.1.0/24",
        "10.244.0.0/24",
        "10.244.3.0/24",
        "10.244.2.128/25",
    ]


def test_a_range_is_found_around_the_pods_that_a_node_has() -> None:
    loaded = loaded_from(
        node("a"),
        node("b"),
        node("c"),
        pod("one", "{nodeName: b}", "{podIP: 10.244.0.9}"),
        pod("two", "{nodeName: a}", "{podIP: 10.1.7.9}"),
        pod("three", "{nodeName: c}", "{podIP: 10.2.0.9}"),
        pod("four", "{nodeName: a}", "{podIP: 10.2.0.10}"),
    )
    found = {node.name: [str(net) for net in node.pod_cidrs] for node in loaded.cluster.nodes}
    assert found == {"a": ["10.1.7.0/24"], "b": ["10.244.0.0/24"], "c": ["10.244.1.0/24"]}


def test_many_nodes() -> None:
    loaded = loaded_from(*(node(f"n{number}") for number in range(300)))
    nodes = loaded.cluster.nodes
    assert len({node.internal_ips for node in nodes}) == 300
    assert not any(str(node.internal_ips[0]).endswith((".0", ".255")) for node in nodes)
    assert str(nodes[299].pod_cidrs[0]) == "10.245.43.0/24"


def test_more_nodes_than_ranges() -> None:
    with pytest.raises(FormatError, match="no range is left for its pods"):
        loaded_from(*(pod(f"p{number}", f"{{nodeName: n{number}}}") for number in range(1025)))


# ---------------------------------------------------------------- pods


def test_pods_take_turns_on_the_nodes() -> None:
    loaded = loaded_from(
        node("a"), node("b"), pod("p1"), pod("p2", "{nodeName: b}"), pod("p3"), pod("p4")
    )
    assert [pod.node for pod in loaded.cluster.pods] == ["a", "b", "b", "a"]


def test_a_pod_goes_where_its_address_lives() -> None:
    loaded = loaded_from(
        node("a", "{podCIDR: 10.244.0.0/24}"),
        node("b", "{podCIDR: 10.244.1.0/24}"),
        pod("p1", status="{podIP: 10.244.1.9}"),
    )
    assert loaded.cluster.pods[0].node == "b"


def test_pods_get_free_addresses_only() -> None:
    slices = (
        "{kind: EndpointSlice, metadata: {name: s}, addressType: IPv4, "
        "endpoints: [{addresses: [10.244.0.3]}]}"
    )
    loaded = loaded_from(
        node("a"), pod("p1"), pod("p2", "{nodeName: a}", "{podIP: 10.244.0.2}"), slices, pod("p3")
    )
    assert ips(loaded) == {"p1": ["10.244.0.4"], "p2": ["10.244.0.2"], "p3": ["10.244.0.5"]}


def test_a_pod_of_the_nodes_network_has_the_nodes_address() -> None:
    loaded = loaded_from(node("a"), pod("p1", "{hostNetwork: true}"))
    assert ips(loaded) == {"p1": ["192.168.10.1"]}


def test_pods_that_do_not_run_get_nothing() -> None:
    loaded = loaded_from(
        node("a"), pod("p1", status="{phase: Pending}"), pod("p2", status="{phase: Succeeded}")
    )
    assert [(pod.node, pod.ips) for pod in loaded.cluster.pods] == [(None, ()), (None, ())]


def test_both_families_of_a_node() -> None:
    loaded = loaded_from(
        node("a", '{podCIDRs: [10.244.0.0/24, "fd00:244::/64"]}', internal("192.168.10.1")),
        pod("p1"),
    )
    assert ips(loaded) == {"p1": ["10.244.0.2", "fd00:244::2"]}


def test_a_cluster_of_ipv6() -> None:
    loaded = loaded_from(node("a", status=internal("fd00:10::9")), pod("p1"), service("web"))
    (only,) = loaded.cluster.nodes
    assert only.pod_cidrs == (ip_network("fd00:244::/64"),)
    assert ips(loaded) == {"p1": ["fd00:244::2"]}
    assert loaded.cluster.services[0].cluster_ips == ("fd00:96::10",)


def test_a_full_range() -> None:
    small = node("a", "{podCIDR: 10.244.0.0/30}")
    assert ips(loaded_from(small, pod("p1"))) == {"p1": ["10.244.0.2"]}
    with pytest.raises(FormatError) as caught:
        loaded_from(small, pod("p1"), pod("p2"))
    assert str(caught.value) == (
        "cluster.yaml: document 3 (Pod p2) status.podIP: no address is left in 10.244.0.0/30 of "
        "node a; give the node a larger podCIDR"
    )


# ---------------------------------------------------------------- Services


def cluster_ips(loaded: Loaded) -> list[tuple[str, ...]]:
    return [service.cluster_ips for service in loaded.cluster.services]


def test_services_get_free_addresses_only() -> None:
    loaded = loaded_from(
        node("a"),
        service("one"),
        service("two", "{clusterIP: 10.96.0.10}"),
        service("three", '{clusterIP: ""}'),
        service("headless", "{clusterIP: None}"),
        service("outside", "{type: ExternalName, externalName: example.com}"),
    )
    assert cluster_ips(loaded) == [
        ("10.96.0.11",),
        ("10.96.0.10",),
        ("10.96.0.12",),
        ("None",),
        (),
    ]


def test_a_service_cidr_says_where_addresses_come_from() -> None:
    cidr = "{kind: ServiceCIDR, metadata: {name: kubernetes}, spec: {cidrs: [10.43.0.0/28]}}"
    names = [service(f"s{number}") for number in range(14)]
    found = cluster_ips(loaded_from(node("a"), cidr, *names))
    assert found[0] == ("10.43.0.10",)
    assert found[4:6] == [("10.43.0.14",), ("10.43.0.1",)]
    with pytest.raises(FormatError) as caught:
        loaded_from(node("a"), cidr, *names, service("more"))
    assert str(caught.value) == (
        "cluster.yaml: document 17 (Service more) spec.clusterIP: no address is left in "
        "10.43.0.0/28; add a ServiceCIDR, or write clusterIPs"
    )


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("{}", ("10.96.0.10",)),
        ("{ipFamilies: [IPv6]}", ("fd00:96::10",)),
        ("{ipFamilies: [IPv6, IPv4]}", ("fd00:96::10", "10.96.0.10")),
        ("{ipFamilyPolicy: SingleStack}", ("10.96.0.10",)),
        ("{ipFamilyPolicy: PreferDualStack}", ("10.96.0.10", "fd00:96::10")),
        (
            "{ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6]}",
            ("fd00:96::10", "10.96.0.10"),
        ),
        ("{ipFamilyPolicy: RequireDualStack, clusterIP: 10.0.0.1}", ("10.0.0.1", "fd00:96::10")),
    ],
)
def test_families_of_a_service(spec: str, found: tuple[str, ...]) -> None:
    dual = node("a", '{podCIDRs: [10.244.0.0/24, "fd00:244::/64"]}', internal("192.168.10.1"))
    assert cluster_ips(loaded_from(dual, service("web", spec))) == [found]


def test_a_family_that_the_cluster_has_not() -> None:
    single = node("a", "{podCIDR: 10.244.0.0/24}")
    with pytest.raises(FormatError, match=r"spec.ipFamilies\[0\]: IPv6 is not a family of this"):
        loaded_from(single, service("web", "{ipFamilies: [IPv6]}"))
    with pytest.raises(FormatError, match=r"spec.ipFamilyPolicy: RequireDualStack cannot be met"):
        loaded_from(single, service("web", "{ipFamilyPolicy: RequireDualStack}"))
    prefers = loaded_from(single, service("web", "{ipFamilyPolicy: PreferDualStack}"))
    assert cluster_ips(prefers) == [("10.96.0.10",)]


def test_a_file_without_addresses_has_the_families_that_it_asks_for() -> None:
    loaded = loaded_from(pod("p1"), service("web", "{ipFamilyPolicy: RequireDualStack}"))
    assert ips(loaded) == {"p1": ["10.244.0.2", "fd00:244::2"]}
    assert cluster_ips(loaded) == [("10.96.0.10", "fd00:96::10")]


def ports_of(*specs: str) -> list[list[int]]:
    items = [service(f"s{number}", spec) for number, spec in enumerate(specs)]
    found = loaded_from(node("a"), *items).cluster.services
    return [[port.node_port for port in item.ports] for item in found]


def test_node_ports() -> None:
    dns = "{name: udp, port: 53, protocol: UDP}, {name: tcp, port: 53}, {name: more, port: 54}"
    assert ports_of(
        "{ports: [{port: 80}]}",
        "{type: NodePort, ports: [{port: 80}]}",
        "{type: NodePort, ports: [{port: 80, nodePort: 30001}]}",
        "{type: LoadBalancer, ports: [{port: 80}]}",
        "{type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}",
        f"{{type: NodePort, ports: [{dns}]}}",
    ) == [[0], [30000], [30001], [30002], [0], [30003, 30003, 30004]]


def test_a_health_check_needs_a_port_of_its_own() -> None:
    local = "externalTrafficPolicy: Local, ports: [{port: 80}]"
    loaded = loaded_from(
        node("a"),
        service("one", f"{{type: LoadBalancer, {local}}}"),
        service("two", f"{{type: NodePort, {local}}}"),
        service("three", f"{{type: LoadBalancer, healthCheckNodePort: 30002, {local}}}"),
    )
    found = [
        (item.ports[0].node_port, item.health_check_node_port) for item in loaded.cluster.services
    ]
    assert found == [(30000, 30001), (30003, 0), (30004, 30002)]
    assert loaded.notes[1] == (
        "Service default/one: clusterIP 10.96.0.10, node port 30000 for 80, "
        "health check node port 30001."
    )


# ---------------------------------------------------------------- in general


@given(st.permutations(["a", "b", "c"]), st.integers(1, 6))
def test_what_was_allocated_is_not_allocated_again(names: list[str], pods: int) -> None:
    """A cluster written down with what it was given loads as it is."""
    first = loaded_from(
        *(node(name) for name in names),
        *(pod(f"p{number}") for number in range(pods)),
        service("web", "{type: NodePort, ports: [{port: 80}]}"),
    ).cluster
    web = first.services[0]
    second = loaded_from(
        *(
            node(n.name, f"{{podCIDR: {n.pod_cidrs[0]}}}", internal(str(n.internal_ips[0])))
            for n in first.nodes
        ),
        *(pod(p.name, f"{{nodeName: {p.node}}}", f"{{podIP: {p.ips[0]}}}") for p in first.pods),
        service(
            "web",
            f"{{type: NodePort, clusterIP: {web.cluster_ips[0]}, "
            f"ports: [{{port: 80, nodePort: {web.ports[0].node_port}}}]}}",
        ),
    )
    assert second.notes == ()
    assert second.cluster == first
