"""The dummy device kube-ipvs0 with the addresses of Services, as IPVS mode has it on each node.

So a packet to a Service is one to the node itself: it goes to INPUT, where IPVS waits, and a
process of the node that calls a Service bears the Service's own address as its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_interface

from tui.sim.cni.machine import local_routes, mac, node_place
from tui.sim.model.address import IPAddress
from tui.sim.model.value import replace, value
from tui.sim.routing.network import Device, DeviceKind, Namespace, Network, Route

DEVICE = "kube-ipvs0"
"""Its name. It is never brought up: only its addresses count."""


@value
class Bound:
    """The device with its addresses, and the routes that make them the node's own."""

    device: Device
    """The device."""
    routes: tuple[Route, ...]
    """A local route for each address."""


def bound_to(node: str, ips: tuple[IPAddress, ...]) -> Bound:
    """The device on a node, with these addresses."""
    own = tuple(ip_interface(ip) for ip in ips)
    device = Device(DEVICE, DeviceKind.DUMMY, mac(f"{node} {DEVICE}"), addresses=own)
    routes = (route for route in local_routes((device,)) if route.device == DEVICE)
    return Bound(device, tuple(routes))


def with_virtual_addresses(network: Network, bound: Callable[[str], Bound | None]) -> Network:
    """A network whose nodes have the device; `bound` gives it by the node's name."""
    return replace(network, namespaces=_Binding(network.namespaces, bound))


class _Binding(Mapping[str, Namespace]):
    """Namespaces of which a node's gets its device when it is first asked for.

    Each device has the addresses of all Services: five hundred nodes with ten thousand addresses
    would be five million, and a packet meets two or three of these nodes.
    """

    def __init__(
        self, plain: Mapping[str, Namespace], bound: Callable[[str], Bound | None]
    ) -> None:
        self._spaces = dict(plain)
        self._waiting = {
            name: space.node
            for name, space in plain.items()
            if space.node is not None and name == node_place(space.node)
        }
        self._bound = bound

    def __getitem__(self, name: str) -> Namespace:
        node = self._waiting.pop(name, None)
        found = self._bound(node) if node is not None else None
        if found is not None:
            space = self._spaces[name]
            self._spaces[name] = replace(
                space,
                devices=(*space.devices, found.device),
                routes=(*found.routes, *space.routes),
            )
        return self._spaces[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._spaces)

    def __len__(self) -> int:
        return len(self._spaces)
