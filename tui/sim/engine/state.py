"""What lasts between packets: connections, affinity lists, and the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tui.sim.model.address import IPAddress
from tui.sim.model.connection import ConntrackEntry

RecentLists = Mapping[str, tuple[tuple[IPAddress, float], ...]]
"""The lists of `-m recent`, by name: addresses with the time at which they were seen last."""


@dataclass(frozen=True, slots=True)
class HostState:
    """What one host remembers."""

    conntrack: tuple[ConntrackEntry, ...] = ()
    """Its connections, oldest first."""
    recent: RecentLists = field(default_factory=dict)
    """Its affinity lists."""


@dataclass(frozen=True, slots=True)
class State:
    """What the whole network remembers."""

    now: float = 0.0
    """The time in seconds; it stands still unless the learner lets it pass."""
    sent: int = 0
    """Packets sent so far; each takes a source port of its own."""
    hosts: Mapping[str, HostState] = field(default_factory=dict)
    """By namespace name."""

    def at(self, now: float) -> State:
        """The same state at another time; connections that have timed out are gone."""
        hosts = {
            name: replace(host, conntrack=tuple(e for e in host.conntrack if e.expires > now))
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
