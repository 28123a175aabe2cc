"""The world: a cluster, its settings, its plugin, and what follows from them.

Namespaces and rulesets are built where they are first touched and kept for the world's life;
a world is a value, so a change of the cluster is another world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from tui.sim.cni import PLUGINS, Plugin, Site
from tui.sim.cni.site import ChainPatch, PodSite
from tui.sim.cni.wiring import extended, wired
from tui.sim.model.address import Family, IPAddress, address
from tui.sim.model.cluster import Cluster, EndpointSlice, Node, Pod
from tui.sim.model.collection import collection_paused
from tui.sim.model.pod_ranges import PodRanges
from tui.sim.model.settings import NodeFacts, ProxyMode, ProxySettings
from tui.sim.model.sloppy import parse_sloppy_address
from tui.sim.model.value import replace
from tui.sim.netfilter.hooks import IPTABLES_ONLY, WITH_IPVS, HookOrder, built_in_chains
from tui.sim.netfilter.index import IndexedRuleset
from tui.sim.netfilter.rules import Chain, Ruleset, Table
from tui.sim.proxy import iptables
from tui.sim.proxy.host import ProxyHost
from tui.sim.routing.lookup import RoutingTable
from tui.sim.routing.network import Namespace, Network

if TYPE_CHECKING:
    from tui.sim.engine.virtual_addresses import Bound
    from tui.sim.netfilter.ipset import IpSet
    from tui.sim.netfilter.ipvs import Address, VirtualServer
    from tui.sim.netfilter.nft import rules as nft
    from tui.sim.proxy import ipvs

BUILT_MODES = frozenset(ProxyMode)
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
            with collection_paused():
                self._kept[key] = self._wired(pods, externals)
        return cast("Network", self._kept[key])

    def _wired(self, pods: tuple[PodSite, ...], externals: tuple[IPAddress, ...]) -> Network:
        plugin, site, finish = self.plugin, self.site(pods), self._with_virtual_addresses
        if not pods and not externals:
            return wired(plugin, site, finish)
        return extended(self.network, plugin, site, pods, externals, finish)

    def site(self, pods: tuple[PodSite, ...] = ()) -> Site:
        """The cluster as its plugin sees it, with further pods."""
        if "pods by node" not in self._kept:
            self._kept["pods by node"] = _by_node(self.pod_sites)
        known = cast("Mapping[str, tuple[PodSite, ...]]", self._kept["pods by node"])
        more = {node: (*known.get(node, ()), *found) for node, found in _by_node(pods).items()}
        return Site(self.cluster, self.proxy, self.facts, {**known, **more})

    def routing(self, space: Namespace) -> RoutingTable:
        """The routes of a namespace of this world, ready to be asked."""
        key = ("routing", id(space))
        if key not in self._kept:
            # the table keeps its namespace, so the id stays this one's
            self._kept[key] = RoutingTable(space)
        return cast("RoutingTable", self._kept[key])

    def node_holding(self, ip: IPAddress) -> Node | None:
        """The node whose pod range holds an address."""
        if "pod ranges" not in self._kept:
            self._kept["pod ranges"] = PodRanges(self.cluster.nodes)
        return cast("PodRanges", self._kept["pod ranges"]).holder(ip)

    @property
    def pod_sites(self) -> tuple[PodSite, ...]:
        """Pods of the file, and those that only an EndpointSlice tells of."""
        if "pods" not in self._kept:
            self._kept["pods"] = _pod_sites(self.cluster, self.node_holding)
        kept = self._kept["pods"]
        assert isinstance(kept, tuple)
        return kept

    @property
    def pod_addresses(self) -> frozenset[IPAddress]:
        """The addresses of all pods, those that only an EndpointSlice tells of included."""
        if "pod addresses" not in self._kept:
            self._kept["pod addresses"] = frozenset(ip for s in self.pod_sites for ip in s.ips)
        return cast("frozenset[IPAddress]", self._kept["pod addresses"])

    @property
    def service_addresses(self) -> frozenset[str]:
        """Every address of every Service, as written."""
        if "service addresses" not in self._kept:
            self._kept["service addresses"] = frozenset(
                text
                for s in self.cluster.services
                for text in (*s.cluster_ips, *s.external_ips, *(i.ip for i in s.load_balancer))
            )
        return cast("frozenset[str]", self._kept["service addresses"])

    def slices_listing(self, ips: Iterable[IPAddress]) -> tuple[EndpointSlice, ...]:
        """The EndpointSlices that list one of some addresses, each once, in the file's order."""
        if "slices" not in self._kept:
            self._kept["slices"] = _slices_by_address(self.cluster)
        kept = cast("Mapping[IPAddress, list[int]]", self._kept["slices"])
        places = sorted({place for ip in ips for place in kept.get(ip, ())})
        return tuple(self.cluster.slices[place] for place in places)

    def facts_of(self, node: str) -> NodeFacts:
        """The facts of a node."""
        return self.facts.get(node, _USUAL)

    def route_localnet(self, node: str) -> bool:
        """Whether a node routes 127.0.0.0/8 on every device: kube-proxy asks it to in one mode."""
        if self.proxy.mode is not ProxyMode.IPTABLES:
            return False
        return self.proxy_host(node, Family.IPV4).localhost_node_ports

    def proxy_host(self, node: str, family: Family) -> ProxyHost:
        """A node as kube-proxy sees it. Raises KeyError for an unknown node."""
        return ProxyHost(self._node(node), family, self.proxy, self.facts_of(node))

    def kube_proxy_ruleset(self, node: str, family: Family) -> Ruleset:
        """What kube-proxy writes into iptables on a node; nothing in nftables mode.

        Raises KeyError for an unknown node.
        """
        key = ("kube-proxy", node, family)
        if key not in self._kept:
            self._kept[key] = self._rendered(node, family)
        kept = self._kept[key]
        assert isinstance(kept, Ruleset)
        return kept

    def _rendered(self, node: str, family: Family) -> Ruleset:
        match self.proxy.mode:
            case ProxyMode.IPTABLES:
                return iptables.render(self.cluster, self.proxy_host(node, family))
            case ProxyMode.NFTABLES:
                return Ruleset(family)
        programmed = self.kube_proxy_ipvs(node, family)
        assert programmed is not None
        return programmed.rules

    def kube_proxy_table(self, node: str, family: Family) -> nft.Table | None:
        """kube-proxy's nftables table on a node; None in every other mode.

        Raises KeyError for an unknown node.
        """
        if self.proxy.mode is not ProxyMode.NFTABLES:
            return None
        key = ("kube-proxy table", node, family)
        if key not in self._kept:
            from tui.sim.proxy import nftables

            self._kept[key] = nftables.render(self.cluster, self.proxy_host(node, family))
        return cast("nft.Table", self._kept[key])

    def kube_proxy_ipvs(self, node: str, family: Family) -> ipvs.Programmed | None:
        """What kube-proxy programs in IPVS mode on a node; None in every other mode.

        Raises KeyError for an unknown node.
        """
        if self.proxy.mode is not ProxyMode.IPVS:
            return None
        key = ("kube-proxy ipvs", node, family)
        if key not in self._kept:
            from tui.sim.proxy import ipvs

            self._kept[key] = ipvs.render(self.cluster, self.proxy_host(node, family))
        return cast("ipvs.Programmed", self._kept[key])

    def ipsets(self, node: str, family: Family) -> Mapping[str, IpSet]:
        """kube-proxy's ipsets on a node, by name; none but in IPVS mode."""
        programmed = self.kube_proxy_ipvs(node, family)
        return programmed.sets_by_name if programmed is not None else {}

    def virtual_servers(self, node: str) -> Mapping[Address, VirtualServer] | None:
        """The virtual servers of a node in both families; None but in IPVS mode."""
        if self.proxy.mode is not ProxyMode.IPVS:
            return None
        key = ("virtual servers", node)
        if key not in self._kept:
            programmed = (self.kube_proxy_ipvs(node, family) for family in Family)
            found = (each for one in programmed if one is not None for each in one.servers)
            self._kept[key] = {each.address: each for each in found}
        return cast("Mapping[Address, VirtualServer]", self._kept[key])

    def virtual_addresses(self, node: str) -> tuple[IPAddress, ...]:
        """The addresses of Services that are bound to a node; none but in IPVS mode."""
        if self.proxy.mode is not ProxyMode.IPVS:
            return ()
        key = ("virtual addresses", node)
        if key not in self._kept:
            from tui.sim.proxy.ipvs import bound_addresses

            hosts = (self.proxy_host(node, family) for family in Family)
            self._kept[key] = tuple(ip for h in hosts for ip in bound_addresses(self.cluster, h))
        return cast("tuple[IPAddress, ...]", self._kept[key])

    def _with_virtual_addresses(self, machine: Namespace) -> Namespace:
        """In ipvs mode a node has kube-ipvs0."""
        assert machine.node is not None
        bound = self._bound(machine.node) if self.proxy.mode is ProxyMode.IPVS else None
        return bound.to(machine) if bound is not None else machine

    def _bound(self, node: str) -> Bound | None:
        """kube-ipvs0 of a node, where there is one."""
        key = ("bound", node)
        if key not in self._kept:
            from tui.sim.engine.virtual_addresses import bound_to

            ips = self.virtual_addresses(node)
            self._kept[key] = bound_to(node, ips) if ips else None
        return cast("Bound | None", self._kept[key])

    def hook_order(self, node: str, family: Family) -> HookOrder:
        """What hangs on a node's hooks: nftables tables ready to be walked, or IPVS."""
        if self.proxy.mode is ProxyMode.IPVS:
            return WITH_IPVS
        table = self.kube_proxy_table(node, family)
        if table is None:
            return IPTABLES_ONLY
        key = ("hooks", node, family)
        if key not in self._kept:
            from tui.sim.netfilter.nft.index import IndexedTables

            self._kept[key] = IndexedTables((table,))
        kept = self._kept[key]
        assert isinstance(kept, HookOrder)
        return kept

    def ruleset(self, node: str, family: Family) -> Ruleset:
        """All iptables rules on a node: kube-proxy's and the plugin's."""
        return self.indexed_ruleset(node, family).ruleset

    def indexed_ruleset(self, node: str, family: Family) -> IndexedRuleset:
        """All iptables rules on a node, ready to be walked."""
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
        chains = tables.setdefault(patch.table, _built_in(patch.table))
        held = chains.get(patch.chain, Chain(patch.chain))
        chains[patch.chain] = Chain(held.name, (*held.rules, *patch.rules), held.policy)
    return Ruleset(ruleset.family, {n: Table(n, _ordered(c)) for n, c in tables.items()})


