"""What a node's kernel and its pods have been given: devices, addresses, routes, neighbours.

These are values only. The CNI plugin builds them, the engine walks them, and the
inspector prints them as `ip` and `bridge` would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from enum import StrEnum
from ipaddress import IPv4Interface, IPv6Interface

from tui.sim.model.address import IPAddress, IPNetwork
from tui.sim.model.value import value

IPInterface = IPv4Interface | IPv6Interface

MAIN = "main"
"""The routing table that routes are in unless they say otherwise."""

FABRIC = "fabric"
"""Name of the namespace that stands for everything between nodes and the world."""


class DeviceKind(StrEnum):
    """What a device is."""

    LOOPBACK = "loopback"
    PHYSICAL = "physical"
    """A network card: its wire goes to the fabric."""
    VETH = "veth"
    BRIDGE = "bridge"
    OVS = "openvswitch"
    """A switch that follows flows, not a forwarding table."""
    VXLAN = "vxlan"
    GENEVE = "geneve"
    IPIP = "ipip"
    """Puts one IPv4 packet into another; it has no link layer of its own."""
    DUMMY = "dummy"
    """Holds addresses and has no wire."""


TUNNELS = frozenset({DeviceKind.VXLAN, DeviceKind.GENEVE, DeviceKind.IPIP})
"""Kinds of devices that put a packet into another one."""

WITHOUT_WIRE = frozenset({DeviceKind.LOOPBACK, DeviceKind.DUMMY})
"""Kinds of devices that lead nowhere."""


@value
class Vxlan:
    """What a VXLAN or Geneve device is configured with: both put a frame into UDP."""

    vni: int
    """Network identifier."""
    local: IPAddress
    """Source address of outer packets."""
    port: int
    """UDP destination port: VXLAN's is 8472 on Linux by default, 4789 by IANA; Geneve's 6081."""
    underlay: str
    """Device that outer packets leave by."""
    overhead: int = 50
    """Bytes around the inner IP packet: inner Ethernet 14, VXLAN 8, UDP 8, IPv4 20."""
    external: bool = False
    """Identifier and other end come with each packet (`external`), not from the device."""


@value
class Ipip:
    """What an IPIP device is configured with; the other end is the route's next hop."""

    local: IPAddress | None = None
    """Source address of outer packets; None: as the route to the other end decides."""
    overhead: int = 20
    """Bytes around the inner packet: one IPv4 header."""


@value
class Device:
    """A network device in one namespace."""

    name: str
    """`cni0`."""
    kind: DeviceKind
    """What it is."""
    mac: str
    """Its MAC address; all zeros for loopback."""
    mtu: int = 1500
    """Largest IP packet that it sends, in bytes."""
    addresses: tuple[IPInterface, ...] = ()
    """Addresses with their prefix lengths, primary first."""
    master: str | None = None
    """The bridge that it is a port of."""
    peer: tuple[str, str] | None = None
    """The other end of a veth: (namespace, device)."""
    hairpin: bool = False
    """As a bridge port: may send a frame back to where it came from."""
    proxy_arp: bool = False
    """Answers for every IPv4 address that its namespace has a way to by another device."""
    arp_responder: str = ""
    """MAC address with which a switch answers for whoever is asked for behind this port."""
    vxlan: Vxlan | None = None
    """Set for a VXLAN or a Geneve device."""
    ipip: Ipip | None = None
    """Set for an IPIP device."""


class RouteKind(StrEnum):
    """What a route does with a packet."""

    UNICAST = "unicast"
    LOCAL = "local"
    BROADCAST = "broadcast"
    BLACKHOLE = "blackhole"


@value
class Route:
    """One line of `ip route`."""

    destination: IPNetwork
    """The range; /0 is printed as `default`."""
    device: str
    """Device that packets leave by."""
    via: IPAddress | None = None
    """Next hop; None means that the destination is on the wire itself."""
    source: IPAddress | None = None
    """Preferred source address for packets that are sent here."""
    kind: RouteKind = RouteKind.UNICAST
    """What the route does."""
    onlink: bool = False
    """The next hop is taken to be on the wire, whatever other routes say."""
    scope: str = "global"
    """`global`, `link` or `host`."""
    protocol: str = ""
    """Who made it: `kernel`, `bird`; empty for boot."""
    table: str = MAIN
    """Routing table, by name or number. A LOCAL route is in `local`, whatever stands here."""
    metric: int = 0
    """Its priority, lower is preferred; 0 for the kernel's default."""
    mtu: int = 0
    """The largest IP packet that it takes, in bytes; 0 for what the device takes."""


