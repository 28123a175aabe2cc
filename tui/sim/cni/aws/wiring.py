"""What the AWS VPC CNI builds on a node and in a pod: no bridge and no tunnel.

A node has one network card for each ENI. A pod has a /32 out of a card's addresses, and everybody
behind 169.254.1.1, written into its neighbours as the node's end of its cable. Packets to a pod are
routed by the table main; those of a pod whose address is another card's leave by that card,
for the VPC takes from a card what bears its addresses, and nothing else.
Follows v1.19: cmd/routed-eni-cni-plugin/driver/driver.go, pkg/networkutils/network.go, names.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha1
from ipaddress import ip_address, ip_interface

from tui.sim.cni.aws.settings import AwsSettings
from tui.sim.cni.machine import (
    CARD,
    bare_node,
    default_route,
    lan_interface,
    local_routes,
    loopback,
    mac,
    node_place,
    router_of,
    with_devices,
)
from tui.sim.cni.site import Interface, PodSite, Site
from tui.sim.model.address import IPAddress, first_ipv4, host_network
from tui.sim.model.cluster import Node
from tui.sim.model.value import replace
from tui.sim.routing.network import (
    Device,
    DeviceKind,
    Namespace,
    Neighbour,
    Route,
    RoutingRule,
)

GATEWAY = ip_address("169.254.1.1")
"""Every pod's next hop; no device has it."""
TO_POD, MARKED, FROM_POD = 512, 1024, 1536
"""Priorities of the routing rules."""


def veth_of(settings: AwsSettings, place: str) -> str:
    """`eni8ab04d34ca5`: the node's end of a pod's cable."""
    name = place.removeprefix("pod/").replace("/", ".")
    return f"{settings.veth_prefix}{sha1(name.encode(), usedforsecurity=False).hexdigest()[:11]}"


def node(settings: AwsSettings, own: Node, site: Site) -> Namespace:
    """A node with its cards, a table of routes for each but the first, and its pods' cables."""
    pods = [pod for pod in site.pods_on(own) if _address(pod) is not None]
    others = tuple(_cards(own, site))[1:]
    machine = with_devices(
        bare_node(own, site),
        (
            *(_card(settings, own, each, site) for each in others),
            *(_host_end(settings, pod) for pod in pods),
        ),
        tuple(route for each in others for route in _own_table(each, site)),
    )
    routes = (Route(host_network(ip), veth_of(settings, pod.place), scope="link")
              for pod in pods if (ip := _address(pod)) is not None)  # fmt: skip
    return replace(
        machine,
        routes=(*machine.routes, *routes),
        rules=tuple(sorted(_rules(settings, own, pods, site), key=lambda rule: rule.priority)),
    )


def wire(own: Node, site: Site) -> Mapping[IPAddress, str]:
    """What the VPC brings to a node's cards: their own addresses, and those of its pods."""
    assert site.addressing is not None
    cards = {each.address: each.device for each in _cards(own, site)}
    places = {pod.place for pod in site.pods_on(own)}
    leases = site.addressing.leases.items()
    return cards | {ip: device for place, (ip, device) in leases if place in places}


def pod(settings: AwsSettings, own: PodSite, home: Node, _site: Site) -> Namespace:
    """A pod: its address alone, and one next hop, whose MAC address it need not ask for."""
    ip = _address(own)
    addresses = (ip_interface(str(ip)),) if ip is not None else ()
    card = Device(
        "eth0", DeviceKind.VETH, mac(f"{own.place} eth0"), settings.mtu, addresses,
        peer=(node_place(home.name), veth_of(settings, own.place)),
    )  # fmt: skip
    devices = (loopback(), card)
    link = Route(host_network(GATEWAY), "eth0", scope="link")
    return Namespace(
        own.place,
        home.name,
        devices,
        (*local_routes(devices), default_route("eth0", GATEWAY), link),
        neighbours=(Neighbour(GATEWAY, "eth0", _host_mac(own), "PERMANENT"),),
        implied=own.implied,
    )


def _address(pod: PodSite) -> IPAddress | None:
    return first_ipv4(pod.ips)


def _host_mac(pod: PodSite) -> str:
    return mac(f"{pod.place} host end")


def _host_end(settings: AwsSettings, pod: PodSite) -> Device:
    return Device(
        veth_of(settings, pod.place), DeviceKind.VETH, _host_mac(pod), settings.mtu,
        peer=(pod.place, "eth0"),
    )  # fmt: skip


# ---------------------------------------------------------------- cards


def _cards(own: Node, site: Site) -> tuple[Interface, ...]:
    assert site.addressing is not None
    return site.addressing.interfaces.get(own.name, ())


def _card(settings: AwsSettings, own: Node, each: Interface, site: Site) -> Device:
    return Device(
        each.device, DeviceKind.PHYSICAL, mac(f"{own.name} {each.device}"), settings.mtu,
        addresses=(lan_interface(each.address, site.lan),),
    )  # fmt: skip


def _own_table(each: Interface, site: Site) -> Iterator[Route]:
    """The table of a card that is not the first: everything by the subnet's router.

    The plugin deletes the route to the subnet that the kernel made in the table main.
    """
    router = router_of(lan_interface(each.address, site.lan).network, site)
    table = table_of(each.device)
    yield replace(default_route(each.device, router), table=table)
    yield Route(host_network(router), each.device, scope="link", table=table)


def table_of(device: str) -> str:
    """The number of a card's table: `2` for eth1; the first card's is main."""
    number = int(device.removeprefix("eth"))
    return str(number + 1)


def _rules(
    settings: AwsSettings, own: Node, pods: list[PodSite], site: Site
) -> Iterator[RoutingRule]:
    assert site.addressing is not None
    for each in pods:
        ip = _address(each)
        if ip is None:
            continue
        yield RoutingRule(TO_POD, "main", destination=host_network(ip))
        _, device = site.addressing.leases.get(each.place, (ip, CARD))
        if device != CARD:
            yield RoutingRule(FROM_POD, table_of(device), source=host_network(ip))
    if settings.node_port_support or not settings.external_snat:
        yield RoutingRule(MARKED, "main", mark=settings.mark, mask=settings.mark)
