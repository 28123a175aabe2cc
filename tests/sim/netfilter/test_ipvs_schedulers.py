"""Who gets the next connection, by scheduler."""

from collections import Counter
from ipaddress import ip_address

import pytest

from tui.sim.model.packet import Packet, Protocol
from tui.sim.netfilter.ipvs import RealServer, VirtualServer
from tui.sim.netfilter.ipvs_maglev import PLACES, hsiphash
from tui.sim.netfilter.ipvs_schedulers import Load, is_known, pick, round_of

VIP = ip_address("10.96.0.11")


def virtual(scheduler: str, *weights: int, flags: tuple[str, ...] = ()) -> VirtualServer:
    """A virtual server whose real ones, `a`, `b`, ..., were added in this order."""
    servers = tuple(
        RealServer(ip_address(f"10.244.0.{number}"), 8080, weight)
        for number, weight in enumerate(weights, 1)
    )
    return VirtualServer(Protocol.TCP, VIP, 80, scheduler, flags=flags, servers=servers)


def letter(real: RealServer | None) -> str:
    return "-" if real is None else "abcdefgh"[int(real.ip) % 256 - 1]


def packet(source: str = "10.244.0.200", sport: int = 40000) -> Packet:
    return Packet(ip_address(source), VIP, Protocol.TCP, sport, 80, flags="SYN")


# ---------------------------------------------------------------- taking turns


@pytest.mark.parametrize(
    ("scheduler", "weights", "turns"),
    [
        ("rr", (1, 1, 1), "cba"),
        ("rr", (5, 1, 1), "cba"),
        ("rr", (1, 0, 1), "ca"),
        ("rr", (), ""),
        ("rr", (0, 0), ""),
        ("wrr", (1, 1, 1), "cba"),
        ("wrr", (1, 2, 3), "ccbcba"),
        ("wrr", (4, 2, 0), "aba"),
        ("wrr", (0,), ""),
    ],
)
def test_one_round(scheduler: str, weights: tuple[int, ...], turns: str) -> None:
    """The kernel's list has the server that was added last in front."""
    assert "".join(map(letter, round_of(virtual(scheduler, *weights)))) == turns


# ---------------------------------------------------------------- counting connections

ACTIVE, IDLE = Load(1, 0), Load(0, 0)


@pytest.mark.parametrize(
    ("scheduler", "weights", "loads", "chosen"),
    [
        ("lc", (1, 1, 1), (IDLE, IDLE, IDLE), "c"),
        ("lc", (1, 1, 1), (IDLE, ACTIVE, ACTIVE), "a"),
        ("lc", (1, 1), (Load(1, 0), Load(0, 255)), "b"),
        ("lc", (1, 1), (Load(1, 0), Load(0, 257)), "a"),
        ("lc", (1, 0), (Load(9, 9), IDLE), "a"),
        ("lc", (0, 0), (IDLE, IDLE), "-"),
        ("wlc", (2, 1), (Load(3, 0), Load(2, 0)), "a"),
        ("wlc", (2, 1), (Load(5, 0), Load(2, 0)), "b"),
        ("wlc", (1, 9), (IDLE, IDLE), "b"),
        ("wlc", (1, 0), (Load(9, 9), IDLE), "a"),
        ("sed", (1, 2), (IDLE, IDLE), "b"),
        ("sed", (1, 2), (IDLE, Load(2, 0)), "a"),
        ("sed", (1, 3), (IDLE, Load(1, 0)), "b"),
        ("nq", (1, 3), (IDLE, Load(1, 0)), "a"),
        ("nq", (1, 3), (Load(1, 0), Load(1, 0)), "b"),
        ("nq", (0, 0), (IDLE, IDLE), "-"),
    ],
)
def test_fewest_connections(
    scheduler: str, weights: tuple[int, ...], loads: tuple[Load, ...], chosen: str
) -> None:
    made = virtual(scheduler, *weights)
    held = dict(zip(made.servers, loads, strict=True))
    assert letter(pick(made, packet(), held.__getitem__)) == chosen


# ---------------------------------------------------------------- hashes


def idle(_: RealServer) -> Load:
    return IDLE


SOURCES = [f"10.244.{i // 250}.{i % 250 + 1}" for i in range(3000)]


