"""Where a command is typed: a namespace, and what the kernel under it knows besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from tui.sim.model.shown import shown, some_of
from tui.sim.routing.iproute2.arguments import CommandError
from tui.sim.routing.iproute2.rules import of_version
from tui.sim.routing.lookup import RoutingTable
from tui.sim.routing.network import Device, DeviceKind, Namespace, Network


@dataclass(frozen=True)
class View:
    """A namespace as its own `ip` sees it."""

    space: Namespace
    """The namespace."""
    far: Callable[[str], Namespace | None] = field(default=lambda _place: None)
    """Another namespace by its name: the other ends of veths have indexes there."""
    forwards: bool = False
    """net.ipv4.ip_forward, and the same of IPv6."""
    localnet: bool = False
    """route_localnet: 127.0.0.0/8 may come in by any device."""

    @staticmethod
    def of(
        space: Namespace,
        network: Network | None = None,
        *,
        forwards: bool = False,
        localnet: bool = False,
    ) -> View:
        """A namespace, in a network if there is one."""
        far = network.namespaces.get if network is not None else lambda _place: None
        return View(space, far, forwards, localnet)

    @cached_property
    def routing(self) -> RoutingTable:
        """The routes, ready to be asked."""
        return RoutingTable(self.space)

    @cached_property
    def indexes(self) -> dict[str, int]:
        """The index of each device."""
        return indexes(self.space)

    @cached_property
    def devices(self) -> tuple[Device, ...]:
        """All devices by their indexes, as the kernel lists them."""
        return tuple(sorted(self.space.devices, key=lambda device: self.indexes[device.name]))

    def device(self, name: str) -> Device:
        """A device by its name. Raises CommandError."""
        for device in self.space.devices:
            if device.name == name:
                return device
        known = some_of(device.name for device in self.devices)
        raise CommandError(f'Device "{shown(name)}" does not exist; there are: {known}')

    def peer_index(self, device: Device) -> int | None:
        """The index of a veth's other end, where that is."""
        if device.peer is None:
            return None
        place, name = device.peer
        far = self.space if place == self.space.name else self.far(place)
        return indexes(far).get(name) if far is not None else None

    @cached_property
    def netnsids(self) -> dict[str, int]:
        """Numbers for the other namespaces that devices lead to, given when the first does."""
        far = [d.peer[0] for d in self.devices if d.peer and d.peer[0] != self.space.name]
        return {place: number for number, place in enumerate(dict.fromkeys(far))}

    def learns(self, device: Device) -> Device | None:
        """The device at the other end of a veth."""
        far = self.far(device.peer[0]) if device.peer is not None else None
        if far is None or device.peer is None:
            return None
        return next((each for each in far.devices if each.name == device.peer[1]), None)

    @property
    def has_rules(self) -> bool:
        """Somebody added IPv4 rules: the tables local and main are then kept apart."""
        return any(of_version(self.space, rule, 4) for rule in self.space.rules)


def indexes(space: Namespace) -> dict[str, int]:
    """Devices numbered in the order of their making: lo, the machine's own, those of its pods.

    So the machine's own keep their numbers while pods come and go.
    """
    ordered = sorted(space.devices, key=_rank)
    return {device.name: number for number, device in enumerate(ordered, start=1)}


def _rank(device: Device) -> int:
    if device.kind is DeviceKind.LOOPBACK:
        return 0
    return 2 if device.kind is DeviceKind.VETH else 1
