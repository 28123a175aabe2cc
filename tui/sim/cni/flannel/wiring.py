"""What flannel builds on a node: a tunnel to the other nodes, or plain routes to them.

For every other node the VXLAN backend writes a route, a permanent neighbour entry and a
forwarding entry, so that nothing has to be asked for; host-gw writes a route whose next hop is
the node itself. Follows flannel v0.26: pkg/backend/vxlan/vxlan_network.go and device.go,
pkg/backend/hostgw/hostgw.go, pkg/backend/route_network.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface
from json import JSONDecodeError, loads

from tui.sim.cni.bridge import BridgeSettings, node_namespace, pod_namespace
from tui.sim.cni.flannel.settings import Backend, FlannelSettings
from tui.sim.cni.machine import CARD, lan_interface, mac, with_devices
from tui.sim.cni.site import PodSite, Site
from tui.sim.model.address import IPAddress, IPNetwork, family_of
from tui.sim.model.cluster import Node
from tui.sim.model.value import replace, value
from tui.sim.routing.network import (
    Device,
    DeviceKind,
    FdbEntry,
    Namespace,
    Neighbour,
    Route,
    Vxlan,
)

_OVERHEAD = {4: 50, 6: 70}
_BACKEND_DATA = {
    4: "flannel.alpha.coreos.com/backend-data",
    6: "flannel.alpha.coreos.com/backend-v6-data",
}


@value
class _Lease:
    """A node's pod range, as flannel knows it of every node."""

    node: Node
    net: IPNetwork
    public_ip: IPAddress
    """The node's address of the range's family."""

    @property
    def version(self) -> int:
        return self.net.version


def device_name(settings: FlannelSettings, version: int) -> str:
    """`flannel.1`; `flannel-v6.1` carries IPv6."""
    return f"flannel{'-v6' if version == 6 else ''}.{settings.vni}"


def vtep_mac(settings: FlannelSettings, node: Node, version: int) -> str:
    """The tunnel device's MAC, as flannel publishes it on the Node, else one of our own."""
    try:
        data = loads(node.annotations.get(_BACKEND_DATA[version], ""))
        published = data.get("VtepMAC")
    except (JSONDecodeError, AttributeError):
        published = None
    return str(published) if published else mac(f"{node.name} {device_name(settings, version)}")


def _leases(node: Node) -> Iterator[_Lease]:
    for net in node.pod_cidrs:
        own = next((ip for ip in node.internal_ips if ip.version == net.version), None)
        if own is not None:
            yield _Lease(node, net, own)


def _others(node: Node, site: Site) -> tuple[_Lease, ...]:
    """The leases of the other nodes, in the families in which the node has one itself."""
    versions = {lease.version for lease in _leases(node)}
    return tuple(
        lease
        for other in site.cluster.nodes
        if other.name != node.name
        for lease in _leases(other)
        if lease.version in versions
    )


def mtu_of(settings: FlannelSettings, node: Node) -> int:
    """What FLANNEL_MTU tells the bridge plugin: room for the tunnel's headers, if there is one."""
    if settings.backend is Backend.HOST_GW:
        return 1500
    return 1500 - max((_OVERHEAD[lease.version] for lease in _leases(node)), default=0)


def node(settings: FlannelSettings, own: Node, site: Site) -> Namespace:
    """A node with its bridge, and all that flannel writes about the other nodes."""
    machine = node_namespace(own, site, BridgeSettings(mtu=mtu_of(settings, own)))
    others = _others(own, site)
    if settings.backend is Backend.HOST_GW:
        return replace(machine, routes=(*machine.routes, *_direct(own, others)))
    near = [lease for lease in others if settings.direct_routing and _on_link(own, lease)]
    machine = replace(machine, routes=(*machine.routes, *_direct(own, tuple(near))))
    return _tunnelled(settings, own, machine, tuple(each for each in others if each not in near))


# ---------------------------------------------------------------- host-gw


def _on_link(node: Node, lease: _Lease) -> bool:
    """Whether another node's address is in a subnet of this one's."""
    return any(lease.public_ip in lan_interface(ip).network for ip in node.internal_ips)


def _direct(node: Node, leases: tuple[_Lease, ...]) -> tuple[Route, ...]:
    """Routes through the nodes themselves.

    The kernel refuses a next hop that is not on the wire ("network is unreachable"); flannel
    logs that, and the node stays without the route.
    """
    return tuple(
        Route(lease.net, CARD, via=lease.public_ip) for lease in leases if _on_link(node, lease)
    )


# ---------------------------------------------------------------- VXLAN


def _tunnelled(
    settings: FlannelSettings, own: Node, machine: Namespace, leases: tuple[_Lease, ...]
) -> Namespace:
    def name(lease: _Lease) -> str:
        return device_name(settings, lease.version)

    def vtep(lease: _Lease) -> str:
        return vtep_mac(settings, lease.node, lease.version)

    routes = tuple(
        Route(each.net, name(each), via=each.net.network_address, onlink=True) for each in leases
    )
    tunnels = tuple(_tunnel(settings, lease) for lease in _leases(own))
    return replace(
        with_devices(machine, tunnels, routes),
        neighbours=tuple(
            Neighbour(each.net.network_address, name(each), vtep(each), "PERMANENT")
            for each in leases
        ),
        fdb=tuple(FdbEntry(vtep(each), name(each), each.public_ip) for each in leases),
    )


def _tunnel(settings: FlannelSettings, lease: _Lease) -> Device:
    """The tunnel device, with the first address of the node's range and no network."""
    overhead = _OVERHEAD[lease.version]
    return Device(
        device_name(settings, lease.version),
        DeviceKind.VXLAN,
        vtep_mac(settings, lease.node, lease.version),
        1500 - overhead,
        (ip_interface(f"{lease.net.network_address}/{lease.net.max_prefixlen}"),),
        vxlan=Vxlan(settings.vni, lease.public_ip, settings.port, CARD, overhead),
    )


# ---------------------------------------------------------------- pods


def pod(settings: FlannelSettings, own: PodSite, home: Node, site: Site) -> Namespace:
    """A pod as flannel's delegate, the bridge plugin, leaves it."""
    return pod_namespace(own, home, mtu_of(settings, home), _pod_routes(site, home))


def _pod_routes(site: Site, node: Node) -> tuple[Route, ...]:
    """flannel's delegate gives each pod a route to the whole pod network as well."""
    return tuple(
        Route(whole, "eth0", via=home.network_address + 1)
        for home in node.pod_cidrs
        for whole in site.pod_ranges(family_of(home))
        if whole != home and whole.prefixlen < home.prefixlen
    )
