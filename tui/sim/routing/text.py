"""Routes, neighbours and forwarding entries, as `ip` and `bridge` print them."""

from __future__ import annotations

from tui.sim.routing.network import Device, DeviceKind, FdbEntry, Neighbour, Route, RouteKind


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


def print_device(index: int, device: Device) -> tuple[str, ...]:
    """The lines that `ip addr` shows for a device."""
    flags = (
        "LOOPBACK,UP,LOWER_UP"
        if device.kind is DeviceKind.LOOPBACK
        else ("BROADCAST,MULTICAST,UP,LOWER_UP")
    )
    master = f" master {device.master}" if device.master else ""
    kind = "loopback" if device.kind is DeviceKind.LOOPBACK else "ether"
    lines = [
        f"{index}: {device.name}: <{flags}> mtu {device.mtu}{master} state UP",
        f"    link/{kind} {device.mac}",
    ]
    for own in device.addresses:
        lines.append(f"    {'inet' if own.version == 4 else 'inet6'} {own}")
    return tuple(lines)
