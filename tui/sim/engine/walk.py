"""A packet's way through namespaces: the IP stack, hook by hook and device by device.

Follows net/ipv4/ip_input.c, ip_forward.c and ip_output.c. The link layer is in `links`.
"""

from __future__ import annotations

from collections.abc import Callable

from tui.sim.engine import links, programs, tunnels
from tui.sim.engine.arrival import Arrival, Next
from tui.sim.engine.connect import connected
from tui.sim.engine.described import hook_reason, route_reason
from tui.sim.engine.scene import Scene
from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Packet
from tui.sim.model.value import replace, value
from tui.sim.netfilter.conntrack import Tracked
from tui.sim.netfilter.hooks import Hook
from tui.sim.netfilter.passage import Passage
from tui.sim.netfilter.traverse import Fate, Ruling, Skb, Traversal
from tui.sim.routing.lookup import FlowKey
from tui.sim.routing.network import (
    Device,
    DeviceKind,
    Namespace,
    Route,
    RouteKind,
)
from tui.sim.routing.text import print_route
from tui.sim.trace import Cost, Leg, Reason, ReasonCode, Role, RulePlace, StepKind
from tui.sim.trace.recorder import Recorder

_MOST_HOPS = 64
TOO_BIG = "icmp-fragmentation-needed"
"""The ICMP error that tells a sender of a smaller MTU on the way."""
_ICMP_TOO_OLD = "icmp-time-exceeded"


@value
class End:
    """Where and how a leg ended."""

    kind: StepKind
    """The kind of its final step."""
    namespace: str
    """Namespace in which it ended."""
    packet: Packet
    """The packet as it ended."""
    device: str | None
    """Device it had come in by."""
    message: str = ""
    """ICMP message for the sender, where the packet was refused."""
    tracked: Tracked | None = None
    """The connection of a packet that was refused."""


SocketAnswer = Callable[[Namespace, Packet], Reason]
"""What to say of a packet that a namespace delivers to one of its sockets."""


UNTOLD = frozenset({ReasonCode.NAME_FORWARDED, ReasonCode.NAME_LED_OUT})
"""What a receiver does that is not simulated: the packet arrives, what follows is unknown."""


