"""Routes, neighbours and forwarding entries, as `ip` and `bridge` print them."""

from __future__ import annotations

from collections.abc import Iterable

from tui.sim.model.address import IPAddress
from tui.sim.routing.network import (
    Device,
    DeviceKind,
    FdbEntry,
    IPInterface,
    Neighbour,
    Route,
    RouteKind,
)


def print_route(route: Route) -> str:
    """One line of `ip route` or `ip -6 route` (iproute2 6.1)."""
    words = [] if route.kind is RouteKind.UNICAST else [route.kind.value]
    words.append(_range(route))
    if route.via is not None:
        words.append(f"via {route.via}")
    if route.kind is not RouteKind.BLACKHOLE:
        words.append(f"dev {route.device}")
    if route.protocol:
        words.append(f"proto {route.protocol}")
    six = route.destination.version == 6
    if route.scope != "global" and not six:
        words.append(f"scope {route.scope}")
    if route.source is not None and not (six and route.kind is RouteKind.LOCAL):
        words.append(f"src {route.source}")
    if six:
        words.append(f"metric {_metric(route)}")
    if route.onlink:
        words.append("onlink")
    if six:
        words.append("pref medium")
    return " ".join(words)


def _metric(route: Route) -> int:
    """The priority that the kernel gives an IPv6 route; an IPv4 one has none."""
    if route.kind is RouteKind.LOCAL:
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


def _place(route: Route) -> tuple[int, int]:
    net = route.destination
    first = net.network_address if net.version == 4 else net.broadcast_address
    return int(first), -net.prefixlen


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


def print_device(index: int, device: Device) -> tuple[str, ...]:
    """The lines that `ip addr` shows for a device."""
    flags, kind, state = _SHOWN.get(device.kind, ("BROADCAST,MULTICAST,UP,LOWER_UP", "ether", "UP"))
    master = f" master {device.master}" if device.master else ""
    lines = [
        f"{index}: {device.name}: <{flags}> mtu {device.mtu}{master} state {state}",
        f"    link/{kind} {device.mac}",
    ]
    for own in device.addresses:
        lines.append(f"    {_family(own)} {own} scope {_scope(device, own)}")
    return tuple(lines)


def _scope(device: Device, own: IPInterface) -> str:
    """How far an address is known; one of IPv4 bears its device's name as a label."""
    scope = "host" if own.is_loopback else "link" if own.is_link_local else "global"
    return f"{scope} {device.name}" if own.version == 4 else scope


_SHOWN = {
    DeviceKind.LOOPBACK: ("LOOPBACK,UP,LOWER_UP", "loopback", "UNKNOWN"),
    DeviceKind.VXLAN: ("BROADCAST,MULTICAST,UP,LOWER_UP", "ether", "UNKNOWN"),
    DeviceKind.DUMMY: ("BROADCAST,NOARP", "ether", "DOWN"),
}
"""Flags, kind of link and state, where they are not those of a network card."""
