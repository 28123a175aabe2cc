"""Tunnels: a packet or a whole frame inside another packet, and out again.

The outer packet is one that the node sends itself: it passes OUTPUT and POSTROUTING, takes its
own route, and comes to its end at the other node before the inner one goes on.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from tui.sim.engine.arrival import Next
from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Packet, Protocol, Tunnel
from tui.sim.model.value import replace
from tui.sim.netfilter.traverse import Skb
from tui.sim.routing.network import Device, DeviceKind, Namespace
from tui.sim.trace import Cost, Reason, ReasonCode, StepKind

if TYPE_CHECKING:
    from tui.sim.engine.walk import Walk


def into_udp(walk: Walk, space: Namespace, device: Device, skb: Skb) -> Next:
    """Put a VXLAN or Geneve header around the frame; the outer packet takes its own way out.

    The outer packet passes OUTPUT and POSTROUTING like any other, and it inherits the mark.
    """
    vxlan, frame = device.vxlan, skb.packet.ethernet
    assert vxlan is not None
    assert frame is not None
    remote = next(
        (e.remote for e in space.fdb if e.device == device.name and e.mac == frame.destination),
        None,
    )
    if remote is None:
        walk.drop(
            space, skb.packet, ReasonCode.FDB_MISSING, device.name,
            mac=frame.destination,
        )  # fmt: skip
        return None
    return _wrapped(walk, space, device, remote, vxlan.vni, skb)


def to_remote(
    walk: Walk, space: Namespace, device: Device, remote: IPAddress, vni: int, skb: Skb
) -> Next:
    """The same where a program says whereto, and by which identifier."""
    return _wrapped(walk, space, device, remote, vni, skb)


def _wrapped(
    walk: Walk, space: Namespace, device: Device, remote: IPAddress, vni: int, skb: Skb
) -> Next:
    vxlan, frame = device.vxlan, skb.packet.ethernet
    assert vxlan is not None
    inner = replace(skb.packet, mark=0)
    outer = Packet(
        source=vxlan.local,
        destination=remote,
        protocol=Protocol.UDP,
        sport=_flow_port(inner),
        dport=vxlan.port,
        size=inner.size + vxlan.overhead,
        mark=skb.packet.mark,
        tunnel=Tunnel(device.kind.value, vni, vxlan.overhead),
        inner=inner,
    )
    kind = {"tunnel": device.kind.value} if device.master is not None else {}
    reason = Reason.of(
        _told_code(device) if vxlan.external else _PUSHED[device.kind],
        vni=vni, local=vxlan.local, remote=remote,
        mac=frame.destination if frame is not None else "", overhead=vxlan.overhead, **kind,
    )  # fmt: skip
    walk.log.add(
        StepKind.ENCAPSULATED, outer, reason, device=device.name, pushed=device.kind.value,
        cost=Cost(lookups=1),
    )  # fmt: skip
    return walk.output(space, Skb(outer))


def _flow_port(inner: Packet) -> int:
    """The outer source port: a hash of the inner flow, so that fabrics spread the load."""
    text = f"{inner.from_text}{inner.to_text}{inner.protocol}"
    return 32768 + int.from_bytes(sha256(text.encode()).digest()[:2], "big") % 28233


def into_ipip(walk: Walk, space: Namespace, device: Device, remote: IPAddress, skb: Skb) -> Next:
    """Put another IPv4 header before the packet; its end is the route's next hop.

    The outer packet inherits the TTL, as with `ttl inherit`, and the mark (ip_tunnel_xmit).
    """
    ipip = device.ipip
    assert ipip is not None
    local = ipip.local or walk.scene.routing(space.name).source_for(remote)
    if local is None:
        walk.drop(space, skb.packet, ReasonCode.ROUTE_MISSING, device.name, destination=remote)
        return None
    outer = Packet(
        source=local,
        destination=remote,
        protocol=Protocol.IPIP,
        ttl=skb.packet.ttl,
        size=skb.packet.size + ipip.overhead,
        mark=skb.packet.mark,
        tunnel=Tunnel("ipip", 0, ipip.overhead),
        inner=replace(skb.packet, mark=0, ethernet=None),
    )
    reason = Reason.of(ReasonCode.IPIP_PUSHED, local=local, remote=remote, overhead=ipip.overhead)
    walk.log.add(StepKind.ENCAPSULATED, outer, reason, device=device.name, pushed="ipip")
    return walk.output(space, Skb(outer))


def tunnel_for(space: Namespace, packet: Packet) -> Device | None:
    """The tunnel device that takes a packet which was delivered to this namespace."""
    if packet.tunnel is None or packet.inner is None:
        return None
    return next((each for each in space.devices if _takes(each, packet)), None)


def _takes(device: Device, packet: Packet) -> bool:
    """Whether a packet is for a tunnel device: by its protocol, or by UDP port and VNI."""
    assert packet.tunnel is not None
    if device.ipip is not None:
        local = device.ipip.local
        return packet.protocol is Protocol.IPIP and local in (None, packet.destination)
    vxlan = device.vxlan
    if vxlan is not None and vxlan.external:
        return vxlan.port == packet.dport
    return vxlan is not None and (vxlan.port, vxlan.vni, vxlan.local) == (
        packet.dport, packet.tunnel.identifier, packet.destination
    )  # fmt: skip


def decapsulate(walk: Walk, space: Namespace, device: Device, skb: Skb) -> Next:
    """Take the outer header off; the inner packet comes in by the tunnel device."""
    inner = skb.packet.inner
    assert inner is not None
    tunnel = skb.packet.tunnel
    vni = {"vni": tunnel.identifier} if device.vxlan is not None and tunnel is not None else {}
    reason = Reason.of(_POPPED[device.kind], **vni, device=device.name)
    walk.log.add(StepKind.DECAPSULATED, inner, reason, device=device.name, popped=device.kind.value)
    return walk.come_in(space, device, Skb(inner))


def _told_code(device: Device) -> ReasonCode:
    """What to say where the device does not decide whereto: a program or a switch did."""
    return ReasonCode.TUNNEL_TOLD if device.master is not None else ReasonCode.VXLAN_TOLD


_PUSHED = {
    DeviceKind.VXLAN: ReasonCode.VXLAN_PUSHED,
    DeviceKind.GENEVE: ReasonCode.GENEVE_PUSHED,
}
_POPPED = {
    DeviceKind.VXLAN: ReasonCode.VXLAN_POPPED,
    DeviceKind.GENEVE: ReasonCode.GENEVE_POPPED,
    DeviceKind.IPIP: ReasonCode.IPIP_POPPED,
}
