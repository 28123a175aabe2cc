"""Chain names as kube-proxy makes them, so that a learner meets them again on a real node.

Source: servicePortChainName and its siblings in pkg/proxy/iptables/proxier.go, and
servicePortChainNameBase and its siblings in pkg/proxy/nftables/proxier.go.
"""

from __future__ import annotations

from hashlib import sha256

from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Protocol

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = tuple(one + other for one in _BASE32 for other in _BASE32)
"""Ten bits at a time: a big cluster has as many names as endpoints."""
_LONGEST = 240
"""Longest readable part of a chain's name in nftables mode, the hash before it included."""


def hashed(text: str, length: int = 16) -> str:
    """First characters, at most 16, of the base32 form of the SHA-256 of a name."""
    bits = int.from_bytes(sha256(text.encode()).digest()[:10], "big")
    pairs = _PAIRS
    return (
        pairs[bits >> 70] + pairs[bits >> 60 & 1023] + pairs[bits >> 50 & 1023]
        + pairs[bits >> 40 & 1023] + pairs[bits >> 30 & 1023] + pairs[bits >> 20 & 1023]
        + pairs[bits >> 10 & 1023] + pairs[bits & 1023]
    )[:length]  # fmt: skip


def port_tag(name: str, protocol: Protocol) -> str:
    """What the names of a service port's chains are hashed from: `ns1/svc1:p80tcp`.

    Its own hash, XPGD46QRK7WJZT7O, is what KUBE-SVC-, -SVL-, -EXT- and -FW- of the port share.
    """
    return name + protocol.lower


def endpoint_chain(tag: str, endpoint: str) -> str:
    """`KUBE-SEP-SXIVWICOYRO3J4NJ` for `ns1/svc1:p80tcp` and `10.180.0.1:80`."""
    return f"KUBE-SEP-{hashed(tag + endpoint)}"


def readable_port(namespace: str, service: str, protocol: Protocol, port: str) -> str:
    """What the chains of one service port share in nftables mode.

    `ULMVA6XW-ns1/svc1/tcp/p80`; where the port has no name a slash ends it.
    """
    return _readable(f"{namespace}/{service}/{protocol.lower}/{port}")


def readable_endpoint(
    namespace: str, service: str, protocol: Protocol, port: str, ip: IPAddress, number: int
) -> str:
    """What the chain and the affinity set of one endpoint share in nftables mode.

    `5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80`; a colon may not stand in a name.
    """
    shown = str(ip).replace(":", ".")
    return _readable(f"{namespace}/{service}/{protocol.lower}/{port}__{shown}/{number}")


def _readable(name: str) -> str:
    full = f"{hashed(name, 8)}-{name}"
    return full if len(full) <= _LONGEST else f"{full[: _LONGEST - 3]}..."
