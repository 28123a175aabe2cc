"""ipsets: their text both ways, and which packets are in them."""

import json
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.sim.model.address import Family, IPAddress, network
from tui.sim.model.packet import Icmp, Packet, Protocol
from tui.sim.netfilter.ipset import BITMAP_PORT, HASH_OPTIONS, Element, IpSet, Part, SetPort
from tui.sim.netfilter.ipset_text import (
    SetSyntaxError,
    initval,
    parse_sets,
    print_packet,
    print_sets,
)

RECORDED = sorted(Path(__file__).parents[2].glob("reference/recorded/ipvs-*.json"))
TYPES = ("hash:ip", "hash:net", "hash:ip,port", "hash:ip,port,ip", "hash:ip,port,net",
         "hash:net,port")  # fmt: skip

# ---------------------------------------------------------------- any set

PROTOCOLS = st.sampled_from([Protocol.TCP, Protocol.UDP, Protocol.SCTP])
PORTS = st.integers(0, 65535)
COMMENTS = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"'),
                   max_size=30)  # fmt: skip
ADDRESSES: dict[Family, st.SearchStrategy[IPAddress]] = {
    Family.IPV4: st.integers(0, 2**32 - 1).map(IPv4Address),
    Family.IPV6: st.integers(0, 2**128 - 1).map(IPv6Address),
}
NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=31)


def part(kind: str, family: Family) -> st.SearchStrategy[Part]:
    if kind == "port":
        return st.builds(SetPort, PORTS, PROTOCOLS)
    ips = ADDRESSES[family]
    if kind == "ip":
        return ips
    return st.builds(lambda ip, length: network(f"{ip}/{length}"), ips,
                     st.integers(1, family.bits))  # fmt: skip


@st.composite
def hashes(draw: st.DrawFn, name: str) -> IpSet:
    kind, family = draw(st.sampled_from(TYPES)), draw(st.sampled_from(Family))
    parts = st.tuples(*(part(each, family) for each in kind.partition(":")[2].split(",")))
    chosen = draw(st.lists(parts, max_size=5, unique=True))
    elements = tuple(Element(each, draw(COMMENTS)) for each in chosen)
    return IpSet(name, kind, family, (*HASH_OPTIONS, "initval", initval(name)), elements)


@st.composite
def bitmaps(draw: st.DrawFn, name: str) -> IpSet:
    numbers = draw(st.lists(PORTS, max_size=5, unique=True))
    elements = tuple(Element((SetPort(number),)) for number in numbers)
    return IpSet(name, BITMAP_PORT, None, ("range", "0-65535"), elements)


@st.composite
def sets(draw: st.DrawFn) -> tuple[IpSet, ...]:
    names = draw(st.lists(NAMES, max_size=4, unique=True))
    return tuple(draw(st.one_of(hashes(name), bitmaps(name))) for name in names)


@given(sets())
def test_parse_reads_back_what_print_writes(made: tuple[IpSet, ...]) -> None:
    assert parse_sets(print_sets(made)) == made


@given(st.sampled_from(Family).flatmap(lambda f: st.tuples(part("net", f), part("ip", f))))
def test_a_range_holds_an_address_as_the_address_says(pair: tuple[Part, Part]) -> None:
    net, ip = pair
    assert isinstance(net, IPv4Network | IPv6Network)
    assert isinstance(ip, IPv4Address | IPv6Address)
    made = IpSet("N", "hash:net", Family(f"IPv{ip.version}"), (), (Element((net,)),))
    packet = Packet(ip, ip, Protocol.TCP)
    assert (made.look_up(packet, ("src",)).element is not None) == (ip in net)


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_a_real_dump_is_printed_as_it_was(recording: Path) -> None:
    dump = json.loads(recording.read_text())["expected"]["ipset"]
    assert print_sets(parse_sets(dump)).rstrip() == dump.rstrip()


@pytest.mark.parametrize(
    ("dump", "said"),
    [
        ("flush X\n", "line 1: expected create SET TYPE"),
        ("create X\n", "line 1: expected create SET TYPE"),
        ("create X hash:mac\n", "line 1: set type hash:mac is not known"),
        ("create X hash:ip family inet5\n", "line 1: expected family inet or inet6"),
        ("add X 10.0.0.1\n", "line 1: set X is not declared"),
        ("create X hash:ip,port family inet\nadd X 10.0.0.1\n", "line 2: expected 2 parts"),
        ("create X hash:ip,port family inet\nadd X 10.0.0.1,gre:1\n", "line 2: unknown protocol"),
        ("create X bitmap:port range 0-9\nadd X http\n", "line 2: http is not a port number"),
        ("create X hash:ip family inet\nadd X ten\n", "line 2: 'ten'"),
    ],
)
def test_a_broken_dump_names_its_line(dump: str, said: str) -> None:
    with pytest.raises(SetSyntaxError) as caught:
        parse_sets(dump)
    assert said in str(caught.value)


