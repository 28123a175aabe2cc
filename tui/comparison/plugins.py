"""One packet under several CNI plugins, side by side: devices, headers and MTU on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.comparison.modes import Way, way_in
from tui.session import Milestone
from tui.sim.engine import Choices, Injection, State, World, send
from tui.sim.engine.readdressed import same_choices, same_packet
from tui.sim.model.packet import Packet
from tui.sim.model.value import replace, value
from tui.sim.routing.network import Device, DeviceKind, Namespace
from tui.sim.trace import Leg, Role, StepKind, Verdict


@value
class Stretch:
    """A device by which the packet left a namespace."""

    namespace: str
    """Where it left."""
    device: str
    """By which device."""
    kind: DeviceKind
    """What that is."""
    mtu: int
    """The largest IP packet that the device takes, or the route by it, in bytes."""
    packet: Packet
    """The packet as it left, outer header and all."""

    @property
    def largest(self) -> int:
        """The largest packet of the sender that fits through here, in bytes."""
        return self.mtu - (self.packet.size - self.packet.innermost.size)


@value
class PluginWay:
    """The packet's way under one plugin."""

    name: str
    """As `--cni` names the plugin."""
    injection: Injection
    """The packet, its pods by the addresses that they have here."""
    way: Way
    """What became of it, milestone by milestone."""
    stretches: tuple[Stretch, ...]
    """The devices that the request left by, in order."""
    back: tuple[str, ...]
    """The devices that the answer left by, as `namespace device`."""

    @property
    def on_the_wire(self) -> Packet | None:
        """The packet as it first left a node by a network card; None if it never did."""
        cards = (each for each in self.stretches if each.kind is DeviceKind.PHYSICAL
                 and each.namespace.startswith("node/"))  # fmt: skip
        return next((each.packet for each in cards), None)

    @property
    def first_node(self) -> tuple[str, ...]:
        """The devices of the first node that the packet was in, cables of pods left out."""
        home = next((s.namespace for s in self.stretches if s.namespace.startswith("node/")), "")
        hops = [hop for hop in self.way.outcome.request.hops if hop.namespace == home]
        names = (step.device for hop in hops for step in hop.steps if step.device)
        cables = {hop.device_in for hop in hops if hop.device_in} - self._own_names(home)
        return tuple(name for name in dict.fromkeys(names) if name not in cables)

    def _own_names(self, home: str) -> set[str]:
        return {each.device for each in self.stretches if each.namespace == home}

    @property
    def largest(self) -> int | None:
        """The largest packet that passes every device of the way, in bytes."""
        return min((stretch.largest for stretch in self.stretches), default=None)

    @property
    def ttl_seen(self) -> int | None:
        """The TTL that the receiver saw; None if nobody received the packet."""
        if self.way.outcome.verdict is not Verdict.DELIVERED:
            return None
        return self.way.outcome.request.end.packet.innermost.ttl

    @property
    def same_way_back(self) -> bool | None:
        """Whether the answer passed the namespaces of the request; None without an answer."""
        if not self.back:
            return None
        there = [hop.namespace for hop in self.way.outcome.request.hops]
        return list(dict.fromkeys(self.back)) == list(dict.fromkeys(reversed(there)))


@value
class PluginComparison:
    """The same packet under every plugin."""

    source: str
    """Where it starts, as asked."""
    destination: str
    """Where it shall go, as asked."""
    mode: str
    """kube-proxy's mode."""
    ways: tuple[PluginWay, ...]
    """One for each plugin."""

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        """The milestones that are passed under any plugin, in their usual order."""
        passed = {each.milestone for way in self.ways for each in way.way.passages}
        return tuple(milestone for milestone in Milestone if milestone in passed)


def compare_plugins(
    world: World,
    state: State,
    injection: Injection,
    choices: Choices | None = None,
    plugins: Sequence[str] = (),
) -> PluginComparison:
    """Send a packet under each plugin, from the same state; all plugins if none is named.

    Chance falls everywhere as it falls in the world's own. Raises PlaceError and NotBuiltError.
    """
    own, _ = send(world, state, injection, choices)
    first, picked = own.outcomes[0], choices or Choices()
    if picked.pin is None and first.dnat and first.destination is not None:
        picked = replace(picked, pin=first.destination, branches=())
    ways = tuple(
        _way(world, state, injection, picked, name) for name in plugins or tuple(world.plugins)
    )
    flow = own.flow
    return PluginComparison(flow.source, flow.destination, world.proxy.mode.value, ways)


def _way(
    world: World, state: State, injection: Injection, choices: Choices, name: str
) -> PluginWay:
    there = world if name == world.cni else world.with_plugin(name)
    asked = same_packet(injection, world, there)
    way = way_in(there, state, asked, same_choices(choices, world, there))
    legs = way.outcome.legs
    back = next((leg for leg in legs if leg.role is Role.REPLY), None)
    hops = tuple(hop.namespace for hop in back.hops) if back is not None else ()
    return PluginWay(name, asked, way, tuple(_stretches(there, way.outcome.request)), hops)


def _stretches(world: World, leg: Leg) -> Iterator[Stretch]:
    """The devices that a leg leaves by, tunnels before the cards that they leave by.

    A machine out in the world is none of the plugin's.
    """
    for hop in leg.hops:
        space = world.network.namespaces.get(hop.namespace)
        known = {device.name: device for device in space.devices} if space is not None else {}
        into = ((step.device, step.packet.innermost) for step in hop.steps
                if step.kind is StepKind.ENCAPSULATED)  # fmt: skip
        for name, packet in (*into, (hop.device_out, hop.steps[-1].packet)):
            device = known.get(name or "")
            if space is not None and device is not None:
                mtu = _mtu(world, space, device, packet)
                yield Stretch(hop.namespace, device.name, device.kind, mtu, packet)


def _mtu(world: World, space: Namespace, device: Device, packet: Packet) -> int:
    """What a device takes, or less where the route by it says so."""
    route = world.routing(space).lookup(packet.destination)
    told = route.mtu if route is not None and route.device == device.name else 0
    return min(device.mtu, told or device.mtu)
