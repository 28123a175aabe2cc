"""CNI plugins: each in one line, and what of it is simplified or taken from documentation alone."""

from __future__ import annotations

from collections.abc import Mapping

from tui.words.language import _

PLUGINS: Mapping[str, str] = {
    "aci": _("aci: Cisco ACI, VXLAN to the leaf (from documents)"),
    "aws-vpc": _("aws-vpc: pods with spare addresses of a card (EKS)"),
    "aws-vpc-prefix": _("aws-vpc-prefix: the same with a /28 in each slot of a card"),
    "bridge": _("bridge: a bridge on each node, routes between nodes"),
    "calico": _("calico: a route for each pod, IPIP between nodes"),
    "calico-bgp": _("calico-bgp: a route for each pod, no encapsulation, BGP"),
    "calico-cross-subnet": _("calico-cross-subnet: IPIP to other subnets only"),
    "calico-vxlan": _("calico-vxlan: a route for each pod, VXLAN between nodes"),
    "cilium": _("cilium: eBPF in place of kube-proxy, VXLAN between nodes"),
    "cilium-kube-proxy": _("cilium-kube-proxy: eBPF beside a kube-proxy, VXLAN"),
    "cilium-native": _("cilium-native: eBPF in place of kube-proxy, routed"),
    "flannel": _("flannel: a bridge on each node, VXLAN between nodes"),
    "flannel-host-gw": _("flannel-host-gw: a bridge on each node, routes through the nodes"),
    "nsx": _("nsx: VMware NSX, Geneve (from documents)"),
    "kubenet": _("kubenet: a bridge, and routes in the cloud (to v1.23)"),
}
"""CNI plugins, one line each."""

SIMPLIFIED: Mapping[str, str] = {
    "aws-addresses": _(
        "Pods have addresses that the plugin would give them out of the nodes' subnet, not those "
        "of the file, and kube-proxy knows no pod range; what is the VPC's already stays."
    ),
    "aws-cards": _(
        "A node whose label does not name its instance type is taken for an m5.large: 3 cards "
        "with 10 addresses each. Which card a pod gets follows from its name."
    ),
    "aws-router": _(
        "The VPC is one router that counts as a hop, a subnet is a /20, and the VPC is the /16 "
        "around it. Security groups let everything through."
    ),
    "aws-ipv4": _("Only IPv4: pods have no IPv6 here."),
    "aws-gateway": _(
        "There is no NAT gateway: with AWS_VPC_K8S_CNI_EXTERNALSNAT a pod is seen out in the "
        "world by its own address, as over a VPN."
    ),
    "calico-ipv4": _("Pools are IPv4 pools; pods have no IPv6 here."),
    "calico-policies": _(
        "Policies are not enforced: every pod has the rules of one without policies."
    ),
    "calico-host-endpoints": _("Nodes are no host endpoints, so the chains for them stay empty."),
    "cilium-no-kube-proxy": _("kube-proxy does not run here, so its mode makes no difference."),
    "cilium-ipv4": _("Only IPv4 goes by the programs; pods have no IPv6 here."),
    "cilium-conntrack": _(
        "Programs remember the connections that they translate, and no others; session affinity is "
        "not kept, and the kernel's connection tracking sees what is handed to its stack."
    ),
    "cilium-policies": _("Policies are not enforced: every identity may talk to every other."),
    "aci-unverified": _(
        "Drawn from Cisco's documentation, and never compared with a running fabric."
    ),
    "nsx-unverified": _(
        "Drawn from VMware's documentation, and never compared with a running system."
    ),
    "ovs-one-bridge": _(
        "Of the bridges of Open vSwitch only br-int is drawn; its flows are told by "
        "what they do, and pods have no IPv6."
    ),
    "ovs-node-ports": _(
        "Node ports are kube-proxy's on the node's own stack; load balancers of the "
        "vendor are not drawn. Policies are not enforced."
    ),
    "aci-leaf": _(
        "Leaves and spines are one router that knows all end points; all pods are in "
        "one endpoint group, and pods are seen in the world by their own addresses."
    ),
    "nsx-subnets": _(
        "Pods keep the file's addresses, where NSX would give each namespace a subnet; "
        "T1 gateways and the edge with T0 are one router."
    ),
    "kubenet-historic": _(
        "kubenet is history: it left Kubernetes together with dockershim in v1.24 (May 2022)."
    ),
    "kubenet-hairpin": _(
        "Hairpin mode is that of each veth (hairpin-veth), not the promiscuous bridge that "
        "kubelet chose by default."
    ),
}
"""By the keys that plugins name."""