# ---------------------------------------------------------------- who is in

SETS = {
    made.name: made
    for made in parse_sets(
        """
        create PORTS bitmap:port range 0-65535
        add PORTS 30001
        create VIPS hash:ip family inet
        add VIPS 10.96.0.11
        create SERVICES hash:ip,port family inet
        add SERVICES 10.96.0.11,tcp:80
        add SERVICES 10.96.0.12,sctp:80
        create SELF hash:ip,port,ip family inet
        add SELF 10.244.0.2,tcp:8080,10.244.0.2
        create RANGES hash:ip,port,net family inet
        add RANGES 198.51.100.4,tcp:80,203.0.113.0/24
        add RANGES 198.51.100.4,tcp:80,10.0.0.0/8
        add RANGES 198.51.100.4,tcp:80,192.0.2.7
        add RANGES 198.51.100.4,tcp:80,203.0.113.64/26 nomatch
        """
    )
}


def packet(
    source: str, destination: str, port: int, protocol: Protocol = Protocol.TCP
) -> Packet:  # fmt: skip
    return Packet(ip_address(source), ip_address(destination), protocol, 40000, port)


POD, VIP, BALANCER = "10.244.0.2", "10.96.0.11", "198.51.100.4"
CASES = {
    "a port, TCP": ("PORTS", "dst", packet(POD, VIP, 30001), True, 1),
    "a port, UDP": ("PORTS", "dst", packet(POD, VIP, 30001, Protocol.UDP), True, 1),
    "a bitmap knows no SCTP": ("PORTS", "dst", packet(POD, VIP, 30001, Protocol.SCTP), False, 0),
    "another port": ("PORTS", "dst", packet(POD, VIP, 30002), False, 1),
    "the source's port": ("PORTS", "src", packet(POD, VIP, 30001), False, 1),
    "an address": ("VIPS", "dst", packet(POD, VIP, 81), True, 1),
    "an address from the other side": ("VIPS", "src", packet(VIP, POD, 81), True, 1),
    "an address and port": ("SERVICES", "dst,dst", packet(POD, VIP, 80), True, 1),
    "of another protocol": ("SERVICES", "dst,dst", packet(POD, VIP, 80, Protocol.UDP), False, 1),
    "SCTP in a hash": (
        "SERVICES", "dst,dst", packet(POD, "10.96.0.12", 80, Protocol.SCTP), True, 1
    ),
    "source address, destination port": ("SERVICES", "src,dst", packet(VIP, VIP, 80), True, 1),
    "too few directions find nothing": ("SERVICES", "dst", packet(POD, VIP, 80), False, 0),
    "more directions than parts": ("VIPS", "dst,dst", packet(POD, VIP, 80), True, 1),
    "to itself": ("SELF", "dst,dst,src", packet(POD, POD, 8080), True, 1),
    "to another": ("SELF", "dst,dst,src", packet("10.244.0.3", POD, 8080), False, 1),
    "of the other family": ("VIPS", "dst", packet("fd00::1", "fd00::2", 80), False, 0),
    "in the longest prefix": (
        "RANGES", "dst,dst,src", packet("192.0.2.7", BALANCER, 80), True, 1
    ),
    "in an exception": (
        "RANGES", "dst,dst,src", packet("203.0.113.65", BALANCER, 80), False, 2
    ),
    "in the third prefix": (
        "RANGES", "dst,dst,src", packet("203.0.113.9", BALANCER, 80), True, 3
    ),
    "in no range, each length asked": (
        "RANGES", "dst,dst,src", packet("198.18.0.9", BALANCER, 80), False, 4
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_who_is_in_a_set(case: tuple[str, str, Packet, bool, int]) -> None:
    name, directions, asked, held, looks = case
    found = SETS[name].look_up(asked, tuple(directions.split(",")))
    assert (found.element is not None, found.looks) == (held, looks)


def test_an_icmp_error_is_in_no_set_with_ports() -> None:
    quoted = Icmp("icmp-port-unreachable", ip_address(POD), ip_address(VIP), Protocol.TCP, 1, 80)
    error = Packet(ip_address(POD), ip_address(VIP), Protocol.ICMP, icmp=quoted)
    assert SETS["SERVICES"].look_up(error, ("dst", "dst")).element is None
    assert SETS["VIPS"].look_up(error, ("dst",)).element is not None


def test_a_packet_is_told_as_the_set_sees_it() -> None:
    seen = print_packet(SETS["RANGES"], packet(POD, BALANCER, 80), ("dst", "dst", "src"))
    assert seen == "198.51.100.4,tcp:80,10.244.0.2"
