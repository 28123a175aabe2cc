"""`route -n`, as net-tools 2.10 printed it for these routes."""

from ipaddress import ip_address, ip_network

from tui.sim.routing.net_tools import print_route_table
from tui.sim.routing.network import Route, RouteKind

PRINTED = """\
Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         192.168.10.254  0.0.0.0         UG    0      0        0 d0
10.1.1.1        0.0.0.0         255.255.255.255 UH    0      0        0 d0
10.1.1.2        192.168.10.3    255.255.255.255 UGH   0      0        0 d0
10.5.0.0        0.0.0.0         255.255.255.0   U     0      0        0 d0
10.5.0.0        10.5.0.0        255.255.0.0     UG    0      0        0 d0
10.9.0.0        0.0.0.0         255.255.0.0     U     0      0        0 *
10.244.1.0      192.168.10.2    255.255.255.0   UG    0      0        0 d0
192.168.10.0    0.0.0.0         255.255.255.0   U     0      0        0 d0
"""


def route(destination: str, via: str = "", kind: RouteKind = RouteKind.UNICAST) -> Route:
    hop = ip_address(via) if via else None
    return Route(ip_network(destination), "d0", via=hop, kind=kind)


ROUTES = (
    route("192.168.10.1/32", kind=RouteKind.LOCAL),
    route("fd00::/64"),
    route("192.168.10.0/24"),
    route("0.0.0.0/0", "192.168.10.254"),
    route("10.244.1.0/24", "192.168.10.2"),
    route("10.9.0.0/16", kind=RouteKind.BLACKHOLE),
    route("10.1.1.1/32"),
    route("10.1.1.2/32", "192.168.10.3"),
    route("10.5.0.0/16", "10.5.0.0"),
    route("10.5.0.0/24"),
)


def test_the_table_is_the_one_that_route_prints() -> None:
    assert "".join(f"{line}\n" for line in print_route_table(ROUTES)) == PRINTED
