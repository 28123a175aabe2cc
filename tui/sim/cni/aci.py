"""Cisco ACI: pods are endpoints of the fabric itself, drawn from documentation.

On a node Open vSwitch, programmed by the opflex agent, routes for the pods and puts what leaves the
node into VXLAN to the leaf's anycast address, over the infra VLAN; the leaf knows behind which node
each endpoint is. An endpoint group may talk to another where a contract says so; all pods of a
cluster are in one group unless told otherwise.
Follows "Cisco ACI and Kubernetes Integration" and "Cisco ACI CNI Plugin" (release 6.0):
https://www.cisco.com/c/en/us/td/docs/dcn/aci/containers/installation/cisco-aci-containers-kubernetes.html,
https://github.com/noironetworks/aci-containers. Not compared with a running fabric.
"""

from __future__ import annotations

from functools import partial

from tui.sim.cni.openvswitch import pipeline, wiring
from tui.sim.cni.openvswitch.wiring import Tunnels
from tui.sim.cni.site import Lan, Overlay, Plugin, Site
from tui.sim.model.address import network
from tui.sim.routing.network import DeviceKind

INFRA_VLAN = 3967
POD_MTU = 1500
TUNNELS = Tunnels(
    DeviceKind.VXLAN, "vxlan_sys_8472", 8472, 50, f"eth0.{INFRA_VLAN}", network("10.0.0.0/16")
)
"""The infra VLAN; its hosts need an MTU of 1600."""
ROUTER_MAC = "00:22:bd:f8:19:ff"
"""Every bridge domain's gateway has it."""
_CONTRACT = "same endpoint group kube-default: no contract needed"


def overlay(site: Site) -> Overlay:
    """The leaf: it takes what hosts send it, and knows where each endpoint is."""
    teps = {node.name: TUNNELS.tep(node, site) for node in site.cluster.nodes}
    return Overlay("leaf", DeviceKind.VXLAN, TUNNELS.port, TUNNELS.overhead, TUNNELS.gateway, teps)


PLUGINS = (
    Plugin(
        "aci",
        "Cisco ACI",
        partial(wiring.node, TUNNELS, POD_MTU, ROUTER_MAC),
        partial(wiring.pod, POD_MTU),
        wire=lambda node, site: {TUNNELS.tep(node, site): TUNNELS.card},
        lan=Lan(mtu=1600),
        datapath=partial(pipeline.datapath, TUNNELS, _CONTRACT, True),
        overlay=overlay,
        simplified=("aci-unverified", "ovs-one-bridge", "ovs-node-ports", "aci-leaf"),
    ),
)
"""The plugin, as the registry lists it."""
