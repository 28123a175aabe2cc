"""A node under test in a real kernel: what is sent to it, and what becomes of it.

One process does it all. It opens sockets in every namespace, sends from there, and hears in
the pods, on the node and on the node's wire. A packet runs through namespaces joined by veths
in the order of one CPU's queue. So once a packet that was sent last has been heard, nothing
that was sent before it is still on its way, and silence is known without waiting for it.
"""

import os
import select
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import count

from tests.kernel.frames import Captured, frame_bytes, from_frame, from_ip, ip_bytes
from tests.kernel.machines import LIBC, Machines
from tests.kernel.wiring import WIRE, machine_of
from tui.sim.model.packet import Packet, Protocol

SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
PACKET_HOST = 0
ETH_P_ALL = 0x0003
SO_RCVBUFFORCE = 33
IPV6_RECVPKTINFO, IPV6_PKTINFO, IPV6_RECVHOPLIMIT, IPV6_HOPLIMIT = 49, 50, 51, 52
BUFFER = 8 << 20
AT_ONCE = 200
"""Packets sent before the ears are asked."""
PATIENCE = 10.0
LAST = Packet(ip_address("10.244.0.200"), ip_address("10.244.0.1"), Protocol.UDP, 9, 9)
"""What is sent last: from the pod `client` to the node itself, one veth away."""
FARTHEST = 3
"""Veths that a packet and the error about it pass at most, so many are sent one after another."""


@dataclass(frozen=True)
class Shot:
    """A packet to send."""

    place: str
    """The namespace that sends it; `wire` for all that comes in by the node's eth0."""
    packet: Packet
    answers: int = 0
    """The number of the packet that it answers."""


@dataclass(frozen=True)
class Sighting:
    """A packet as it was heard somewhere."""

    place: str
    packet: Packet
    number: int


@dataclass
class Ear:
    """A socket that hears packets at one place."""

    place: str
    socket: socket.socket

    def fileno(self) -> int:
        return self.socket.fileno()

    def heard(self) -> Iterator[Captured]:
        """What has come in since."""
        while True:
            try:
                found = self.one()
            except BlockingIOError:
                return
            if found is not None:
                yield found

    def one(self) -> Captured | None:
        raise NotImplementedError


class DeviceEar(Ear):
    """Frames that a device receives."""

    def one(self) -> Captured | None:
        data, (_, _, kind, _, _) = self.socket.recvfrom(65535)
        ours = kind == PACKET_HOST or self.place == WIRE
        return from_frame(data) if ours else None


class HostEar(Ear):
    """Packets that the node's IP stack hands to its own sockets, past all of netfilter."""

    def one(self) -> Captured | None:
        if self.socket.family == socket.AF_INET:
            return from_ip(self.socket.recv(65535))
        data, ancillary, _, sender = self.socket.recvmsg(65535, 256)
        told = {kind: value for _, kind, value in ancillary}
        ttl = int.from_bytes(told[IPV6_HOPLIMIT], "little")
        start = struct.pack(">IHBB", 6 << 28, len(data), self.socket.proto, ttl)
        ends = ip_address(sender[0]).packed + told[IPV6_PKTINFO][:16]
        return from_ip(start + ends + data)


