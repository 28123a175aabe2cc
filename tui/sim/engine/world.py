"""The world: a cluster, its settings, its plugin, and what follows from them.

Namespaces and rulesets are built where they are first touched and kept for the world's life;
a world is a value, so a change of the cluster is another world.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tui.sim.cni import PLUGINS, Plugin, Site
from tui.sim.cni.site import ChainPatch, PodSite
from tui.sim.model.address import Family, IPAddress, address
from tui.sim.model.cluster import Cluster, Node, Pod
from tui.sim.model.settings import NodeFacts, ProxyMode, ProxySettings
from tui.sim.netfilter.index import IndexedRuleset
from tui.sim.netfilter.rules import Chain, Ruleset, Table
from tui.sim.proxy import iptables
from tui.sim.proxy.host import ProxyHost
from tui.sim.routing.network import Network

BUILT_MODES = frozenset({ProxyMode.IPTABLES})
"""Modes whose rules are rendered and walked; the others are shown as not built yet."""


class NotBuiltError(ValueError):
    """A mode or a plugin that does not exist here."""


@dataclass(frozen=True)
class World:
    """A cluster and everything that decides about its packets."""

    cluster: Cluster
    """Its objects."""
    proxy: ProxySettings = field(default_factory=ProxySettings)
    """kube-proxy's settings, the same on every node."""
    cni: str = "flannel"
    """Name of the CNI plugin."""
    facts: Mapping[str, NodeFacts] = field(default_factory=dict)
    """Facts of the nodes, by name; a node that is missing has the usual ones."""
    _kept: dict[object, object] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.cni not in PLUGINS:
            known = ", ".join(PLUGINS)
            raise NotBuiltError(f"there is no plugin {self.cni!r}; known are: {known}")
        if self.proxy.mode not in BUILT_MODES:
            built = ", ".join(sorted(BUILT_MODES))
            raise NotBuiltError(f"mode {self.proxy.mode} is not built yet; built: {built}")

    @property
    def plugin(self) -> Plugin:
        """The CNI plugin."""
        return PLUGINS[self.cni]

    @property
    def network(self) -> Network:
        """Every namespace of the cluster's pods and nodes."""
        return self.network_with(())

    def network_with(
        self, pods: tuple[PodSite, ...], externals: tuple[IPAddress, ...] = ()
    ) -> Network:
        """The network with further pods and machines that a packet's addresses imply."""
        key = ("network", pods, externals)
        if key not in self._kept:
            self._kept[key] = self.plugin.wire(self.site(pods, externals))
        kept = self._kept[key]
        assert isinstance(kept, Network)
        return kept

    def site(self, pods: tuple[PodSite, ...] = (), externals: tuple[IPAddress, ...] = ()) -> Site:
        """The cluster as its plugin sees it."""
        known = self.pod_sites
        return Site(self.cluster, self.proxy, self.facts, (*known, *pods), externals)

    @property
    def pod_sites(self) -> tuple[PodSite, ...]:
        """Pods of the file, and those that only an EndpointSlice tells of."""
        if "pods" not in self._kept:
            self._kept["pods"] = _pod_sites(self.cluster)
        kept = self._kept["pods"]
        assert isinstance(kept, tuple)
        return kept

    def facts_of(self, node: str) -> NodeFacts:
        """The facts of a node."""
        return self.facts.get(node, _USUAL)

    def route_localnet(self, node: str) -> bool:
        """Whether a node routes 127.0.0.0/8 on every device, as kube-proxy may ask it to."""
        return self.proxy_host(node, Family.IPV4).localhost_node_ports

    def proxy_host(self, node: str, family: Family) -> ProxyHost:
        """A node as kube-proxy sees it. Raises KeyError for an unknown node."""
        return ProxyHost(self._node(node), family, self.proxy, self.facts_of(node))

    def kube_proxy_ruleset(self, node: str, family: Family) -> Ruleset:
        """What kube-proxy programs on a node. Raises KeyError for an unknown node."""
        key = ("kube-proxy", node, family)
        if key not in self._kept:
            self._kept[key] = iptables.render(self.cluster, self.proxy_host(node, family))
        kept = self._kept[key]
        assert isinstance(kept, Ruleset)
        return kept

    def ruleset(self, node: str, family: Family) -> Ruleset:
        """All rules on a node: kube-proxy's and the plugin's."""
        return self.indexed_ruleset(node, family).ruleset

    def indexed_ruleset(self, node: str, family: Family) -> IndexedRuleset:
        """All rules on a node, ready to be walked."""
        key = ("rules", node, family)
        if key not in self._kept:
            own = self.plugin.rules(self.site(), self._node(node), family)
            merged = patched(self.kube_proxy_ruleset(node, family), own)
            self._kept[key] = IndexedRuleset(merged)
        kept = self._kept[key]
        assert isinstance(kept, IndexedRuleset)
        return kept

    def with_mode(self, mode: ProxyMode) -> World:
        """The same world with kube-proxy in another mode. Raises NotBuiltError."""
        return World(self.cluster, replace(self.proxy, mode=mode), self.cni, self.facts)

    def with_plugin(self, cni: str) -> World:
        """The same world with another plugin. Raises NotBuiltError."""
        return World(self.cluster, self.proxy, cni, self.facts)

    def with_cluster(self, cluster: Cluster) -> World:
        """The same settings around another cluster."""
        return World(cluster, self.proxy, self.cni, self.facts)

    def _node(self, name: str) -> Node:
        node = self.cluster.node(name)
        if node is None:
            raise KeyError(name)
        return node


