"""Clusters at random, around a node and its pods that are always the same.

So the namespaces are made once, and only rules and sysctls change from cluster to cluster.
"""

import random
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network

from tui.sim.engine import World
from tui.sim.model.address import IPAddress, IPNetwork
from tui.sim.model.cluster import (
    Cluster,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    LoadBalancerIngress,
    Node,
    Pod,
    Service,
    ServiceCIDR,
    ServicePort,
)
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import NodeFacts, ProxyMode, ProxySettings

UNDER_TEST = "node-a"
NODE = f"node/{UNDER_TEST}"
OWN_PODS = {"client": 200, "a1": 2, "a2": 3, "a3": 4}
"""The node's pods, by the last number of their addresses; all but `client` may be endpoints."""
PLACES = (NODE, *(f"pod/default/{name}" for name in OWN_PODS))
EXTRA = {4: "172.30.0.1", 6: "fd00:172::1"}
"""Further addresses of the node's card, which its object does not tell of."""
FACTS = NodeFacts(extra_addresses=(f"{EXTRA[4]}/24", f"{EXTRA[6]}/64"))
RANGES = ("10.244.0.0/16", "fd00:244::/32")
ZONES = ("east", "west")
TARGET_PORTS = {Protocol.TCP: 8080, Protocol.UDP: 5353}
SOURCE_RANGES: tuple[tuple[str, ...], ...] = (
    (), (), ("203.0.113.0/24", "2001:db8:203::/48"), ("203.0.113.64/26", "10.244.0.0/16"),
    ("192.168.10.0/24", "fd00:c0a8::/64"), ("0.0.0.0/0",),
)  # fmt: skip
NODE_PORT_ADDRESSES: tuple[tuple[str, ...], ...] = (
    (), (), (), ("192.168.10.0/24",), ("primary",), ("127.0.0.0/8",), ("fd00:c0a8::/64",),
    ("0.0.0.0/0", "::/0"), ("192.168.10.0/24", "127.0.0.0/8"), ("172.16.0.0/12",),
    ("10.244.0.0/16",),
)  # fmt: skip


def node(number: int) -> Node:
    """`node-a`, `node-b`, ... on one LAN, dual-stack."""
    return Node(
        f"node-{'abcd'[number]}",
        (ip_address(f"192.168.10.{number + 1}"), ip_address(f"fd00:c0a8::{number + 1}")),
        pod_cidrs=(ip_network(f"10.244.{number}.0/24"), ip_network(f"fd00:244:{number}::/64")),
        labels={"topology.kubernetes.io/zone": ZONES[number % 2]},
    )


def own_pods() -> tuple[Pod, ...]:
    """The pods of the node under test."""
    return tuple(
        Pod("default", name, UNDER_TEST,
            (ip_address(f"10.244.0.{last}"), ip_address(f"fd00:244::{last}")))
        for name, last in OWN_PODS.items()
    )  # fmt: skip


@dataclass(frozen=True)
class Seat:
    """A place where an endpoint may sit."""

    node: str | None
    v4: str
    v6: str

    def address(self, version: int) -> str:
        return self.v4 if version == 4 else self.v6


def seats(nodes: int) -> list[Seat]:
    """Pods of this node, of others, of a node that no object tells of; and hosts' own."""
    found = [Seat(UNDER_TEST, f"10.244.0.{n}", f"fd00:244::{n}") for n in (2, 3, 4)]
    for number in range(1, nodes):
        name = f"node-{'abcd'[number]}"
        found += [Seat(name, f"10.244.{number}.{n}", f"fd00:244:{number}::{n}") for n in (2, 3)]
        found.append(Seat(name, f"192.168.10.{number + 1}", f"fd00:c0a8::{number + 1}"))
    found.append(Seat("node-x", "10.244.7.2", "fd00:244:7::2"))
    found.append(Seat(None, "172.20.0.5", "2001:db8:172::5"))
    found.append(Seat(UNDER_TEST, "192.168.10.1", "fd00:c0a8::1"))
    return found


# ---------------------------------------------------------------- at random


def random_world(seed: int, mode: ProxyMode, *, nfacct: bool) -> World:
    """A cluster, kube-proxy's settings and the node's facts, all following from a seed."""
    chance = random.Random(f"{mode}/{seed}")
    nodes = tuple(node(number) for number in range(chance.randint(1, 4)))
    services, slices = [], []
    for number in range(chance.randint(4, 7)):
        made = _service(chance, number)
        services.append(made)
        slices += _slices(chance, made, len(nodes))
    cidrs = (ServiceCIDR("kubernetes", (_net("10.96.0.0/16"), _net("fd00:96::/112"))),)
    cluster = Cluster(
        nodes, own_pods(), tuple(services), tuple(slices),
        service_cidrs=chance.choice([(), cidrs]),
    )  # fmt: skip
    facts = replace(
        FACTS,
        bridge_nf_call_iptables=chance.random() < 0.7,
        ip_forward=chance.random() < 0.9,
        nfacct=nfacct,
        conntrack_tcp_be_liberal=chance.random() < 0.2,
        random_fully=chance.random() < 0.7,
    )
    return World(cluster, _settings(chance, mode), "bridge", {UNDER_TEST: facts})


def _net(text: str) -> IPNetwork:
    return ip_network(text)


