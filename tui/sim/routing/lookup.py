"""How a namespace chooses a route: its own addresses first, then the longest prefix."""

from __future__ import annotations

from tui.sim.model.address import IPAddress
from tui.sim.routing.network import IPInterface, Namespace, Route, RouteKind


class RoutingTable:
    """The routes of one namespace, ready to be asked."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        self._own: dict[IPAddress, Route] = {}
        others: list[Route] = []
        for route in namespace.routes:
            if route.kind is RouteKind.LOCAL and route.destination.num_addresses == 1:
                self._own.setdefault(route.destination.network_address, route)
            else:
                others.append(route)
        ordered = sorted(others, key=_rank)
        self._others = {4: _of(ordered, 4), 6: _of(ordered, 6)}
        self._answers: dict[IPAddress, Route | None] = {}

    def lookup(self, destination: IPAddress) -> Route | None:
        """The route for a destination; None where there is none.

        A node may hold thousands of addresses, so those are looked up and not searched for.
        """
        if destination not in self._answers:
            routes = self._others[destination.version]
            found = self._own.get(destination)
            if found is None:
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

        The first address whose network holds the next hop, else the device's first one. An
        address that only this host may use (127.0.0.1, of scope host) is none for others.
        """
        own = [
            a
            for a in self.namespace.device(device).addresses
            if a.version == towards.version and not (a.ip.is_link_local or a.ip.is_loopback)
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


def _rank(route: Route) -> tuple[bool, int]:
    """The table local comes before main; in each the longest prefix comes first."""
    return route.kind is not RouteKind.LOCAL, -route.destination.prefixlen


def _of(routes: list[Route], version: int) -> tuple[Route, ...]:
    return tuple(route for route in routes if route.destination.version == version)
