"""How a namespace chooses a route: its own addresses first, then the longest prefix."""

from __future__ import annotations

from tui.sim.model.address import IPAddress, network
from tui.sim.routing.network import IPInterface, Namespace, Route, RouteKind

_UNIQUE_LOCAL = network("fc00::/7")


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

    def owner_of(self, ip: IPAddress) -> str | None:
        """The device that holds an address."""
        route = self._own.get(ip)
        return route.device if route is not None else None

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
        return self.address_on(route.device, destination, route.via)

    def address_on(
        self, device: str, destination: IPAddress, via: IPAddress | None = None
    ) -> IPAddress | None:
        """The address of a device for packets to a destination that leave by it.

        Another device's address where this one has none that others may use: 127.0.0.1 is of
        scope host, and an address of scope link is no answer here.
        """
        for devices in ((self.namespace.device(device),), self.namespace.devices):
            own = [
                a
                for each in devices
                for a in each.addresses
                if a.version == destination.version and not (a.is_link_local or a.is_loopback)
            ]
            if own and destination.version == 4:
                return _near(own, via or destination)
            if own:
                return max(reversed(own), key=lambda a: _likeness(a, destination)).ip
        return None


def _near(own: list[IPInterface], next_hop: IPAddress) -> IPAddress:
    """The first address whose network holds the next hop, else the first (inet_select_addr)."""
    return next((a for a in own if next_hop in a.network), own[0]).ip


def _likeness(own: IPInterface, destination: IPAddress) -> tuple[bool, int]:
    """How well an IPv6 source suits a destination (RFC 6724, rules 6 and 8).

    A unique local address for a unique local one, then the most leading bits in common, of
    those that the address's network has. Among equals Linux takes the youngest
    (ipv6_link_dev_addr puts it first).
    """
    alike = (own.ip in _UNIQUE_LOCAL) == (destination in _UNIQUE_LOCAL)
    differing = int(own.ip) ^ int(destination)
    return alike, min(128 - differing.bit_length(), own.network.prefixlen)


def _rank(route: Route) -> tuple[bool, int]:
    """The table local comes before main; in each the longest prefix comes first."""
    return route.kind is not RouteKind.LOCAL, -route.destination.prefixlen


def _of(routes: list[Route], version: int) -> tuple[Route, ...]:
    return tuple(route for route in routes if route.destination.version == version)
