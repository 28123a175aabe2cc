"""What a page of a lesson is about on the map, and whether the learner has looked at it."""

from __future__ import annotations

from collections.abc import Iterator

from tui.course.lesson import Sight
from tui.sim.engine.injection import Injection, PlaceError
from tui.sim.engine.places import origin_of, target_of
from tui.sim.engine.world import World
from tui.sim.model.address import IPAddress
from tui.sim.model.cluster import Service
from tui.sim.routing.network import DeviceKind, Network
from tui.widgets.lesson_page import Page


def sought(page: Page, world: World) -> tuple[str, ...]:
    """What must be on the map: what is to be found, and the ends of the page's packets."""
    sight, packet, task = page.step.find, page.step.packet, page.step.task
    if sight is not None:
        return (f"svc/{sight.service}" if sight.service else sight.namespace,)
    if task is not None:
        flows = [goal.packet.injection for goal in task.goals]
    else:
        flows = [packet.injection] if packet is not None else []
    return tuple(dict.fromkeys(end for flow in flows for end in _ends(world, flow)))


def _ends(world: World, injection: Injection) -> Iterator[str]:
    try:
        yield origin_of(world, injection).namespace
        for ip in target_of(world, injection).ips:
            yield from bearers(world, ip)
    except PlaceError:
        return


def bearers(world: World, ip: IPAddress) -> Iterator[str]:
    """The pod or node that an address leads to, or the Services that it belongs to."""
    held = world.network.pods.get(ip) or world.network.nodes.get(ip)
    if held:
        yield held
    for service in world.cluster.services:
        if str(ip) in _addresses(service):
            yield f"svc/{service.namespace}/{service.name}"


def _addresses(service: Service) -> tuple[str, ...]:
    balanced = tuple(each.ip for each in service.load_balancer)
    return (*service.cluster_ips, *service.external_ips, *balanced)


def is_sight(sight: Sight, network: Network, place: str, device: str) -> bool:
    """Whether what was looked at is what was to be found.

    A pod that has one device besides lo is that device, to all that can be seen of it.
    """
    if sight.service:
        return place == f"svc/{sight.service}"
    if sight.namespace != place:
        return False
    return not sight.device or sight.device in (device, _only_device(network, place, device))


def _only_device(network: Network, place: str, device: str) -> str:
    """The one device of a namespace that was looked at as a whole; nothing if it has more."""
    found = network.namespaces.get(place)
    if device or found is None:
        return ""
    names = [each.name for each in found.devices if each.kind is not DeviceKind.LOOPBACK]
    return names[0] if len(names) == 1 else ""
