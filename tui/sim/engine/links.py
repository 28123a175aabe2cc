"""The link layer: veths, bridges, and the wire between machines.

A bridge with br_netfilter shows IPv4 and IPv6 frames to iptables on their way (net/bridge/
br_netfilter_hooks.c): PREROUTING as they enter a port, FORWARD and POSTROUTING if the bridge
passes them on. A frame whose destination was translated there to another port of the same
bridge stays on the bridge; it is not routed, and its TTL stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sim.cni.machine import mac
from tui.sim.engine import fabric, programs, tunnels
from tui.sim.engine.arrival import Arrival, Next
from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Ethernet, Packet
from tui.sim.model.value import replace
from tui.sim.netfilter.hooks import Hook
from tui.sim.netfilter.traverse import Skb
from tui.sim.routing.network import FABRIC, Device, DeviceKind, Namespace, RouteKind
from tui.sim.trace import Cost, Reason, ReasonCode, StepKind

if TYPE_CHECKING:
    from tui.sim.engine.walk import Walk


# ---------------------------------------------------------------- sending


def transmit(walk: Walk, space: Namespace, device: Device, next_hop: IPAddress, skb: Skb) -> Next:
    """Hand a packet to a device that shall bring it to a next hop."""
    if programs.at_egress(walk, space, device, skb.packet):
        return programs.from_host(walk, space, device, skb)
    if device.ipip is not None:
        return tunnels.into_ipip(walk, space, device, next_hop, skb)
    found = _neighbour(walk, space, device, next_hop)
    if found is None:
        walk.drop(
            space, skb.packet, ReasonCode.NEIGHBOUR_SILENT, device.name,
            address=next_hop,
        )  # fmt: skip
        return None
    known, permanent = found
    frame = replace(skb.packet, ethernet=Ethernet(device.mac, known))
    code = ReasonCode.NEIGHBOUR_KNOWN if permanent else ReasonCode.NEIGHBOUR_ASKED
    reason = Reason.of(code, address=next_hop, mac=known, device=device.name, permanent=permanent)
    walk.log.add(StepKind.NEIGHBOUR_FOUND, frame, reason, device=device.name)
    skb.packet = frame
    match device.kind:
        case DeviceKind.BRIDGE:
            return _from_bridge(walk, space, device, skb)
        case DeviceKind.VXLAN | DeviceKind.GENEVE:
            return tunnels.into_udp(walk, space, device, skb)
        case DeviceKind.VETH:
            return across(walk, space, device, skb.packet)
    return _onto_wire(walk, space, device, next_hop, skb.packet)


def _neighbour(
    walk: Walk, space: Namespace, device: Device, ip: IPAddress
) -> tuple[str, bool] | None:
    """The MAC address of a next hop, and whether it was written by hand."""
    for entry in space.neighbours:
        if entry.device == device.name and entry.address == ip:
            return entry.mac, entry.state == "PERMANENT"
    if device.kind is DeviceKind.BRIDGE:
        return _asked(_on_bridge(walk, space, device, ip))
    if device.kind is DeviceKind.VETH:
        return _asked(_beyond_veth(walk, device, ip))
    if device.kind is DeviceKind.PHYSICAL:
        return mac_on_wire(walk, space, ip), False
    return None


def _asked(found: str | None) -> tuple[str, bool] | None:
    return (found, False) if found is not None else None


def _beyond_veth(walk: Walk, device: Device, ip: IPAddress) -> str | None:
    """Who answers an ARP request that leaves by a veth."""
    assert device.peer is not None
    far_space = walk.scene.namespace(device.peer[0])
    far = far_space.device(device.peer[1])
    if far.arp_responder:
        holder = walk.scene.network.pods.get(ip)
        known = walk.scene.namespace(holder).device("eth0").mac if holder is not None else None
        return known or far.arp_responder
    if far.master is not None:
        return _on_bridge(walk, far_space, far_space.device(far.master), ip)
    return far.mac if _answers(walk, far_space, far, ip) else None


def _answers(walk: Walk, space: Namespace, device: Device, ip: IPAddress) -> bool:
    """Whether a namespace answers on a device for an address.

    For an IPv4 address of any of its devices (arp_ignore 0), and with proxy_arp for whatever it
    would route to by another device (arp_process).
    """
    routing = walk.scene.routing(space.name)
    owner = routing.owner_of(ip)
    if owner is not None:
        return owner == device.name or ip.version == 4
    if not device.proxy_arp or ip.version != 4:
        return False
    route = routing.lookup(ip)
    usable = route is not None and route.kind is RouteKind.UNICAST
    return usable and route is not None and route.device != device.name


def _on_bridge(walk: Walk, space: Namespace, bridge: Device, ip: IPAddress) -> str | None:
    """Who on a bridge answers for an address: the host, or the pod behind a port.

    The host answers for its IPv4 addresses on whatever device (arp_ignore 0), but for IPv6
    only for the bridge's own (ndisc_recv_ns).
    """
    owner = walk.scene.routing(space.name).owner_of(ip)
    if owner is not None and (ip.version == 4 or owner == bridge.name):
        return bridge.mac
    holder = walk.scene.network.pods.get(ip)
    if holder is None:
        return None
    card = walk.scene.namespace(holder).device("eth0")
    at_home = card.peer is not None and card.peer[0] == space.name
    return card.mac if at_home else None


def mac_on_wire(walk: Walk, space: Namespace, ip: IPAddress) -> str:
    """The MAC address that answers for a next hop: on the nodes' LAN, or out in the world."""
    network = walk.scene.network
    card = network.cards.get(ip)
    if card is not None:
        return network.namespace(card[0]).device(card[1]).mac
    router = network.namespace(FABRIC)
    if space.node is None:
        return router.device("wan").mac
    lan = router.device("lan")
    return lan.mac if any(own.ip == ip for own in lan.addresses) else mac(f"external {ip}")


