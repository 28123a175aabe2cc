"""VMware NSX with its container plugin (NCP): pods are ports of NSX segments, from documentation.

On a bare-metal transport node nsx-ovs routes for the pods and puts what leaves the node into Geneve
to the other node's tunnel end point (TEP), or to the edge, which has the T0 gateway: there a
namespace's pods get its SNAT address towards the world. The distributed firewall judges every
packet at the pod's port. nsx-kube-proxy translates cluster IPs in the switch.
Follows "NSX Container Plugin for Kubernetes" (4.1) and "NSX Reference Design Guide" (4.1):
https://docs.vmware.com/en/VMware-NSX-Container-Plugin/4.1/ncp-kubernetes/. Not compared with a
running system.
"""

from __future__ import annotations

from functools import partial

from tui.sim.cni.openvswitch import pipeline, wiring
from tui.sim.cni.openvswitch.wiring import Tunnels
from tui.sim.cni.site import Lan, Overlay, Plugin, Site
from tui.sim.model.address import network
from tui.sim.routing.network import DeviceKind

POD_MTU = 1500
OVERHEAD = 58
"""Bytes of Geneve around a packet: IPv4 20, UDP 8, Geneve 8 with 8 of options, Ethernet 14."""
TUNNELS = Tunnels(
    DeviceKind.GENEVE, "genev_sys_6081", 6081, OVERHEAD, "nsx-vtep0.0", network("172.16.0.0/24")
)
"""Transport nodes; their network needs an MTU of 1600, and 1700 is advised."""
ROUTER_MAC = "02:50:56:56:44:52"
"""Every distributed router has it."""
_SNAT_POOL = network("198.18.0.0/24")
_FIREWALL = "distributed firewall: default rule of the namespace's section, allow"


def overlay(site: Site) -> Overlay:
    """The edge with the T0 gateway, and each namespace's SNAT address."""
    teps = {node.name: TUNNELS.tep(node, site) for node in site.cluster.nodes}
    names = sorted({pod.namespace for pod in site.cluster.pods})
    snat = {name: _SNAT_POOL.network_address + 1 + n for n, name in enumerate(names)}
    return Overlay(
        "edge", DeviceKind.GENEVE, TUNNELS.port, TUNNELS.overhead, TUNNELS.gateway, teps, snat
    )


PLUGINS = (
    Plugin(
        "nsx",
        "VMware NSX",
        partial(wiring.node, TUNNELS, POD_MTU, ROUTER_MAC),
        partial(wiring.pod, POD_MTU),
        wire=lambda node, site: {TUNNELS.tep(node, site): TUNNELS.card},
        lan=Lan(mtu=1600),
        datapath=partial(pipeline.datapath, TUNNELS, _FIREWALL, False),
        overlay=overlay,
        simplified=("nsx-unverified", "ovs-one-bridge", "ovs-node-ports", "nsx-subnets"),
    ),
)
"""The plugin, as the registry lists it."""
