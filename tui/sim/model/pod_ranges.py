"""Which node's pod range an address lies in."""

from __future__ import annotations

from tui.sim.model.address import IPAddress
from tui.sim.model.cluster import Node


class PodRanges:
    """The nodes' pod ranges, ready to be asked; of ranges that overlap, the first node's counts."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self._nodes = nodes
        self._by_length: dict[tuple[int, int], dict[int, int]] = {}
        for place, node in enumerate(nodes):
            for net in node.pod_cidrs:
                shift = net.max_prefixlen - net.prefixlen
                known = self._by_length.setdefault((net.version, shift), {})
                known.setdefault(int(net.network_address) >> shift, place)

    def holder(self, ip: IPAddress) -> Node | None:
        """The node whose range holds an address."""
        number, version = int(ip), ip.version
        found = [
            known[number >> shift]
            for (own, shift), known in self._by_length.items()
            if own == version and number >> shift in known
        ]
        return self._nodes[min(found)] if found else None
