"""What a pod says it listens on, by an annotation: `8080, 127.0.0.1:9090, 53/UDP`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui.sim.model.address import IPAddress, address
from tui.sim.model.packet import Protocol
from tui.sim.model.shown import shown

LISTEN_ANNOTATION = "k8snet-tui/listen"
"""Says what a pod really listens on."""

_ENTRY = re.compile(
    r"(?:(?P<host>.+):)?(?P<port>[0-9]{1,9})(?:/(?P<protocol>TCP|UDP|SCTP))?", re.IGNORECASE
)


def listen_entries(text: str) -> Iterator[tuple[IPAddress | None, int, Protocol]]:
    """The entries of the annotation. Raises ValueError with the entry that is wrong."""
    for entry in filter(None, (part.strip() for part in text.split(","))):
        found = _ENTRY.fullmatch(entry)
        if found is None:
            raise _malformed(entry)
        number = int(found["port"])
        if not 0 < number < 65536:
            raise ValueError(f'"{shown(entry)}": {number} is not a port number (1 to 65535)')
        yield _bound(found["host"], entry), number, Protocol((found["protocol"] or "TCP").upper())


def _bound(host: str | None, entry: str) -> IPAddress | None:
    if host is None:
        return None
    try:
        return address(host.strip("[]"))
    except ValueError:
        raise _malformed(entry) from None


def _malformed(entry: str) -> ValueError:
    expected = "[ADDRESS:]PORT[/PROTOCOL], like 8080, 127.0.0.1:9090 or 53/UDP"
    return ValueError(f'"{shown(entry)}" is not {expected}')
