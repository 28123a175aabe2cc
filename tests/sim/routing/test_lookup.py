"""How a namespace chooses routes and source addresses."""

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from tui.sim.cni.machine import connected_routes, default_route, local_routes, loopback
from tui.sim.routing.lookup import RoutingTable
from tui.sim.routing.network import Device, DeviceKind, Namespace, Route, RouteKind
from tui.sim.routing.text import in_order, print_addresses, print_route

CARD = Device(
    "eth0",
    DeviceKind.PHYSICAL,
    "02:00:00:00:00:01",
    addresses=(ip_interface("192.168.10.1/24"), ip_interface("fd00:10::1/64")),
)
DUMMY = Device(
    "kube-ipvs0",
    DeviceKind.DUMMY,
    "02:00:00:00:00:02",
    addresses=(ip_interface("10.96.0.10/32"),),
)
DEVICES = (loopback(), CARD, DUMMY)
TABLE = RoutingTable(
    Namespace(
        "node/node-a", "node-a", DEVICES,
        (*local_routes(DEVICES), *connected_routes(CARD),
         default_route("eth0", ip_address("192.168.10.254"))),
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("destination", "kind", "device"),
    [
        ("192.168.10.1", RouteKind.LOCAL, "eth0"),
        ("10.96.0.10", RouteKind.LOCAL, "kube-ipvs0"),
        ("127.0.0.1", RouteKind.LOCAL, "lo"),
        ("127.9.9.9", RouteKind.LOCAL, "lo"),
        ("192.168.10.2", RouteKind.UNICAST, "eth0"),
        ("10.96.0.11", RouteKind.UNICAST, "eth0"),
        ("fd00:10::1", RouteKind.LOCAL, "eth0"),
    ],
)
def test_own_addresses_come_first_then_the_longest_prefix(
    destination: str, kind: RouteKind, device: str
) -> None:
    route = TABLE.lookup(ip_address(destination))
    assert route is not None
    assert (route.kind, route.device) == (kind, device)
    assert TABLE.is_local(ip_address(destination)) == (kind is RouteKind.LOCAL)


def test_where_no_route_leads() -> None:
    assert TABLE.lookup(ip_address("2001:db8::1")) is None


@pytest.mark.parametrize(
    ("destination", "source"),
    [("192.168.10.2", "192.168.10.1"), ("203.0.113.7", "192.168.10.1"),
     ("10.96.0.10", "10.96.0.10"), ("127.0.0.1", "127.0.0.1")],
)  # fmt: skip
def test_who_calls_an_own_address_comes_from_it(destination: str, source: str) -> None:
    assert str(TABLE.source_for(ip_address(destination))) == source


@pytest.mark.parametrize(
    ("ip", "own"), [("192.168.10.1", "192.168.10.1"), ("fd00::9", "fd00:10::1")]
)
def test_loopback_lends_its_address_to_nobody(ip: str, own: str) -> None:
    """127.0.0.1 has scope host: what is masqueraded on its way through lo gets another one."""
    assert str(TABLE.address_on("lo", ip_address(ip))) == own


@pytest.mark.parametrize(
    ("destination", "own"),
    [("fd00:10::9", "fd00:10::1"), ("2001:db8::9", "2001:db8:1::1"), ("fd00:99::1", "fd00:99::7"),
     ("fe00::1", "2001:db8:1::1"), ("fd00:80::1", "fd00:99::7"), ("fd80::1", "fd00:99::7")],
)  # fmt: skip
def test_an_ipv6_source_is_like_its_destination(destination: str, own: str) -> None:
    """RFC 6724: a unique local one for a unique local one, then bits in common, then youth."""
    addresses = (*CARD.addresses, ip_interface("2001:db8:1::1/64"), ip_interface("fd00:99::7/64"))
    card = replace(CARD, addresses=addresses)
    gateway = default_route("eth0", ip_address("fd00:10::ff"))
    routes = (*local_routes((card,)), *connected_routes(card), gateway)
    table = RoutingTable(Namespace("node/node-a", "node-a", (card,), routes))
    assert str(table.source_for(ip_address(destination))) == own


def test_addresses_are_printed_as_ip_prints_them() -> None:
    lines = print_addresses(5, "kube-ipvs0", [ip_address("10.96.0.10"), ip_address("fd00:96::a")])
    assert lines == (
        "5: kube-ipvs0    inet 10.96.0.10/32 scope global kube-ipvs0\\"
        "       valid_lft forever preferred_lft forever\n"
        "5: kube-ipvs0    inet6 fd00:96::a/128 scope global \\"
        "       valid_lft forever preferred_lft forever\n"
    )


def test_the_table_local_is_printed_as_ip_prints_it() -> None:
    """As `ip route show table local` and `ip -6 route show table local` did (iproute2 6.1)."""
    printed = [print_route(route) for route in in_order(local_routes((loopback(), CARD)))]
    assert [text for text in printed if "metric" not in text] == [
        "local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1",
        "local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1",
        "local 192.168.10.1 dev eth0 proto kernel scope host src 192.168.10.1",
    ]
    assert [text for text in printed if "metric" in text] == [
        "local ::1 dev lo proto kernel metric 0 pref medium",
        "local fd00:10::1 dev eth0 proto kernel metric 0 pref medium",
    ]


@pytest.mark.parametrize(
    ("ranges", "listed"),
    [
        (("192.168.10.0/24", "10.244.0.0/16", "10.244.1.0/24", "10.244.0.0/24", "0.0.0.0/0"),
         ("default", "10.244.0.0/24", "10.244.0.0/16", "10.244.1.0/24", "192.168.10.0/24")),
        (("::/0", "fd00:244::/32", "fd00:244::/48", "fd00:244:1::/64", "fd00:244::/64",
          "fd00:10::/64"),
         ("fd00:10::/64", "fd00:244::/64", "fd00:244::/48", "fd00:244:1::/64", "fd00:244::/32",
          "default")),
    ],
)  # fmt: skip
def test_routes_are_listed_in_the_kernels_order(
    ranges: tuple[str, ...], listed: tuple[str, ...]
) -> None:
    routes = [Route(ip_network(each), "eth0") for each in ranges]
    assert tuple(print_route(route).split()[0] for route in in_order(routes)) == listed


def test_an_ipv6_route_has_a_metric_and_no_scope() -> None:
    printed = [print_route(route) for route in connected_routes(CARD)]
    assert printed == [
        "192.168.10.0/24 dev eth0 proto kernel scope link src 192.168.10.1",
        "fd00:10::/64 dev eth0 proto kernel metric 256 pref medium",
    ]
    way = print_route(default_route("eth0", ip_address("fd00:10::fe")))
    assert way == "default via fd00:10::fe dev eth0 metric 1024 pref medium"


@pytest.mark.parametrize("metrics", [(0, 100), (100, 0), (50, 100), (100, 50)])
@pytest.mark.parametrize("range_", ["0.0.0.0/0", "::/0"])
def test_of_equal_ranges_the_lowest_metric_counts(range_: str, metrics: tuple[int, int]) -> None:
    """None is 0 for IPv4 and 1024 for IPv6."""
    routes = tuple(Route(ip_network(range_), "eth0", metric=metric) for metric in metrics)
    table = RoutingTable(Namespace("node/node-a", "node-a", (CARD,), routes))
    six = range_ == "::/0"
    found = table.lookup(ip_address("fd99::1" if six else "8.8.8.8"))
    assert found is not None
    assert found.metric == min(metrics, key=lambda metric: metric or (1024 if six else 0))
