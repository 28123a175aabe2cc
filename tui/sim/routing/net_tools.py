"""Routes as `route -n` prints them: the net-tools' table, which many a node's owner reads first."""

from __future__ import annotations

from collections.abc import Iterable

from tui.sim.routing.network import Route, RouteKind
from tui.sim.routing.text import in_order

TITLE = "Kernel IP routing table"
_COLUMNS = "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface"
_NO_DEVICE = "*"
"""What stands for the device of a blackhole, which the tool takes for a route like others."""


def print_route_table(routes: Iterable[Route]) -> list[str]:
    """The lines of `route -n` (net-tools 2.10): IPv4, the table main."""
    shown = [r for r in routes if r.destination.version == 4 and r.kind is not RouteKind.LOCAL]
    return [TITLE, _COLUMNS, *map(_line, in_order(shown))]


def _line(route: Route) -> str:
    net = route.destination
    gateway = str(route.via) if route.via is not None else "0.0.0.0"
    device = _NO_DEVICE if route.kind is RouteKind.BLACKHOLE else route.device
    start = f"{net.network_address!s:<15} {gateway:<15} {net.netmask!s:<15} {_flags(route):<5}"
    return f"{start} {0:<6} {0:<2} {0:>7} {device}"


def _flags(route: Route) -> str:
    """`U` up, `G` by a gateway, `H` to one host."""
    host = route.destination.prefixlen == route.destination.max_prefixlen
    return f"U{'G' if route.via is not None else ''}{'H' if host else ''}"


def print_rules(version: int) -> list[str]:
    """The lines of `ip rule`, or of `ip -6 rule`, as a kernel starts with them."""
    tables = [(0, "local"), (32766, "main")] + ([(32767, "default")] if version == 4 else [])
    return [f"{f'{number}:':<8}from all lookup {table}" for number, table in tables]
