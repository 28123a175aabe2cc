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
    """One line of `ip route` (iproute2 6.1)."""
    words = [] if route.kind is RouteKind.UNICAST else [route.kind.value]
    words.append(_range(route))
    if route.via is not None:
        words.append(f"via {route.via}")
    if route.kind is not RouteKind.BLACKHOLE:
        words.append(f"dev {route.device}")
    if route.protocol:
        words.append(f"proto {route.protocol}")
    if route.scope != "global":
        words.append(f"scope {route.scope}")
    if route.source is not None:
        words.append(f"src {route.source}")
    if route.onlink:
        words.append("onlink")
    return " ".join(words)


def _range(route: Route) -> str:
    net = route.destination
    if net.prefixlen == 0:
        return "default"
    return str(net.network_address) if net.num_addresses == 1 else str(net)


def print_neighbour(entry: Neighbour) -> str:
    """One line of `ip neigh`."""
    return f"{entry.address} dev {entry.device} lladdr {entry.mac} {entry.state}"


def print_fdb(entry: FdbEntry) -> str:
    """One line of `bridge fdb`."""
    if entry.remote is not None:
        return f"{entry.mac} dev {entry.device} dst {entry.remote} self permanent"
    return f"{entry.mac} dev {entry.device}"


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
        lines.append(f"    {_family(own)} {own}")
    return tuple(lines)


_SHOWN = {
    DeviceKind.LOOPBACK: ("LOOPBACK,UP,LOWER_UP", "loopback", "UP"),
    DeviceKind.DUMMY: ("BROADCAST,NOARP", "ether", "DOWN"),
}
"""Flags, kind of link and state, where they are not those of a network card."""