def _built_in(table: str) -> dict[str, Chain]:
    """The base chains of a table, which come with its first rule."""
    return {hook.value: Chain(hook.value, policy="ACCEPT") for hook in built_in_chains(table)}


def _ordered(chains: dict[str, Chain]) -> dict[str, Chain]:
    """Base chains as they are, the others by name, as iptables-save orders them."""
    base = {name: chain for name, chain in chains.items() if chain.policy is not None}
    return {**base, **{name: chains[name] for name in sorted(chains.keys() - base.keys())}}


# ---------------------------------------------------------------- who has a namespace


Holder = Callable[[IPAddress], Node | None]


def _by_node(sites: tuple[PodSite, ...]) -> dict[str, tuple[PodSite, ...]]:
    found: dict[str, list[PodSite]] = {}
    for site in sites:
        found.setdefault(site.node, []).append(site)
    return {node: tuple(own) for node, own in found.items()}


def _pod_sites(cluster: Cluster, holder: Holder) -> tuple[PodSite, ...]:
    """Each address once; a pod of the file comes before what a slice says of it."""
    taken: set[IPAddress] = {ip for node in cluster.nodes for ip in node.internal_ips}
    sites: dict[str, PodSite] = {}
    for site in (*map(_site_of, cluster.pods), *_sites_of_endpoints(cluster, holder)):
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


def _sites_of_endpoints(cluster: Cluster, holder: Holder) -> Iterator[PodSite]:
    """Pods that the file does not show, but an EndpointSlice says where they are."""
    for item in cluster.slices:
        for endpoint in item.endpoints:
            ip = _endpoint_ip(endpoint.addresses)
            node = holder(ip) if ip is not None else None
            if ip is not None and node is not None:
                yield PodSite(endpoint.target or f"pod/{ip}", node.name, (ip,), implied=True)


def _slices_by_address(cluster: Cluster) -> Mapping[IPAddress, list[int]]:
    """Positions of the EndpointSlices that list an address as an endpoint's first."""
    found: dict[IPAddress, list[int]] = {}
    for place, item in enumerate(cluster.slices):
        for endpoint in item.endpoints:
            text = endpoint.addresses[0] if endpoint.addresses else ""
            ip = parse_sloppy_address(text)
            if ip is not None:
                found.setdefault(ip, []).append(place)
    return found


def _endpoint_ip(addresses: tuple[str, ...]) -> IPAddress | None:
    try:
        return address(addresses[0]) if addresses else None
    except ValueError:
        return None