def _settings(chance: random.Random, mode: ProxyMode) -> ProxySettings:
    settings = ProxySettings(
        mode=mode,
        cluster_cidrs=chance.choice([RANGES, RANGES, RANGES[:1], ()]),
        masquerade_bit=chance.choice([14, 14, 3, 31]),
        nftables_masquerade_bit=chance.choice([14, 14, 3, 31]),
        masquerade_all=chance.random() < 0.2,
        nftables_masquerade_all=chance.random() < 0.2,
        localhost_node_ports=chance.random() < 0.7,
        node_port_addresses=chance.choice(NODE_PORT_ADDRESSES),
    )
    match chance.randrange(6):
        case 0:
            return replace(settings, detect_local_mode="BridgeInterface", bridge_interface="cni0")
        case 1:
            return replace(
                settings, detect_local_mode="InterfaceNamePrefix",
                interface_name_prefix=chance.choice(["veth", "cni"]),
            )  # fmt: skip
        case 2:
            return replace(settings, detect_local_mode="NodeCIDR")
    return settings


def _service(chance: random.Random, number: int) -> Service:
    kind = chance.choice(["ClusterIP", "NodePort", "LoadBalancer", "LoadBalancer"])
    families = chance.choice([(4,), (4,), (6,), (4, 6), (6, 4)])
    outside = kind != "ClusterIP"
    balanced = kind == "LoadBalancer"
    external = _external_ips(chance, number) if chance.random() < 0.35 else ()
    return Service(
        "default", f"svc-{number}", kind,
        tuple({4: f"10.96.0.{number + 10}", 6: f"fd00:96::{number + 10:x}"}[v] for v in families),
        _ports(chance, number, outside),
        external_ips=external,
        load_balancer=_balancers(chance, number) if balanced else (),
        source_ranges=chance.choice(SOURCE_RANGES) if balanced else (),
        external_traffic_policy=chance.choice(["Cluster", "Local"]) if outside else "Cluster",
        internal_traffic_policy=chance.choice(["Cluster", "Cluster", "Local"]),
        health_check_node_port=32000 + number if balanced else 0,
        session_affinity=chance.choice(["None", "None", "None", "ClientIP"]),
        affinity_timeout=chance.choice([10800, 600]),
    )  # fmt: skip


def _ports(chance: random.Random, number: int, outside: bool) -> tuple[ServicePort, ...]:
    """One port or two; two may have one number and differ in the protocol."""
    protocols = chance.choice([(Protocol.TCP,), (Protocol.UDP,), (Protocol.TCP, Protocol.UDP)])
    first = chance.choice([80, 443, 53])
    return tuple(
        ServicePort(
            first, protocol, protocol.lower if len(protocols) > 1 else "",
            TARGET_PORTS[protocol], 30000 + 10 * number + place if outside else 0,
        )
        for place, protocol in enumerate(protocols)
    )  # fmt: skip


def _external_ips(chance: random.Random, number: int) -> tuple[str, ...]:
    """Addresses that somebody routes to the node; one Service may have the node's own."""
    routed = (f"198.51.100.{number + 100}", f"2001:db8:51::{number + 100:x}")
    if number == 0:
        return chance.choice([(*routed, "192.168.10.1"), ("fd00:c0a8::1",)])
    return routed


def _balancers(chance: random.Random, number: int) -> tuple[LoadBalancerIngress, ...]:
    v4 = LoadBalancerIngress(f"198.51.100.{number + 1}")
    v6 = LoadBalancerIngress(f"2001:db8:51::{number + 1:x}")
    told = LoadBalancerIngress(f"198.51.100.{number + 51}", "Proxy")
    return chance.choice([(v4, v6), (v4, v6), (v4,), (v4, told, v6)])


def _slices(chance: random.Random, service: Service, nodes: int) -> list[EndpointSlice]:
    """The Service's endpoints, in a slice for each of its families."""
    chosen = _chosen_seats(chance, nodes)
    hinted = chance.random() < 0.2
    made = []
    for text in service.cluster_ips:
        version = ip_address(text).version
        ports = tuple(
            EndpointPort(TARGET_PORTS[p.protocol], p.protocol, p.name) for p in service.ports
        )
        endpoints = tuple(
            Endpoint(
                (seat.address(version),), ready, serving, terminating, seat.node,
                zone_hints=(ZONES[place % 2],) if hinted else (),
            )
            for place, (seat, ready, serving, terminating) in enumerate(chosen)
        )  # fmt: skip
        name = f"{service.name}-v{version}"
        made.append(EndpointSlice("default", name, service.name, f"IPv{version}", endpoints, ports))
    return made


def _chosen_seats(chance: random.Random, nodes: int) -> list[tuple[Seat, bool, bool, bool]]:
    """Endpoints with their conditions: mostly ready, or all on their way out, or none."""
    every = seats(nodes)
    own = [seat for seat in every if seat.node == UNDER_TEST]
    others = [seat for seat in every if seat.node != UNDER_TEST]
    among = chance.choice([every, every, own, others])
    chosen = chance.sample(among, chance.choice([0, 1, 1, 2, 3, 4]) % (len(among) + 1))
    mood = chance.choice(["ready", "ready", "mixed", "leaving"])
    return [(seat, *_conditions(chance, mood)) for seat in chosen]


def _conditions(chance: random.Random, mood: str) -> tuple[bool, bool, bool]:
    """Ready, serving, terminating, as the endpoint controller may write them."""
    usual, leaving, gone, starting = (
        (True, True, False), (False, True, True), (False, False, True), (False, False, False),
    )  # fmt: skip
    if mood == "ready":
        return usual
    return chance.choice([usual, leaving, gone, starting] if mood == "mixed" else [leaving, gone])


def addresses_of(service: Service) -> list[tuple[str, IPAddress]]:
    """Every address that a Service has, and what kind of address it is."""
    found = [("cluster IP", ip_address(text)) for text in service.cluster_ips]
    found += [("external IP", ip_address(text)) for text in service.external_ips]
    found += [("load balancer", ip_address(each.ip)) for each in service.load_balancer]
    return found
