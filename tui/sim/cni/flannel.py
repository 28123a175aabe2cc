"""flannel with its default backend, VXLAN.

On top of the bridge plugin, which flannel calls, each node has a tunnel device flannel.1 with
the first address of its pod range. For every other node flannel writes a route, a permanent
neighbour entry and a forwarding entry, so that nothing has to be asked for.
Follows flannel v0.26: pkg/backend/vxlan/vxlan_network.go and device.go,
pkg/trafficmngr/iptables/iptables.go (https://github.com/flannel-io/flannel).
"""

from __future__ import annotations

from ipaddress import ip_interface
from json import JSONDecodeError, loads

from tui.sim.cni.bridge import node_namespace, pod_namespace
from tui.sim.cni.machine import mac, with_devices
from tui.sim.cni.site import ChainPatch, Plugin, PodSite, Site
from tui.sim.model.address import Family, IPAddress, IPNetwork, family_of, network
from tui.sim.model.cluster import Node
from tui.sim.model.value import replace
from tui.sim.netfilter.rules import (
    Accept,
    Comment,
    Jump,
    MarkMatch,
    Masquerade,
    Return,
    Rule,
    Target,
)
from tui.sim.routing.network import (
    Device,
    DeviceKind,
    FdbEntry,
    Namespace,
    Neighbour,
    Route,
    Vxlan,
)

VNI = 1
"""flannel's default VXLAN network identifier."""
PORT = 8472
"""Linux's own default; flannel keeps it."""
_OVERHEAD = {4: 50, 6: 70}
_DEVICE = {4: "flannel.1", 6: "flannel-v6.1"}
_BACKEND_DATA = {
    4: "flannel.alpha.coreos.com/backend-data",
    6: "flannel.alpha.coreos.com/backend-v6-data",
}
_MULTICAST = {Family.IPV4: network("224.0.0.0/4"), Family.IPV6: network("ff00::/8")}
_KUBE_PROXY_MARK = MarkMatch(0x4000, 0x4000)
_MASQ = Comment("flanneld masq")
_FORWARD = Comment("flanneld forward")

# ---------------------------------------------------------------- devices and routes


def vtep_mac(node: Node, version: int) -> str:
    """The tunnel device's MAC, as flannel publishes it on the Node, else one of our own."""
    try:
        data = loads(node.annotations.get(_BACKEND_DATA[version], ""))
        published = data.get("VtepMAC")
    except (JSONDecodeError, AttributeError):
        published = None
    return str(published) if published else mac(f"{node.name} {_DEVICE[version]}")


def _node_ip(node: Node, version: int) -> IPAddress | None:
    return next((ip for ip in node.internal_ips if ip.version == version), None)


def _ranges(node: Node) -> tuple[tuple[IPNetwork, IPAddress], ...]:
    """The node's pod ranges that can have a tunnel, each with the node's address."""
    return tuple(
        (net, own) for net in node.pod_cidrs if (own := _node_ip(node, net.version)) is not None
    )


def _tunnel(node: Node, net: IPNetwork, own: IPAddress) -> Device:
    overhead = _OVERHEAD[net.version]
    return Device(
        _DEVICE[net.version],
        DeviceKind.VXLAN,
        vtep_mac(node, net.version),
        1500 - overhead,
        (ip_interface(f"{net.network_address}/{net.max_prefixlen}"),),
        vxlan=Vxlan(VNI, own, PORT, "eth0", overhead),
    )


def _peers(node: Node, site: Site) -> tuple[tuple[Node, IPNetwork, IPAddress], ...]:
    versions = {net.version for net, _ in _ranges(node)}
    return tuple(
        (other, net, own)
        for other in site.cluster.nodes
        if other.name != node.name
        for net, own in _ranges(other)
        if net.version in versions
    )


def _mtu(node: Node) -> int:
    versions = [net.version for net, _ in _ranges(node)]
    return 1500 - max((_OVERHEAD[version] for version in versions), default=0)


def node(own: Node, site: Site) -> Namespace:
    """A node with its tunnel device, and all that flannel writes about the other nodes."""
    tunnels = tuple(_tunnel(own, net, ip) for net, ip in _ranges(own))
    peers = _peers(own, site)
    routes = tuple(
        Route(net, _DEVICE[net.version], via=net.network_address, onlink=True)
        for _, net, _ in peers
    )
    machine = with_devices(node_namespace(own, site, _mtu(own)), tunnels, routes)
    return replace(
        machine,
        neighbours=tuple(
            Neighbour(net.network_address, _DEVICE[net.version], vtep_mac(other, net.version),
                      "PERMANENT")
            for other, net, _ in peers
        ),
        fdb=tuple(
            FdbEntry(vtep_mac(other, net.version), _DEVICE[net.version], ip)
            for other, net, ip in peers
        ),
    )  # fmt: skip


def _pod_routes(site: Site, node: Node) -> tuple[Route, ...]:
    """flannel's delegate gives each pod a route to the whole pod network as well."""
    return tuple(
        Route(whole, "eth0", via=home.network_address + 1)
        for home in node.pod_cidrs
        for whole in site.pod_ranges(family_of(home))
        if whole != home and whole.prefixlen < home.prefixlen
    )


def pod(own: PodSite, home: Node, site: Site) -> Namespace:
    """A pod as flannel's delegate, the bridge plugin, leaves it."""
    return pod_namespace(own, home, _mtu(home), _pod_routes(site, home))


# ---------------------------------------------------------------- iptables


def rules(site: Site, node: Node, family: Family) -> tuple[ChainPatch, ...]:
    """flannel's rules, which it appends behind kube-proxy's jumps."""
    home = next((net for net in node.pod_cidrs if family_of(net) is family), None)
    whole = next(iter(site.pod_ranges(family)), None)
    if home is None or whole is None:
        return ()
    facts = site.facts.get(node.name)
    masquerade = Masquerade(random_fully=facts.random_fully if facts else True)
    return (
        ChainPatch("nat", "POSTROUTING", (Rule(Jump("FLANNEL-POSTRTG"), matches=(_MASQ,)),)),
        ChainPatch("nat", "FLANNEL-POSTRTG", _masquerading(whole, home, masquerade)),
        ChainPatch("filter", "FORWARD", (Rule(Jump("FLANNEL-FWD"), matches=(_FORWARD,)),)),
        ChainPatch(
            "filter",
            "FLANNEL-FWD",
            (
                Rule(Accept(), source=whole, matches=(_FORWARD,)),
                Rule(Accept(), destination=whole, matches=(_FORWARD,)),
            ),
        ),
    )


def _masquerading(whole: IPNetwork, home: IPNetwork, masquerade: Target) -> tuple[Rule, ...]:
    back = Return()
    return (
        Rule(back, matches=(_KUBE_PROXY_MARK, _MASQ)),
        Rule(back, source=home, destination=whole, matches=(_MASQ,)),
        Rule(back, source=whole, destination=home, matches=(_MASQ,)),
        Rule(back, source=whole, not_source=True, destination=home, matches=(_MASQ,)),
        Rule(
            masquerade,
            source=whole,
            destination=_MULTICAST[family_of(whole)],
            not_destination=True,
            matches=(_MASQ,),
        ),
        Rule(masquerade, source=whole, not_source=True, destination=whole, matches=(_MASQ,)),
    )


PLUGIN = Plugin("flannel", "flannel vxlan", node, pod, rules)
"""The plugin, as the registry lists it."""
