"""The settings of Cilium that decide about a packet, by the names of its Helm chart.

Defaults as in https://github.com/cilium/cilium/blob/v1.16.0/install/kubernetes/cilium/values.yaml.
"""

from __future__ import annotations

from enum import StrEnum

from tui.sim.model.value import value


class Routing(StrEnum):
    """routingMode."""

    TUNNEL = "tunnel"
    NATIVE = "native"


@value
class CiliumSettings:
    """How Cilium is set up."""

    routing: Routing = Routing.TUNNEL
    """Into VXLAN, or as the kernel's routes lead."""
    kube_proxy_replacement: bool = True
    """Cilium translates all Services itself, and kube-proxy does not run."""
    masquerade: bool = True
    """enableIPv4Masquerade, by iptables."""
    mtu: int = 1500
    """MTU of the devices; routes to other nodes' pods leave room for the tunnel."""
    tunnel_port: int = 8472
    """tunnelPort."""


OVERHEAD = 50
"""Bytes of VXLAN around a packet."""
