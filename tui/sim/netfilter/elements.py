"""What rules put into nftables sets while packets pass, as the rules themselves see it."""

from __future__ import annotations

from typing import Protocol

Key = tuple[object, ...]
"""The values by which an element is found: `(IPv4Address("10.244.0.7"),)`."""


class DynamicSets(Protocol):
    """The elements that rules have put into the sets of one host."""

    def holds(self, table: str, name: str, key: Key) -> bool:
        """Whether a key is in a set and its time has not run out."""

    def put(self, table: str, name: str, key: Key, timeout: int, *, renew: bool) -> None:
        """Put a key into a set for so many milliseconds, 0 for good.

        The time of a key that is there already begins again only if `renew` is set.
        """


class NoElements:
    """Sets into which no rule has put anything."""

    def holds(self, table: str, name: str, key: Key) -> bool:
        """Nothing is there."""
        return False

    def put(self, table: str, name: str, key: Key, timeout: int, *, renew: bool) -> None:
        """Nothing is kept."""
