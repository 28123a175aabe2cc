"""Packets as the bytes that a capture shows, checksums included.

What the simulator does not know is what a usual Linux would send: a TCP SYN with its options,
zeros for a payload, an ICMP echo for a ping. Numbers that count (IP identification, TCP sequence)
are 0 or 1.
"""

from __future__ import annotations

import struct

from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Ethernet, Icmp, Packet, Protocol

_ETHERTYPE = {4: 0x0800, 6: 0x86DD}
_IP_HEADER = {4: 20, 6: 40}
_NUMBERS = {Protocol.TCP: 6, Protocol.UDP: 17, Protocol.SCTP: 132}
_ICMP, _ICMP6 = 1, 58
_TCP_FLAGS = {"FIN": 0x01, "SYN": 0x02, "RST": 0x04, "PSH": 0x08, "ACK": 0x10}
_SYN_OPTIONS = bytes.fromhex("020405b40402080a00000001000000000103 0307".replace(" ", ""))
"""MSS 1460, SACK permitted, timestamps, window scale 7: the twenty bytes of Linux."""
_DO_NOT_FRAGMENT = 0x4000
_VXLAN_VALID = 0x08
_ERRORS = {
    "icmp-port-unreachable": {4: (3, 3), 6: (1, 4)},
    "icmp6-port-unreachable": {4: (3, 3), 6: (1, 4)},
    "icmp-fragmentation-needed": {4: (3, 4), 6: (2, 0)},
    "icmp-time-exceeded": {4: (11, 0), 6: (3, 0)},
}
"""Type and code of ICMP errors, by the name that iptables gives them."""
_ECHO = {4: 8, 6: 128}
_UNKNOWN_HOST = Ethernet("00:00:00:00:00:00", "00:00:00:00:00:00")


def frame(packet: Packet) -> bytes:
    """An Ethernet frame with the packet in it; one that met no wire yet has zeros for MACs."""
    ends = packet.ethernet or _UNKNOWN_HOST
    macs = bytes.fromhex(f"{ends.destination}{ends.source}".replace(":", ""))
    return macs + _ETHERTYPE[packet.source.version].to_bytes(2, "big") + ip_packet(packet)


def ip_packet(packet: Packet) -> bytes:
    """An IPv4 or IPv6 packet of the size that the simulator says."""
    body = _body(packet, packet.size - _IP_HEADER[packet.source.version])
    if packet.source.version == 6:
        return _header6(packet, len(body)) + body
    return _header4(packet, len(body)) + body


def _header4(packet: Packet, length: int) -> bytes:
    start = struct.pack(
        ">BBHHHBB", 0x45, 0, 20 + length, 0, _DO_NOT_FRAGMENT, packet.ttl, _number(packet)
    )
    ends = packet.source.packed + packet.destination.packed
    return start + checksum(start + b"\0\0" + ends).to_bytes(2, "big") + ends


def _header6(packet: Packet, length: int) -> bytes:
    start = struct.pack(">IHBB", 6 << 28, length, _number(packet), packet.ttl)
    return start + packet.source.packed + packet.destination.packed


def _number(packet: Packet) -> int:
    if packet.protocol is Protocol.ICMP:
        return _ICMP if packet.source.version == 4 else _ICMP6
    return _NUMBERS[packet.protocol]


def _body(packet: Packet, room: int) -> bytes:
    match packet.protocol:
        case Protocol.TCP:
            return _tcp(packet, room)
        case Protocol.UDP:
            return _udp(packet, room)
        case Protocol.SCTP:
            return _sctp(packet, room)
    return _icmp(packet, room)


def _filled(head: bytes, room: int) -> bytes:
    return head + bytes(max(room - len(head), 0))


# ---------------------------------------------------------------- transport


def _tcp(packet: Packet, room: int) -> bytes:
    flags = sum(_TCP_FLAGS[name] for name in packet.flags.split(",") if name)
    options = _SYN_OPTIONS if "SYN" in packet.flags and room >= 40 else b""
    acknowledged = 1 if "ACK" in packet.flags else 0
    offset = (20 + len(options)) // 4 << 4
    head = struct.pack(
        ">HHIIBBHHH", packet.sport, packet.dport, 0, acknowledged, offset, flags, 64240, 0, 0
    )
    return _checked(packet, _filled(head + options, room), place=16)


def _udp(packet: Packet, room: int) -> bytes:
    inside = _vxlan(packet) if packet.inner is not None else bytes(max(room - 8, 0))
    head = struct.pack(">HHHH", packet.sport, packet.dport, 8 + len(inside), 0)
    if packet.inner is not None and packet.source.version == 4:
        return head + inside  # Linux sends a tunnel's outer datagram without a checksum
    return _checked(packet, head + inside, place=6)


def _vxlan(packet: Packet) -> bytes:
    assert packet.inner is not None
    assert packet.tunnel is not None
    header = struct.pack(">BxxxI", _VXLAN_VALID, packet.tunnel.identifier << 8)
    return header + frame(packet.inner)


def _sctp(packet: Packet, room: int) -> bytes:
    """An INIT chunk, which begins an association."""
    chunk = struct.pack(">BBHIIHHI", 1, 0, 20, 1, 106496, 10, 65535, 0)
    head = struct.pack(">HHI", packet.sport, packet.dport, 0)
    body = _filled(head + b"\0\0\0\0" + chunk, room)
    return body[:8] + crc32c(body).to_bytes(4, "little") + body[12:]


# ---------------------------------------------------------------- ICMP


def _icmp(packet: Packet, room: int) -> bytes:
    version = packet.source.version
    if packet.icmp is None:
        body = _filled(struct.pack(">BBHHH", _ECHO[version], 0, 0, 1, 1), room)
    else:
        kind, code = _ERRORS.get(packet.icmp.message, _ERRORS["icmp-port-unreachable"])[version]
        head = struct.pack(">BBHI", kind, code, 0, 0)
        body = (head + _quoted(packet.icmp))[:room]
    if version == 4:
        return body[:2] + checksum(body).to_bytes(2, "big") + body[4:]
    return _checked(packet, body, place=2)


def _quoted(about: Icmp) -> bytes:
    """The start of the packet that an error complains about: its headers, as far as known."""
    size = 60 if about.protocol is Protocol.TCP else 48
    flags = "SYN" if about.protocol is Protocol.TCP else ""
    return ip_packet(
        Packet(
            about.source, about.destination, about.protocol, about.sport, about.dport, flags,
            size=size,
        )
    )  # fmt: skip


# ---------------------------------------------------------------- checksums


def _checked(packet: Packet, body: bytes, place: int) -> bytes:
    """A segment with its checksum over the pseudo header, at a place."""
    pseudo = _pseudo(packet.source, packet.destination, len(body), _number(packet))
    found = checksum(pseudo + body) or 0xFFFF
    return body[:place] + found.to_bytes(2, "big") + body[place + 2 :]


def _pseudo(source: IPAddress, destination: IPAddress, length: int, number: int) -> bytes:
    ends = source.packed + destination.packed
    if source.version == 6:
        return ends + struct.pack(">II", length, number)
    return ends + struct.pack(">BBH", 0, number, length)


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    padded = data + b"\0" if len(data) % 2 else data
    total: int = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def crc32c(data: bytes) -> int:
    """SCTP's checksum (RFC 9260, appendix A), bit by bit: it is asked for rarely."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
