"""Addresses as people wrote them and Go once read them: leading zeros are decimal.

kube-proxy parses Services' addresses and ranges this way and prints them clean
(netutils.ParseIPSloppy and ParseCIDRSloppy of k8s.io/utils).
"""

from __future__ import annotations

import re

from tui.sim.model.address import IPAddress, IPNetwork, address, network

_LEADING_ZERO = re.compile(r"(?:^|\.)0\d")


def parse_sloppy_address(text: str) -> IPAddress | None:
    """An address as Go's old parser read it: leading zeros are decimal."""
    try:
        return address(text)
    except ValueError:
        clean = _without_zeros(text.strip())
    try:
        return address(clean)
    except ValueError:
        return None


def parse_sloppy_network(text: str) -> IPNetwork | None:
    """A range as Go's old parser read it; blanks around it are ignored."""
    base, slash, length = text.strip().partition("/")
    if not slash or not length.isdigit():
        return None
    try:
        return network(f"{_without_zeros(base)}/{int(length)}")
    except ValueError:
        return None


def _without_zeros(text: str) -> str:
    if ":" in text or not _LEADING_ZERO.search(text):
        return text
    return ".".join(
        part.lstrip("0") or "0" if part.isdecimal() else part for part in text.split(".")
    )