def across(walk: Walk, space: Namespace, device: Device, packet: Packet) -> Next:
    """Through a veth to its other end. Mark and connection stay behind."""
    assert device.peer is not None
    reason = Reason.of(ReasonCode.DEVICE_SENT, device=device.name, peer=device.peer[1])
    walk.log.add(StepKind.SENT, packet, reason, device=device.name)
    walk.log.leave(device.name)
    return Arrival(device.peer[0], device.peer[1], replace(packet, mark=0))


# ---------------------------------------------------------------- bridges


def _port_behind(space: Namespace, bridge: Device, walk: Walk, wanted: str) -> Device | None:
    """The port behind which a MAC address lives."""
    for port in space.ports_of(bridge.name):
        if port.peer is None:
            continue
        far = walk.scene.namespace(port.peer[0]).device(port.peer[1])
        if far.mac == wanted:
            return port
    return None


def _from_bridge(walk: Walk, space: Namespace, bridge: Device, skb: Skb) -> Next:
    """A packet that the host itself sends onto its bridge."""
    port = _bridged(walk, space, bridge, skb)
    return across(walk, space, port, skb.packet) if port is not None else None


def _bridged(walk: Walk, space: Namespace, bridge: Device, skb: Skb) -> Device | None:
    """Look the frame's destination up in the forwarding table."""
    frame = skb.packet.ethernet
    assert frame is not None
    port = _port_behind(space, bridge, walk, frame.destination)
    if port is None:
        walk.drop(
            space, skb.packet, ReasonCode.FDB_MISSING, bridge.name,
            mac=frame.destination,
        )  # fmt: skip
        return None
    reason = Reason.of(
        ReasonCode.BRIDGE_FORWARDED, bridge=bridge.name, mac=frame.destination, port=port.name
    )
    walk.log.add(StepKind.BRIDGED, skb.packet, reason, device=bridge.name, cost=Cost(lookups=1))
    return port