class Walk:
    """One leg: a packet from the socket that sends it to where it ends."""

    def __init__(self, scene: Scene, role: Role, packet: Packet, at_socket: SocketAnswer) -> None:
        self.scene = scene
        self.role = role
        self.log = Recorder(role, packet)
        self.sent = packet
        self.at_socket = at_socket
        self.end: End | None = None
        self.device_in: str | None = None

    def run(
        self, namespace: str, origin: Reason, kind: StepKind = StepKind.ORIGINATED,
        tracked: Tracked | None = None,
    ) -> Leg:  # fmt: skip
        """Send the packet from a namespace; follow it until it ends.

        It may carry a connection from the start, as an error carries that of what it is about.
        """
        space = self.scene.namespace(namespace)
        self._enter(space, None)
        self.log.add(kind, self.log.packet, origin)
        sent = connected(self, space, self.log.packet)
        if sent is None:
            return self.log.finished()
        self.sent = sent
        arrival = self.output(space, Skb(sent, tracked))
        hops = 0
        while arrival is not None:
            hops += 1
            if hops > _MOST_HOPS:
                raise RuntimeError("a packet went through more namespaces than its TTL allows")
            arrival = self._arrive(arrival)
        return self.log.finished()

    def _enter(self, space: Namespace, device: str | None) -> None:
        self.device_in = device
        self.log.enter(space.node, space.name, device)

    def _arrive(self, arrival: Arrival) -> Next:
        space = self.scene.namespace(arrival.namespace)
        self._enter(space, arrival.device)
        device = space.device(arrival.device)
        reason = Reason.of(ReasonCode.DEVICE_RECEIVED, device=device.name)
        self.log.add(StepKind.RECEIVED, arrival.packet, reason, device=device.name)
        skb = Skb(arrival.packet)
        return self.come_in(space, device, skb)

    def come_in(self, space: Namespace, device: Device, skb: Skb) -> Next:
        """A packet that came in by a device: to its program, its bridge, or the stack."""
        program = programs.attached(self, space, device, skb.packet)
        if program is not None:
            return programs.run(self, space, device, program, skb)
        if device.master is not None:
            return links.receive_on_bridge(self, space, device, skb)
        return self.receive(space, device.name, skb)

    # -------------------------------------------------- ends

    def finish(
        self, kind: StepKind, space: Namespace, packet: Packet, reason: Reason,
        message: str = "", place: RulePlace | None = None, owner: str | None = None,
        device: str | None = None, state: str | None = None, lookups: int = 0,
        tracked: Tracked | None = None,
    ) -> None:  # fmt: skip
        """The final step."""
        cost = Cost(place.skipped + 1, lookups) if place is not None and place.rule else Cost()
        self.log.add(
            kind, packet, reason, place=place, owner=owner, device=device, cost=cost, state=state
        )
        self.log.leave(None)
        self.end = End(kind, space.name, packet, self.device_in, message, tracked)

    def drop(
        self, space: Namespace, packet: Packet, code: ReasonCode, device: str | None = None,
        **fields: object,
    ) -> None:  # fmt: skip
        """A silent end."""
        self.finish(StepKind.DROPPED, space, packet, Reason.of(code, **fields), device=device)

    def hook(
        self, hook: Hook, space: Namespace, skb: Skb,
        in_device: str | None = None, out_device: str | None = None, bridge: str | None = None,
    ) -> bool:  # fmt: skip
        """Let a hook see the packet; False if that was its end, or IPVS has taken it."""
        host = self.scene.host(space.name)
        if host is None:
            return True
        reason = hook_reason(hook, skb, in_device or "", out_device or "", bridge)
        self.log.add(StepKind.HOOK_ENTERED, skb.packet, reason, place=RulePlace(hook))
        run = Traversal(hook, skb, host, self.scene.dice, self.log, in_device, out_device)
        ruling = run.run()
        if ruling.fate not in (Fate.ACCEPTED, Fate.TAKEN):
            self._ruled(space, skb, ruling, run.state)
        return ruling.fate is Fate.ACCEPTED

    def _ruled(self, space: Namespace, skb: Skb, ruling: Ruling, state: str | None) -> None:
        assert ruling.reason is not None
        self.finish(
            _KIND_OF[ruling.fate], space, skb.packet, ruling.reason, ruling.message,
            ruling.place, ruling.owner, state=state, lookups=ruling.lookups, tracked=skb.tracked,
        )  # fmt: skip

    # -------------------------------------------------- out

    def output(self, space: Namespace, skb: Skb) -> Next:
        """A packet made in this namespace (ip_local_out)."""
        route = self._route(space, skb)
        if route is None:
            return None
        before = skb.packet
        if not self.hook(Hook.OUTPUT, space, skb, out_device=route.device):
            return self._taken(space, skb, Hook.OUTPUT)
        if skb.scheduled is not None:
            return self._postroute(space, skb, route)
        if skb.packet.destination != before.destination or skb.packet.mark != before.mark:
            again = self._rerouted(space, skb, route)
            if again is None:
                return None
            route = again
        return self._postroute(space, skb, route)

    def _route(
        self, space: Namespace, skb: Skb, destination: IPAddress | None = None, came_by: str = ""
    ) -> Route | None:
        """Choose a route and say so; None if that was the end.

        The destination is the packet's own, unless IPVS is about to give it another.
        """
        destination = destination or skb.packet.destination
        routing, key = self.scene.routing(space.name), _key(skb.packet, came_by)
        route = routing.lookup(destination, key)
        if route is None:
            self.drop(space, skb.packet, ReasonCode.ROUTE_MISSING, destination=destination)
            return None
        if route.kind is RouteKind.BLACKHOLE:
            text = print_route(route)
            self.drop(space, skb.packet, ReasonCode.ROUTE_BLACKHOLE, route=text)
            return None
        reason = route_reason(route, destination, routing.rule_for(destination, key))
        self.log.add(StepKind.ROUTED, skb.packet, reason, device=route.device)
        return route

    def _rerouted(self, space: Namespace, skb: Skb, old: Route) -> Route | None:
        """After OUTPUT rewrote the packet, the kernel asks the routes again."""
        key = _key(skb.packet)
        route = self.scene.routing(space.name).lookup(skb.packet.destination, key)
        if route is None:
            self.drop(
                space, skb.packet, ReasonCode.ROUTE_MISSING, destination=skb.packet.destination
            )
            return None
        if route != old:
            reason = Reason.of(
                ReasonCode.ROUTE_AGAIN,
                destination=skb.packet.destination,
                device=_device_of(route),
                route=print_route(route),
            )
            self.log.add(StepKind.ROUTED, skb.packet, reason, device=_device_of(route))
        return route

    def _postroute(self, space: Namespace, skb: Skb, route: Route) -> Next:
        device = space.device(_device_of(route))
        if not self.fits(space, device, skb, route.mtu):
            return None
        if not self.hook(Hook.POSTROUTING, space, skb, out_device=device.name):
            return None
        if device.kind is DeviceKind.LOOPBACK:
            reason = Reason.of(ReasonCode.DEVICE_LOOPED, device=device.name)
            self.log.add(StepKind.SENT, skb.packet, reason, device=device.name)
            return self.receive(space, device.name, skb)
        next_hop = route.via or skb.packet.destination
        return links.transmit(self, space, device, next_hop, skb)

    def past_the_hooks(self, space: Namespace, skb: Skb) -> Next:
        """Out as the routes say, as bpf_redirect_neigh sends: no hook sees the packet."""
        route = self._route(space, skb)
        if route is None or not self.fits(space, space.device(_device_of(route)), skb, route.mtu):
            return None
        next_hop = route.via or skb.packet.destination
        return links.transmit(self, space, space.device(_device_of(route)), next_hop, skb)

    def fits(self, space: Namespace, device: Device, skb: Skb, most: int = 0) -> bool:
        """Whether the MTU of the device, and of the route, lets the packet pass (DF is set)."""
        size, mtu = skb.packet.size, min(device.mtu, most or device.mtu)
        if size <= mtu:
            return True
        reason = Reason.of(ReasonCode.MTU_EXCEEDED, size=size, mtu=mtu, device=device.name)
        self.finish(
            StepKind.REJECTED, space, skb.packet, reason, TOO_BIG, device=device.name,
            tracked=skb.tracked,
        )  # fmt: skip
        return False

    # -------------------------------------------------- in

    def receive(self, space: Namespace, device: str, skb: Skb) -> Next:
        """A packet that came in for the IP stack (ip_rcv)."""
        if not self.hook(Hook.PREROUTING, space, skb, in_device=device):
            return None
        return self.after_prerouting(space, device, skb)

    def after_prerouting(self, space: Namespace, device: str, skb: Skb) -> Next:
        """Route a packet that came in: to a socket here, or onwards."""
        if not self._plausible(space, device, skb.packet):
            return None
        route = self._route(space, skb, came_by=device)
        if route is None:
            return None
        if route.kind is RouteKind.LOCAL:
            return self._input(space, device, skb)
        return self._forward(space, device, skb, route)

    def _plausible(self, space: Namespace, device: str, packet: Packet) -> bool:
        """Loopback addresses are martians on any other device, unless route_localnet is set.

        kube-proxy sets it where node ports shall answer on 127.0.0.1.
        """
        if device == "lo" or (space.node is not None and self._route_localnet(space)):
            return True
        if packet.destination.is_loopback:
            code, ip = ReasonCode.MARTIAN_DESTINATION, packet.destination
        elif packet.source.is_loopback:
            code, ip = ReasonCode.MARTIAN_SOURCE, packet.source
        else:
            return True
        self.drop(space, packet, code, address=ip, device=device)
        return False

    def _route_localnet(self, space: Namespace) -> bool:
        return self.scene.host(space.name) is not None and self.scene.world.route_localnet(
            space.node or ""
        )

    def _input(self, space: Namespace, device: str, skb: Skb) -> Next:
        if not self.hook(Hook.INPUT, space, skb, in_device=device):
            return self._taken(space, skb, Hook.INPUT)
        tunnel = tunnels.tunnel_for(space, skb.packet)
        if tunnel is not None:
            return tunnels.decapsulate(self, space, tunnel, skb)
        reason = self.at_socket(space, skb.packet)
        kind = StepKind.UNKNOWN if reason.code in UNTOLD else StepKind.DELIVERED
        self.finish(kind, space, skb.packet, reason, device=device)
        return None

    def _taken(self, space: Namespace, skb: Skb, hook: Hook) -> Next:
        """What becomes of a packet that a hook kept: its end, unless IPVS took it.

        IPVS asks the routes for its real server, lowers the TTL as a router does, and sends the
        packet through OUTPUT and POSTROUTING (ip_vs_nat_xmit, ip_vs_nat_send_or_cont).
        """
        host = self.scene.host(space.name)
        if self.end is not None or skb.scheduled is None or host is None:
            return None
        route = self._route(space, skb, skb.scheduled.served.destination)
        if route is None or not self.lives(space, skb):
            return None
        if not self.fits(space, space.device(route.device), skb):
            return None
        from tui.sim.netfilter.ipvs_hook import translate

        translate(Passage(hook, skb, host, self.scene.dice, self.log), skb.packet.ttl - 1)
        if not self.hook(Hook.OUTPUT, space, skb, out_device=route.device):
            return None
        return self._postroute(space, skb, route)

    def lives(self, space: Namespace, skb: Skb) -> bool:
        """Whether the TTL lets the packet pass on."""
        if skb.packet.ttl > 1:
            return True
        expired = Reason.of(ReasonCode.TTL_EXPIRED)
        self.finish(
            StepKind.REJECTED, space, skb.packet, expired, _ICMP_TOO_OLD, tracked=skb.tracked
        )
        return False

    def _forward(self, space: Namespace, device: str, skb: Skb, route: Route) -> Next:
        """Pass a packet on (ip_forward): TTL and size are looked at before FORWARD is."""
        if self.scene.host(space.name) is None or not self.scene.facts(space.node or "").ip_forward:
            self.drop(space, skb.packet, ReasonCode.FORWARDING_OFF, node=space.name)
            return None
        if not self.lives(space, skb):
            return None
        out = _device_of(route)
        if not self.fits(space, space.device(out), skb, route.mtu):
            return None
        skb.packet = replace(skb.packet, ttl=skb.packet.ttl - 1)
        if not self.hook(Hook.FORWARD, space, skb, in_device=device, out_device=out):
            return None
        return self._postroute(space, skb, route)


_KIND_OF = {
    Fate.DROPPED: StepKind.DROPPED,
    Fate.REJECTED: StepKind.REJECTED,
    Fate.UNKNOWN: StepKind.UNKNOWN,
}


def _device_of(route: Route) -> str:
    """A local address is reached through lo, whatever device holds it."""
    return "lo" if route.kind is RouteKind.LOCAL else route.device


def _key(packet: Packet, came_by: str = "") -> FlowKey:
    """What routing rules see of a packet."""
    return FlowKey(packet.source, came_by, packet.mark)
