"""Packets as bytes, and bytes as the simulator's own packets.

A packet that a test sends carries a number: TCP's sequence number, or the first bytes of what
UDP carries. Both come back in what an ICMP error quotes, so what becomes of each is known.
"""

import struct
from dataclasses import dataclass
from ipaddress import ip_address

from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Ethernet, Icmp, Packet, Protocol, Tunnel
from tui.sim.model.value import replace

IPV4, IPV6 = 0x0800, 0x86DD
VXLAN_PORTS, VXLAN_OVERHEAD = (8472, 4789), {4: 50, 6: 70}
HEADER = {4: 20, 6: 40}
NUMBERS = {6: Protocol.TCP, 17: Protocol.UDP}
ICMP, ICMP6 = 1, 58
DO_NOT_FRAGMENT = 0x4000
FLAGS = {0x02: "SYN", 0x12: "SYN,ACK", 0x10: "ACK", 0x04: "RST", 0x14: "RST,ACK", 0x18: "PSH,ACK"}
MESSAGES = {
    (ICMP, 3, 3): "icmp-port-unreachable",
    (ICMP, 3, 4): "icmp-fragmentation-needed",
    (ICMP, 11, 0): "icmp-time-exceeded",
    (ICMP6, 1, 4): "icmp6-port-unreachable",
    (ICMP6, 2, 0): "icmp-fragmentation-needed",
    (ICMP6, 3, 0): "icmp-time-exceeded",
}


@dataclass(frozen=True)
class Captured:
    """A packet as it was seen, and the number that it bears."""

    packet: Packet
    number: int


# ---------------------------------------------------------------- out


def ip_bytes(packet: Packet, number: int, answered: int = 0) -> bytes:
    """An IP packet of the size that the simulator says; `answered` bears the number given."""
    body = _segment(packet, number, answered)
    ends = packet.source.packed + packet.destination.packed
    protocol = next(code for code, name in NUMBERS.items() if name is packet.protocol)
    if packet.source.version == 6:
        return struct.pack(">IHBB", 6 << 28, len(body), protocol, packet.ttl) + ends + body
    start = struct.pack(
        ">BBHHHBBH", 0x45, 0, 20 + len(body), number & 0xFFFF or 1, DO_NOT_FRAGMENT,
        packet.ttl, protocol, 0,
    )  # fmt: skip
    checked = checksum(start + ends)
    return start[:10] + checked.to_bytes(2, "big") + ends + body


def frame_bytes(packet: Packet, number: int, answered: int = 0) -> bytes:
    """The same with the frame's header before it."""
    frame = packet.ethernet
    assert frame is not None
    kind = IPV4 if packet.source.version == 4 else IPV6
    ends = bytes.fromhex((frame.destination + frame.source).replace(":", ""))
    return ends + kind.to_bytes(2, "big") + ip_bytes(packet, number, answered)


def _segment(packet: Packet, number: int, answered: int) -> bytes:
    """A TCP segment or a UDP datagram, its checksum right."""
    room = packet.size - HEADER[packet.source.version]
    if packet.protocol is Protocol.TCP:
        flags = next(code for code, name in FLAGS.items() if name == packet.flags)
        heard = answered + 1 if answered else 0
        head = struct.pack(
            ">HHIIBBHHH", packet.sport, packet.dport, number, heard, 0x50, flags, 64240, 0, 0
        )
        code, place = 6, 16
        body = head + bytes(max(room - 20, 0))
    else:
        code, place = 17, 6
        load = struct.pack(">I", number) + bytes(max(room - 12, 0))
        body = struct.pack(">HHHH", packet.sport, packet.dport, 8 + len(load), 0) + load
    ends = packet.source.packed + packet.destination.packed
    checked = checksum(ends + struct.pack(">II", len(body), code) + body) or 0xFFFF
    return body[:place] + checked.to_bytes(2, "big") + body[place + 2 :]


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(total ^ 0xFFFF)


# ---------------------------------------------------------------- in


def from_frame(data: bytes) -> Captured | None:
    """What a frame carries; None if it is nothing that a test may have sent or caused."""
    kind = int.from_bytes(data[12:14], "big")
    if kind not in (IPV4, IPV6):
        return None
    frame = Ethernet(_mac(data[6:12]), _mac(data[:6]))
    return from_ip(data[14:], frame)


def from_ip(data: bytes, frame: Ethernet | None = None) -> Captured | None:
    """An IP packet as a value."""
    if data[0] >> 4 == 4:
        start, code, ttl = (data[0] & 15) * 4, data[9], data[8]
        ends = ip_address(data[12:16]), ip_address(data[16:20])
        size = int.from_bytes(data[2:4], "big")
    else:
        start, code, ttl = 40, data[6], data[7]
        ends = ip_address(data[8:24]), ip_address(data[24:40])
        size = 40 + int.from_bytes(data[4:6], "big")
    body = data[start:]
    if code in (ICMP, ICMP6):
        return _error(ends, ttl, size, code, body, frame)
    if code not in NUMBERS or len(body) < 8:
        return None
    sport, dport = struct.unpack(">HH", body[:4])
    protocol = NUMBERS[code]
    packet = Packet(*ends, protocol, sport, dport, ttl=ttl, size=size, ethernet=frame)
    if protocol is Protocol.TCP:
        return Captured(_with_flags(packet, body), int.from_bytes(body[4:8], "big"))
    if dport in VXLAN_PORTS:
        return _tunnelled(packet, body[8:])
    return Captured(packet, int.from_bytes(body[8:12], "big"))


def _with_flags(packet: Packet, body: bytes) -> Packet:
    return replace(packet, flags=FLAGS.get(body[13] & 0x1F, hex(body[13])))


def _tunnelled(packet: Packet, body: bytes) -> Captured | None:
    inside = from_frame(body[8:])
    if inside is None:
        return None
    vni = int.from_bytes(body[4:7], "big")
    tunnel = Tunnel("vxlan", vni, VXLAN_OVERHEAD[packet.source.version])
    return Captured(replace(packet, tunnel=tunnel, inner=inside.packet), inside.number)


def _error(
    ends: tuple[IPAddress, IPAddress], ttl: int, size: int, code: int, body: bytes,
    frame: Ethernet | None,
) -> Captured | None:  # fmt: skip
    """An ICMP error about a packet; anything else that ICMP says is no answer to a test."""
    message = MESSAGES.get((code, body[0], body[1]))
    about = from_ip(body[8:]) if message is not None else None
    if message is None or about is None:
        return None
    of = about.packet
    quoted = Icmp(message, of.source, of.destination, of.protocol, of.sport, of.dport)
    packet = Packet(*ends, Protocol.ICMP, ttl=ttl, size=size, ethernet=frame, icmp=quoted)
    return Captured(packet, about.number)


def _mac(raw: bytes) -> str:
    return raw.hex(":")
