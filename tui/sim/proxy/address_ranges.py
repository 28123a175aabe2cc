"""Ranges of addresses as nft lists them: sorted, what overlaps or adjoins merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, summarize_address_range

from tui.sim.model.address import IPAddress, IPNetwork
from tui.sim.netfilter.nft.rules import Range

Span = IPAddress | IPNetwork | Range
"""An address, a prefix, or what is neither."""


def merged(networks: Iterable[IPNetwork]) -> tuple[Span, ...]:
    """The fewest spans that hold the same addresses."""
    return tuple(_span(low, high) for low, high in _joined(networks))


def _joined(networks: Iterable[IPNetwork]) -> Iterator[tuple[IPAddress, IPAddress]]:
    ends = sorted((int(n.network_address), int(n.broadcast_address), n.version) for n in networks)
    current: tuple[int, int, int] | None = None
    for low, high, version in ends:
        if current is not None and low <= current[1] + 1:
            current = (current[0], max(current[1], high), version)
            continue
        if current is not None:
            yield _addresses(*current)
        current = (low, high, version)
    if current is not None:
        yield _addresses(*current)


def _addresses(low: int, high: int, version: int) -> tuple[IPAddress, IPAddress]:
    kind = IPv4Address if version == 4 else IPv6Address
    return kind(low), kind(high)


def _span(low: IPAddress, high: IPAddress) -> Span:
    if low == high:
        return low
    prefixes: list[IPNetwork] = list(summarize_address_range(low, high))
    return prefixes[0] if len(prefixes) == 1 else Range(low, high)
