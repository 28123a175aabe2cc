"""Where free addresses, ranges and ports are taken from, always in the same order."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from ipaddress import ip_network

from tui.sim.model.address import Family, IPAddress, IPNetwork, family_of, network

NODE_PORTS = range(30000, 32768)
"""kube-apiserver's --service-node-port-range."""

_NODES = {Family.IPV4: network("192.168.0.0/16"), Family.IPV6: network("fd00:10::/64")}
_FIRST_NODE = {Family.IPV4: 10 * 256 + 1, Family.IPV6: 1}

_PODS = {Family.IPV4: network("10.244.0.0/14"), Family.IPV6: network("fd00:244::/48")}
_PODS_PREFIX = {Family.IPV4: 24, Family.IPV6: 64}

SERVICES = {Family.IPV4: network("10.96.0.0/16"), Family.IPV6: network("fd00:96::/112")}
"""Where cluster IPs come from if no ServiceCIDR says so."""

_FIRST_SERVICE = {Family.IPV4: 10, Family.IPV6: 0x10}


def node_addresses(family: Family, taken: Iterable[IPAddress]) -> Iterator[IPAddress]:
    """192.168.10.1, .2 and so on; no address that looks like a network's own or a broadcast."""
    for ip in _hosts(_NODES[family], _FIRST_NODE[family], taken):
        if family is Family.IPV6 or int(ip) % 256 not in (0, 255):
            yield ip


def pod_addresses(ranges: IPNetwork, taken: Iterable[IPAddress]) -> Iterator[IPAddress]:
    """The addresses of a node's range from .2 on; .1 is the node's own in it."""
    return _hosts(ranges, 2, taken)


def service_addresses(
    ranges: Sequence[IPNetwork], taken: Iterable[IPAddress]
) -> Iterator[IPAddress]:
    """The addresses of each range from .10 on, then those below."""
    held = frozenset(taken)
    for one in ranges:
        first = min(_FIRST_SERVICE[family_of(one)], one.num_addresses)
        yield from _hosts(one, first, held)
        yield from (ip for ip in (one[offset] for offset in range(1, first)) if ip not in held)


def pod_ranges(
    family: Family, used: Sequence[IPNetwork], occupied: Container[IPNetwork]
) -> Iterator[IPNetwork]:
    """10.244.0.0/24, 10.244.1.0/24 and so on, without those that are in use or occupied."""
    for candidate in _subnets(family):
        if candidate not in occupied and not overlaps(candidate, used):
            yield candidate


def pod_range_around(ip: IPAddress) -> IPNetwork:
    """The /24 (or /64) that an address lies in."""
    return ip_network((ip, _PODS_PREFIX[family_of(ip)]), strict=False)


def overlaps(candidate: IPNetwork, used: Iterable[IPNetwork]) -> bool:
    """Whether a range shares an address with any of the others."""
    return any(candidate.version == other.version and candidate.overlaps(other) for other in used)


def _subnets(family: Family) -> Iterator[IPNetwork]:
    whole, prefix = _PODS[family], _PODS_PREFIX[family]
    size = 1 << (family.bits - prefix)
    for number in range(1 << (prefix - whole.prefixlen)):
        yield ip_network((int(whole.network_address) + number * size, prefix))


def _hosts(within: IPNetwork, first: int, taken: Iterable[IPAddress]) -> Iterator[IPAddress]:
    """Addresses from an offset to the end, an IPv4 broadcast address left out."""
    held = taken if isinstance(taken, (set, frozenset)) else frozenset(taken)
    end = within.num_addresses - (1 if within.version == 4 else 0)
    for offset in range(first, end):
        ip = within[offset]
        if ip not in held:
            yield ip
