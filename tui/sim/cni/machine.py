"""What every node has before any plugin comes: loopback, a network card, a way out.

Also the world around: the router that nodes send to by default, and machines out there.
Names and routes are those of a plain Debian or Ubuntu node.
"""

from __future__ import annotations

from hashlib import sha256
from ipaddress import ip_address, ip_interface
from itertools import count

from tui.sim.cni.site import Lan, Site
from tui.sim.model.address import Family, IPAddress, IPNetwork, family_of, host_network, network
from tui.sim.model.cluster import Node
from tui.sim.model.value import replace
from tui.sim.routing.network import (
    FABRIC,
    Device,
    DeviceKind,
    IPInterface,
    Namespace,
    Route,
    RouteKind,
)

CARD = "eth0"
"""A node's first network card."""
_LAN_PREFIX = 64
_USUAL = Lan()
_DEFAULT = {4: network("0.0.0.0/0"), 6: network("::/0")}


def mac(text: str) -> str:
    """A locally administered MAC address that follows from a name."""
    digest = sha256(text.encode()).digest()
    return ":".join(f"{byte:02x}" for byte in ((digest[0] & 0xFC) | 0x02, *digest[1:6]))


def veth_name(place: str) -> str:
    """`veth3f9c02ab`: the node's end of a pod's veth."""
    return f"veth{sha256(place.encode()).hexdigest()[:8]}"


def loopback() -> Device:
    """The device `lo`."""
    own = (ip_interface("127.0.0.1/8"), ip_interface("::1/128"))
    return Device("lo", DeviceKind.LOOPBACK, "00:00:00:00:00:00", 65536, own)


def local_routes(devices: tuple[Device, ...]) -> tuple[Route, ...]:
    """The table `local`: every address of the namespace, and all of 127.0.0.0/8."""
    routes = [
        Route(host_network(own.ip), device.name, source=own.ip, kind=RouteKind.LOCAL,
              scope="host", protocol="kernel")
        for device in devices
        for own in device.addresses
    ]  # fmt: skip
    lo = Route(
        network("127.0.0.0/8"), "lo", source=ip_address("127.0.0.1"), kind=RouteKind.LOCAL,
        scope="host", protocol="kernel",
    )  # fmt: skip
    return (lo, *routes)


def connected_routes(device: Device) -> tuple[Route, ...]:
    """The routes that the kernel makes for the networks of a device's addresses.

    Those of IPv6 prefer no source address.
    """
    return tuple(
        Route(
            own.network,
            device.name,
            source=own.ip if own.version == 4 else None,
            scope="link",
            protocol="kernel",
        )
        for own in device.addresses
        if own.network.num_addresses > 1
    )


def node_place(name: str) -> str:
    """The namespace of a node's own network."""
    return f"node/{name}"


def external_place(ip: IPAddress) -> str:
    """The namespace of a machine out in the world."""
    return f"external/{ip}"


def lan_interface(ip: IPAddress, lan: Lan = _USUAL) -> IPInterface:
    """A node's address with the prefix length of its LAN (a /64 is assumed for IPv6)."""
    return ip_interface(f"{ip}/{lan.prefix if ip.version == 4 else _LAN_PREFIX}")


def router_of(lan: IPNetwork, site: Site) -> IPAddress:
    """The LAN's router: the first usable address of an IPv6 LAN, and of an IPv4 one as it says.

    What a node has is not the router's; then it is the next address inwards.
    """
    taken = {ip for node in site.cluster.nodes for ip in node.internal_ips}
    edge, inwards = (
        (lan.network_address + 1, 1)
        if lan.version == 6 or site.lan.first_is_router
        else (lan.broadcast_address - 1, -1)
    )
    return next(ip for steps in count() if (ip := edge + inwards * steps) not in taken)


def card_addresses(node: Node, site: Site) -> tuple[IPInterface, ...]:
    """The addresses of a node's network card: its InternalIPs, and what is known beside them."""
    facts = site.facts.get(node.name)
    extra = tuple(ip_interface(text) for text in facts.extra_addresses) if facts else ()
    return (*(lan_interface(ip, site.lan) for ip in node.internal_ips), *extra)


def bare_node(node: Node, site: Site) -> Namespace:
    """A node with lo and eth0, a route to its LAN, and a default route."""
    card = Device(
        CARD, DeviceKind.PHYSICAL, mac(f"{node.name} {CARD}"), site.lan.mtu,
        card_addresses(node, site),
    )  # fmt: skip
    devices = (loopback(), card)
    routes = (*local_routes(devices), *connected_routes(card), *_default_routes(card, site))
    return Namespace(node_place(node.name), node.name, devices, routes)


def _default_routes(card: Device, site: Site) -> tuple[Route, ...]:
    first = {own.version: own for own in reversed(card.addresses)}
    return tuple(
        Route(_DEFAULT[version], card.name, via=router_of(own.network, site))
        for version, own in sorted(first.items())
    )


def default_route(device: str, via: IPAddress, onlink: bool = False) -> Route:
    """`default via VIA dev DEVICE`."""
    return Route(_DEFAULT[via.version], device, via=via, onlink=onlink)


def with_devices(
    namespace: Namespace, devices: tuple[Device, ...], routes: tuple[Route, ...]
) -> Namespace:
    """A namespace with more devices, their local routes first, and more routes."""
    local = tuple(r for r in local_routes(devices) if r.device != "lo")
    kept_local = tuple(r for r in namespace.routes if r.kind is RouteKind.LOCAL)
    main = tuple(r for r in namespace.routes if r.kind is not RouteKind.LOCAL)
    return replace(
        namespace,
        devices=(*namespace.devices, *devices),
        routes=(*kept_local, *local, *main, *routes),
    )


def external_machine(ip: IPAddress) -> Namespace:
    """A machine out in the world, with a default route to the router of its own network."""
    own = lan_interface(ip)
    card = Device("eth0", DeviceKind.PHYSICAL, mac(f"external {ip}"), addresses=(own,))
    devices = (loopback(), card)
    router = next(at for at in own.network.hosts() if at != ip)
    routes = (*local_routes(devices), default_route("eth0", router), *connected_routes(card))
    return Namespace(external_place(ip), None, devices, routes, implied=True)


def fabric(site: Site, routes: tuple[Route, ...] = ()) -> Namespace:
    """Everything between nodes and the world, as one router with a leg on each LAN.

    It has the routes that a plugin, or the cloud for it, gives to the network between the nodes.
    """
    routers: dict[IPAddress, IPInterface] = {}
    for node in site.cluster.nodes:
        for ip in node.internal_ips:
            via = router_of(lan_interface(ip, site.lan).network, site)
            routers[via] = lan_interface(via, site.lan)
    legs = tuple(routers.values())
    lan = Device("lan", DeviceKind.PHYSICAL, mac("fabric lan"), site.lan.mtu, legs)
    wan = Device("wan", DeviceKind.PHYSICAL, mac("fabric wan"))
    known = (*local_routes((lan,)), *connected_routes(lan), *routes)
    return Namespace(FABRIC, None, (lan, wan), known)


def pod_cidr(node: Node, family: Family) -> str | None:
    """The node's pod range of a family, as text."""
    return next((str(net) for net in node.pod_cidrs if family_of(net) is family), None)
