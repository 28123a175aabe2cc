"""A network of the simulator's model, made out of a real kernel's devices.

Every device, address, route, neighbour and forwarding entry that the model shows is given to
the kernel by `ip` and `bridge`, in the words in which the simulator prints it.
"""

from collections.abc import Iterator

from tests.kernel.machines import Machines
from tui.sim.model.address import IPAddress
from tui.sim.model.settings import NodeFacts
from tui.sim.routing.iproute2.rules import of_version
from tui.sim.routing.iproute2.view import indexes
from tui.sim.routing.network import (
    FABRIC,
    MAIN,
    Device,
    DeviceKind,
    Namespace,
    Network,
    RouteKind,
)
from tui.sim.routing.rule_text import print_routing_rule
from tui.sim.routing.text import print_route

WIRE = "wire"
"""The namespace at the other end of a node's eth0, where nobody else is on the LAN."""

STILL = {
    f"net/ipv6/conf/{conf}/{key}": value
    for conf in ("all", "default")
    for key, value in {
        "accept_dad": 0, "accept_ra": 0, "router_solicitations": 0, "addr_gen_mode": 1,
    }.items()
}  # fmt: skip
"""No chatter of IPv6, and addresses that can be used at once."""

OUTSPOKEN = {
    "net/ipv4/icmp_ratemask": 0,
    "net/ipv6/icmp/ratelimit": 0,
    "net/ipv6/icmp/ratemask": "",
}
"""Every error is told: the kernel's own limits would make silence of some."""

NO_FILTER = {f"net/ipv4/conf/{conf}/rp_filter": 0 for conf in ("all", "default")}


def machine_of(place: str) -> str:
    """A namespace's name in the kernel: `pod/shop/web` is `pod-shop-web`."""
    return place.replace("/", "-")


def wire(machines: Machines, network: Network, places: tuple[str, ...]) -> None:
    """Make some of a network's namespaces, joined as the model says.

    The eth0 of two nodes are joined to each other; that of a lone node to a namespace `wire`.
    """
    spaces = [network.namespace(place) for place in places]
    for space in spaces:
        machines.add(machine_of(space.name))
        machines.set(machine_of(space.name), {**STILL, **OUTSPOKEN, **NO_FILTER})
    _lay_cables(machines, spaces)
    for space in spaces:
        machines.set(machine_of(space.name), dict(_answering(space)))
    if WIRE in machines.made:
        batch(machines, WIRE, list(_router(network, spaces)))
    if FABRIC in machines.made:
        batch(machines, FABRIC, list(_fabric(network, spaces)))
    for space in spaces:
        asked = neighbours(network, space)
        lines = [*_own_devices(space), *_settings(space), *_ways(space), *asked]
        batch(machines, space.name, lines)
        for version in (4, 6):
            batch(machines, space.name, list(_rules(space, version)), tool=f"ip -{version}")
        batch(machines, space.name, list(_forwarding(space)), tool="bridge")


def _answering(space: Namespace) -> Iterator[tuple[str, int]]:
    """Devices that answer for others, at once."""
    for device in space.devices:
        if device.proxy_arp:
            yield f"net/ipv4/conf/{device.name}/proxy_arp", 1
            yield f"net/ipv4/neigh/{device.name}/proxy_delay", 0


def batch(machines: Machines, place: str, lines: list[str], tool: str = "ip") -> None:
    """Commands of one tool in one namespace, in one go."""
    text = "".join(f"{line}\n" for line in lines)
    machines.run(f"{tool} -n {machines.prefix}{machine_of(place)} -batch -", text)


# ---------------------------------------------------------------- cables


def _lay_cables(machines: Machines, spaces: list[Namespace]) -> None:
    """Veths between namespaces that are there, and the LAN."""
    there = {space.name: indexes(space) for space in spaces}
    laid: set[tuple[str, str]] = set()
    for space in spaces:
        for device in space.devices:
            here = (space.name, device.name)
            if device.peer is None or device.master is not None or here in laid:
                continue
            if device.peer[0] in there:
                laid |= {here, device.peer}
                _join(machines, here, device.peer, there)
    cards = [s.name for s in spaces for d in s.devices if d.kind is DeviceKind.PHYSICAL]
    if len(cards) == 1:
        machines.add(WIRE)
        machines.set(WIRE, {**STILL, **NO_FILTER})
        # of the numbers that the node gives to namespaces, this one takes none from the pods
        node = f"{machines.prefix}{machine_of(cards[0])}"
        machines.run(f"ip -n {node} netns set {machines.prefix}{WIRE} 1000")
        _join(machines, (cards[0], "eth0"), (WIRE, WIRE), there)
    elif len(cards) == 2:
        one, other = cards
        _join(machines, (one, "eth0"), (other, "eth0"), there)
    elif cards:
        _lay_switch(machines, spaces, there)


