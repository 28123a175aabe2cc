"""The reference plugin `bridge` with host-local addresses, and routes made by hand or cloud.

Each node has a bridge cni0 with the first address of its pod range; each pod hangs on it by
a veth. Other nodes' ranges are reached through their nodes' own addresses behind eth0.
Follows containernetworking/plugins v1.5 with isDefaultGateway and hairpinMode on and ipMasq
off, its default: pods leave for the world with their own address.
Source: https://www.cni.dev/plugins/current/main/bridge/
"""

from __future__ import annotations

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
from tui.sim.cni.site import Plugin, PodSite, Site
from tui.sim.model.address import IPAddress, IPNetwork
from tui.sim.model.cluster import Node
from tui.sim.model.value import replace
from tui.sim.routing.network import (
    Device,
    DeviceKind,
    IPInterface,
    Namespace,
    Route,
)

BRIDGE = "cni0"
"""Name of the bridge."""


def gateway(net: IPNetwork) -> IPInterface:
    """The first address of a pod range: the bridge's own."""
    return ip_interface(f"{net.network_address + 1}/{net.prefixlen}")


def bridge_device(node: Node, mtu: int) -> Device:
    """cni0 with an address of each pod range of the node."""
    own = tuple(gateway(net) for net in node.pod_cidrs)
    return Device(BRIDGE, DeviceKind.BRIDGE, mac(f"{node.name} {BRIDGE}"), mtu, own)


def port_device(pod: PodSite, mtu: int) -> Device:
    """The node's end of a pod's veth, a port of the bridge with hairpin on."""
    name = veth_name(pod.place)
    return Device(
        name, DeviceKind.VETH, mac(f"{pod.place} {name}"), mtu, master=BRIDGE,
        peer=(pod.place, "eth0"), hairpin=True,
    )  # fmt: skip


def pod_namespace(
    pod: PodSite, node: Node, mtu: int, more_routes: tuple[Route, ...] = ()
) -> Namespace:
    """A pod's namespace: lo, eth0, the route to its neighbours, and a default route."""
    card = Device(
        "eth0",
        DeviceKind.VETH,
        mac(f"{pod.place} eth0"),
        mtu,
        addresses=tuple(_with_prefix(ip, node) for ip in pod.ips),
        peer=(node_place(node.name), veth_name(pod.place)),
    )
    devices = (loopback(), card)
    ways_out = tuple(default_route("eth0", gateway(net).ip) for net in node.pod_cidrs)
    routes = (*local_routes(devices), *ways_out, *more_routes, *connected_routes(card))
    return Namespace(pod.place, node.name, devices, routes, implied=pod.implied)


def _with_prefix(ip: IPAddress, node: Node) -> IPInterface:
    home = next((net for net in node.pod_cidrs if ip in net), None)
    return ip_interface(f"{ip}/{home.prefixlen}") if home is not None else ip_interface(str(ip))


def node_namespace(node: Node, site: Site, mtu: int = 1500) -> Namespace:
    """A node with its bridge and the ports of its pods."""
    bridge = bridge_device(node, mtu)
    ports = tuple(port_device(pod, mtu) for pod in site.pods_on(node))
    machine = with_devices(bare_node(node, site), (bridge,), connected_routes(bridge))
    return replace(machine, devices=(*machine.devices, *ports))


def _routes_to_others(node: Node, site: Site) -> tuple[Route, ...]:
    """The other nodes' pod ranges, each through its node."""
    return tuple(
        Route(net, "eth0", via=via)
        for other in site.cluster.nodes
        if other.name != node.name
        for net in other.pod_cidrs
        if (via := next((ip for ip in other.internal_ips if ip.version == net.version), None))
    )


def node(own: Node, site: Site) -> Namespace:
    """A node with the routes to the other nodes' pods."""
    machine = node_namespace(own, site)
    return replace(machine, routes=(*machine.routes, *_routes_to_others(own, site)))


def pod(own: PodSite, home: Node, _site: Site) -> Namespace:
    """A pod as the bridge plugin leaves it."""
    return pod_namespace(own, home, 1500)


PLUGIN = Plugin("bridge", "bridge", node, pod)
"""The plugin, as the registry lists it."""
