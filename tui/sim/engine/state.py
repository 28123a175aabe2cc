"""What lasts between packets: connections, affinity lists and sets, and the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from math import inf

from tui.sim.model.address import IPAddress
from tui.sim.model.connection import ConntrackEntry
from tui.sim.model.value import replace, value
from tui.sim.netfilter.elements import Key
from tui.sim.netfilter.ipvs_memory import IpvsMemory

RecentLists = Mapping[str, tuple[tuple[IPAddress, float], ...]]
"""The lists of `-m recent`, by name: addresses with the time at which they were seen last."""

SetElements = Mapping[tuple[str, str], tuple[tuple[Key, float], ...]]
"""What rules have put into nftables sets, by table and set: keys with the time they go at."""


@value
class HostState:
    """What one host remembers."""

    conntrack: tuple[ConntrackEntry, ...] = ()
    """Its connections, oldest first."""
    recent: RecentLists = field(default_factory=dict)
    """Its affinity lists of iptables mode."""
    elements: SetElements = field(default_factory=dict)
    """Its affinity sets of nftables mode."""
    ipvs: IpvsMemory = field(default_factory=IpvsMemory)
    """Its connections, affinity and turns of IPVS mode."""
    programs: tuple[ConntrackEntry, ...] = ()
    """The connections that its eBPF programs translate, oldest first."""


@value
class State:
    """What the whole network remembers."""

    now: float = 0.0
    """The time in seconds; it stands still unless the learner lets it pass."""
    sent: int = 0
    """Packets sent so far; each takes a source port of its own."""
    hosts: Mapping[str, HostState] = field(default_factory=dict)
    """By namespace name."""

    def at(self, now: float) -> State:
        """The same state at another time; what has timed out is gone."""
        hosts = {
            name: replace(
                host,
                conntrack=tuple(e for e in host.conntrack if e.expires > now),
                elements=ElementTable(host.elements, now).frozen(),
                ipvs=host.ipvs.at(now),
                programs=tuple(e for e in host.programs if e.expires > now),
            )
            for name, host in self.hosts.items()
        }
        return State(now, self.sent, hosts)


class RecentTable:
    """The lists of `-m recent` of one host while packets pass."""

    def __init__(self, lists: RecentLists, now: float) -> None:
        self.now = now
        self._lists = {name: dict(entries) for name, entries in lists.items()}

    def seen(self, name: str, ip: IPAddress, seconds: int) -> bool:
        """Whether an address was put on a list within so many seconds."""
        stamp = self._lists.get(name, {}).get(ip)
        return stamp is not None and (not seconds or self.now - stamp <= seconds)

    def note(self, name: str, ip: IPAddress) -> None:
        """Put an address on a list."""
        self._lists.setdefault(name, {})[ip] = self.now

    def frozen(self) -> RecentLists:
        """The lists as they are."""
        return {name: tuple(entries.items()) for name, entries in self._lists.items()}


class ElementTable:
    """What rules put into the nftables sets of one host while packets pass."""

    def __init__(self, elements: SetElements, now: float) -> None:
        self.now = now
        self._sets = {name: dict(keys) for name, keys in elements.items()}

    def holds(self, table: str, name: str, key: Key) -> bool:
        """Whether a key is in a set and its time has not run out."""
        goes = self._sets.get((table, name), {}).get(key)
        return goes is not None and goes > self.now

    def put(self, table: str, name: str, key: Key, timeout: int, *, renew: bool) -> None:
        """Put a key into a set for so many milliseconds, 0 for good."""
        if renew or not self.holds(table, name, key):
            goes = self.now + timeout / 1000 if timeout else inf
            self._sets.setdefault((table, name), {})[key] = goes

    def frozen(self) -> SetElements:
        """What is in the sets and has not run out."""
        left = {
            name: tuple((key, goes) for key, goes in keys.items() if goes > self.now)
            for name, keys in self._sets.items()
        }
        return {name: keys for name, keys in left.items() if keys}
