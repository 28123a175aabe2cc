"""IP addresses and the two families they come in."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

_OCTET = r"(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])"
_PLAIN = re.compile(rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}", re.ASCII).fullmatch


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
    plain = _PLAIN(text)
    if plain is not None:
        # half the time of ip_address, and a cluster has one for each endpoint
        return IPv4Address(bytes(map(int, plain.groups())))
    return ip_address(text)


@lru_cache(maxsize=65536)
def network(text: str) -> IPNetwork:
    """A network from its text; host bits are cleared, a bare address is a host network."""
    return ip_network(text, strict=False)


@lru_cache(maxsize=65536)
def host_network(value: IPAddress) -> IPNetwork:
    """The /32 or /128 that holds one address."""
    network_of = IPv4Network if value.version == 4 else IPv6Network
    return network_of((int(value), value.max_prefixlen))


_BYTES = tuple(str(number) for number in range(256))


def address_text(ip: IPAddress) -> str:
    """An address as `str` writes it, in half the time: big clusters print it very often."""
    if ip.version == 6:
        return str(ip)
    bits = int(ip)
    return (
        f"{_BYTES[bits >> 24]}.{_BYTES[bits >> 16 & 255]}"
        f".{_BYTES[bits >> 8 & 255]}.{_BYTES[bits & 255]}"
    )


def network_text(net: IPNetwork) -> str:
    """A network as `str` writes it."""
    return f"{address_text(net.network_address)}/{net.prefixlen}"


def endpoint_text(ip: IPAddress, port: int) -> str:
    """`10.1.1.1:80`, or `[fd00::1]:80`, as kube-proxy and curl write it."""
    text = address_text(ip)
    return f"[{text}]:{port}" if ip.version == 6 else f"{text}:{port}"
