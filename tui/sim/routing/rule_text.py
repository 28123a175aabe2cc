"""Routing rules as `ip rule` prints them."""

from __future__ import annotations

from tui.sim.model.address import IPNetwork
from tui.sim.routing.network import RoutingRule


def print_routing_rule(rule: RoutingRule) -> str:
    """One line of `ip rule` (iproute2 6.1), its priority before a tab."""
    words = [f"{rule.priority}:\tfrom {_range(rule.source)}"]
    if rule.destination is not None:
        words.append(f"to {_range(rule.destination)}")
    if rule.mask:
        words.append(f"fwmark {rule.mark:#x}{_mask(rule.mask)}")
    if rule.in_device is not None:
        words.append(f"iif {rule.in_device}")
    words.append(f"lookup {rule.table}")
    return " ".join(words)


def _range(net: IPNetwork | None) -> str:
    if net is None:
        return "all"
    return str(net.network_address) if net.num_addresses == 1 else str(net)


def _mask(mask: int) -> str:
    return "" if mask == 0xFFFFFFFF else f"/{mask:#x}"
