"""kubenet, the network plugin inside kubelet until dockershim left with it (v1.24, May 2022).

A bridge cbr0 on each node, addresses by host-local, and nothing between the nodes: the cloud's
own route table sends every node's pod range to that node. What leaves for the world, anything
beyond nonMasqueradeCIDR, takes the node's address.
Follows Kubernetes v1.23, pkg/kubelet/dockershim/network/kubenet/kubenet_linux.go, as clouds
used it (GCE, AKS), with kubelet's --hairpin-mode=hairpin-veth.
"""

from __future__ import annotations

from tui.sim.cni.bridge import BridgeSettings, node_namespace, pod_namespace, router_routes
from tui.sim.cni.site import ChainPatch, Plugin, PodSite, Site
from tui.sim.model.address import Family, IPAddress, first_ipv4, network
from tui.sim.model.cluster import Node
from tui.sim.netfilter.rules import AddrType, Comment, Masquerade, Rule
from tui.sim.routing.network import Namespace

SETTINGS = BridgeSettings(name="kubenet", bridge="cbr0")
NON_MASQUERADE_CIDR = network("10.0.0.0/8")
"""kubelet's --non-masquerade-cidr, its default."""
_COMMENT = Comment("kubenet: SNAT for outbound traffic from cluster")
_NOT_LOCAL = AddrType(destination="LOCAL", not_destination=True)


def node(own: Node, site: Site) -> Namespace:
    """A node with its bridge; it knows no way to other nodes' pods but its router."""
    return node_namespace(own, site, SETTINGS)


def pod(own: PodSite, home: Node, _site: Site) -> Namespace:
    """A pod on cbr0; its MAC address says its IPv4 address."""
    first = first_ipv4(own.ips)
    return pod_namespace(own, home, SETTINGS.mtu, own_mac=mac_of(first) if first else "")


def mac_of(ip: IPAddress) -> str:
    """`0a:58:0a:f4:00:05` for 10.244.0.5 (GenerateHardwareAddr4 of the bridge plugin then)."""
    return ":".join(f"{byte:02x}" for byte in (0x0A, 0x58, *ip.packed))


def rules(_site: Site, _node: Node, family: Family) -> tuple[ChainPatch, ...]:
    """The one rule that kubenet appends to POSTROUTING, behind kube-proxy's."""
    if family is not Family.IPV4:
        return ()
    rule = Rule(
        Masquerade(),
        destination=NON_MASQUERADE_CIDR,
        not_destination=True,
        matches=(_COMMENT, _NOT_LOCAL),
    )
    return (ChainPatch("nat", "POSTROUTING", (rule,)),)


PLUGINS = (
    Plugin(
        "kubenet", "kubenet", node, pod, rules, fabric=router_routes,
        simplified=("kubenet-historic", "kubenet-hairpin"),
    ),
)  # fmt: skip
"""The plugin, as the registry lists it."""
