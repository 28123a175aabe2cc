"""What Calico builds on a node and in a pod: no bridge, a route for each pod.

A pod has a /32 and takes everybody for its neighbour behind 169.254.1.1, an address that nobody
has: the node's end of the veth answers for every address (proxy ARP). The node routes each of
its pods by a /32, drops what else its blocks hold, and has a route to every block of the others.
Follows Calico v3.26: cni-plugin/pkg/dataplane/linux, felix/dataplane/linux (endpoint_mgr.go,
vxlan_mgr.go), confd/etc/calico/confd/templates/bird_ipam.cfg.template.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_interface

from tui.sim.cni.calico.blocks import VERSION, Affinity, affinities
from tui.sim.cni.calico.names import veth_of
from tui.sim.cni.calico.settings import OVERHEAD, CalicoSettings, Encapsulation
from tui.sim.cni.machine import (
    CARD,
    bare_node,
    default_route,
    lan_interface,
    local_routes,
    loopback,
    mac,
    node_place,
    with_devices,
)
from tui.sim.cni.site import PodSite, Site
from tui.sim.model.address import IPAddress, IPNetwork, first_ipv4, host_network
from tui.sim.model.cluster import Node
from tui.sim.model.value import replace, value
from tui.sim.routing.network import (
    Device,
    DeviceKind,
    FdbEntry,
    Ipip,
    Namespace,
    Neighbour,
    Route,
    RouteKind,
    Vxlan,
)

GATEWAY = ip_address("169.254.1.1")
"""Every pod's next hop; no device has it."""
HOST_MAC = "ee:ee:ee:ee:ee:ee"
"""MAC of the node's end of each veth: it is a cable with two ends, so all may be the same."""
VNI = 4096
PORT = 4789
_TUNNELS = {Encapsulation.IPIP: "tunl0", Encapsulation.VXLAN: "vxlan.calico"}
_PROTOCOL = {Encapsulation.IPIP: "bird", Encapsulation.VXLAN: "80", Encapsulation.NONE: "bird"}
"""Who writes the routes to blocks: BIRD, or felix itself, which uses the number 80."""


@value
class _Remote:
    """Another node, as a node knows it."""

    node: Node
    address: IPAddress
    has: Affinity
    near: bool
    """It is in a subnet of this node."""

    @property
    def ranges(self) -> tuple[IPNetwork, ...]:
        return (*self.has.blocks, *(host_network(ip) for ip in self.has.borrowed))


def node(settings: CalicoSettings, own: Node, site: Site) -> Namespace:
    """A node with its pods' veths, the tunnel if there is one, and routes to all blocks."""
    given = affinities(site, settings.block_size)
    pods = site.pods_on(own)
    machine = with_devices(
        bare_node(own, site), tuple(_host_end(settings, pod) for pod in pods), ()
    )
    machine = _with_tunnel(settings, machine, own, given[own.name])
    remotes = tuple(_remotes(own, site, given))
    routes = (
        *_dropped(settings, given[own.name]),
        *(route for pod in pods for route in _to_pod(pod)),
        *(route for remote in remotes for route in _to_remote(settings, remote)),
    )
    return _vteps(settings, replace(machine, routes=(*machine.routes, *routes)), remotes)


def _host_end(settings: CalicoSettings, pod: PodSite) -> Device:
    return Device(
        veth_of(pod.place), DeviceKind.VETH, HOST_MAC, settings.mtu, peer=(pod.place, "eth0"),
        proxy_arp=True,
    )  # fmt: skip


def _to_pod(pod: PodSite) -> Iterator[Route]:
    for ip in pod.ips:
        if ip.version == VERSION:
            yield Route(host_network(ip), veth_of(pod.place), scope="link")


def _dropped(settings: CalicoSettings, own: Affinity) -> Iterator[Route]:
    """An address of a block that no pod has goes nowhere, not back to the router."""
    for block in own.blocks:
        if block.num_addresses > 1:
            yield Route(
                block, "", kind=RouteKind.BLACKHOLE, protocol=_PROTOCOL[settings.encapsulation]
            )


# ---------------------------------------------------------------- other nodes


def address_of(node: Node) -> IPAddress | None:
    """The address by which Calico knows a node."""
    return first_ipv4(node.internal_ips)


def _remotes(own: Node, site: Site, given: dict[str, Affinity]) -> Iterator[_Remote]:
    lans = [lan_interface(ip, site.lan).network for ip in own.internal_ips]
    for other in site.cluster.nodes:
        address = address_of(other)
        if other.name != own.name and address is not None:
            near = any(address in lan for lan in lans)
            yield _Remote(other, address, given[other.name], near)


