"""How a namespace chooses a route: its own addresses first, then the longest prefix."""

from __future__ import annotations

from tui.sim.model.address import IPAddress
from tui.sim.routing.network import IPInterface, Namespace, Route, RouteKind


class RoutingTable:
    """The routes of one namespace, ready to be asked."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        ordered = sorted(namespace.routes, key=lambda route: -route.destination.prefixlen)
        local = [route for route in ordered if route.kind is RouteKind.LOCAL]
        main = [route for route in ordered if route.kind is not RouteKind.LOCAL]
        self._local = {4: _of(local, 4), 6: _of(local, 6)}
        self._main = {4: _of(main, 4), 6: _of(main, 6)}
        self._answers: dict[IPAddress, Route | None] = {}

    def lookup(self, destination: IPAddress) -> Route | None:
        """The route for a destination; None where there is none."""
        if destination not in self._answers:
            version = destination.version
            routes = (*self._local[version], *self._main[version])
            found = next((r for r in routes if destination in r.destination), None)
            self._answers[destination] = found
        return self._answers[destination]

    def is_local(self, ip: IPAddress) -> bool:
        """Whether an address is the namespace's own (RTN_LOCAL)."""
        route = self.lookup(ip)
        return route is not None and route.kind is RouteKind.LOCAL

    def source_for(self, destination: IPAddress) -> IPAddress | None:
        """The source address of a packet that a process sends without choosing one."""
        route = self.lookup(destination)
        if route is None:
            return None
        if route.kind is RouteKind.LOCAL:
            return destination
        if route.source is not None:
            return route.source
        return self.address_on(route.device, route.via or destination)

    def address_on(self, device: str, towards: IPAddress) -> IPAddress | None:
        """The address of a device for packets to a next hop (inet_select_addr).

        The first address whose network holds the next hop, else the device's first one.
        """
        own = [
            a
            for a in self.namespace.device(device).addresses
            if a.version == towards.version and not a.ip.is_link_local
        ]
        near = next((a for a in own if towards in a.network), None)
        chosen: IPInterface | None = near or next(iter(own), None)
        return chosen.ip if chosen is not None else self._any_address(towards.version)

    def _any_address(self, version: int) -> IPAddress | None:
        """An address of another device, for a device that has none."""
        return next(
            (
                a.ip
                for a in self.namespace.addresses
                if a.version == version and not a.ip.is_loopback and not a.ip.is_link_local
            ),
            None,
        )


def _of(routes: list[Route], version: int) -> tuple[Route, ...]:
    return tuple(route for route in routes if route.destination.version == version)