@pytest.mark.parametrize("scheduler", ["sh", "mh"])
def test_a_client_keeps_its_server_and_clients_are_spread(scheduler: str) -> None:
    made = virtual(scheduler, 1, 1, 1)
    first = [letter(pick(made, packet(source), idle)) for source in SOURCES]
    again = [letter(pick(made, packet(source, 41000), idle)) for source in SOURCES]
    assert first == again
    assert all(800 < count < 1200 for count in Counter(first).values())


@pytest.mark.parametrize(("scheduler", "flag"), [("sh", "sh-port"), ("mh", "mh-port")])
def test_with_ports_one_client_is_spread_too(scheduler: str, flag: str) -> None:
    made = virtual(scheduler, 1, 1, 1, flags=(flag,))
    found = Counter(letter(pick(made, packet(sport=30000 + i), idle)) for i in range(3000))
    assert all(800 < count < 1200 for count in found.values())


def test_weights_share_out_the_hashes() -> None:
    for scheduler in ("sh", "mh"):
        made = virtual(scheduler, 1, 3)
        found = Counter(letter(pick(made, packet(source), idle)) for source in SOURCES)
        assert found["b"] / found["a"] == pytest.approx(3, rel=0.2), scheduler


def test_maglev_moves_few_clients_when_a_server_goes() -> None:
    three, two = virtual("mh", 1, 1, 1), virtual("mh", 1, 1)
    before = [letter(pick(three, packet(source), idle)) for source in SOURCES]
    after = [letter(pick(two, packet(source), idle)) for source in SOURCES]
    moved = sum(a != b for a, b in zip(before, after, strict=True) if a != "c")
    assert moved < 0.1 * len(SOURCES)
    assert moved > 0, "a little always moves"


def test_maglev_is_the_kernels() -> None:
    """The servers of 40 clients, computed in C as ip_vs_mh.c does it."""
    made = virtual("mh", 1, 2, 1)
    sources = [str(ip_address("10.244.1.0") + 7 * n) for n in range(40)]
    found = [letter(pick(made, packet(source), idle)) for source in sources]
    assert "".join(found) == "ccacbcaabbcbaaccbccccabbbcabbaabaabbcbbc"


def test_one_virtual_address_is_one_server_by_destination_hashing() -> None:
    made = virtual("dh", 1, 1, 1)
    assert len({letter(pick(made, packet(source), idle)) for source in SOURCES}) == 1


@pytest.mark.parametrize(("source", "bucket"), [("10.0.0.1", 39), ("192.0.2.7", 125)])
def test_source_hashing_is_the_kernels(source: str, bucket: int) -> None:
    """hash_32(address, 8), computed in C; with 256 servers it is the place in the list."""
    servers = tuple(RealServer(ip_address("10.1.0.0") + n, 1) for n in range(256))
    made = VirtualServer(Protocol.TCP, VIP, 80, "sh", servers=servers)
    assert pick(made, packet(source), idle) == servers[255 - bucket]


def test_source_hashing_falls_back_only_if_told_to() -> None:
    plain = virtual("sh", 1, 0)
    falling = virtual("sh", 1, 0, flags=("sh-fallback",))
    found = {letter(pick(plain, packet(source), idle)) for source in SOURCES}
    assert found == {"a", "-"}
    assert {letter(pick(falling, packet(source), idle)) for source in SOURCES} == {"a"}


@pytest.mark.parametrize("scheduler", ["sh", "dh", "mh", "lc", "wlc", "sed", "nq"])
def test_nobody_is_picked_where_nobody_is(scheduler: str) -> None:
    assert pick(virtual(scheduler), packet(), idle) is None


def test_siphash_of_the_kernels_own_test() -> None:
    """lib/test_siphash.c, test_vectors_hsiphash[4] of a 64-bit kernel."""
    assert hsiphash(0x03020100, (0x0706050403020100, 0x0F0E0D0C0B0A0908)) == 0x88D38328


def test_the_size_of_the_maglev_table_is_prime() -> None:
    assert all(PLACES % divisor for divisor in range(2, 64))


def test_schedulers_that_are_known() -> None:
    assert all(map(is_known, ("rr", "wrr", "lc", "wlc", "sh", "dh", "mh", "sed", "nq")))
    assert not any(map(is_known, ("lblc", "lblcr", "fo", "ovf", "twos", "")))
