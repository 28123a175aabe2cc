"""What a plugin is told of the cluster, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from tui.sim.ebpf import Datapath
from tui.sim.model.address import Family, IPAddress, IPNetwork, family_of, network
from tui.sim.model.cluster import Cluster, Node
from tui.sim.model.settings import NodeFacts, ProxySettings
from tui.sim.model.value import value
from tui.sim.netfilter.ipset import IpSet
from tui.sim.netfilter.rules import Rule
from tui.sim.routing.network import DeviceKind, Namespace, Route


@value
class PodSite:
    """A pod that needs a namespace: one of the cluster's, or one implied by an address."""

    place: str
    """`pod/shop/web-1`, or `pod/10.244.0.200`."""
    node: str
    """The node that it runs on."""
    ips: tuple[IPAddress, ...]
    """Its addresses."""
    implied: bool = False
    """Only an address says that it exists."""


@value
class Lan:
    """What a subnet of the nodes is taken to be, of which objects of a cluster tell nothing."""

    prefix: int = 24
    """Length of an IPv4 subnet's prefix."""
    mtu: int = 1500
    """MTU of the cards on it, and of what is between them."""
    first_is_router: bool = False
    """Its router has the first usable IPv4 address; else the last."""


@value
class Interface:
    """A network card that a cloud attached to a node, with addresses that it keeps for pods."""

    device: str
    """`eth1`."""
    address: IPAddress
    """The card's own."""
    pool: tuple[IPAddress, ...] = ()
    """For pods; the wire brings packets for them to this card."""


@value
class Capacity:
    """How many cards and pods' addresses a node may have."""

    kind: str
    """Type of the machine: `m5.large`."""
    cards: int
    """Cards that can be attached."""
    slots: int
    """What a card has for pods beside its own address."""
    size: int
    """Addresses that a slot holds."""
    most_pods: int
    """What kubelet is told (--max-pods)."""


@value
class Addressing:
    """The addresses that a plugin gave pods out of the nodes' own network."""

    interfaces: Mapping[str, tuple[Interface, ...]] = field(default_factory=dict)
    """The cards of a node, by its name; its first one first."""
    leases: Mapping[str, tuple[IPAddress, str]] = field(default_factory=dict)
    """A pod's address and the device of its card, by place (`pod/shop/web-1`)."""
    waiting: Mapping[str, str] = field(default_factory=dict)
    """The nodes of pods for which there was no address left, by place."""
    capacities: Mapping[str, Capacity] = field(default_factory=dict)
    """What a node may have, by its name."""


@value
class Site:
    """The cluster as a plugin sees it."""

    cluster: Cluster
    """Its objects."""
    settings: ProxySettings
    """kube-proxy's settings; the cluster's pod range is written there."""
    facts: Mapping[str, NodeFacts]
    """Facts of the nodes, by name."""
    pods: Mapping[str, tuple[PodSite, ...]]
    """The pods with a namespace of their own, by the node that they run on."""
    lan: Lan = Lan()
    """The nodes' subnets."""
    addressing: Addressing | None = None
    """Where pods' addresses come from, where the plugin gives them others than the file."""

    def pods_on(self, node: Node) -> tuple[PodSite, ...]:
        """The pods on a node, in the order of the file."""
        return self.pods.get(node.name, ())

    def pod_ranges(self, family: Family) -> tuple[IPNetwork, ...]:
        """The ranges that hold all pods of a family: clusterCIDR, else the nodes' own."""
        given = (network(text) for text in self.settings.cluster_cidrs)
        own = tuple(net for net in given if family_of(net) is family)
        return own or tuple(
            net for node in self.cluster.nodes for net in node.pod_cidrs
            if family_of(net) is family
        )  # fmt: skip


@value
class ChainPatch:
    """Rules that a plugin adds to a chain; the chain is made if it is not there."""

    table: str
    """Table."""
    chain: str
    """Chain."""
    rules: tuple[Rule, ...]
    """Rules, in this order."""
    first: bool = False
    """They are inserted before the chain's rules, not appended."""


@value
class Overlay:
    """A fabric that knows where each pod is, and brings it what comes for it in tunnels."""

    what: str
    """What does so: `leaf` or `edge`."""
    kind: DeviceKind
    """How it puts packets into others."""
    port: int
    """UDP destination port of the tunnels."""
    overhead: int
    """Bytes around an inner packet."""
    gateway: IPAddress
    """Its own end of the tunnels."""
    teps: Mapping[str, IPAddress]
    """The nodes' ends, by node."""
    snat: Mapping[str, IPAddress] = field(default_factory=dict)
    """The address that a namespace's pods have towards the world; none where it is missing."""


@value
class Plugin:
    """A CNI plugin."""

    name: str
    """As `--cni` names it."""
    title: str
    """As a person names it: `flannel vxlan`."""
    node: Callable[[Node, Site], Namespace]
    """Builds a node's own namespace."""
    pod: Callable[[PodSite, Node, Site], Namespace]
    """Builds the namespace of a pod on a node."""
    rules: Callable[[Site, Node, Family], tuple[ChainPatch, ...]] = field(
        default=lambda _site, _node, _family: ()
    )
    """The plugin's own iptables rules on a node."""
    sets: Callable[[Site, Node, Family], tuple[IpSet, ...]] = field(
        default=lambda _site, _node, _family: ()
    )
    """The ipsets that those rules ask."""
    wire: Callable[[Node, Site], Mapping[IPAddress, str]] = field(default=lambda _node, _site: {})
    """Addresses besides the node's own that the wire leads to it for, each with the card."""
    fabric: Callable[[Site], tuple[Route, ...]] = field(default=lambda _site: ())
    """What the fabric's router is told: ranges, device `lan`, via the nodes' addresses."""
    lan: Lan = Lan()
    """What it takes the nodes' subnets to be."""
    addressing: Callable[[Cluster, Addressing | None], Addressing] | None = None
    """Gives pods addresses of the nodes' network, keeping what they had; None: the file's hold."""
    datapath: Callable[[Site, Node, Family], Datapath | None] = field(
        default=lambda _site, _node, _family: None
    )
    """Its eBPF programs on a node, and their maps; None where it has none."""
    overlay: Callable[[Site], Overlay] | None = None
    """What the fabric does for pods, where it knows them."""
    replaces_kube_proxy: bool = False
    """It translates Services itself, and kube-proxy does not run."""
    simplified: tuple[str, ...] = ()
    """What is left out or drawn from documentation alone: keys of the sentences that say so."""
