"""Finds the next rule that may match without looking at each one before it.

The kernel has no such index: what it examines is counted by position. The index only spares
the simulator the work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from heapq import merge

from tui.sim.model.address import IPAddress, endpoint_text
from tui.sim.model.packet import Packet
from tui.sim.netfilter.rules import Chain, Dnat, Goto, Jump, Ports, Rule, Ruleset

_SMALL = 12


class ChainIndex:
    """The rules of one chain, by destination address and by destination port."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self._by_destination: dict[IPAddress, list[int]] = defaultdict(list)
        self._by_port: dict[int, list[int]] = defaultdict(list)
        self._others: list[int] = []
        for position, rule in enumerate(chain.rules):
            self._file(position, rule)

    def _file(self, position: int, rule: Rule) -> None:
        wanted = rule.destination
        if wanted is not None and not rule.not_destination and wanted.num_addresses == 1:
            self._by_destination[wanted.network_address].append(position)
            return
        port = _single_port(rule)
        (self._others if port is None else self._by_port[port]).append(position)

    def candidates(self, packet: Packet) -> Iterator[int]:
        """Positions of the rules that may match, in order."""
        return merge(
            self._by_destination.get(packet.destination, ()),
            self._by_port.get(packet.dport, ()),
            self._others,
        )


def _single_port(rule: Rule) -> int | None:
    for match in rule.matches:
        if isinstance(match, Ports) and match.dport is not None and not match.not_dport:
            low, high = match.dport
            return low if low == high else None
    return None


class IndexedRuleset:
    """A ruleset with what makes walking it quick, built where it is first touched."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._chains: dict[tuple[str, str], ChainIndex] = {}
        self._endpoints: dict[tuple[str, str], frozenset[str]] = {}

    @cached_property
    def size(self) -> int:
        """Number of rules."""
        return self.ruleset.size

    def chain(self, table: str, name: str) -> Chain | None:
        """A chain, if it exists."""
        return self.ruleset.chain(table, name)

    def candidates(self, table: str, chain: Chain, packet: Packet) -> Iterator[int]:
        """Positions of the rules of a chain that may match a packet, in order."""
        if len(chain.rules) <= _SMALL:
            return iter(range(len(chain.rules)))
        key = (table, chain.name)
        index = self._chains.get(key)
        if index is None:
            index = self._chains[key] = ChainIndex(chain)
        return index.candidates(packet)

    def endpoints_of(self, table: str, rule: Rule) -> frozenset[str]:
        """Where a rule can translate a packet to, itself or by the chains it goes to."""
        match rule.target:
            case Dnat(ip, int() as port):
                return frozenset((endpoint_text(ip, port),))
            case Jump(chain) | Goto(chain):
                return self.endpoints(table, chain)
        return frozenset()

    def endpoints(self, table: str, name: str) -> frozenset[str]:
        """Where a chain can translate a packet to."""
        key = (table, name)
        if key not in self._endpoints:
            self._endpoints[key] = frozenset()  # a loop leads nowhere new
            chain = self.chain(table, name)
            rules = chain.rules if chain is not None else ()
            found = (self.endpoints_of(table, rule) for rule in rules)
            self._endpoints[key] = frozenset().union(*found)
        return self._endpoints[key]
