"""The VPC around the nodes: its range, and which addresses of a subnet are still free.

A VPC is taken to be the /16 around its nodes, the largest that AWS allows, and a subnet a /20, as
in every default VPC. AWS keeps four addresses of each for itself:
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, ip_network
from itertools import chain

from tui.sim.cni.aws.instances import PREFIX_SIZE
from tui.sim.cni.site import Lan
from tui.sim.model.address import IPAddress
from tui.sim.model.cluster import Cluster, Node

LAN = Lan(prefix=20, first_is_router=True)
"""A subnet of a VPC."""
_VPC = 16


def address_of(node: Node) -> IPv4Address | None:
    """The address of a node's first card."""
    return next((ip for ip in node.internal_ips if isinstance(ip, IPv4Address)), None)


def vpc_ranges(cluster: Cluster) -> tuple[IPv4Network, ...]:
    """The ranges of the VPC, each once."""
    found = (_around(ip, _VPC) for node in cluster.nodes if (ip := address_of(node)) is not None)
    return tuple(dict.fromkeys(found))


def _around(ip: IPv4Address, prefix: int) -> IPv4Network:
    net = ip_network(f"{ip}/{prefix}", strict=False)
    assert isinstance(net, IPv4Network)
    return net


class FreeAddresses:
    """What is left of the subnets while cards are given theirs."""

    def __init__(self, taken: Iterable[IPAddress]) -> None:
        """`taken`: addresses that somebody has."""
        self._taken = {int(ip) for ip in taken if ip.version == 4}
        self._ahead: dict[tuple[IPv4Network, int], Iterator[int]] = {}

    def near(self, ip: IPv4Address) -> IPv4Address | None:
        """The next free address of an address's subnet; None if that is full."""
        for number in self._candidates(ip, 1):
            if number not in self._taken:
                self._taken.add(number)
                return IPv4Address(number)
        return None

    def prefix_near(self, ip: IPv4Address) -> tuple[IPv4Address, ...]:
        """The next /28 of which nobody has any; nothing if there is none."""
        for first in self._candidates(ip, PREFIX_SIZE):
            whole = range(first, first + PREFIX_SIZE)
            if self._taken.isdisjoint(whole):
                self._taken.update(whole)
                return tuple(map(IPv4Address, whole))
        return ()

    def _candidates(self, ip: IPv4Address, step: int) -> Iterator[int]:
        """Where to look on in a subnet; what was looked at once is taken or was given away."""
        key = (_around(ip, LAN.prefix), step)
        if key not in self._ahead:
            self._ahead[key] = _after(ip, *key)
        return self._ahead[key]


def _after(ip: IPv4Address, net: IPv4Network, step: int) -> Iterator[int]:
    """A subnet's addresses from one on, then those before it; without those that AWS keeps."""
    low, high = int(net.network_address), int(net.broadcast_address)
    at = int(ip) // step * step
    for number in chain(range(at, high, step), range(low, at, step)):
        if low + 3 < number and number + step <= high:
            yield number
