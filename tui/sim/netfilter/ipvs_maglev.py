"""Maglev hashing, the scheduler `mh`: a table of 4093 places, shared out by preference.

Each real server prefers the places in an order of its own, and they take turns in picking. So
when one goes away, few clients of the others move. Follows net/netfilter/ipvs/ip_vs_mh.c; its
keys are fixed, so that every machine agrees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, reduce
from math import gcd

from tui.sim.netfilter.ipvs import RealServer

PLACES = 4093
"""Size of the table: CONFIG_IP_VS_MH_TAB_INDEX=12 means this prime."""

_WEIGHT_BITS = 6
_KEY = (2654435761, 2654435761)
_SKIP_KEY = (2654446892, 2654446892)
_WORD = 0xFFFFFFFFFFFFFFFF


def place_of(value: int) -> int:
    """The place of a client, by the sum of its folded address and port."""
    return hsiphash(value & 0xFFFFFFFF, _KEY) % PLACES


def table_of(servers: Sequence[tuple[RealServer, int]]) -> tuple[RealServer, ...]:
    """The real server at each place; empty where none has a weight.

    Each server comes with the sum of its folded address and port, in the kernel's order.
    """
    return _filled(tuple(servers))


@lru_cache(maxsize=256)
def _filled(servers: tuple[tuple[RealServer, int], ...]) -> tuple[RealServer, ...]:
    weights = [real.weight for real, _ in servers if real.weight > 0]
    if not weights:
        return ()
    step = reduce(gcd, weights)
    shift = max((max(weights) // step).bit_length() - _WEIGHT_BITS, 0)
    pickers = [
        (real, _preferences(value), max(real.weight // step >> shift, 1))
        for real, value in servers
        if real.weight > 0
    ]
    table: list[RealServer | None] = [None] * PLACES
    for _ in range(PLACES):
        for real, places, turns in pickers:
            for _ in range(turns):
                free = next((place for place in places if table[place] is None), None)
                if free is None:
                    return tuple(real for real in table if real is not None)
                table[free] = real
    return tuple(real for real in table if real is not None)


def _preferences(value: int) -> Iterator[int]:
    """All places in the order in which a server prefers them."""
    place = hsiphash(value & 0xFFFFFFFF, _KEY) % PLACES
    skip = hsiphash(value & 0xFFFFFFFF, _SKIP_KEY) % (PLACES - 1) + 1
    for _ in range(PLACES):
        yield place
        place = (place + skip) % PLACES


# ---------------------------------------------------------------- SipHash


def hsiphash(value: int, key: tuple[int, int]) -> int:
    """hsiphash of one 32-bit number as a 64-bit kernel computes it: SipHash-1-3, 32 bits of it."""
    tail = 4 << 56 | value
    state = (
        0x736F6D6570736575 ^ key[0],
        0x646F72616E646F6D ^ key[1],
        0x6C7967656E657261 ^ key[0],
        0x7465646279746573 ^ key[1],
    )
    a, b, c, d = _round(*state[:3], state[3] ^ tail)
    a, b, c, d = a ^ tail, b, c ^ 0xFF, d
    for _ in range(3):
        a, b, c, d = _round(a, b, c, d)
    return (a ^ b ^ c ^ d) & 0xFFFFFFFF


def _round(a: int, b: int, c: int, d: int) -> tuple[int, int, int, int]:
    a = a + b & _WORD
    b = _turned(b, 13) ^ a
    a = _turned(a, 32)
    c = c + d & _WORD
    d = _turned(d, 16) ^ c
    a = a + d & _WORD
    d = _turned(d, 21) ^ a
    c = c + b & _WORD
    b = _turned(b, 17) ^ c
    return a, b, _turned(c, 32), d


def _turned(word: int, bits: int) -> int:
    return (word << bits | word >> (64 - bits)) & _WORD
