"""Captures are read back by scapy: devices, comments, headers, checksums, and what is inside."""

import warnings
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # old ciphers are none of our business
    from scapy.layers.inet import ICMP, IP, TCP, UDP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether
    from scapy.layers.sctp import SCTP
    from scapy.layers.vxlan import VXLAN
    from scapy.packet import NoPayload
    from scapy.utils import rdpcap

from tests.kernel.frames import from_frame
from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.formats.frames import crc32c, frame
from tui.formats.pcapng import Capture, pcapng
from tui.sim.engine import Choices, Injection, State, send
from tui.sim.model.packet import Ethernet, Packet, Protocol, Tunnel
from tui.sim.model.value import replace
from tui.sim.trace import Outcome
from tui.words import use
from tui.words.captures import captures

WIRE = Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02")
WORLD = world_of(parser().parse_args(["sandbox"]))
CHECKED = (IP, TCP, UDP, ICMP, SCTP)


def outcome(source: str, destination: str, **more: Any) -> Outcome:
    injection = Injection(source, destination, **more)
    choices = Choices(pin="10.244.1.5:8080")
    return send(WORLD, State(), injection, choices)[0].outcomes[0]


def read_back(found: list[Capture], folder: Path) -> list[Any]:
    file = folder / "way.pcapng"
    file.write_bytes(pcapng(found, "k8snet-tui"))
    return list(rdpcap(str(file)))


def layers(packet: Any) -> Iterator[Any]:
    while not isinstance(packet, NoPayload):
        yield packet
        packet = packet.payload


def recomputed(packet: Any) -> bytes:
    """The frame with all its checksums made anew."""
    again = packet.copy()
    for layer in layers(again):
        if isinstance(layer, CHECKED) and not (isinstance(layer, UDP) and layer.chksum == 0):
            layer.delfieldval("chksum")
    return bytes(again)


def test_every_device_of_the_way_has_an_interface_and_each_frame_a_comment(tmp_path: Path) -> None:
    found = list(captures(outcome("pod/shop/client", "svc/shop/web:80"), use(), start=60))
    read = read_back(found, tmp_path)
    assert [each.sniffed_on for each in read] == [each.device for each in found]
    assert [str(each.comments[0], "utf-8") for each in read] == [each.comment for each in found]
    assert float(read[0].time) >= 60
    assert all(one.time < other.time for one, other in pairwise(read))
    way = list(dict.fromkeys(each.device.split("@")[1] for each in found))
    assert way == ["pod/shop/client", "node/node-a", "node/node-b", "pod/shop/web-2"]
    assert "DNAT" in next(c.comment for c in found if c.device.startswith("flannel.1@"))
    assert "gets the packet" in next(c.comment for c in found if c.device == "eth0@pod/shop/web-2")


def test_the_tunnel_shows_outside_and_inside(tmp_path: Path) -> None:
    found = list(captures(outcome("pod/shop/client", "svc/shop/web:80"), use()))
    read = read_back(found, tmp_path)
    inside = next(p for p in read if p.sniffed_on == "flannel.1@node/node-a")
    outside = next(p for p in read if p.sniffed_on == "eth0@node/node-a")
    assert (inside[IP].src, inside[IP].dst, inside[TCP].dport) == ("10.244.0.7", "10.244.1.5", 8080)
    assert (outside[IP].src, outside[IP].dst) == ("192.168.10.1", "192.168.10.2")
    assert (outside[UDP].dport, outside[UDP].chksum) == (8472, 0)
    carried = VXLAN(bytes(outside[UDP].payload))
    assert carried.vni == 1
    assert bytes(carried.payload) == bytes(inside)


@pytest.mark.parametrize(
    ("source", "destination", "more"),
    [
        ("pod/shop/client", "web.shop:80", {}),
        ("external/203.0.113.7", "node/node-b:30080", {}),
        ("pod/shop/client", "svc/shop/broken:80", {}),
        ("pod/shop/client", "pod/shop/web-2:8080", {"size": 1500}),
        ("pod/shop/client", "pod/shop/web-1", {"protocol": Protocol.ICMP}),
        ("pod/shop/client", "pod/shop/web-1:9", {"protocol": Protocol.UDP}),
        ("pod/shop/client", "pod/shop/web-1:9", {"protocol": Protocol.SCTP}),
    ],
)
def test_every_checksum_is_right(
    source: str, destination: str, more: dict[str, Any], tmp_path: Path
) -> None:
    read = read_back(list(captures(outcome(source, destination, **more), use())), tmp_path)
    assert read
    for packet in read:
        assert recomputed(packet) == bytes(packet)


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    net = draw(st.sampled_from(["10.0.0.", "fd00::"]))
    numbers, ports = st.integers(1, 99), st.integers(1, 65535)
    protocol = draw(st.sampled_from([Protocol.TCP, Protocol.UDP]))
    return Packet(
        ip_address(f"{net}{draw(numbers)}"), ip_address(f"{net}{draw(numbers)}"), protocol,
        draw(ports), draw(ports), "SYN" if protocol is Protocol.TCP else "",
        ttl=draw(st.integers(1, 255)), size=draw(st.integers(80, 1500)), ethernet=WIRE,
    )  # fmt: skip


@given(packets())
def test_a_packet_is_read_back_from_its_bytes(packet: Packet) -> None:
    """By the parser that reads what a real kernel sends."""
    found = from_frame(frame(packet))
    assert found is not None
    assert found.packet == packet
    assert len(frame(packet)) == 14 + packet.size


@given(packets())
def test_a_tunnel_is_read_back_from_its_bytes(packet: Packet) -> None:
    overhead = 50 if packet.source.version == 4 else 70
    outer = replace(
        packet, protocol=Protocol.UDP, dport=8472, flags="", tunnel=Tunnel("vxlan", 1, overhead),
        inner=packet, size=packet.size + overhead,
    )  # fmt: skip
    found = from_frame(frame(outer))
    assert found is not None
    assert found.packet == outer
    assert recomputed(Ether(frame(outer))) == frame(outer)


def test_ipv6_has_its_own_headers() -> None:
    ends = ip_address("fd00::1"), ip_address("fd00::2")
    read = Ether(frame(Packet(*ends, Protocol.ICMP, size=104, ethernet=WIRE)))
    assert (read[IPv6].nh, read[IPv6].plen, read[IPv6].hlim) == (58, 64, 64)
    assert "ICMPv6 Echo Request" in read[IPv6].payload.name


def test_crc32c_of_its_standard() -> None:
    """RFC 3720, appendix B.4."""
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
