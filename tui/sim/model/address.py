"""IP addresses and the two families they come in."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network


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
    return ip_address(text)


@lru_cache(maxsize=65536)
def network(text: str) -> IPNetwork:
    """A network from its text; host bits are cleared, a bare address is a host network."""
    return ip_network(text, strict=False)


@lru_cache(maxsize=65536)
def host_network(value: IPAddress) -> IPNetwork:
    """The /32 or /128 that holds one address."""
    return ip_network(value)


def endpoint_text(ip: IPAddress, port: int) -> str:
    """`10.1.1.1:80`, or `[fd00::1]:80`, as kube-proxy and curl write it."""
    return f"[{ip}]:{port}" if ip.version == 6 else f"{ip}:{port}"
