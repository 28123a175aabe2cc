"""The world: a cluster, its settings, its plugin, and what follows from them.

Namespaces and rulesets are built where they are first touched and kept for the world's life;
a world is a value, so a change of the cluster is another world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from tui.sim.cni import PLUGINS, Plugin, Site
from tui.sim.cni.addressed import addressed
from tui.sim.cni.site import Addressing, Overlay, PodSite
from tui.sim.cni.wiring import extended, wired
from tui.sim.engine.plugin_rules import patched
from tui.sim.engine.pod_sites import by_node, pod_sites, slices_by_address
from tui.sim.model.address import Family, IPAddress
from tui.sim.model.cluster import Cluster, EndpointSlice, Node
from tui.sim.model.collection import collection_paused
from tui.sim.model.pod_ranges import PodRanges
from tui.sim.model.settings import NodeFacts, ProxyMode, ProxySettings
from tui.sim.model.value import replace
from tui.sim.netfilter.hooks import IPTABLES_ONLY, WITH_IPVS, HookOrder
from tui.sim.netfilter.index import IndexedRuleset
from tui.sim.netfilter.rules import Ruleset
from tui.sim.proxy import iptables
from tui.sim.proxy.host import ProxyHost
from tui.sim.routing.lookup import RoutingTable
from tui.sim.routing.network import Namespace, Network

if TYPE_CHECKING:
    from tui.sim.ebpf import Datapath
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
    """Its objects; pods have the addresses that the plugin gives them."""
    proxy: ProxySettings = field(default_factory=ProxySettings)
    """kube-proxy's settings, the same on every node."""
    cni: str = "flannel"
    """Name of the CNI plugin."""
    facts: Mapping[str, NodeFacts] = field(default_factory=dict)
    """Facts of the nodes, by name; a node that is missing has the usual ones."""
    configured: Plugin | None = None
    """The plugin with settings of its own; it stands in for the one of its name."""
    addressing: Addressing | None = None
    """What the plugin gave pods before; then what it gives them now. None: the file's hold."""
    written: Cluster = field(init=False, compare=False, repr=False)
    """The cluster as its file has it."""
    set_proxy: ProxySettings = field(init=False, compare=False, repr=False)
    """kube-proxy's settings as they were given."""
    _kept: dict[object, object] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.cni not in self.plugins:
            known = ", ".join(self.plugins)
            raise NotBuiltError(f"there is no plugin {self.cni!r}; known are: {known}")
        if self.proxy.mode not in BUILT_MODES:
            built = ", ".join(sorted(BUILT_MODES))
            raise NotBuiltError(f"mode {self.proxy.mode} is not built yet; built: {built}")
        self._address_pods()

    def _address_pods(self) -> None:
        """Where the plugin has addresses of its own, the file's pod ranges mean nothing."""
        given, settings, own = self.cluster, self.proxy, self.plugin.addressing
        found = own(given, self.addressing) if own is not None else None
        derived = {"written": given, "set_proxy": settings, "addressing": found}
        if found is not None:
            derived["cluster"] = addressed(given, found)
            derived["proxy"] = replace(settings, cluster_cidrs=())
        for name, each in derived.items():
            object.__setattr__(self, name, each)

    @property
    def plugin(self) -> Plugin:
        """The CNI plugin."""
        return self.plugins[self.cni]

    @property
    def kube_proxy(self) -> ProxyMode | None:
        """kube-proxy's mode; None where it does not run, for the plugin does its work."""
        return None if self.plugin.replaces_kube_proxy else self.proxy.mode

    @property
    def overlay(self) -> Overlay | None:
        """What the fabric does for pods, where the plugin makes it know them."""
        if "overlay" not in self._kept:
            made = self.plugin.overlay
            self._kept["overlay"] = made(self.site()) if made is not None else None
        return cast("Overlay | None", self._kept["overlay"])

    @property
    def mode_name(self) -> str:
        """kube-proxy's mode for a trace: `iptables`, or `none` where it does not run."""
        return self.kube_proxy.value if self.kube_proxy is not None else "none"

    def datapath(self, node: str, family: Family) -> Datapath | None:
        """The plugin's eBPF programs on a node; None where it has none."""
        key = ("datapath", node, family)
        if key not in self._kept:
            self._kept[key] = self.plugin.datapath(self.site(), self._node(node), family)
        return cast("Datapath | None", self._kept[key])

    @property
    def plugins(self) -> Mapping[str, Plugin]:
        """Every plugin that this world can be switched to, by name."""
        own = self.configured
        return PLUGINS if own is None else {**PLUGINS, own.name: own}

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
            self._kept["pods by node"] = by_node(self.pod_sites)
        known = cast("Mapping[str, tuple[PodSite, ...]]", self._kept["pods by node"])
        more = {node: (*known.get(node, ()), *found) for node, found in by_node(pods).items()}
        plugin, sites = self.plugin, {**known, **more}
        return Site(self.cluster, self.proxy, self.facts, sites, plugin.lan, self.addressing)

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
            self._kept["pods"] = pod_sites(self.cluster, self.node_holding)
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
            self._kept["slices"] = slices_by_address(self.cluster)
        kept = cast("Mapping[IPAddress, list[int]]", self._kept["slices"])
        places = sorted({place for ip in ips for place in kept.get(ip, ())})
        return tuple(self.cluster.slices[place] for place in places)

    @property
    def waiting(self) -> Mapping[str, str]:
        """The nodes of pods for which the plugin has no address left, by place."""
        return self.addressing.waiting if self.addressing is not None else {}

    def facts_of(self, node: str) -> NodeFacts:
        """The facts of a node."""
        return self.facts.get(node, _USUAL)

    def route_localnet(self, node: str) -> bool:
        """Whether a node routes 127.0.0.0/8 on every device: kube-proxy asks it to in one mode."""
        if self.kube_proxy is not ProxyMode.IPTABLES:
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
        match self.kube_proxy:
            case ProxyMode.IPTABLES:
                return iptables.render(self.cluster, self.proxy_host(node, family))
            case ProxyMode.NFTABLES | None:
                return Ruleset(family)
        programmed = self.kube_proxy_ipvs(node, family)
        assert programmed is not None
        return programmed.rules

    def kube_proxy_table(self, node: str, family: Family) -> nft.Table | None:
        """kube-proxy's nftables table on a node; None in every other mode.

        Raises KeyError for an unknown node.
        """
        if self.kube_proxy is not ProxyMode.NFTABLES:
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
        if self.kube_proxy is not ProxyMode.IPVS:
            return None
        key = ("kube-proxy ipvs", node, family)
        if key not in self._kept:
            from tui.sim.proxy import ipvs

            self._kept[key] = ipvs.render(self.cluster, self.proxy_host(node, family))
        return cast("ipvs.Programmed", self._kept[key])

    def ipsets(self, node: str, family: Family) -> Mapping[str, IpSet]:
        """The ipsets on a node, by name: kube-proxy's in IPVS mode, and the plugin's."""
        key = ("ipsets", node, family)
        if key not in self._kept:
            programmed = self.kube_proxy_ipvs(node, family)
            own = {s.name: s for s in self.plugin.sets(self.site(), self._node(node), family)}
            named = programmed.sets_by_name if programmed is not None else {}
            self._kept[key] = {**named, **own} if own else named
        return cast("Mapping[str, IpSet]", self._kept[key])

    def virtual_servers(self, node: str) -> Mapping[Address, VirtualServer] | None:
        """The virtual servers of a node in both families; None but in IPVS mode."""
        if self.kube_proxy is not ProxyMode.IPVS:
            return None
        key = ("virtual servers", node)
        if key not in self._kept:
            programmed = (self.kube_proxy_ipvs(node, family) for family in Family)
            found = (each for one in programmed if one is not None for each in one.servers)
            self._kept[key] = {each.address: each for each in found}
        return cast("Mapping[Address, VirtualServer]", self._kept[key])

    def virtual_addresses(self, node: str) -> tuple[IPAddress, ...]:
        """The addresses of Services that are bound to a node; none but in IPVS mode."""
        if self.kube_proxy is not ProxyMode.IPVS:
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
        bound = self._bound(machine.node) if self.kube_proxy is ProxyMode.IPVS else None
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
        if self.kube_proxy is ProxyMode.IPVS:
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
        return self._around(self.written, replace(self.set_proxy, mode=mode))

    def with_plugin(self, cni: str) -> World:
        """The same world with another plugin. Raises NotBuiltError."""
        return World(self.written, self.set_proxy, cni, self.facts, self.configured)

    def with_cluster(self, cluster: Cluster) -> World:
        """The same settings around another cluster, as a file would have it."""
        return self._around(cluster, self.set_proxy)

    def _around(self, cluster: Cluster, proxy: ProxySettings) -> World:
        return World(cluster, proxy, self.cni, self.facts, self.configured, self.addressing)

    def _node(self, name: str) -> Node:
        node = self.cluster.node(name)
        if node is None:
            raise KeyError(name)
        return node


_USUAL = NodeFacts()
