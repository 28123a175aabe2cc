"""flannel, v0.26 (https://github.com/flannel-io/flannel): a bridge on each node, and a backend.

flannel calls the bridge plugin for the pods and cares for the ways between the nodes only: by
VXLAN, its default, or by plain routes (host-gw) where all nodes share a subnet.
"""

from __future__ import annotations

from functools import partial

from tui.sim.cni.flannel import rules, wiring
from tui.sim.cni.flannel.settings import Backend, FlannelSettings
from tui.sim.cni.site import Plugin

_NAMES = {Backend.VXLAN: "flannel", Backend.HOST_GW: "flannel-host-gw"}


def flannel_plugin(settings: FlannelSettings) -> Plugin:
    """flannel with some settings, named after its backend."""
    return Plugin(
        _NAMES[settings.backend],
        f"flannel {settings.backend}",
        partial(wiring.node, settings),
        partial(wiring.pod, settings),
        rules.rules,
    )


PLUGINS = tuple(flannel_plugin(FlannelSettings(backend)) for backend in Backend)
"""flannel with each backend."""

__all__ = ["PLUGINS", "Backend", "FlannelSettings", "flannel_plugin"]
