"""Chain names as kube-proxy makes them, so that a learner meets them again on a real node.

Source: servicePortChainName and its siblings in pkg/proxy/iptables/proxier.go.
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256

from tui.sim.model.packet import Protocol


def hashed(text: str) -> str:
    """First 16 characters of the base32 form of the SHA-256 of a name."""
    return b32encode(sha256(text.encode()).digest())[:16].decode()


def port_hash(name: str, protocol: Protocol) -> str:
    """What KUBE-SVC-, KUBE-SVL-, KUBE-EXT- and KUBE-FW- of one service port share.

    `ns1/svc1:p80` and TCP give XPGD46QRK7WJZT7O.
    """
    return hashed(name + protocol.lower)


def endpoint_chain(name: str, protocol: Protocol, endpoint: str) -> str:
    """`KUBE-SEP-SXIVWICOYRO3J4NJ` for `ns1/svc1:p80`, TCP and `10.180.0.1:80`."""
    return f"KUBE-SEP-{hashed(name + protocol.lower + endpoint)}"
