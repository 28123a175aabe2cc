"""Virtual servers and connections in the columns of `ipvsadm -Ln` and `ipvsadm -Lnc`."""

from __future__ import annotations

from tui.sim.model.address import endpoint_text
from tui.sim.netfilter.ipvs import Forwarding, VirtualServer
from tui.sim.netfilter.ipvs_memory import IpvsConnection

FORWARDING = {
    Forwarding.MASQUERADING: "Masq",
    Forwarding.DIRECT: "Route",
    Forwarding.TUNNEL: "Tunnel",
}
"""How `ipvsadm -L` calls the ways to a real server."""


def print_virtual(each: VirtualServer) -> str:
    """`TCP  10.96.0.11:80 rr persistent 10800`, as `ipvsadm -Ln` begins a virtual server."""
    words = [each.text, each.scheduler]
    if each.flags:
        words.append(f"({','.join(each.flags)})")
    if each.persistence:
        words.append(f"persistent {each.persistence}")
    if each.one_packet:
        words.append("ops")
    return f"{each.protocol:<4} {' '.join(words)}"


def print_way(each: IpvsConnection) -> str:
    """`10.244.0.7:41532 → 10.96.31.7:80 → 10.244.1.5:8080`."""
    asked, served = each.asked, each.served
    ends = (
        endpoint_text(asked.source, asked.sport),
        endpoint_text(asked.destination, asked.dport),
        endpoint_text(served.destination, served.dport),
    )
    return " → ".join(ends)
