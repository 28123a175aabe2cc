"""The reference plugin `bridge` with host-local addresses, and routes made by hand or cloud.

Each node has a bridge cni0 with the first address of its pod range; each pod hangs on it by
a veth. The plugin cares for one node only: somebody else, by hand or by a cloud's controller,
gives each node routes to the pod ranges of its neighbours, and the router one to every range.
Follows containernetworking/plugins v1.5, plugins/main/bridge and pkg/ip/ipmasq_linux.go, with
isDefaultGateway and hairpinMode on and ipMasq off, its default: pods leave for the world with
their own address. Source: https://www.cni.dev/plugins/current/main/bridge/
"""

from __future__ import annotations

from functools import partial
from hashlib import sha256, sha512
from ipaddress import ip_interface

from tui.sim.cni.machine import (
    CARD,
    bare_node,
    connected_routes,
    default_route,
    lan_interface,
    local_routes,
    loopback,
    mac,
    node_place,
    veth_name,
    with_devices,
)
from tui.sim.cni.site import ChainPatch, Plugin, PodSite, Site
from tui.sim.model.address import (
    Family,
    IPAddress,
    IPNetwork,
    family_of,
    host_network,
    network,
)
from tui.sim.model.cluster import Node
from tui.sim.model.value import replace, value
from tui.sim.netfilter.rules import Accept, Comment, Jump, Masquerade, Rule
from tui.sim.routing.network import Device, DeviceKind, IPInterface, Namespace, Route

_MULTICAST = {Family.IPV4: network("224.0.0.0/4"), Family.IPV6: network("ff00::/8")}


@value
class BridgeSettings:
    """What the plugin's conf says, with the values that most clusters use."""

    name: str = "cbr"
    """name of the network; it is part of the comments of ipMasq's rules."""
    bridge: str = "cni0"
    """bridge."""
    mtu: int = 1500
    """mtu; 0 in the file means that of the host."""
    hairpin: bool = True
    """hairpinMode: a port may send a frame back to where it came from."""
    masquerade: bool = False
    """ipMasq: pods take the node's address on the way to other networks."""


DEFAULTS = BridgeSettings()


def gateway(net: IPNetwork) -> IPInterface:
    """The first address of a pod range: the bridge's own."""
    return ip_interface(f"{net.network_address + 1}/{net.prefixlen}")


def bridge_device(node: Node, settings: BridgeSettings) -> Device:
    """The bridge with an address of each pod range of the node."""
    own = tuple(gateway(net) for net in node.pod_cidrs)
    name = settings.bridge
    return Device(name, DeviceKind.BRIDGE, mac(f"{node.name} {name}"), settings.mtu, own)


def port_device(pod: PodSite, settings: BridgeSettings) -> Device:
    """The node's end of a pod's veth, a port of the bridge."""
    name = veth_name(pod.place)
    return Device(
        name, DeviceKind.VETH, mac(f"{pod.place} {name}"), settings.mtu, master=settings.bridge,
        peer=(pod.place, "eth0"), hairpin=settings.hairpin,
    )  # fmt: skip


def pod_namespace(
    pod: PodSite, node: Node, mtu: int, more_routes: tuple[Route, ...] = (), own_mac: str = ""
) -> Namespace:
    """A pod's namespace: lo, eth0, the route to its neighbours, and a default route."""
    card = Device(
        "eth0",
        DeviceKind.VETH,
        own_mac or mac(f"{pod.place} eth0"),
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


def node_namespace(node: Node, site: Site, settings: BridgeSettings = DEFAULTS) -> Namespace:
    """A node with its bridge and the ports of its pods."""
    bridge = bridge_device(node, settings)
    ports = tuple(port_device(pod, settings) for pod in site.pods_on(node))
    machine = with_devices(bare_node(node, site), (bridge,), connected_routes(bridge))
    return replace(machine, devices=(*machine.devices, *ports))


# ---------------------------------------------------------------- between nodes


def routes_via_nodes(site: Site) -> tuple[tuple[Node, Route], ...]:
    """A route to every pod range through the address of its node, by the node."""
    return tuple(
        (node, Route(net, CARD, via=via))
        for node in site.cluster.nodes
        for net in node.pod_cidrs
        if (via := next((ip for ip in node.internal_ips if ip.version == net.version), None))
    )


def _routes_to_neighbours(own: Node, site: Site) -> tuple[Route, ...]:
    """The pod ranges of other nodes in the same subnet: a next hop has to be on the wire."""
    lans = [lan_interface(ip, site.lan).network for ip in own.internal_ips]
    return tuple(
        route
        for node, route in routes_via_nodes(site)
        if node.name != own.name and any(route.via in lan for lan in lans)
    )


def router_routes(site: Site) -> tuple[Route, ...]:
    """What the router between the nodes is told: every pod range, through its node."""
    return tuple(replace(route, device="lan") for _, route in routes_via_nodes(site))


# ---------------------------------------------------------------- the plugin


def bridge_plugin(settings: BridgeSettings = DEFAULTS) -> Plugin:
    """The plugin with some settings."""
    return Plugin(
        "bridge",
        "bridge",
        partial(_node, settings),
        partial(_pod, settings),
        partial(_rules, settings),
        fabric=router_routes,
    )


def _node(settings: BridgeSettings, own: Node, site: Site) -> Namespace:
    """A node with the routes to its neighbours' pods."""
    machine = node_namespace(own, site, settings)
    return replace(machine, routes=(*machine.routes, *_routes_to_neighbours(own, site)))


def _pod(settings: BridgeSettings, own: PodSite, home: Node, _site: Site) -> Namespace:
    """A pod as the bridge plugin leaves it."""
    return pod_namespace(own, home, settings.mtu)


def _rules(
    settings: BridgeSettings, site: Site, node: Node, family: Family
) -> tuple[ChainPatch, ...]:
    """With ipMasq a chain for each pod.

    It spares what stays in the pod's own range, which is the node's: pods of other nodes see the
    node's address, unless somebody sees to it that their ranges are spared, too.
    """
    if not settings.masquerade:
        return ()
    return tuple(
        patch
        for pod in site.pods_on(node)
        for ip in pod.ips
        if family_of(ip) is family
        for patch in _masquerading(settings, node, pod, ip)
    )


def _masquerading(
    settings: BridgeSettings, node: Node, pod: PodSite, ip: IPAddress
) -> tuple[ChainPatch, ...]:
    container = sha256(pod.place.encode()).hexdigest()
    chain = f"CNI-{sha512(f'{settings.name}{container}'.encode()).hexdigest()[:24]}"
    about = (Comment(f'name: "{settings.name}" id: "{container}"'),)
    multicast = _MULTICAST[family_of(ip)]
    return (
        ChainPatch(
            "nat", "POSTROUTING", (Rule(Jump(chain), source=host_network(ip), matches=about),)
        ),
        ChainPatch(
            "nat",
            chain,
            (
                Rule(Accept(), destination=_with_prefix(ip, node).network, matches=about),
                Rule(Masquerade(), destination=multicast, not_destination=True, matches=about),
            ),
        ),
    )


PLUGINS = (bridge_plugin(),)
"""The plugin, as the registry lists it."""