@dataclass
class Lab:
    """A node, its pods and its wire, with ears everywhere."""

    machines: Machines
    node: str
    """The node's namespace: `node/node-a`."""
    pods: tuple[str, ...]
    """Its pods' namespaces, the one that sends `LAST` among them."""
    client: str = "pod/default/client"
    ears: list[Ear] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(0x20000000))
    _mouths: dict[tuple[str, int], socket.socket] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for pod in self.pods:
            self.ears.append(DeviceEar(pod, self._device_socket(pod, "eth0")))
        self.ears.append(DeviceEar(WIRE, self._device_socket(WIRE, WIRE)))
        for protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP, socket.IPPROTO_ICMP):
            self.ears.append(HostEar(self.node, self._host_socket(socket.AF_INET, protocol)))
        for protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP, socket.IPPROTO_ICMPV6):
            self.ears.append(HostEar(self.node, self._host_socket(socket.AF_INET6, protocol)))

    def close(self) -> None:
        for each in (*(ear.socket for ear in self.ears), *self._mouths.values()):
            each.close()

    # -------------------------------------------------- sockets

    def _device_socket(self, place: str, device: str) -> socket.socket:
        with self.machines.inside(machine_of(place)):
            made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            made.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
            made.bind((device, ETH_P_ALL))
        made.setblocking(False)
        return made

    def _host_socket(self, family: socket.AddressFamily, protocol: int) -> socket.socket:
        with self.machines.inside(machine_of(self.node)):
            made = socket.socket(family, socket.SOCK_RAW, protocol)
        made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        if family == socket.AF_INET6:
            for option in (IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT):
                made.setsockopt(socket.IPPROTO_IPV6, option, 1)
        made.setblocking(False)
        return made

    def _mouth(self, place: str, version: int) -> socket.socket:
        if (place, version) not in self._mouths:
            with self.machines.inside(machine_of(place)):
                if place == WIRE:
                    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
                    made.bind((WIRE, 0))
                else:
                    family = socket.AF_INET if version == 4 else socket.AF_INET6
                    made = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
            self._mouths[place, version] = made
        return self._mouths[place, version]

    # -------------------------------------------------- sending

    def send(self, shots: Sequence[Shot]) -> list[list[Sighting]]:
        """Send packets; say of each where it was heard, or an error about it."""
        found: list[list[Sighting]] = []
        with one_cpu():
            for start in range(0, len(shots), AT_ONCE):
                found += self._volley(shots[start : start + AT_ONCE])
        return found

    def _volley(self, shots: Sequence[Shot]) -> list[list[Sighting]]:
        numbers = {next(self.numbers): position for position in range(len(shots))}
        for number, shot in zip(numbers, shots, strict=True):
            self._shoot(shot, number)
        found: list[list[Sighting]] = [[] for _ in shots]
        for sighting in self.settled():
            if sighting.number in numbers and _counts(sighting.packet):
                found[numbers[sighting.number]].append(sighting)
        return found

    def settled(self, ways: int = 1) -> list[Sighting]:
        """All that was heard until nothing is on its way any more, to and fro so often."""
        return [sighting for _ in range(ways * FARTHEST) for sighting in self._until_the_last()]

    def _until_the_last(self) -> list[Sighting]:
        last = next(self.numbers)
        self._shoot(Shot(self.client, LAST), last)
        patience = time.monotonic() + PATIENCE
        found: list[Sighting] = []
        while all(sighting.number != last for sighting in reversed(found)):
            assert time.monotonic() < patience, "the packet sent last was never heard"
            select.select(self.ears, [], [], 1.0)
            for ear in self.ears:
                found += (Sighting(ear.place, c.packet, c.number) for c in ear.heard())
        return found

    def _shoot(self, shot: Shot, number: int) -> None:
        packet = shot.packet
        mouth = self._mouth(shot.place, packet.source.version)
        try:
            if shot.place == WIRE:
                mouth.send(frame_bytes(packet, number, shot.answers))
            else:
                data = ip_bytes(packet, number, shot.answers)
                mouth.sendto(data, (str(packet.destination), 0))
        except PermissionError:
            pass  # what OUTPUT drops is told to the sender's process


def _counts(packet: Packet) -> bool:
    """What a test sends, or an error; not what a kernel answers where nobody listens."""
    return packet.protocol is not Protocol.TCP or packet.flags in ("SYN", "SYN,ACK")


@contextmanager
def one_cpu() -> Iterator[None]:
    """Stay on one CPU, so that packets stand in one queue."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LIBC.sched_getcpu()})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
