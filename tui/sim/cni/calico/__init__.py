"""Calico, v3.26 (https://github.com/projectcalico/calico): every pod is routed by its /32.

Addresses come in blocks of 64 from a pool; between nodes packets go through IPIP or VXLAN, or as
they are, where BGP has told everybody the way. felix writes routes, iptables rules and ipsets.
"""

from __future__ import annotations

from functools import partial

from tui.sim.cni.calico import rules, wiring
from tui.sim.cni.calico.settings import CalicoSettings, Encapsulation
from tui.sim.cni.site import Plugin


def calico_plugin(settings: CalicoSettings, name: str = "") -> Plugin:
    """Calico with some settings, named after its encapsulation unless a name is given."""
    return Plugin(
        name or named(settings),
        _title(settings),
        partial(wiring.node, settings),
        partial(wiring.pod, settings),
        partial(rules.rules, settings),
        partial(rules.sets, settings),
        fabric=partial(wiring.router_routes, settings),
        simplified=("calico-ipv4", "calico-policies", "calico-host-endpoints"),
    )


def named(settings: CalicoSettings) -> str:
    """`calico`, `calico-vxlan`, `calico-bgp`, `calico-cross-subnet`."""
    if settings.cross_subnet:
        return "calico-cross-subnet"
    return _NAMES[settings.encapsulation]


_NAMES = {
    Encapsulation.IPIP: "calico",
    Encapsulation.VXLAN: "calico-vxlan",
    Encapsulation.NONE: "calico-bgp",
}


def _title(settings: CalicoSettings) -> str:
    how = "BGP" if settings.encapsulation is Encapsulation.NONE else settings.encapsulation.upper()
    return f"Calico {how}{' CrossSubnet' if settings.cross_subnet else ''}"


PLUGINS = tuple(
    calico_plugin(settings)
    for settings in (
        CalicoSettings(),
        CalicoSettings(Encapsulation.VXLAN),
        CalicoSettings(Encapsulation.NONE),
        CalicoSettings(cross_subnet=True),
    )
)
"""Calico with each encapsulation."""

__all__ = ["PLUGINS", "CalicoSettings", "Encapsulation", "calico_plugin"]
