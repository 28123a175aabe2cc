"""What an IPPool of Calico says."""

from __future__ import annotations

from enum import StrEnum

from tui.sim.model.value import value


class Encapsulation(StrEnum):
    """How packets reach the pods of other nodes."""

    IPIP = "ipip"
    VXLAN = "vxlan"
    NONE = "none"
    """Not at all: BGP tells the routes, and the network between the nodes carries pods' packets."""


OVERHEAD = {Encapsulation.IPIP: 20, Encapsulation.VXLAN: 50, Encapsulation.NONE: 0}
"""Bytes that a packet grows by, and that felix takes from the MTU."""


@value
class CalicoSettings:
    """The pool's settings, Calico's defaults applied; its range is the cluster's pod range."""

    encapsulation: Encapsulation = Encapsulation.IPIP
    """ipipMode or vxlanMode; the manifest's default is ipipMode: Always."""
    cross_subnet: bool = False
    """Mode CrossSubnet: encapsulated on the way to other subnets only."""
    nat_outgoing: bool = True
    """natOutgoing: pods take the node's address on the way to what is in no pool."""
    block_size: int = 26
    """blockSize: addresses are given to nodes in blocks of this prefix length."""
    routers_peer: bool = False
    """A BGPPeer joins the network's routers to the mesh, so they know the blocks, too."""

    @property
    def mtu(self) -> int:
        """MTU of pods' veths on a network of 1500 bytes."""
        return 1500 - OVERHEAD[self.encapsulation]
