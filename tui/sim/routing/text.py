"""Routes, neighbours and forwarding entries, as `ip` and `bridge` print them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tui.sim.model.address import IPAddress
from tui.sim.routing.network import (
    FdbEntry,
    IPInterface,
    Neighbour,
    Route,
    RouteKind,
)


def print_route(route: Route) -> str:
    """One line of `ip route` or `ip -6 route` (iproute2 6.1), without the blank at its end."""
    return route_words(route, route.kind.value)


def route_words(
    route: Route, kind: str, table: str = "", hidden: Collection[str] = (), *, details: bool = False
) -> str:
    """A route as `ip route` writes it; a table is told where several are listed at once.

    What a filter asked for is hidden: `dev`, `proto`, `scope`. Details tell of defaults too.
    """
    six = route.destination.version == 6
    words = [kind] if details or kind != "unicast" else []
    words.append(_range(route))
    told: list[tuple[str, object]] = [("via", route.via), ("dev", device_of(route, kind))]
    told += [("table", table), ("proto", route.protocol or (details and "boot"))]
    scope = "global" if six else route.scope
    if details or scope != "global":
        told.append(("scope", scope))
    if not (six and kind == "local"):
        told.append(("src", route.source))
    words += [f"{name} {text}" for name, text in told if text and name not in hidden]
    if six or route.metric:
        words.append(f"metric {metric_of(route, kind)}")
    if route.onlink:
        words.append("onlink")
    if route.mtu:
        words.append(f"mtu {route.mtu}")
    if six:
        words.append("pref medium")
    return " ".join(words)


WITHOUT_DEVICE = frozenset({"blackhole", "unreachable", "prohibit", "throw"})
"""Kinds of routes that end a packet's way."""


def device_of(route: Route, kind: str) -> str:
    """What the route leaves by; an IPv6 one that leads nowhere is hung on lo."""
    if kind not in WITHOUT_DEVICE:
        return route.device
    return "lo" if route.destination.version == 6 else ""


def metric_of(route: Route, kind: str) -> int:
    """The route's own priority, else the one that the kernel gives an IPv6 route."""
    if route.metric or route.destination.version == 4:
        return route.metric
    if kind in ("local", "anycast"):
        return 0
    return 256 if route.protocol == "kernel" else 1024


def route_command(version: int, kind: RouteKind) -> str:
    """The command that lists the routes of an IP version: the table local, or main."""
    command = "ip -6 route" if version == 6 else "ip route"
    return f"{command} show table local" if kind is RouteKind.LOCAL else command


def in_order(routes: Iterable[Route]) -> list[Route]:
    """Routes in the order in which `ip route` lists them.

    The kernel's tree for IPv4 gives address after address, of equal ones the longest prefix
    first; that for IPv6 gives a range after all that lies in it, so the default comes last.
    """
    return sorted(routes, key=_place)


def _place(route: Route) -> tuple[int, int, int]:
    net = route.destination
    first = net.network_address if net.version == 4 else net.broadcast_address
    return int(first), -net.prefixlen, route.metric


def _range(route: Route) -> str:
    net = route.destination
    if net.prefixlen == 0:
        return "default"
    return str(net.network_address) if net.num_addresses == 1 else str(net)


def print_neighbour(entry: Neighbour) -> str:
    """One line of `ip neigh`."""
    return f"{entry.address} dev {entry.device} lladdr {entry.mac} {entry.state}"


def print_fdb(entry: FdbEntry, master: str | None = None) -> str:
    """One line of `bridge fdb`; a bridge's port is named with its bridge."""
    if entry.remote is not None:
        return f"{entry.mac} dev {entry.device} dst {entry.remote} self permanent"
    port = f" master {master}" if master else ""
    return f"{entry.mac} dev {entry.device}{port}"


def print_addresses(index: int, name: str, addresses: Iterable[IPAddress]) -> str:
    """What `ip -o addr show DEVICE` prints for host addresses; IPv6 ones carry no label."""
    lines = (
        f"{index}: {name}    {_family(ip)} {ip}/{ip.max_prefixlen} scope global "
        f"{name if ip.version == 4 else ''}\\       valid_lft forever preferred_lft forever\n"
        for ip in addresses
    )
    return "".join(lines)


def _family(address: IPAddress | IPInterface) -> str:
    return "inet" if address.version == 4 else "inet6"
