"""The engine's two functions: one outcome, or all of them."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from tui.sim.cni.site import PodSite
from tui.sim.engine.dice import TAKE_FIRST, SeededDice
from tui.sim.engine.injection import Choices, Injection, PlaceError
from tui.sim.engine.names import Conversation, Lookup, looked_up
from tui.sim.engine.places import Origin, Target, entry_node, origin_of, same_family, target_of
from tui.sim.engine.scene import Scene
from tui.sim.engine.state import State
from tui.sim.engine.story import exchange, outcome_of
from tui.sim.engine.world import World
from tui.sim.model.address import Family, IPAddress, family_of
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.value import replace, value
from tui.sim.routing.network import Network
from tui.sim.trace import Flow, Outcome, Trace
from tui.sim.trace.check import check_trace

MOST_OUTCOMES = 20_000
"""Outcomes that are listed before the engine gives up."""


def send(
    world: World, state: State, injection: Injection, choices: Choices | None = None
) -> tuple[Trace, State]:
    """Send one packet; give its trace and what is remembered from then on.

    Raises PlaceError if a place is not there.
    """
    asked = _asked(world, state, injection)
    outcome, scene = _one(asked, choices or Choices())
    return _trace(asked, (outcome,)), scene.frozen()


def outcomes(world: World, state: State, injection: Injection) -> Trace:
    """Every outcome that chance allows, with probabilities that sum to 1. Raises PlaceError."""
    asked = _asked(world, state, injection)
    return _trace(asked, tuple(_all(asked)))


@value
class _Asked:
    """An injection made out: who sends what, and through which network."""

    world: World
    state: State
    network: Network
    origin: Origin
    target: Target
    injection: Injection
    packet: Packet
    lookup: Lookup | None
    entry: str


def _trace(asked: _Asked, found: tuple[Outcome, ...]) -> Trace:
    flow = Flow(asked.origin.place, asked.target.place, asked.packet)
    trace = Trace(flow, asked.world.mode_name, asked.world.cni, found)
    check_trace(trace)
    return trace


def _one(asked: _Asked, choices: Choices) -> tuple[Outcome, Scene]:
    scene = Scene(asked.world, asked.network, asked.state, SeededDice(choices), asked.entry)
    held = asked.lookup.held(scene) if asked.lookup is not None else _NOTHING_ASKED
    if held.failed is not None and held.query is not None:
        return outcome_of(scene, held.legs, held.failed, held.query), scene
    told = exchange(scene, asked.origin.namespace, asked.packet, process=asked.origin.place)
    return outcome_of(scene, held.legs, told, asked.packet), scene


_NOTHING_ASKED = Conversation(())


def _all(asked: _Asked) -> Iterator[Outcome]:
    """Each way that chance can fall, depth first, by telling the dice what to do."""
    branches: tuple[int, ...] = ()
    for _ in range(MOST_OUTCOMES):
        outcome, scene = _one(asked, Choices(branches=branches, seed=TAKE_FIRST))
        if outcome.probability > 0:
            yield outcome
        following = scene.dice.following
        if following is None:
            return
        branches = following
    raise PlaceError(
        f"{asked.target.place}: more than {MOST_OUTCOMES} outcomes; ask for one of them with a seed"
    )


# ---------------------------------------------------------------- making an injection out


def _asked(world: World, state: State, injection: Injection) -> _Asked:
    origin = origin_of(world, injection)
    target = target_of(world, injection)
    lookup = looked_up(world, origin, target) if target.name is not None else None
    if lookup is not None and lookup.leaves:
        # nothing but the question is ever sent, and it is what the flow is about
        target = replace(lookup.target, place=target.place)
    ips = target.ips if lookup is None or lookup.leaves else lookup.addresses
    entry = _entry(world, injection, origin, ips)
    network = _network(world, origin, ips)
    packet = _packet(world, state, network, origin, target, injection, ips)
    return _Asked(world, state, network, origin, target, injection, packet, lookup, entry)


def _entry(world: World, injection: Injection, origin: Origin, ips: tuple[IPAddress, ...]) -> str:
    """The node at which something from outside enters: the one addressed, else the one named."""
    if injection.node is None and origin.external is not None:
        for node in world.cluster.nodes:
            if set(ips) & set(node.internal_ips):
                return node.name
    if injection.node is None and not world.cluster.nodes:
        raise PlaceError("the cluster has no Node object: add one, packets travel between nodes")
    return entry_node(world, injection.node).name


def _network(world: World, origin: Origin, ips: tuple[IPAddress, ...]) -> Network:
    """The world's network, with the pods and machines that the addresses imply."""
    pods = [origin.implied] if origin.implied is not None else []
    held = world.pod_addresses
    for ip in ips:
        home = world.node_holding(ip)
        if home is not None and ip not in held and not any(ip in p.ips for p in pods):
            pods.append(PodSite(f"pod/{ip}", home.name, (ip,), implied=True))
    outside = [origin.external] if origin.external is not None else []
    outside += [ip for ip in ips if _is_outside(world, ip) and ip not in outside]
    return world.network_with(tuple(pods), tuple(outside))


def _is_outside(world: World, ip: IPAddress) -> bool:
    """A public machine: no address of a node, a pod or a Service."""
    if ip.is_loopback or world.node_holding(ip) is not None:
        return False
    if any(ip in node.internal_ips for node in world.cluster.nodes):
        return False
    return str(ip) not in world.service_addresses


def _packet(
    world: World, state: State, network: Network, origin: Origin, target: Target,
    injection: Injection, ips: tuple[IPAddress, ...],
) -> Packet:  # fmt: skip
    source_family = {family_of(ip) for ip in origin.ips} & (
        {injection.family} if injection.family is not None else set(Family)
    )
    destination = next((ip for ip in ips if family_of(ip) in source_family), None)
    if destination is None:
        raise PlaceError(
            f"{target.place}: has no address of the sender's family "
            f"({', '.join(sorted(source_family)) or 'none'})"
        )
    dport = target.port if target.port is not None else injection.dport
    protocol = target.protocol or injection.protocol
    if protocol.has_ports and dport is None:
        raise PlaceError(f"{target.place}: name a port, as {target.place}:80")
    source = _source(world, network, origin, destination)
    sport = injection.sport or _ephemeral(state, source, destination, dport or 0)
    return Packet(
        source=source,
        destination=destination,
        protocol=protocol,
        sport=sport if protocol.has_ports else 0,
        dport=dport or 0 if protocol.has_ports else 0,
        flags="SYN" if protocol is Protocol.TCP else "",
        size=injection.size,
    )


def _source(world: World, network: Network, origin: Origin, destination: IPAddress) -> IPAddress:
    """The sender's address: as given, else as its route decides."""
    own = same_family(origin.ips, family_of(destination))
    assert own is not None
    if origin.fixed:
        return own
    chosen = world.routing(network.namespace(origin.namespace)).source_for(destination)
    return chosen or own


def _ephemeral(state: State, source: IPAddress, destination: IPAddress, dport: int) -> int:
    """A source port of Linux's ephemeral range (32768 to 60999) that follows from the packet."""
    text = f"{source}/{destination}/{dport}/{state.sent}"
    return 32768 + int.from_bytes(sha256(text.encode()).digest()[:4], "big") % 28232
