"""Packets in tcpdump's words. Every line here was printed by tcpdump 4.99.3 from our own frames."""

from ipaddress import ip_address

import pytest

from tui.formats.tcpdump import printed
from tui.sim.model.packet import Icmp, Packet, Protocol, Tunnel
from tui.sim.model.value import replace

ENDS = ip_address("10.244.0.7"), ip_address("10.96.31.7")
SIX = ip_address("fd00::7"), ip_address("fd00::80")
SYN = Packet(*ENDS, Protocol.TCP, 41532, 80, "SYN")
BACK = Packet(*ENDS[::-1], Protocol.ICMP, size=100)
SIX_BACK = Packet(*SIX[::-1], Protocol.ICMP, size=100)
ABOUT = Icmp("icmp-port-unreachable", *ENDS, Protocol.TCP, 41532, 80)
TOO_BIG = Icmp("icmp-fragmentation-needed", *SIX, Protocol.TCP, 41532, 80)
SYN_TEXT = (
    "IP 10.244.0.7.41532 > 10.96.31.7.80: Flags [S], seq 0, win 64240, "
    "options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0"
)


@pytest.mark.parametrize(
    ("packet", "line"),
    [
        (SYN, SYN_TEXT),
        (Packet(*ENDS, Protocol.TCP, 41532, 80, "RST,ACK", size=40),
         "IP 10.244.0.7.41532 > 10.96.31.7.80: Flags [R.], seq 0, ack 1, win 64240, length 0"),
        (Packet(*SIX, Protocol.TCP, 41532, 81, "ACK", size=1500),
         "IP6 fd00::7.41532 > fd00::80.81: Flags [.], seq 0:1440, ack 1, win 64240, length 1440"),
        (Packet(*ENDS, Protocol.UDP, 41532, 9999, size=120),
         "IP 10.244.0.7.41532 > 10.96.31.7.9999: UDP, length 92"),
        (Packet(*ENDS, Protocol.ICMP, size=84),
         "IP 10.244.0.7 > 10.96.31.7: ICMP echo request, id 1, seq 1, length 64"),
        (Packet(*SIX, Protocol.ICMP, size=84),
         "IP6 fd00::7 > fd00::80: ICMP6, echo request, id 1, seq 1, length 44"),
        (replace(BACK, icmp=ABOUT),
         "IP 10.96.31.7 > 10.244.0.7: ICMP 10.96.31.7 tcp port 80 unreachable, length 68"),
        (replace(SIX_BACK, icmp=TOO_BIG),
         "IP6 fd00::80 > fd00::7: ICMP6, packet too big, mtu 0, length 60"),
    ],
)  # fmt: skip
def test_a_packet_is_a_line(packet: Packet, line: str) -> None:
    assert list(printed(packet)) == [line]


@pytest.mark.parametrize(
    ("port", "told"),
    [
        (8472, "OTV, flags [I] (0x08), overlay 0, instance 1"),
        (4789, "VXLAN, flags [I] (0x08), vni 1"),
    ],
)
def test_a_tunnel_shows_what_it_carries(port: int, told: str) -> None:
    outer = Packet(
        ip_address("192.168.10.1"), ip_address("192.168.10.2"), Protocol.UDP, 34567, port,
        size=110, tunnel=Tunnel("vxlan", 1, 50), inner=SYN,
    )  # fmt: skip
    assert list(printed(outer)) == [
        f"IP 192.168.10.1.34567 > 192.168.10.2.{port}: {told}",
        SYN_TEXT,
    ]