def _lay_switch(machines: Machines, spaces: list[Namespace], there: "Indexes") -> None:
    """Nodes with several cards each: all on a switch, which is the fabric's `lan` too."""
    machines.add(FABRIC)
    machines.set(FABRIC, {**STILL, **OUTSPOKEN, **NO_FILTER, "net/ipv4/ip_forward": 1})
    machines.run(f"ip -n {machines.prefix}{FABRIC} link add lan type bridge")
    cards = [(s.name, d) for s in spaces for d in s.devices if d.kind is DeviceKind.PHYSICAL]
    for number, (place, card) in enumerate(cards):
        outside = place.startswith("external/")
        port = "wan" if outside else f"port{number}"
        _join(machines, (place, card.name), (FABRIC, port), there)
        if not outside:
            lines = [f"link set {port} mtu {card.mtu} master lan up"]
            batch(machines, FABRIC, lines)


Indexes = dict[str, dict[str, int]]
"""The indexes of devices by their namespaces."""


def _join(
    machines: Machines, one: tuple[str, str], other: tuple[str, str], numbers: Indexes
) -> None:
    """A pod's end is made in the pod, the other with it, as plugins do."""
    ends = []
    for place, device in (one, other):
        index = f" index {numbers[place][device]}" if place in numbers else ""
        ends.append(f"name {device}{index}")
    here, there = (f"{machines.prefix}{machine_of(place)}" for place, _ in (one, other))
    machines.run(f"ip -n {here} link add {ends[0]} type veth peer {ends[1]} netns {there}")


def _router(network: Network, spaces: list[Namespace]) -> Iterator[str]:
    """The wire's other end bears the router's address, and sends all else to the node."""
    lan = network.namespace(FABRIC).device("lan")
    yield f"link set {WIRE} address {lan.mac} up"
    for own in lan.addresses:
        yield f"addr add {own} dev {WIRE}{' nodad' * (own.version == 6)}"
    card = next(d for space in spaces for d in space.devices if d.kind is DeviceKind.PHYSICAL)
    for own in reversed(card.addresses):
        yield _known(own.ip, card.mac, WIRE)
        yield f"route replace default via {own.ip} dev {WIRE} onlink"


def _fabric(network: Network, spaces: list[Namespace]) -> Iterator[str]:
    """The fabric's router: it knows every card, and what the cloud gave to each."""
    fabric = network.namespace(FABRIC)
    lan, wan = fabric.device("lan"), fabric.device("wan")
    yield f"link set lan address {lan.mac} mtu {lan.mtu} up"
    for own in lan.addresses:
        yield f"addr add {own} dev lan"
    for ip, (place, device) in network.cards.items():
        if ip.version == 4:
            yield _known(ip, network.namespace(place).device(device).mac, "lan")
    for space in spaces:
        if space.name.startswith("external/"):
            card = space.device("eth0")
            yield f"link set wan address {wan.mac} mtu {wan.mtu} up"
            yield f"route add {card.addresses[0].ip} dev wan"
            yield _known(card.addresses[0].ip, card.mac, "wan")


# ---------------------------------------------------------------- one namespace


def _own_devices(space: Namespace) -> Iterator[str]:
    numbers = indexes(space)
    for device in space.devices:
        index = f"index {numbers[device.name]}"
        if device.kind is DeviceKind.BRIDGE:
            yield f"link add {device.name} {index} type bridge"
        if device.ipip is not None:
            yield f"link add {device.name} {index} type ipip local any remote any ttl inherit"
        if device.vxlan is not None:
            own = device.vxlan
            # flannel asks for no queue
            yield (
                f"link add {device.name} txqueuelen 0 {index} type vxlan id {own.vni} "
                f"local {own.local} dev {own.underlay} dstport {own.port} nolearning"
            )


def _settings(space: Namespace) -> Iterator[str]:
    for device in space.devices:
        if device.kind is DeviceKind.IPIP:
            yield f"link set {device.name} mtu {device.mtu}"
        elif device.kind is not DeviceKind.LOOPBACK:
            yield f"link set {device.name} address {device.mac} mtu {device.mtu}"
    for device in space.devices:
        if device.master is not None:
            hairpin = "on" if device.hairpin else "off"
            yield f"link set {device.name} master {device.master}"
            yield f"link set {device.name} type bridge_slave hairpin {hairpin}"
    for device in space.devices:
        yield f"link set {device.name} up"
        yield from _addresses(device)


