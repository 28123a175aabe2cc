"""Pods without a bridge: proxy ARP, IPIP, routing rules, and a fabric that knows pods' ranges."""

from ipaddress import ip_address, ip_interface

import pytest

from tui.sim.cni import Plugin
from tui.sim.cni.machine import (
    bare_node,
    default_route,
    local_routes,
    loopback,
    mac,
    node_place,
    veth_name,
    with_devices,
)
from tui.sim.cni.site import PodSite, Site
from tui.sim.engine import Injection, State, World, send
from tui.sim.model.address import host_network, network
from tui.sim.model.cluster import Cluster, Container, ContainerPort, Node, Pod
from tui.sim.model.packet import Protocol
from tui.sim.model.value import replace
from tui.sim.routing.network import (
    Device,
    DeviceKind,
    Ipip,
    Namespace,
    Route,
    RoutingRule,
)
from tui.sim.trace import Outcome, ReasonCode, StepKind, Verdict

GATEWAY = ip_address("169.254.1.1")
NODES = tuple(
    Node(
        f"node-{each}",
        (ip_address(f"192.168.10.{i + 1}"),),
        pod_cidrs=(network(f"10.244.{i}.0/24"),),
    )
    for i, each in enumerate("ab")
)
PODS = tuple(
    Pod("shop", f"pod-{node.name[-1]}", node=node.name, ips=(ip_address(f"10.244.{i}.5"),),
        containers=(Container("web", (ContainerPort(80, Protocol.TCP),)),))
    for i, node in enumerate(NODES)
)  # fmt: skip


def pod(own: PodSite, home: Node, _site: Site) -> Namespace:
    """A pod that asks for everything by ARP behind its veth."""
    card = Device(
        "eth0", DeviceKind.VETH, mac(own.place), 1480, (ip_interface(f"{own.ips[0]}/32"),),
        peer=(node_place(home.name), veth_name(own.place)),
    )  # fmt: skip
    devices = (loopback(), card)
    link = Route(host_network(GATEWAY), "eth0", scope="link")
    routes = (*local_routes(devices), default_route("eth0", GATEWAY), link)
    return Namespace(own.place, home.name, devices, routes)


def host(own: Node, site: Site) -> Namespace:
    """A node with a /32 route to each of its pods."""
    ends = tuple(
        Device(veth_name(p.place), DeviceKind.VETH, "ee:ee:ee:ee:ee:ee", 1480,
               peer=(p.place, "eth0"), proxy_arp=True)
        for p in site.pods_on(own)
    )  # fmt: skip
    ways = tuple(
        Route(host_network(p.ips[0]), veth_name(p.place), scope="link") for p in site.pods_on(own)
    )
    return with_devices(bare_node(own, site), ends, ways)


def tunnelled(own: Node, site: Site) -> Namespace:
    """The same, and the other nodes' ranges through an IPIP tunnel."""
    tunnel = Device("tunl0", DeviceKind.IPIP, "0.0.0.0", 1480, ipip=Ipip())
    ways = tuple(
        Route(other.pod_cidrs[0], "tunl0", via=other.internal_ips[0], onlink=True)
        for other in site.cluster.nodes
        if other != own
    )
    return with_devices(host(own, site), (tunnel,), ways)


def ruled(own: Node, site: Site) -> Namespace:
    """The same as `host`, but what pods send is routed by a table of its own."""
    machine = host(own, site)
    via = ip_address("192.168.10.253")
    rules = (
        RoutingRule(512, "main", destination=network("10.244.0.0/16")),
        RoutingRule(1024, "main", mark=0x80, mask=0x80),
        RoutingRule(1536, "2", source=own.pod_cidrs[0]),
    )
    own_table = Route(network("0.0.0.0/0"), "eth0", via=via, table="2")
    return replace(machine, rules=rules, routes=(*machine.routes, own_table))


def world(plugin: Plugin) -> World:
    return World(Cluster(NODES, PODS), cni=plugin.name, configured=plugin)


def sent(plugin: Plugin, source: str, destination: str) -> Outcome:
    return send(world(plugin), State(), Injection(source, destination))[0].outcomes[0]


def codes(outcome: Outcome) -> list[ReasonCode]:
    return [s.reason.code for leg in outcome.legs for hop in leg.hops for s in hop.steps]


