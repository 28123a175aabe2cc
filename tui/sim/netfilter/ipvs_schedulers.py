"""Which real server a new connection gets: the schedulers of IPVS.

Three kinds. Round robins (`rr`, `wrr`) take turns, so it matters who came before. Hashes (`sh`,
`dh`, `mh`) depend on the packet alone. Counters (`lc`, `wlc`, `sed`, `nq`) look at how many
connections each real server has. Follows net/netfilter/ipvs/ip_vs_*.c of Linux 6.1; the kernel
keeps real servers in a list with the one added last in front.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from math import gcd

from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Packet
from tui.sim.model.value import value
from tui.sim.netfilter.ipvs import RealServer, VirtualServer
from tui.sim.netfilter.ipvs_maglev import place_of, table_of

ROUND_ROBINS = frozenset({"rr", "wrr"})
"""Schedulers that take turns."""


@value
class Load:
    """Connections of one real server."""

    active: int = 0
    """TCP connections from their first SYN until they are closed."""
    inactive: int = 0
    """All others: closed ones that time out, and everything that is not TCP."""


Loads = Callable[[RealServer], Load]


def in_list(virtual: VirtualServer) -> tuple[RealServer, ...]:
    """The real servers as the kernel's list has them: the one added last comes first."""
    return virtual.servers[::-1]


# ---------------------------------------------------------------- taking turns


@lru_cache(maxsize=4096)
def round_of(virtual: VirtualServer) -> tuple[RealServer, ...]:
    """One whole round of a round robin: the real servers in the order of their turns.

    With `rr` each comes once, whatever its weight, unless that is 0. With `wrr` the heavier ones
    come more often: the required weight falls from the greatest by the common divisor.
    """
    servers = [real for real in in_list(virtual) if real.weight > 0]
    if virtual.scheduler == "rr" or not servers:
        return tuple(servers)
    step = reduce(gcd, (real.weight for real in servers))
    most = max(real.weight for real in servers)
    wanted = range(most, 0, -step)
    return tuple(real for least in wanted for real in servers if real.weight >= least)


# ---------------------------------------------------------------- everything else


def pick(virtual: VirtualServer, packet: Packet, loads: Loads) -> RealServer | None:
    """The real server that a scheduler which takes no turns picks; None if none is fit.

    Raises KeyError for a scheduler that is not known here.
    """
    return _PICKS[virtual.scheduler](virtual, packet, loads)


def is_known(scheduler: str) -> bool:
    """Whether a scheduler can be simulated (`lblc`, `lblcr`, `fo`, `ovf` and `twos` cannot)."""
    return scheduler in ROUND_ROBINS or scheduler in _PICKS


def _overhead(load: Load) -> int:
    """ip_vs_dest_conn_overhead: an active connection weighs as much as 256 inactive ones."""
    return (load.active << 8) + load.inactive


def _least(servers: Sequence[RealServer], cost: Callable[[RealServer], int]) -> RealServer | None:
    """The server with the least cost for its weight, the first of equals.

    A weight of 0 is passed over as the first but never wins later either: its product is 0.
    """
    best: RealServer | None = None
    for real in servers:
        if real.weight <= 0:
            continue
        if best is None or cost(best) * real.weight > cost(real) * best.weight:
            best = real
    return best


def _lc(virtual: VirtualServer, _: Packet, loads: Loads) -> RealServer | None:
    fit = [real for real in in_list(virtual) if real.weight > 0]
    return min(fit, key=lambda real: _overhead(loads(real)), default=None)


def _wlc(virtual: VirtualServer, _: Packet, loads: Loads) -> RealServer | None:
    return _least(in_list(virtual), lambda real: _overhead(loads(real)))


def _sed(virtual: VirtualServer, _: Packet, loads: Loads) -> RealServer | None:
    return _least(in_list(virtual), lambda real: loads(real).active + 1)


def _nq(virtual: VirtualServer, packet: Packet, loads: Loads) -> RealServer | None:
    idle = (r for r in in_list(virtual) if r.weight > 0 and not loads(r).active)
    return next(idle, None) or _sed(virtual, packet, loads)


# ---------------------------------------------------------------- hashes

_BUCKETS = 256
_GOLDEN_RATIO = 0x61C88647


def _folded(ip: IPAddress) -> int:
    """An address as 32 bits; the four words of an IPv6 address are XORed."""
    words = (int(ip) >> shift & 0xFFFFFFFF for shift in range(0, ip.max_prefixlen, 32))
    return reduce(int.__xor__, words)


def _bucket(value: int) -> int:
    """hash_32 of linux/hash.h, 8 bits of it."""
    return (value * _GOLDEN_RATIO & 0xFFFFFFFF) >> 24


def _sh(virtual: VirtualServer, packet: Packet, _: Loads) -> RealServer | None:
    if not virtual.servers:
        return None
    port = packet.sport if "sh-port" in virtual.flags else 0
    table, bucket = _sh_table(virtual), _bucket((_folded(packet.source) + port) & 0xFFFFFFFF)
    tries = [bucket]
    if "sh-fallback" in virtual.flags:
        tries += [(offset + 2 * bucket) % _BUCKETS for offset in range(_BUCKETS)]
    return next((table[each] for each in tries if table[each].weight > 0), None)


@lru_cache(maxsize=1024)
def _sh_table(virtual: VirtualServer) -> tuple[RealServer, ...]:
    """Buckets filled in the order of the list, as many in a row as a server's weight."""
    turns = [real for real in in_list(virtual) for _ in range(max(real.weight, 1))]
    return tuple(turns[bucket % len(turns)] for bucket in range(_BUCKETS))


def _dh(virtual: VirtualServer, packet: Packet, _: Loads) -> RealServer | None:
    """All packets to one address go to one server, so with one virtual address only one works."""
    servers = in_list(virtual)
    if not servers:
        return None
    real = servers[_bucket(_folded(packet.destination)) % len(servers)]
    return real if real.weight > 0 else None


def _mh(virtual: VirtualServer, packet: Packet, _: Loads) -> RealServer | None:
    port = packet.sport if "mh-port" in virtual.flags else 0
    servers = [(real, _folded(real.ip) + real.port) for real in in_list(virtual)]
    table = table_of(servers)
    return table[place_of(_folded(packet.source) + port)] if table else None


_PICKS: dict[str, Callable[[VirtualServer, Packet, Loads], RealServer | None]] = {
    "lc": _lc,
    "wlc": _wlc,
    "sed": _sed,
    "nq": _nq,
    "sh": _sh,
    "dh": _dh,
    "mh": _mh,
}