def _addresses(device: Device) -> Iterator[str]:
    if device.kind is not DeviceKind.LOOPBACK:
        for own in device.addresses:
            broadcast = " brd +" * (own.version == 4 and own.network.prefixlen < 31)
            yield f"addr add {own}{broadcast} dev {device.name}{' nodad' * (own.version == 6)}"


def _ways(space: Namespace) -> Iterator[str]:
    """Routes but those that the kernel makes itself, and neighbours."""
    # a next hop has to be on the wire before anything goes through it
    for route in sorted(space.routes, key=lambda each: each.via is not None):
        if route.kind is not RouteKind.LOCAL and route.protocol != "kernel":
            table = f" table {route.table}" * (route.table != MAIN)
            yield f"route add {print_route(route)}{table}"
    for entry in space.neighbours:
        yield _known(entry.address, entry.mac, entry.device)


def _rules(space: Namespace, version: int) -> Iterator[str]:
    for rule in space.rules:
        priority, text = print_routing_rule(rule).split(":\t")
        if of_version(space, rule, version):
            yield f"rule add pref {priority} {text}"


def _known(ip: IPAddress, mac: str, device: str) -> str:
    return f"neigh replace {ip} lladdr {mac} dev {device} nud permanent"


def neighbours(network: Network, space: Namespace) -> Iterator[str]:
    """Whom a namespace would have to ask for: known at once, no packet waits for an answer."""
    for device in space.devices:
        for other, far in _on_the_same_wire(network, space, device):
            for own in far.addresses:
                if other != space.name:
                    yield _known(own.ip, far.mac, device.name)
    yield from _leased(network, space)
    yield from _beyond_the_router(network, space)


def _leased(network: Network, space: Namespace) -> Iterator[str]:
    """Addresses of pods for which the wire itself leads to a card of another node."""
    cards = [d.name for d in space.devices if d.kind is DeviceKind.PHYSICAL]
    for ip, (place, device) in network.cards.items():
        if ip in network.pods and space.node is not None and place != space.name:
            mac = network.namespace(place).device(device).mac
            yield from (_known(ip, mac, card) for card in cards)


def _beyond_the_router(network: Network, space: Namespace) -> Iterator[str]:
    """A machine out in the world has a router, which is the fabric here."""
    if space.name.startswith("external/"):
        routers = [route.via for route in space.routes if route.via is not None]
        mac = network.namespace(FABRIC).device("wan").mac
        yield from (_known(router, mac, "eth0") for router in routers)


def _on_the_same_wire(
    network: Network, space: Namespace, device: Device
) -> Iterator[tuple[str, Device]]:
    if device.kind is DeviceKind.PHYSICAL and space.node is not None:
        yield FABRIC, network.namespace(FABRIC).device("lan")
        yield from (
            (name, network.namespace(name).device("eth0")) for name in network.nodes.values()
        )
    elif device.kind is DeviceKind.BRIDGE:
        yield from _pods_on(network, space)
    elif device.kind is DeviceKind.VETH and device.master is None and device.peer is not None:
        home = network.namespace(device.peer[0])
        port = home.device(device.peer[1])
        if port.master is not None:
            yield home.name, home.device(port.master)
            yield from _pods_on(network, home)


def _pods_on(network: Network, node: Namespace) -> Iterator[tuple[str, Device]]:
    for device in node.devices:
        if device.master is not None and device.peer is not None:
            yield device.peer[0], network.namespace(device.peer[0]).device(device.peer[1])


def _forwarding(space: Namespace) -> Iterator[str]:
    for entry in space.fdb:
        remote = f" dst {entry.remote}" if entry.remote is not None else ""
        yield f"fdb append {entry.mac} dev {entry.device}{remote} self permanent"


def node_sysctls(facts: NodeFacts, route_localnet: bool) -> dict[str, object]:
    """What kubelet, kube-proxy and br_netfilter set on a node."""
    return {
        "net/ipv4/ip_forward": int(facts.ip_forward),
        "net/ipv6/conf/all/forwarding": int(facts.ip_forward),
        "net/ipv4/conf/all/route_localnet": int(route_localnet),
        "net/bridge/bridge-nf-call-iptables": int(facts.bridge_nf_call_iptables),
        "net/bridge/bridge-nf-call-ip6tables": int(facts.bridge_nf_call_iptables),
    }
