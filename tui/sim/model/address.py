"""IP addresses and the two families they come in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeVar

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

_OCTETS = tuple(str(number) for number in range(256))
_NUMBERS = {text: number for number, text in enumerate(_OCTETS)}

_Found = TypeVar("_Found", IPAddress, IPNetwork)


class Family(StrEnum):
    """An IP family, spelt as Kubernetes' `ipFamilies` spells it."""

    IPV4 = "IPv4"
    IPV6 = "IPv6"

    @property
    def bits(self) -> int:
        """Length of an address in bits."""
        return 32 if self is Family.IPV4 else 128


def family_of(value: IPAddress | IPNetwork) -> Family:
    """The family that an address or a network belongs to."""
    return Family.IPV4 if value.version == 4 else Family.IPV6


@lru_cache(maxsize=65536)
def address(text: str) -> IPAddress:
    """An address from its text. Raises ValueError as `ipaddress` does."""
    try:
        # a third of the time of ip_address, and a cluster has one for each endpoint
        a, b, c, d = text.split(".")
        bits = _NUMBERS[a] << 24 | _NUMBERS[b] << 16 | _NUMBERS[c] << 8 | _NUMBERS[d]
    except (KeyError, ValueError):
        return ip_address(text)
    return IPv4Address(bits)


@lru_cache(maxsize=65536)
def network(text: str) -> IPNetwork:
    """A network from its text; host bits are cleared, a bare address is a host network."""
    return ip_network(text, strict=False)


class _HostNetwork(IPv4Network):
    """A /32, made in a sixth of the time: a big cluster has one for each endpoint.

    Equal to any other /32, and with the same hash, text and members.
    """

    netmask = IPv4Address("255.255.255.255")
    _prefixlen = 32

    def __init__(self, address: IPv4Address) -> None:
        self.network_address = address

    def __reduce__(self) -> tuple[type, tuple[IPv4Address]]:
        return _HostNetwork, (self.network_address,)

    def hosts(self) -> Iterator[IPv4Address]:
        """Its only address."""
        return iter((self.network_address,))


def host_network(value: IPAddress) -> IPNetwork:
    """The /32 or /128 that holds one address."""
    return _HostNetwork(value) if isinstance(value, IPv4Address) else ip_network(value)


def address_text(ip: IPAddress) -> str:
    """An address as `str` writes it, in half the time: big clusters print it very often."""
    if ip.version == 6:
        return str(ip)
    bits = int(ip)
    return (
        f"{_OCTETS[bits >> 24]}.{_OCTETS[bits >> 16 & 255]}"
        f".{_OCTETS[bits >> 8 & 255]}.{_OCTETS[bits & 255]}"
    )


def network_text(net: IPNetwork) -> str:
    """A network as `str` writes it."""
    return f"{address_text(net.network_address)}/{net.prefixlen}"


def endpoint_text(ip: IPAddress, port: int) -> str:
    """`10.1.1.1:80`, or `[fd00::1]:80`, as kube-proxy and curl write it."""
    text = address_text(ip)
    return f"[{text}]:{port}" if ip.version == 6 else f"{text}:{port}"


def first_ipv4(found: Iterable[_Found]) -> _Found | None:
    """The first IPv4 address or range: what plugins go by that know one family."""
    return next((each for each in found if each.version == 4), None)
