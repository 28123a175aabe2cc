"""Captures as a pcapng file: one interface for each device, a comment for each packet.

Sections, interfaces and enhanced packets are all that is needed of the format
(https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html). Wireshark shows the name of
the interface in a column, and the comment above the headers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from tui.sim.model.value import value

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 0x00000001, 0x00000006
_BYTE_ORDER = 0x1A2B3C4D
_ETHERNET = 1
"""LINKTYPE_ETHERNET."""
_END, _COMMENT, _NAME = 0, 1, 2
"""Options: end of the list, comment, name of an interface."""
_USER_APPLICATION = 4


@value
class Capture:
    """A frame as one device showed it."""

    device: str
    """`eth0@pod/shop/client`: the device and its namespace."""
    microseconds: int
    """When, since 1970."""
    frame: bytes
    """From the Ethernet header on."""
    comment: str = ""
    """What is to be said of it."""


def pcapng(captures: Iterable[Capture], application: str) -> bytes:
    """A file of captures. Devices become interfaces in the order in which they are met."""
    return b"".join(_blocks(captures, application))


def _blocks(captures: Iterable[Capture], application: str) -> Iterator[bytes]:
    length_unknown = -1
    section = struct.pack("<IHHq", _BYTE_ORDER, 1, 0, length_unknown)
    yield _block(_SECTION, section, {_USER_APPLICATION: application})
    known: dict[str, int] = {}
    for each in captures:
        if each.device not in known:
            known[each.device] = len(known)
            interface = struct.pack("<HHI", _ETHERNET, 0, 0)
            yield _block(_INTERFACE, interface, {_NAME: each.device})
        yield _packet(each, known[each.device])


def _packet(each: Capture, interface: int) -> bytes:
    size = len(each.frame)
    high, low = each.microseconds >> 32, each.microseconds & 0xFFFFFFFF
    head = struct.pack("<IIIII", interface, high, low, size, size)
    return _block(_PACKET, head + _padded(each.frame), {_COMMENT: each.comment})


def _block(kind: int, body: bytes, options: dict[int, str]) -> bytes:
    told = b"".join(_option(code, text) for code, text in options.items() if text)
    content = body + (told + struct.pack("<HH", _END, 0) if told else b"")
    length = struct.pack("<I", 12 + len(content))
    return struct.pack("<I", kind) + length + content + length


def _option(code: int, text: str) -> bytes:
    data = text.encode()
    return struct.pack("<HH", code, len(data)) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