def encapsulated(settings: CalicoSettings, near: bool) -> bool:
    """Whether packets to a node go through the tunnel."""
    return settings.encapsulation is not Encapsulation.NONE and not (settings.cross_subnet and near)


def _to_remote(settings: CalicoSettings, remote: _Remote) -> Iterator[Route]:
    for net in remote.ranges:
        if not encapsulated(settings, remote.near):
            yield from _plain(settings, remote, net)
        elif settings.encapsulation is Encapsulation.IPIP:
            yield Route(net, "tunl0", via=remote.address, onlink=True, protocol="bird")
        elif remote.has.tunnel is not None:
            yield Route(net, "vxlan.calico", via=remote.has.tunnel, onlink=True)


def _plain(settings: CalicoSettings, remote: _Remote, net: IPNetwork) -> Iterator[Route]:
    """Through the node itself, where it is on the wire; BIRD has no next hop for another.

    Beyond the subnet its routers have to know, and the node leaves it to them.
    """
    if remote.near:
        by_felix = settings.encapsulation is Encapsulation.VXLAN
        protocol = _PROTOCOL[settings.encapsulation]
        yield Route(net, CARD, via=remote.address, protocol=protocol, onlink=by_felix)


def router_routes(settings: CalicoSettings, site: Site) -> tuple[Route, ...]:
    """What the network's routers learn by BGP, where they are peers."""
    if not settings.routers_peer:
        return ()
    given = affinities(site, settings.block_size)
    return tuple(
        Route(net, "lan", via=address, protocol="bgp")
        for node in site.cluster.nodes
        if (address := address_of(node)) is not None
        for net in (*given[node.name].blocks, *map(host_network, given[node.name].borrowed))
    )


# ---------------------------------------------------------------- tunnels


def _with_tunnel(
    settings: CalicoSettings, machine: Namespace, own: Node, has: Affinity
) -> Namespace:
    name, local = _TUNNELS.get(settings.encapsulation), address_of(own)
    if name is None or local is None:
        return machine
    addresses = (ip_interface(str(has.tunnel)),) if has.tunnel is not None else ()
    overhead = OVERHEAD[settings.encapsulation]
    if settings.encapsulation is Encapsulation.IPIP:
        tunnel = Device(name, DeviceKind.IPIP, "0.0.0.0", settings.mtu, addresses, ipip=Ipip())
    else:
        vxlan = Vxlan(VNI, local, PORT, CARD, overhead)
        tunnel = Device(
            name, DeviceKind.VXLAN, _vtep_mac(own), settings.mtu, addresses, vxlan=vxlan
        )
    return with_devices(machine, (tunnel,), ())


def _vtep_mac(node: Node) -> str:
    """`66:` and five bytes that follow from the node's name (vxlanResolver of felix)."""
    return f"66:{mac(f'{node.name} vxlan.calico')[3:]}"


def _vteps(settings: CalicoSettings, machine: Namespace, remotes: tuple[_Remote, ...]) -> Namespace:
    """Where the other ends of VXLAN are, all written by felix: nobody has to be asked."""
    if settings.encapsulation is not Encapsulation.VXLAN:
        return machine
    known = [(each.has.tunnel, each) for each in remotes if each.has.tunnel is not None]
    name = "vxlan.calico"
    return replace(
        machine,
        neighbours=tuple(
            Neighbour(ip, name, _vtep_mac(each.node), "PERMANENT") for ip, each in known
        ),
        fdb=tuple(FdbEntry(_vtep_mac(each.node), name, each.address) for _, each in known),
    )


# ---------------------------------------------------------------- pods


def pod(settings: CalicoSettings, own: PodSite, home: Node, _site: Site) -> Namespace:
    """A pod: its address alone, and one next hop for everything."""
    card = Device(
        "eth0",
        DeviceKind.VETH,
        mac(f"{own.place} eth0"),
        settings.mtu,
        addresses=tuple(ip_interface(str(ip)) for ip in own.ips if ip.version == VERSION),
        peer=(node_place(home.name), veth_of(own.place)),
    )
    devices = (loopback(), card)
    link = Route(host_network(GATEWAY), "eth0", scope="link")
    routes = (*local_routes(devices), default_route("eth0", GATEWAY), link)
    return Namespace(own.place, home.name, devices, routes, implied=own.implied)
