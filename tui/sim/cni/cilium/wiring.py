"""What Cilium builds on a node and in a pod: no bridge, and programs on every device.

A pod has a /32 and the node's cilium_host for its router; the node's end of its cable has no
address. cilium_host and cilium_net are two ends of one cable, both on the node: what the node's own
stack sends to pods leaves by cilium_host, where a program waits for it. cilium_vxlan has neither
addresses nor forwarding entries: programs tell it where each packet shall go.
Follows v1.16: pkg/datapath/loader/base.go, pkg/datapath/linux/node.go, plugins/cilium-cni.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface

from tui.sim.cni.cilium.maps import address_of, remotes
from tui.sim.cni.cilium.names import HOST, NET, TUNNEL, lxc_of
from tui.sim.cni.cilium.settings import OVERHEAD, CiliumSettings, Routing
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
from tui.sim.model.value import replace
from tui.sim.routing.network import Device, DeviceKind, Namespace, Route, Vxlan


def router_ip(node: Node, site: Site) -> IPAddress | None:
    """cilium_host's address: one of the node's pod range that no pod has."""
    net = pod_range(node)
    if net is None:
        return None
    taken = {ip for pod in site.pods_on(node) for ip in pod.ips}
    last = net.broadcast_address - 1
    return next((last - n for n in range(net.num_addresses - 2) if last - n not in taken), None)


def pod_range(node: Node) -> IPNetwork | None:
    """The node's IPv4 pod range."""
    return first_ipv4(node.pod_cidrs)


def node(settings: CiliumSettings, own: Node, site: Site) -> Namespace:
    """A node with cilium_host and its other end, the tunnel, and its pods' cables."""
    pods = [pod for pod in site.pods_on(own) if address_of(pod) is not None]
    router = router_ip(own, site)
    devices = (*_host_devices(settings, own, router), *(_lxc(settings, pod, own) for pod in pods))
    machine = with_devices(bare_node(own, site), devices, ())
    return replace(machine, routes=(*machine.routes, *_routes(settings, own, site, router)))


def _host_devices(
    settings: CiliumSettings, own: Node, router: IPAddress | None
) -> Iterator[Device]:
    home = node_place(own.name)
    addresses = (ip_interface(f"{router}/32"),) if router is not None else ()
    yield Device(NET, DeviceKind.VETH, mac(f"{own.name} {NET}"), settings.mtu, peer=(home, HOST))
    yield Device(
        HOST, DeviceKind.VETH, mac(f"{own.name} {HOST}"), settings.mtu, addresses,
        peer=(home, NET),
    )  # fmt: skip
    local = first_ipv4(own.internal_ips)
    if settings.routing is Routing.TUNNEL and local is not None:
        vxlan = Vxlan(0, local, settings.tunnel_port, CARD, OVERHEAD, external=True)
        yield Device(TUNNEL, DeviceKind.VXLAN, mac(f"{own.name} {TUNNEL}"), settings.mtu,
                     vxlan=vxlan)  # fmt: skip


def _lxc(settings: CiliumSettings, pod: PodSite, own: Node) -> Device:
    return Device(
        lxc_of(pod.place), DeviceKind.VETH, mac(f"{pod.place} lxc"), settings.mtu,
        peer=(pod.place, "eth0"),
    )  # fmt: skip


def _routes(
    settings: CiliumSettings, own: Node, site: Site, router: IPAddress | None
) -> Iterator[Route]:
    """To the node's own pods by cilium_host, and there to all others' too if there is a tunnel."""
    net = pod_range(own)
    if router is None or net is None:
        return

    def by_host(to: IPNetwork, mtu: int = 0) -> Route:
        return Route(to, HOST, via=router, source=router, protocol="kernel", mtu=mtu)

    yield by_host(net)
    yield Route(host_network(router), HOST, scope="link", protocol="kernel")
    lans = [lan_interface(ip, site.lan).network for ip in own.internal_ips]
    for other, ip in remotes(own, site):
        if settings.routing is Routing.TUNNEL:
            yield by_host(other, settings.mtu - OVERHEAD)
        elif any(ip in lan for lan in lans):
            # autoDirectNodeRoutes; beyond the subnet its routers know the way
            yield Route(other, CARD, via=ip, protocol="kernel")


def router_routes(settings: CiliumSettings, site: Site) -> tuple[Route, ...]:
    """With native routing the network's routers know where each node's pods are."""
    if settings.routing is Routing.TUNNEL:
        return ()
    return tuple(
        Route(net, "lan", via=ip, protocol="bgp")
        for node in site.cluster.nodes
        for ip in (each for each in node.internal_ips if each.version == 4)
        for net in node.pod_cidrs
        if net.version == 4
    )


def pod(settings: CiliumSettings, own: PodSite, home: Node, site: Site) -> Namespace:
    """A pod: its address alone, and cilium_host for everything."""
    ip, router = address_of(own), router_ip(home, site)
    card = Device(
        "eth0", DeviceKind.VETH, mac(f"{own.place} eth0"), settings.mtu,
        (ip_interface(f"{ip}/32"),) if ip is not None else (),
        peer=(node_place(home.name), lxc_of(own.place)),
    )  # fmt: skip
    devices = (loopback(), card)
    routes = [*local_routes(devices)]
    if router is not None:
        mtu = settings.mtu - OVERHEAD if settings.routing is Routing.TUNNEL else 0
        routes.append(replace(default_route("eth0", router), mtu=mtu))
        routes.append(Route(host_network(router), "eth0", scope="link"))
    return Namespace(own.place, home.name, devices, tuple(routes), implied=own.implied)
