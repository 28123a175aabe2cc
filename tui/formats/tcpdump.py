"""Packets as `tcpdump -nnt` prints them, in the spelling of tcpdump 4.99.

A packet has no payload here, so none is told of: DNS is a UDP datagram of its length. UDP port
8472, where Linux has VXLAN, is OTV to tcpdump.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.formats.frames import ip_packet
from tui.sim.model.packet import Icmp, Packet, Protocol, Tunnel

_IP_HEADER = {4: 20, 6: 40}
_FLAGS = {"FIN": "F", "SYN": "S", "RST": "R", "PSH": "P", "ACK": "."}
_SYN_OPTIONS = "options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7]"
_OPTIONS_LENGTH = 20
_SCTP_INIT = "sctp (1) [INIT] [init tag: 1] [rwnd: 106496] [OS: 10] [MIS: 65535] [init TSN: 0] "
_TUNNELS = {
    8472: "OTV, flags [I] (0x08), overlay 0, instance {}",
    4789: "VXLAN, flags [I] (0x08), vni {}",
}
_ERRORS = {
    "icmp-fragmentation-needed": {
        4: "ICMP {refused} unreachable - need to frag",
        6: "ICMP6, packet too big, mtu 0",
    },
    "icmp-time-exceeded": {
        4: "ICMP time exceeded in-transit",
        6: "ICMP6, time exceeded in-transit for {refused}",
    },
}
_UNREACHABLE = {
    4: "ICMP {refused} {protocol} port {port} unreachable",
    6: "ICMP6, destination unreachable, unreachable port, {refused} {protocol} port {port}",
}


def printed(packet: Packet) -> Iterator[str]:
    """A line for the packet, and one for each that it carries inside."""
    name = "IP" if packet.source.version == 4 else "IP6"
    yield f"{name} {_ends(packet)}: {_told(packet)}"
    if packet.inner is not None:
        yield from printed(packet.inner)


def _ends(packet: Packet) -> str:
    if not packet.protocol.has_ports:
        return f"{packet.source} > {packet.destination}"
    return f"{packet.source}.{packet.sport} > {packet.destination}.{packet.dport}"


def _told(packet: Packet) -> str:
    room = len(ip_packet(packet)) - _IP_HEADER[packet.source.version]
    match packet.protocol:
        case Protocol.TCP:
            return _tcp(packet, room)
        case Protocol.SCTP:
            return _SCTP_INIT
        case Protocol.ICMP:
            return f"{_icmp(packet)}, length {room}"
    if packet.tunnel is not None:
        return _tunnel(packet.dport, packet.tunnel)
    return f"UDP, length {room - 8}"


def _tcp(packet: Packet, room: int) -> str:
    names = packet.flags.split(",") if packet.flags else []
    letters = "".join(_FLAGS[name] for name in names) or "none"
    syn = "SYN" in names and room >= 20 + _OPTIONS_LENGTH
    length = max(room - 20 - (_OPTIONS_LENGTH if syn else 0), 0)
    counts = length or {"SYN", "FIN", "RST"}.intersection(names)
    words = [
        f"Flags [{letters}]",
        *([f"seq 0:{length}" if length else "seq 0"] if counts else []),
        *(["ack 1"] if "ACK" in names else []),
        "win 64240",
        *([_SYN_OPTIONS] if syn else []),
        f"length {length}",
    ]
    return ", ".join(words)


def _tunnel(port: int, tunnel: Tunnel) -> str:
    return _TUNNELS.get(port, _TUNNELS[4789]).format(tunnel.identifier)


def _icmp(packet: Packet) -> str:
    version = packet.source.version
    if packet.icmp is None:
        return (
            "ICMP echo request, id 1, seq 1" if version == 4 else "ICMP6, echo request, id 1, seq 1"
        )
    return _error(packet.icmp, version)


def _error(about: Icmp, version: int) -> str:
    text = _ERRORS.get(about.message, _UNREACHABLE)[version]
    return text.format(refused=about.destination, protocol=about.protocol.lower, port=about.dport)