def receive_on_bridge(walk: Walk, space: Namespace, port: Device, skb: Skb) -> Next:
    """A frame that came in by a port of a bridge."""
    assert port.master is not None
    bridge = space.device(port.master)
    frame = skb.packet.ethernet
    assert frame is not None
    for_host = frame.destination == bridge.mac
    seen = _netfilter_sees(walk, space)
    if seen:
        skb.bridge_port = port.name
        before = skb.packet.destination
        if not walk.hook(Hook.PREROUTING, space, skb, in_device=bridge.name, bridge=bridge.name):
            return None
        if skb.packet.destination != before:
            for_host = not _stays_on_bridge(walk, space, bridge, skb)
    if not for_host:
        return _pass_on(walk, space, bridge, port, skb, seen)
    reason = Reason.of(ReasonCode.BRIDGE_LOCAL, bridge=bridge.name, mac=bridge.mac)
    walk.log.add(StepKind.BRIDGED, skb.packet, reason, device=bridge.name)
    if seen:
        return walk.after_prerouting(space, bridge.name, skb)
    return walk.receive(space, bridge.name, skb)


def _netfilter_sees(walk: Walk, space: Namespace) -> bool:
    node = space.node or ""
    return (
        walk.scene.host(space.name) is not None and walk.scene.facts(node).bridge_nf_call_iptables
    )


def _stays_on_bridge(walk: Walk, space: Namespace, bridge: Device, skb: Skb) -> bool:
    """After PREROUTING translated a bridged frame: is the new destination on this bridge?

    Then only its MAC address is rewritten, and the bridge passes it on. IPv4 asks the routes as
    a router does, so without ip_forward the host takes the packet, and will not pass it on.
    """
    destination = skb.packet.destination
    if destination.version == 4 and not walk.scene.facts(space.node or "").ip_forward:
        return False
    route = walk.scene.routing(space.name).lookup(destination)
    if route is None or route.kind is not RouteKind.UNICAST or route.device != bridge.name:
        return False
    found = _on_bridge(walk, space, bridge, destination)
    if found is None:
        return False
    frame = skb.packet.ethernet
    assert frame is not None
    skb.packet = replace(skb.packet, ethernet=Ethernet(frame.source, found))
    reason = Reason.of(
        ReasonCode.BRIDGE_REROUTED, bridge=bridge.name, destination=destination, mac=found
    )
    walk.log.add(StepKind.ROUTED, skb.packet, reason, device=bridge.name)
    return True


def _pass_on(
    walk: Walk, space: Namespace, bridge: Device, port: Device, skb: Skb, seen: bool
) -> Next:
    """From port to port, shown to iptables on the way if br_netfilter is on."""
    out = _bridged(walk, space, bridge, skb)
    if out is None:
        return None
    if out == port and not port.hairpin:
        walk.drop(
            space, skb.packet, ReasonCode.HAIRPIN_OFF, port.name,
            bridge=bridge.name, port=port.name,
        )  # fmt: skip
        return None
    if seen:
        name = bridge.name
        if not walk.hook(Hook.FORWARD, space, skb, name, name, bridge=name):
            return None
        if not walk.hook(Hook.POSTROUTING, space, skb, None, name, bridge=name):
            return None
    return across(walk, space, out, skb.packet)


# ---------------------------------------------------------------- the wire


def _onto_wire(
    walk: Walk, space: Namespace, device: Device, next_hop: IPAddress, packet: Packet
) -> Next:
    """Out of a network card: to another node of the LAN, or to the router."""
    card = walk.scene.network.cards.get(next_hop) if space.node is not None else None
    peer = card[0] if card is not None else FABRIC
    reason = Reason.of(ReasonCode.DEVICE_SENT, device=device.name, peer=peer)
    walk.log.add(StepKind.SENT, packet, reason, device=device.name)
    walk.log.leave(device.name)
    bare = replace(packet, mark=0)
    if card is not None:
        return Arrival(*card, bare)
    return fabric.through(walk, bare, came_from_outside=space.node is None)
