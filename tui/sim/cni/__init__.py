"""CNI plugins: what each builds on a node and in a pod. Adding one is adding a module.

A plugin's module, or package, has a tuple PLUGINS: the plugin with the settings that people
use most. One line here adds them to the registry.
"""

from tui.sim.cni import aci, aws, bridge, calico, cilium, flannel, kubenet, nsx
from tui.sim.cni.site import Plugin, Site

PLUGINS: dict[str, Plugin] = {
    plugin.name: plugin
    for plugin in (
        flannel.PLUGINS[0],
        *bridge.PLUGINS,
        *flannel.PLUGINS[1:],
        *calico.PLUGINS,
        *cilium.PLUGINS,
        *aws.PLUGINS,
        *aci.PLUGINS,
        *nsx.PLUGINS,
        *kubenet.PLUGINS,
    )
}
"""Every plugin that can be chosen, by name; the first is the default."""

__all__ = ["PLUGINS", "Plugin", "Site"]
