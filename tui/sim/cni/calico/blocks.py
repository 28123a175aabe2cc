"""Calico IPAM: which node has which blocks of the pool, and what it still has to give.

A block of 64 addresses is given to a node as a whole, and its pods' addresses come from there. A
pod may carry an address of another node's block, if its own node could get no block any more;
then its node tells of that one address. Source: libcalico-go/lib/ipam (Calico v3.26).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tui.sim.cni.site import Site
from tui.sim.model.address import IPAddress, IPNetwork, network
from tui.sim.model.value import value

VERSION = 4
"""Pools are IPv4 pools here; the plugin's simplifications say so."""


@value
class Affinity:
    """What a node has of the pool."""

    blocks: tuple[IPNetwork, ...]
    """Its blocks, the lowest first."""
    borrowed: tuple[IPAddress, ...]
    """Addresses of its pods that lie in other nodes' blocks."""
    tunnel: IPAddress | None
    """The address of its tunnel device: the first of its own that no pod has."""


@value
class _Asking:
    """All of a node that decides about its blocks."""

    name: str
    pods: tuple[IPAddress, ...]
    ranges: tuple[IPNetwork, ...]
    """podCIDRs; Calico asks them only where no pod says which block the node has."""


def block_of(ip: IPAddress, size: int) -> IPNetwork:
    """The block that an address lies in."""
    return network(f"{ip}/{size}")


def affinities(site: Site, size: int) -> dict[str, Affinity]:
    """What each node has, by its name.

    The block of a pod belongs to the first node that has a pod in it; a node that gets none that
    way has the first free block of its podCIDR.
    """
    return _affinities(tuple(_asking(site)), size)


def _asking(site: Site) -> Iterator[_Asking]:
    for node in site.cluster.nodes:
        ips = tuple(ip for p in site.pods_on(node) for ip in p.ips if ip.version == VERSION)
        yield _Asking(node.name, ips, tuple(n for n in node.pod_cidrs if n.version == VERSION))


@lru_cache(maxsize=64)
def _affinities(nodes: tuple[_Asking, ...], size: int) -> dict[str, Affinity]:
    owners: dict[IPNetwork, str] = {}
    for node in nodes:
        for ip in node.pods:
            owners.setdefault(block_of(ip, size), node.name)
    for node in nodes:
        if node.name not in owners.values():
            owners |= dict.fromkeys(_first_free(node, owners, size), node.name)
    return {node.name: _affinity(node, owners, size) for node in nodes}


def _first_free(node: _Asking, owners: dict[IPNetwork, str], size: int) -> Iterator[IPNetwork]:
    """One block at the most."""
    blocks = (
        block for net in node.ranges for block in net.subnets(new_prefix=max(size, net.prefixlen))
    )
    free = next((block for block in blocks if block not in owners), None)
    if free is not None:
        yield free


def _affinity(node: _Asking, owners: dict[IPNetwork, str], size: int) -> Affinity:
    own = [block for block, owner in owners.items() if owner == node.name]
    blocks = tuple(sorted(own, key=lambda block: int(block.network_address)))
    borrowed = tuple(ip for ip in node.pods if owners[block_of(ip, size)] != node.name)
    taken = set(node.pods)
    tunnel = next((ip for block in blocks for ip in block if ip not in taken), None)
    return Affinity(blocks, borrowed, tunnel)