@value
class RoutingRule:
    """One line of `ip rule` between the rules that every kernel starts with."""

    priority: int
    """Lower is asked earlier; 0 is the table local, 32766 main."""
    table: str
    """Table to ask."""
    source: IPNetwork | None = None
    """Where the packet's source must lie; None for any."""
    destination: IPNetwork | None = None
    """Where its destination must lie; None for any."""
    in_device: str | None = None
    """Device that it must have come in by; None for any."""
    mark: int = 0
    """fwmark that it must bear under the mask."""
    mask: int = 0
    """Bits of the mark that are looked at; 0 for none."""


@value
class Neighbour:
    """One line of `ip neigh`."""

    address: IPAddress
    """Address of the neighbour."""
    device: str
    """Device behind which it lives."""
    mac: str
    """Its MAC address."""
    state: str = "REACHABLE"
    """`REACHABLE`, or `PERMANENT` where somebody wrote it by hand."""


@value
class FdbEntry:
    """One line of `bridge fdb`: where a MAC address is."""

    mac: str
    """The MAC address."""
    device: str
    """The bridge port or tunnel device behind which it is."""
    remote: IPAddress | None = None
    """For a tunnel: address of the VTEP."""


@value
class Namespace:
    """A network namespace and everything configured in it."""

    name: str
    """`node/node-a`, `pod/shop/web-1`, `external/203.0.113.7`, `fabric`."""
    node: str | None
    """The machine that it is on; None out in the world."""
    devices: tuple[Device, ...]
    """Devices in the order of `ip addr`."""
    routes: tuple[Route, ...] = ()
    """All tables together; those of the table local first."""
    rules: tuple[RoutingRule, ...] = ()
    """`ip rule`, without the three that every kernel starts with."""
    neighbours: tuple[Neighbour, ...] = ()
    """Neighbour entries written by hand or known."""
    fdb: tuple[FdbEntry, ...] = ()
    """Forwarding entries of bridges and tunnels."""
    implied: bool = False
    """No object of the cluster's file says that it exists; the packet's address does."""

    def device(self, name: str) -> Device:
        """The device of that name. Raises KeyError."""
        for device in self.devices:
            if device.name == name:
                return device
        raise KeyError(f"{self.name} has no device {name}")

    @property
    def addresses(self) -> tuple[IPInterface, ...]:
        """All addresses of all devices."""
        return tuple(a for device in self.devices for a in device.addresses)

    def owner_of(self, ip: IPAddress) -> Device | None:
        """The device that holds an address."""
        for device in self.devices:
            if any(a.ip == ip for a in device.addresses):
                return device
        return None

    def ports_of(self, bridge: str) -> tuple[Device, ...]:
        """The ports of a bridge."""
        return tuple(device for device in self.devices if device.master == bridge)


class Namespaces(Mapping[str, Namespace]):
    """Namespaces by name, each built when it is first asked for.

    A cluster has thousands, and a packet visits five.
    """

    def __init__(
        self, builders: Mapping[str, Callable[[], Namespace]], others: Namespaces | None = None
    ) -> None:
        self._builders = builders
        self._others = others
        self._built: dict[str, Namespace] = {}

    def __getitem__(self, name: str) -> Namespace:
        built = self._built.get(name)
        if built is not None:
            return built
        if name not in self._builders and self._others is not None:
            return self._others[name]
        built = self._built[name] = self._builders[name]()
        return built

    def __contains__(self, name: object) -> bool:
        return name in self._builders or (self._others is not None and name in self._others)

    def __iter__(self) -> Iterator[str]:
        known: Mapping[str, Namespace] = self._others if self._others is not None else {}
        yield from known
        yield from (name for name in self._builders if name not in known)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@value
class Network:
    """Every namespace of the cluster, as the CNI plugin wired them."""

    namespaces: Mapping[str, Namespace]
    """By name, nodes first."""
    pods: Mapping[IPAddress, str] = field(default_factory=dict)
    """Which pod namespace holds an address (not those of the node's own network)."""
    nodes: Mapping[IPAddress, str] = field(default_factory=dict)
    """Which node namespace holds an address of a network card."""
    cards: Mapping[IPAddress, tuple[str, str]] = field(default_factory=dict)
    """Which network card, (node namespace, device), the wire between nodes leads to for an
    address: that of a node, or of a pod where the fabric itself knows pods."""
    machines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the namespaces on each machine, its own first."""

    def namespace(self, name: str) -> Namespace:
        """The namespace of that name. Raises KeyError."""
        return self.namespaces[name]

    def on_node(self, node: str) -> tuple[Namespace, ...]:
        """The namespaces on a machine, its own first."""
        return tuple(self.namespaces[name] for name in self.machines.get(node, ()))