def test_the_host_answers_for_every_address_that_a_pod_asks_for() -> None:
    found = sent(Plugin("made-up", "made up", tunnelled, pod), "pod/shop/pod-a", "10.244.1.5:80")
    asked = next(
        s for hop in found.legs[0].hops for s in hop.steps if s.kind is StepKind.NEIGHBOUR_FOUND
    )
    assert asked.packet.ethernet is not None
    assert asked.packet.ethernet.destination == "ee:ee:ee:ee:ee:ee"


def test_without_proxy_arp_nobody_answers() -> None:
    def silent(own: Node, site: Site) -> Namespace:
        machine = host(own, site)
        return replace(machine, devices=tuple(replace(d, proxy_arp=False) for d in machine.devices))

    found = sent(Plugin("made-up", "made up", silent, pod), "pod/shop/pod-a", "10.244.1.5:80")
    assert codes(found)[-1] is ReasonCode.NEIGHBOUR_SILENT


def test_a_packet_goes_through_ipip_and_arrives_as_it_was() -> None:
    found = sent(Plugin("made-up", "made up", tunnelled, pod), "pod/shop/pod-a", "10.244.1.5:80")
    steps = [s for hop in found.legs[0].hops for s in hop.steps]
    outer = next(s.packet for s in steps if s.kind is StepKind.ENCAPSULATED)
    assert (str(outer.source), str(outer.destination)) == ("192.168.10.1", "192.168.10.2")
    assert (outer.protocol, outer.size) == (Protocol.IPIP, 80)
    assert found.verdict is Verdict.DELIVERED
    assert str(steps[-1].packet.source) == "10.244.0.5"
    assert found.connection.value == "established"


def test_the_fabric_brings_a_range_to_the_node_that_its_route_names() -> None:
    ways = tuple(Route(node.pod_cidrs[0], "lan", via=node.internal_ips[0]) for node in NODES)
    plugin = Plugin("made-up", "made up", host, pod, fabric=lambda _site: ways)
    found = sent(plugin, "pod/shop/pod-a", "10.244.1.5:80")
    assert ReasonCode.FABRIC_KNEW in codes(found)
    assert found.connection.value == "established"
    lost = sent(Plugin("made-up", "made up", host, pod), "pod/shop/pod-a", "10.244.1.5:80")
    assert lost.connection.value == "timeout"


def test_the_wire_leads_to_a_pod_whose_address_a_card_has_taken_on() -> None:
    def taken(own: Node, site: Site) -> dict[object, str]:
        return {ip: "eth0" for each in site.pods_on(own) for ip in each.ips}

    def on_the_lan(own: Node, site: Site) -> Namespace:
        machine = host(own, site)
        everywhere = Route(network("10.244.0.0/16"), "eth0", scope="link")
        return replace(machine, routes=(*machine.routes, everywhere))

    plugin = Plugin("made-up", "made up", on_the_lan, pod, wire=taken)  # type: ignore[arg-type]
    found = sent(plugin, "pod/shop/pod-a", "10.244.1.5:80")
    assert found.connection.value == "established"
    assert not any(code.startswith("fabric") for code in codes(found))


@pytest.mark.parametrize(
    ("destination", "code", "said"),
    [
        ("10.244.1.5:80", ReasonCode.ROUTE_BY_RULE, "512: from all to 10.244.0.0/16 lookup main"),
        ("203.0.113.7:443", ReasonCode.ROUTE_BY_RULE, "1536: from 10.244.0.0/24 lookup 2"),
    ],
)
def test_rules_are_asked_in_their_order(destination: str, code: ReasonCode, said: str) -> None:
    found = sent(Plugin("made-up", "made up", ruled, pod), "pod/shop/pod-a", destination)
    on_node = next(hop for hop in found.legs[0].hops if hop.namespace == "node/node-a")
    routed = next(s for s in on_node.steps if s.kind is StepKind.ROUTED)
    assert (routed.reason.code, routed.reason.fields["rule"]) == (code, said)


def test_what_a_node_sends_itself_is_not_from_a_pod() -> None:
    found = sent(Plugin("made-up", "made up", ruled, pod), "node/node-a", "203.0.113.7:443")
    assert ReasonCode.ROUTE_BY_RULE not in codes(found)
