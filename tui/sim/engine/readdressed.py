"""The same pods by their addresses in another world, where a plugin gave them others."""

from __future__ import annotations

from tui.sim.engine.injection import Choices, Injection
from tui.sim.engine.world import World
from tui.sim.model.address import IPAddress, address, endpoint_text
from tui.sim.model.value import replace


def same_packet(injection: Injection, before: World, now: World) -> Injection:
    """The packet between the same places; a pod that is named by its address keeps its part."""
    if _same_addresses(before, now):
        return injection
    return replace(
        injection,
        source=same_end(injection.source, before, now),
        destination=same_end(injection.destination, before, now),
    )


def same_choices(choices: Choices, before: World, now: World) -> Choices:
    """The choices with the same endpoint pinned."""
    if choices.pin is None or _same_addresses(before, now):
        return choices
    return replace(choices, pin=same_end(choices.pin, before, now))


def same_end(text: str, before: World, now: World) -> str:
    """`10.244.0.5:8080` by the address that the pod has now; any other text as it is."""
    host, colon, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "")
    try:
        ip = address(host)
    except ValueError:
        return text
    moved = _moved(ip, before, now)
    if moved is None:
        return text
    return endpoint_text(moved, int(port)) if colon and port.isdigit() else str(moved)


def _same_addresses(before: World, now: World) -> bool:
    return before.addressing is None and now.addressing is None


def _moved(ip: IPAddress, before: World, now: World) -> IPAddress | None:
    place = next((site.place for site in before.pod_sites if ip in site.ips), None)
    ips = next((site.ips for site in now.pod_sites if site.place == place), ())
    return next((each for each in ips if each.version == ip.version), None)
