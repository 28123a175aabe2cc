"""How a namespace chooses a route: rule by rule a table, in the table the longest prefix.

Follows fib_rules_lookup and fib_table_lookup: the table local is asked first, then the
tables of the rules in between, then main. A table without a route for the packet passes it on to
the next rule; so does a `throw` route.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.model.address import IPAddress, network
from tui.sim.model.value import value
from tui.sim.routing.network import (
    MAIN,
    IPInterface,
    Namespace,
    Route,
    RouteKind,
    RoutingRule,
)
from tui.sim.routing.text import metric_of

_UNIQUE_LOCAL = network("fc00::/7")
_RULE_OF_MAIN = 32766


@value
class FlowKey:
    """What rules look at besides the destination."""

    source: IPAddress | None = None
    """The packet's source; None while its sender has not chosen one."""
    in_device: str = ""
    """Device that it came in by; empty for one made here."""
    mark: int = 0
    """Its fwmark."""


_ANY = FlowKey()


class RoutingTable:
    """The routes of one namespace, ready to be asked."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        self._own: dict[IPAddress, Route] = {}
        tables: dict[str, list[Route]] = {}
        locals_: list[Route] = []
        for route in namespace.routes:
            if route.kind is RouteKind.LOCAL and route.destination.num_addresses == 1:
                self._own.setdefault(route.destination.network_address, route)
            elif route.kind is RouteKind.LOCAL:
                locals_.append(route)
            else:
                tables.setdefault(route.table, []).append(route)
        self._local = _Prefixes(locals_)
        self._tables = {name: _Prefixes(routes) for name, routes in tables.items()}
        self._rules = tuple(sorted(namespace.rules, key=lambda rule: rule.priority))
        self._answers: dict[tuple[IPAddress, FlowKey], Route | None] = {}

    def lookup(self, destination: IPAddress, key: FlowKey = _ANY) -> Route | None:
        """The route for a destination; None where there is none.

        A node may hold thousands of addresses, so those are looked up and not searched for.
        """
        if not self._rules:
            key = _ANY
        asked = (destination, key)
        if asked not in self._answers:
            self._answers[asked] = self._found(destination, key)
        return self._answers[asked]

    def rule_for(self, destination: IPAddress, key: FlowKey = _ANY) -> RoutingRule | None:
        """The rule whose table has the route; None where it is local, or of the table main."""
        if self._at_home(destination) is not None:
            return None
        for rule, table in self._asked(destination, key):
            if table is not None and table.lookup(destination) is not None:
                return rule
        return None

    def _found(self, destination: IPAddress, key: FlowKey) -> Route | None:
        own = self._at_home(destination)
        if own is not None:
            return own
        for _, table in self._asked(destination, key):
            found = table.lookup(destination) if table is not None else None
            if found is not None:
                return found
        return None

    def _at_home(self, destination: IPAddress) -> Route | None:
        return self._own.get(destination) or self._local.lookup(destination)

    def _asked(
        self, destination: IPAddress, key: FlowKey
    ) -> Iterator[tuple[RoutingRule | None, _Prefixes | None]]:
        """The tables to ask in order, each with the rule that names it; main has none here."""
        for rule in self._rules:
            if rule.priority < _RULE_OF_MAIN and _suits(rule, destination, key):
                yield rule, self._tables.get(rule.table)
        yield None, self._tables.get(MAIN)

    def owner_of(self, ip: IPAddress) -> str | None:
        """The device that holds an address."""
        route = self._own.get(ip)
        return route.device if route is not None else None

    def is_local(self, ip: IPAddress) -> bool:
        """Whether an address is the namespace's own (RTN_LOCAL)."""
        return self._at_home(ip) is not None

    def source_for(self, destination: IPAddress, mark: int = 0) -> IPAddress | None:
        """The source address of a packet that a process sends without choosing one."""
        route = self.lookup(destination, FlowKey(mark=mark) if mark else _ANY)
        if route is None:
            return None
        if route.kind is RouteKind.LOCAL:
            return destination
        if route.source is not None:
            return route.source
        return self.address_on(route.device, destination, route.via)

    def way_back(self, ip: IPAddress, mark: int = 0) -> tuple[str, bool] | None:
        """The device by which a packet would leave for an address, and whether that is local.

        None where there is no way, or one that leads nowhere.
        """
        route = self.lookup(ip, FlowKey(mark=mark))
        if route is None or route.kind not in (RouteKind.UNICAST, RouteKind.LOCAL):
            return None
        return route.device, route.kind is RouteKind.LOCAL

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


class _Prefixes:
    """One routing table."""

    def __init__(self, routes: list[Route]) -> None:
        ordered = sorted(routes, key=_preference)
        self._routes = {v: tuple(r for r in ordered if r.destination.version == v) for v in (4, 6)}

    def lookup(self, destination: IPAddress) -> Route | None:
        """The route with the longest prefix that holds a destination."""
        routes = self._routes[destination.version]
        return next((r for r in routes if destination in r.destination), None)


def _preference(route: Route) -> tuple[int, int]:
    """The longest prefix comes first, of equal ones the lowest metric."""
    return -route.destination.prefixlen, metric_of(route, route.kind.value)


def _suits(rule: RoutingRule, destination: IPAddress, key: FlowKey) -> bool:
    """Whether a rule is about a packet (fib4_rule_match); an unchosen source is 0.0.0.0."""
    if rule.source is not None and (key.source is None or key.source not in rule.source):
        return False
    if rule.destination is not None and destination not in rule.destination:
        return False
    if rule.in_device is not None and rule.in_device != (key.in_device or "lo"):
        return False
    return (key.mark ^ rule.mark) & rule.mask == 0


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
