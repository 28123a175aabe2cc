"""What can be found by name: pods and nodes, Services, devices and containers.

Names and addresses are known before anything is wired, and in a big cluster they are all that
is listed: devices come with the few nodes and pods that were named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tui.screens.hints import HEADLESS, Hint, matching
from tui.screens.places import home_of
from tui.sim.engine.world import World
from tui.sim.model.address import IPAddress
from tui.sim.routing.network import DeviceKind, Namespace, Network
from tui.words.language import _

MANY = 200
"""Nodes and pods from which on their devices are not listed unasked."""
FEW = 10
"""Nodes and pods so few that each of their devices is listed."""


def findable(world: World) -> list[Hint]:
    """Everything with a name: nodes and pods, Services, then devices, and containers."""
    places = list(_places(world.network))
    shown = [] if has_many(world) else [world.network.namespace(hint.place) for hint in places]
    return [
        *places,
        *_services(world),
        *(hint for space in shown for hint in _devices(space)),
        *_containers(world),
    ]


def has_many(world: World) -> bool:
    """Whether there are so many nodes and pods that their devices are a crowd."""
    machines = world.network.machines.values()
    return sum(len(places) for places in machines) > MANY


def devices_named(world: World, hints: Sequence[Hint], text: str) -> list[Hint]:
    """Devices of the few places that a text names, with or without its last word."""
    spaces = world.network.namespaces
    for asked in dict.fromkeys((text, text.strip().rpartition(" ")[0])):
        found = [hint.place for hint in matching(hints, asked) if hint.place in spaces]
        if found and len(found) <= FEW:
            devices = [device for place in found for device in _devices(spaces[place])]
            return matching(devices, text)
    return []


def _places(network: Network) -> Iterator[Hint]:
    """Nodes, then pods, each with its addresses."""
    notes = _addresses(network.nodes) | _addresses(network.pods)
    homes = network.machines.values()
    for place in (*(p for own in homes for p in own[:1]), *(p for own in homes for p in own[1:])):
        yield Hint(place, ", ".join(notes.get(place, ())))


def _addresses(holders: Mapping[IPAddress, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for ip, place in holders.items():
        found.setdefault(place, []).append(str(ip))
    return found


def _services(world: World) -> Iterator[Hint]:
    for s in world.cluster.services:
        note = "" if s.headless else ", ".join(s.cluster_ips) or s.type
        yield Hint(f"svc/{s.namespace}/{s.name}", note, HEADLESS if s.headless else "")


def _devices(ns: Namespace) -> Iterator[Hint]:
    for device in ns.devices:
        if device.kind is not DeviceKind.LOOPBACK:
            yield Hint(f"{ns.name} {device.name}", ", ".join(str(a) for a in device.addresses))


def _containers(world: World) -> Iterator[Hint]:
    spaces = world.network.namespaces
    for pod in world.cluster.pods:
        if home_of(pod) in spaces:
            for container in pod.containers:
                yield Hint(f"pod/{pod.namespace}/{pod.name}/{container.name}", "", _("container"))
