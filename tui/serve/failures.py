"""Wrong codes by address: who guesses has to wait. Pure: times are arguments."""

from __future__ import annotations

from collections import deque

MOST_ADDRESSES = 10_000
"""Addresses that are remembered; beyond them the oldest is forgotten."""


class Failures:
    """Counts wrong codes of the last minutes."""

    def __init__(self, most: int, minutes: int) -> None:
        """Allow so many from one address in so many minutes."""
        self._most = most
        self._seconds = minutes * 60
        self._times: dict[str, deque[float]] = {}

    def count(self, address: str, now: float) -> None:
        """A wrong code has come from an address."""
        times = self._times.pop(address, deque(maxlen=self._most))
        times.append(now)
        self._times[address] = times
        while len(self._times) > MOST_ADDRESSES:
            del self._times[next(iter(self._times))]

    def wait(self, address: str, now: float) -> float:
        """Seconds until the address may try again; 0 if it may."""
        times = self._times.get(address)
        if times is None or len(times) < self._most:
            return 0.0
        return max(times[0] + self._seconds - now, 0.0)
