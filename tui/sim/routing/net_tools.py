"""Routes as `route -n` prints them: the net-tools' table, which many a node's owner reads first."""

from __future__ import annotations

from collections.abc import Iterable

from tui.sim.routing.network import MAIN, Route, RouteKind
from tui.sim.routing.text import WITHOUT_DEVICE, in_order

TITLE = "Kernel IP routing table"
_COLUMNS = "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface"
_NO_DEVICE = "*"
"""What stands for the device of a blackhole, which the tool takes for a route like others."""


def print_route_table(routes: Iterable[Route]) -> list[str]:
    """The lines of `route -n` (net-tools 2.10): IPv4, the table main."""
    own = (RouteKind.LOCAL, RouteKind.BROADCAST)
    shown = [
        route for route in routes
        if route.destination.version == 4 and route.kind not in own and route.table == MAIN
    ]  # fmt: skip
    return [TITLE, _COLUMNS, *map(_line, in_order(shown))]


def _line(route: Route) -> str:
    net = route.destination
    refused = route.kind.value in WITHOUT_DEVICE and route.kind is not RouteKind.BLACKHOLE
    gateway = "-" if refused else str(route.via) if route.via is not None else "0.0.0.0"
    device = "-" if refused else _NO_DEVICE if route.kind is RouteKind.BLACKHOLE else route.device
    flags = _flags(route, "!" if refused else "U")
    start = f"{net.network_address!s:<15} {gateway:<15} {net.netmask!s:<15} {flags:<5}"
    return f"{start} {route.metric:<6} {'-' if refused else 0:<2} {0:>7} {device}"


def _flags(route: Route, first: str) -> str:
    """`U` up, `!` refused, `G` by a gateway, `H` to one host."""
    host = route.destination.prefixlen == route.destination.max_prefixlen
    return f"{first}{'G' if route.via is not None else ''}{'H' if host else ''}"
