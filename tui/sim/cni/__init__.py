"""CNI plugins: what each builds on a node and in a pod. Adding one is adding a module.

A plugin is a module with the three names of `Plugin`; it is listed here by its name.
"""

from tui.sim.cni import bridge, flannel
from tui.sim.cni.site import Plugin, Site

PLUGINS: dict[str, Plugin] = {
    "flannel": flannel.PLUGIN,
    "bridge": bridge.PLUGIN,
}
"""Every plugin that can be chosen; the first is the default."""

__all__ = ["PLUGINS", "Plugin", "Site"]
