"""The dummy device kube-ipvs0 with the addresses of Services, as IPVS mode has it on each node.

So a packet to a Service is one to the node itself: it goes to INPUT, where IPVS waits, and a
process of the node that calls a Service bears the Service's own address as its source.
"""

from __future__ import annotations

from ipaddress import ip_interface

from tui.sim.cni.machine import local_routes, mac
from tui.sim.model.address import IPAddress
from tui.sim.model.value import replace, value
from tui.sim.routing.network import Device, DeviceKind, Namespace, Route

DEVICE = "kube-ipvs0"
"""Its name. It is never brought up: only its addresses count."""


@value
class Bound:
    """The device with its addresses, and the routes that make them the node's own."""

    device: Device
    """The device."""
    routes: tuple[Route, ...]
    """A local route for each address."""

    def to(self, machine: Namespace) -> Namespace:
        """A node that has the device."""
        return replace(
            machine,
            devices=(*machine.devices, self.device),
            routes=(*self.routes, *machine.routes),
        )


def bound_to(node: str, ips: tuple[IPAddress, ...]) -> Bound:
    """The device on a node, with these addresses."""
    own = tuple(ip_interface(ip) for ip in ips)
    device = Device(DEVICE, DeviceKind.DUMMY, mac(f"{node} {DEVICE}"), addresses=own)
    routes = (route for route in local_routes((device,)) if route.device == DEVICE)
    return Bound(device, tuple(routes))