_USUAL = NodeFacts()


def patched(ruleset: Ruleset, patches: tuple[ChainPatch, ...]) -> Ruleset:
    """A ruleset with a plugin's rules appended to its chains, printed in order."""
    tables = {name: dict(table.chains) for name, table in ruleset.tables.items()}
    for patch in patches:
        chains = tables.setdefault(patch.table, {})
        held = chains.get(patch.chain, Chain(patch.chain))
        chains[patch.chain] = Chain(held.name, (*held.rules, *patch.rules), held.policy)
    return Ruleset(ruleset.family, {n: Table(n, _ordered(c)) for n, c in tables.items()})


def _ordered(chains: dict[str, Chain]) -> dict[str, Chain]:
    """Base chains as they are, the others by name, as iptables-save orders them."""
    base = {name: chain for name, chain in chains.items() if chain.policy is not None}
    return {**base, **{name: chains[name] for name in sorted(chains.keys() - base.keys())}}


# ---------------------------------------------------------------- who has a namespace


def _pod_sites(cluster: Cluster) -> tuple[PodSite, ...]:
    """Each address once; a pod of the file comes before what a slice says of it."""
    taken: set[IPAddress] = {ip for node in cluster.nodes for ip in node.internal_ips}
    sites: dict[str, PodSite] = {}
    for site in (*map(_site_of, cluster.pods), *_sites_of_endpoints(cluster)):
        if site is None or taken.intersection(site.ips):
            continue
        taken.update(site.ips)
        held = sites.get(site.place)
        ips = (*held.ips, *site.ips) if held is not None else site.ips
        sites[site.place] = replace(held or site, ips=ips)
    return tuple(sites.values())


def _site_of(pod: Pod) -> PodSite | None:
    if pod.host_network or pod.node is None or not pod.ips or pod.finished:
        return None
    return PodSite(f"pod/{pod.namespace}/{pod.name}", pod.node, pod.ips)


def _sites_of_endpoints(cluster: Cluster) -> Iterator[PodSite]:
    """Pods that the file does not show, but an EndpointSlice says where they are."""
    for item in cluster.slices:
        for endpoint in item.endpoints:
            ip = _endpoint_ip(endpoint.addresses)
            node = node_holding(cluster, ip) if ip is not None else None
            if ip is not None and node is not None:
                yield PodSite(endpoint.target or f"pod/{ip}", node.name, (ip,), implied=True)


def _endpoint_ip(addresses: tuple[str, ...]) -> IPAddress | None:
    try:
        return address(addresses[0]) if addresses else None
    except ValueError:
        return None


def node_holding(cluster: Cluster, ip: IPAddress) -> Node | None:
    """The node whose pod range holds an address."""
    for node in cluster.nodes:
        if any(ip in net for net in node.pod_cidrs):
            return node
    return None
