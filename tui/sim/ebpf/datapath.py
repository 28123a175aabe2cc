"""Where programs hang on a node, and which parts of their work are turned on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from tui.sim.ebpf.maps import Maps
from tui.sim.model.address import IPAddress, IPNetwork
from tui.sim.model.value import value


class Attach(StrEnum):
    """A place for a program, by the name of Cilium's program there."""

    CONNECT = "cil_sock4_connect"
    """cgroup: a process of the node or of a pod calls connect() or sends a datagram."""
    FROM_CONTAINER = "cil_from_container"
    """tc ingress of the node's end of a pod's cable."""
    FROM_HOST = "cil_from_host"
    """tc egress of cilium_host: the node's own stack sends to pods."""
    FROM_NETDEV = "cil_from_netdev"
    """tc ingress of a network card."""
    SWITCH_PORT = "br-int"
    """A port of Open vSwitch that a pod is behind: no program, but flows that do the same."""
    SWITCH_TUNNEL = "br-int tunnel"
    """The port of Open vSwitch that tunnels end at."""
    FROM_OVERLAY = "cil_from_overlay"
    """tc ingress of the tunnel device."""


@value
class Datapath:
    """The programs of one node in one family, and their maps."""

    maps: Maps
    """What they ask."""
    ingress: Mapping[str, Attach] = field(default_factory=dict)
    """Programs that see what comes in by a device, by its name."""
    egress: Mapping[str, Attach] = field(default_factory=dict)
    """Programs that see what leaves by a device."""
    socket_lb: bool = False
    """Services are translated as sockets connect."""
    packet_lb: bool = False
    """Cluster IPs are translated packet by packet as they leave a pod."""
    tunnel: str = ""
    """The device that packets to other nodes' pods go through; empty for the kernel's routes."""
    card: str = ""
    """The network card."""
    node_ip: IPAddress | None = None
    """The node's address there: what comes from outside for a pod of another node bears it."""
    gateway: IPAddress | None = None
    """The address that it bears in its place if it goes by the tunnel: cilium_host's."""
    bridged: IPNetwork | None = None
    """The subnet within which packets are bridged: their TTL and MAC addresses stay."""
    beyond: IPAddress | None = None
    """The tunnel's end for whatever is no pod's; None where the kernel's stack gets that."""
    admitted_by: str = ""
    """What admits a packet from a pod before anything is done for it; empty for nothing."""
    loopback: IPAddress | None = None
    """The source that a pod sees which reaches itself through a Service."""
