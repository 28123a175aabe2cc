"""Virtual servers: the text of `ipvsadm-save -n` both ways."""

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Protocol
from tui.sim.netfilter.ipvs import Forwarding, RealServer, VirtualServer
from tui.sim.netfilter.ipvs_text import ServerSyntaxError, parse_servers, print_servers

RECORDED = sorted(Path(__file__).parents[2].glob("reference/recorded/ipvs-*.json"))

ADDRESSES: dict[int, st.SearchStrategy[IPAddress]] = {
    4: st.integers(0, 2**32 - 1).map(IPv4Address),
    6: st.integers(0, 2**128 - 1).map(IPv6Address),
}
PORTS = st.integers(0, 65535)
FLAGS = st.sampled_from([(), ("sh-port",), ("mh-fallback", "mh-port"), ("flag-1",)])


@st.composite
def virtual_servers(draw: st.DrawFn) -> VirtualServer:
    version = draw(st.sampled_from([4, 6]))
    ips = ADDRESSES[version]
    persistence = draw(st.integers(0, 86400))
    reals = st.builds(
        RealServer, ips, PORTS, st.integers(0, 100), st.sampled_from(list(Forwarding))
    )
    return VirtualServer(
        draw(st.sampled_from([Protocol.TCP, Protocol.UDP, Protocol.SCTP])),
        draw(ips),
        draw(PORTS),
        draw(st.sampled_from(["rr", "wrr", "lc", "mh", "lblc"])),
        persistence,
        draw(st.none() | st.integers(8, 32)) if persistence else None,
        draw(st.booleans()),
        draw(FLAGS),
        tuple(draw(st.lists(reals, max_size=4, unique_by=lambda real: real.text))),
    )


def as_set(servers: tuple[VirtualServer, ...]) -> set[VirtualServer]:
    """What is there, whatever its order; the tool sorts."""
    return {
        replace(each, servers=tuple(sorted(each.servers, key=lambda real: real.text)))
        for each in servers
    }


@given(st.lists(virtual_servers(), max_size=4, unique_by=lambda each: each.address))
def test_parse_reads_back_what_print_writes(made: list[VirtualServer]) -> None:
    assert as_set(parse_servers(print_servers(made))) == as_set(tuple(made))


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_a_real_dump_is_printed_as_it_was(recording: Path) -> None:
    dump = json.loads(recording.read_text())["expected"]["ipvsadm"]
    assert print_servers(reversed(parse_servers(dump))).rstrip() == dump.rstrip()


SPELLINGS = [
    (VirtualServer(Protocol.TCP, ip_address("10.96.0.11"), 80), "-A -t 10.96.0.11:80 -s rr"),
    (VirtualServer(Protocol.SCTP, ip_address("fd00::1"), 80, "sh", 60),
     "-A --sctp-service [fd00::1]:80 -s sh -p 60"),
    (VirtualServer(Protocol.UDP, ip_address("10.96.0.11"), 53, "mh", 60, 24, True, ("mh-port",)),
     "-A -u 10.96.0.11:53 -s mh -p 60 -M 255.255.255.0 -o -b mh-port"),
]  # fmt: skip


@pytest.mark.parametrize(("virtual", "text"), SPELLINGS)
def test_spelling(virtual: VirtualServer, text: str) -> None:
    assert print_servers([virtual]) == f"{text}\n"


@pytest.mark.parametrize(
    ("dump", "said"),
    [
        ("-D -t 10.0.0.1:80\n", "line 1: expected -A or -a"),
        ("-A -f 1 -s rr\n", "line 1: expected -A or -a"),
        ("-A -t 10.0.0.1 -s rr\n", "line 1: expected IP:PORT"),
        ("-A -t 10.0.0.1:80 -s\n", "line 1: -s has no value"),
        ("-A -t 10.0.0.1:80 --what\n", "line 1: unknown option --what"),
        ("-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m\n", "line 1: virtual server 10.0.0.1:80 is not"),
        ("-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -m -w 1\n", "line 2: expected -r IP:PORT"),
    ],
)
def test_a_broken_dump_names_its_line(dump: str, said: str) -> None:
    with pytest.raises(ServerSyntaxError) as caught:
        parse_servers(dump)
    assert said in str(caught.value)
