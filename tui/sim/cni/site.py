"""What a plugin is told of the cluster, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from tui.sim.model.address import Family, IPAddress, IPNetwork, family_of, network
from tui.sim.model.cluster import Cluster, Node
from tui.sim.model.settings import NodeFacts, ProxySettings
from tui.sim.model.value import value
from tui.sim.netfilter.rules import Rule
from tui.sim.routing.network import Namespace


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
    """Rules, appended in this order."""


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
    simplified: tuple[str, ...] = ()
    """Reason codes of what is left out, for the screen."""
