"""Routes that the kernel adds by itself and that no packet of the simulator takes.

Broadcast addresses (fib_add_ifaddr); for IPv6 a range of one address, multicast
(addrconf_add_mroute), and the anycast address of each network that a router is in
(addrconf_join_anycast).
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.model.address import host_network, network
from tui.sim.model.value import value
from tui.sim.routing.iproute2.kinds import look_of
from tui.sim.routing.iproute2.view import View
from tui.sim.routing.network import MAIN, Device, DeviceKind, Route, RouteKind

LOCAL = "local"
"""The table of a machine's own addresses."""
_MULTICAST = network("ff00::/8")


@value
class Line:
    """A route and where it stands."""

    route: Route
    """The route."""
    kind: str
    """`unicast`, `local`, `broadcast`, `multicast`, `anycast`."""
    table: str
    """Its table."""


def lines_of(view: View, version: int) -> list[Line]:
    """All routes of a namespace, the kernel's own included."""
    modelled = [Line(r, r.kind.value, table_of(r)) for r in view.space.routes]
    own = [Line(route, kind, LOCAL) for kind, route in _kernel_routes(view)]
    hosts = [Line(route, route.kind.value, MAIN) for route in _host_routes(view)]
    return [each for each in (*modelled, *hosts, *own) if each.route.destination.version == version]


def table_of(route: Route) -> str:
    """The table that a route is in."""
    own = route.kind in (RouteKind.LOCAL, RouteKind.BROADCAST)
    return LOCAL if own else route.table


def _kernel_routes(view: View) -> Iterator[tuple[str, Route]]:
    for device in view.devices:
        for route in _broadcasts(device):
            yield "broadcast", route
        for route in _anycasts(device) if view.forwards else ():
            yield "anycast", route
        if look_of(device, view.space).multicast:
            yield "multicast", Route(_MULTICAST, device.name, protocol="kernel")


def _host_routes(view: View) -> Iterator[Route]:
    """A range of one IPv6 address has its route too (addrconf_prefix_route), if not a loop."""
    known = {(r.destination, r.device) for r in view.space.routes if r.table == MAIN
             and r.kind is not RouteKind.LOCAL}  # fmt: skip
    for device in view.devices:
        if "UP" not in look_of(device, view.space).flags or device.kind is DeviceKind.LOOPBACK:
            continue
        for own in device.addresses:
            net = own.network
            if net.version == 6 and net.prefixlen == 128 and (net, device.name) not in known:
                yield Route(net, device.name, protocol="kernel")


def _broadcasts(device: Device) -> Iterator[Route]:
    first = {a.network: a for a in reversed(device.addresses) if a.version == 4}
    for net, own in first.items():
        if net.prefixlen < 31:
            last = host_network(net.broadcast_address)
            yield Route(last, device.name, source=own.ip, scope="link", protocol="kernel")


def _anycasts(device: Device) -> Iterator[Route]:
    for net in dict.fromkeys(a.network for a in device.addresses if a.version == 6):
        if net.prefixlen < 127:
            yield Route(host_network(net.network_address), device.name, protocol="kernel")
