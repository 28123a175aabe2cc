"""The packet's way as spots on the map: where it was, where it is, and how it got there."""

from __future__ import annotations

from enum import StrEnum

from tui.session import Moment, Session
from tui.sim.model.value import value
from tui.sim.netfilter.hooks import Hook
from tui.sim.routing.network import DeviceKind, Network
from tui.sim.trace import Role as LegRole
from tui.sim.trace import StepKind
from tui.theme import Look, look_of
from tui.widgets.map_cast import NODE

Spot = tuple[str, str]
"""(namespace, device); the device is empty for a namespace as a whole and `stack` for the
kernel's IP layer of a node."""

STACK = "stack"


class Way(StrEnum):
    """How a piece of the path was walked."""

    REQUEST = "request"
    REPLY = "reply"


@value
class Path:
    """What the map needs to know of the session's cursor."""

    walked: tuple[tuple[Spot, Way], ...] = ()
    """Spots in the order in which they were passed."""
    here: Spot | None = None
    """Where the packet is."""
    hook: str = ""
    """The hook that it is in, if any."""
    hooks: frozenset[tuple[str, str]] = frozenset()
    """(node namespace, hook) of all hooks passed by the current leg."""
    tunnelled: bool = False
    """The packet is inside a tunnel."""
    tunnels: tuple[tuple[Spot, Spot], ...] = ()
    """Pairs of tunnel devices between which a tunnel has carried it, in order."""
    end: Look | None = None
    """How the leg ended, where it ends under the cursor."""


def path_of(session: Session) -> Path:
    """The way up to the cursor."""
    now = session.moment
    if now is None:
        return Path()
    network = session.world.network
    passed = session.moments[: session.position + 1]
    walked: list[tuple[Spot, Way]] = []
    for moment in passed:
        spot = spot_of(moment, network)
        way = Way.REQUEST if moment.leg.role in _OUTWARD else Way.REPLY
        if not walked or walked[-1] != (spot, way):
            walked.append((spot, way))
    return Path(
        tuple(walked),
        walked[-1][0],
        now.step.place.hook if now.step.place else "",
        frozenset(_hooks(passed, now.leg_number)),
        now.step.packet.inner is not None,
        tuple(_tunnels(passed, network)),
        look_of(now.step) if now.step.kind.final else None,
    )


_OUTWARD = frozenset({LegRole.DNS, LegRole.REQUEST, LegRole.LATER})


def spot_of(moment: Moment, network: Network) -> Spot:
    """Where on the map a step takes place."""
    namespace, step = moment.hop.namespace, moment.step
    if not namespace.startswith(NODE):
        return namespace, ""
    if step.place is not None or step.device is None or step.kind in _IN_STACK:
        return namespace, STACK
    known = network.namespaces.get(namespace)
    device = next((d for d in known.devices if d.name == step.device), None) if known else None
    if device is None or device.kind is DeviceKind.LOOPBACK:
        return namespace, STACK
    return namespace, device.name


_IN_STACK = frozenset(
    {
        StepKind.ROUTED,
        StepKind.NEIGHBOUR_FOUND,
        StepKind.DELIVERED,
        StepKind.ORIGINATED,
        StepKind.TRACKED,
        StepKind.TRANSLATED,
        StepKind.CONFIRMED,
    }
)


def _hooks(passed: tuple[Moment, ...], leg: int) -> set[tuple[str, str]]:
    return {
        (m.hop.namespace, m.step.place.hook)
        for m in passed
        if m.leg_number == leg and m.step.place and m.step.place.hook in Hook.__members__
    }


def _tunnels(passed: tuple[Moment, ...], network: Network) -> list[tuple[Spot, Spot]]:
    """From which tunnel device to which, for every tunnel entered so far."""
    found = []
    for moment in passed:
        far = network.cards.get(moment.step.packet.destination)
        home = moment.hop.namespace
        if moment.step.kind is StepKind.ENCAPSULATED and far and home.startswith(NODE):
            device = moment.step.device or ""
            found.append(((home, device), (far[0], device)))
    return found
