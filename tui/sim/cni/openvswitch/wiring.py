"""A node with the switch br-int, and pods that are ports of it.

A pod's next hop is an address that no device has: the switch itself answers for it, and for every
other address, with the MAC address of the distributed router.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_interface

from tui.sim.cni.machine import (
    bare_node,
    connected_routes,
    default_route,
    local_routes,
    loopback,
    mac,
    node_place,
    veth_name,
    with_devices,
)
from tui.sim.cni.site import PodSite, Site
from tui.sim.model.address import Family, IPAddress, IPNetwork, first_ipv4
from tui.sim.model.cluster import Node
from tui.sim.model.value import value
from tui.sim.routing.network import Device, DeviceKind, Namespace, Vxlan

SWITCH = "br-int"


@value
class Tunnels:
    """How nodes are joined."""

    kind: DeviceKind
    """VXLAN or GENEVE."""
    device: str
    """The port of the switch that tunnels."""
    port: int
    """UDP destination port."""
    overhead: int
    """Bytes around an inner packet."""
    card: str
    """The device that has the tunnel's own address (TEP)."""
    teps: IPNetwork
    """Where the tunnels' own addresses lie; node n has the n-th of them."""

    def tep(self, node: Node, site: Site) -> IPAddress:
        """The tunnel's own address on a node."""
        names = [each.name for each in site.cluster.nodes]
        return self.teps.network_address + 11 + names.index(node.name)

    @property
    def gateway(self) -> IPAddress:
        """The other end for everything that no node has: the leaf's, or the edge's."""
        return self.teps.network_address + 1


def pods_of(node: Node, site: Site) -> list[tuple[PodSite, IPAddress]]:
    """The pods of a node with their IPv4 addresses."""
    found = ((pod, first_ipv4(pod.ips)) for pod in site.pods_on(node))
    return [(pod, ip) for pod, ip in found if ip is not None]


def pod_subnet(site: Site, node: Node) -> IPNetwork | None:
    """The subnet that all pods are in."""
    ranges: Iterable[IPNetwork] = site.pod_ranges(Family.IPV4)
    return next(iter(ranges), first_ipv4(node.pod_cidrs))


def pod_gateway(site: Site, node: Node) -> IPAddress | None:
    """The pods' next hop: the first address of their subnet."""
    net = pod_subnet(site, node)
    return net.network_address + 1 if net is not None else None


def node(tunnels: Tunnels, pod_mtu: int, router_mac: str, own: Node, site: Site) -> Namespace:
    """A node with the switch, the tunnel's port and card, and the pods' ports."""
    tep = tunnels.tep(own, site)
    switch = Device(SWITCH, DeviceKind.OVS, mac(f"{own.name} {SWITCH}"), pod_mtu)
    card = Device(
        tunnels.card, DeviceKind.PHYSICAL, mac(f"{own.name} {tunnels.card}"), site.lan.mtu,
        (ip_interface(f"{tep}/{tunnels.teps.prefixlen}"),),
    )  # fmt: skip
    vxlan = Vxlan(0, tep, tunnels.port, tunnels.card, tunnels.overhead, external=True)
    tunnel = Device(
        tunnels.device, tunnels.kind, mac(f"{own.name} {tunnels.device}"), 65000, vxlan=vxlan,
        master=SWITCH,
    )  # fmt: skip
    ports = (
        Device(
            veth_name(pod.place), DeviceKind.VETH, mac(f"{pod.place} port"), pod_mtu,
            master=SWITCH, peer=(pod.place, "eth0"), arp_responder=router_mac,
        )
        for pod, _ in pods_of(own, site)
    )  # fmt: skip
    devices = (card, switch, tunnel, *ports)
    return with_devices(bare_node(own, site), devices, connected_routes(card))


def pod(pod_mtu: int, own: PodSite, home: Node, site: Site) -> Namespace:
    """A pod: an address in the subnet of all pods, and its gateway."""
    ip = first_ipv4(own.ips)
    net, gateway = pod_subnet(site, home), pod_gateway(site, home)
    addresses = (ip_interface(f"{ip}/{net.prefixlen}"),) if ip is not None and net else ()
    card = Device(
        "eth0", DeviceKind.VETH, mac(f"{own.place} eth0"), pod_mtu, addresses,
        peer=(node_place(home.name), veth_name(own.place)),
    )  # fmt: skip
    devices = (loopback(), card)
    out = (default_route("eth0", gateway),) if gateway is not None and addresses else ()
    routes = (*local_routes(devices), *out, *connected_routes(card))
    return Namespace(own.place, home.name, devices, routes, implied=own.implied)
