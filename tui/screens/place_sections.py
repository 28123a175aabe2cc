"""What is configured in a namespace, as the real commands would print it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tui.screens.sections import Block, Section, block, printed
from tui.session import Session
from tui.sim.engine.dumps import COMMANDS, installed
from tui.sim.model.value import replace
from tui.sim.routing.net_tools import print_route_table, print_rules
from tui.sim.routing.network import Device, Namespace, Network, RouteKind
from tui.sim.routing.text import (
    in_order,
    print_device,
    print_fdb,
    print_neighbour,
    print_route,
    route_command,
)
from tui.widgets.conntrack_text import print_entry
from tui.widgets.wiring import other_end, wires
from tui.words import Words
from tui.words.language import _

MOST_ADDRESSES = 8
"""Addresses of one device that are listed among other devices."""

MOST_ADDRESSES_ALONE = 200
"""Those that are listed where the device itself was asked for."""


def place_sections(
    session: Session, space: Namespace, device: str, words: Words
) -> Iterator[Section]:
    """Network, routes, what conntrack remembers at this moment, and a node's rules."""
    network = session.world.network
    yield Section(words(_("network")), lambda: network_blocks(space, device, words, network))
    yield Section(words(_("routes")), lambda: route_blocks(space, device))
    if space.name.startswith("node/") or space.name in session.conntrack:
        yield Section("conntrack", lambda: [_conntrack(session, space)])
    if space.name.startswith("node/") and space.node is not None:
        yield from _rules(session, space.node, words)


def _rules(session: Session, node: str, words: Words) -> Iterator[Section]:
    """A section for each tool that prints rules."""
    if session.world.cluster.node(node) is None:
        return
    for name, print_all in installed(session.world, node).items():
        yield _tool(name, print_all, words)


def _tool(name: str, print_all: Callable[[], str], words: Words) -> Section:
    label = name.removesuffix("-save")
    return Section(label, lambda: [printed(COMMANDS[name], print_all(), words)])


def _conntrack(session: Session, space: Namespace) -> Block:
    """All that the host remembers at the cursor's moment."""
    entries = session.conntrack.get(space.name, ())
    return block("conntrack -L", [print_entry(each, session.before.now) for each in entries])


# ---------------------------------------------------------------- devices and routes


def network_blocks(
    space: Namespace, device: str, words: Words, network: Network | None = None
) -> Iterator[Block]:
    """Devices, routes, neighbours, wires and forwarding entries; a network tells of the wires."""
    devices = tuple(d for d in space.devices if device in ("", d.name))
    index = {each.name: i + 1 for i, each in enumerate(space.devices)}
    most = MOST_ADDRESSES_ALONE if device else MOST_ADDRESSES
    lines = [line for d in devices for line in _shown(index[d.name], d, most, words)]
    yield block("ip addr", lines, device)
    yield from _routes(space, device)
    yield block("ip neigh", [print_neighbour(n) for n in space.neighbours], device)
    joined = wires(network, space.name, device, words) if network else []
    if joined:
        yield block(f"# {words('wired to')}", joined, device)
    if space.fdb:
        yield block("bridge fdb show", _fdb(space), device)


def _fdb(space: Namespace) -> list[str]:
    masters = {device.name: device.master for device in space.devices}
    return [print_fdb(entry, masters.get(entry.device)) for entry in space.fdb]


def _routes(space: Namespace, device: str) -> Iterator[Block]:
    """The table main of each IP version that there is."""
    main = in_order(r for r in space.routes if r.kind is not RouteKind.LOCAL)
    for version in (4, 6):
        texts = [print_route(r) for r in main if r.destination.version == version]
        if texts or version == 4:
            yield block(route_command(version, RouteKind.UNICAST), texts, device)


def route_blocks(space: Namespace, device: str) -> Iterator[Block]:
    """Which tables are asked, and what is in them, the older tool's words first."""
    yield block("route -n", print_route_table(space.routes), device)
    yield from _routes(space, device)
    yield block("ip rule", print_rules(4))
    yield block(route_command(4, RouteKind.LOCAL), _local(space), device)


def _local(space: Namespace) -> Iterable[str]:
    found = (r for r in space.routes if r.kind is RouteKind.LOCAL and r.destination.version == 4)
    return [print_route(route) for route in in_order(found)]


def _shown(index: int, device: Device, most: int, words: Words) -> Iterator[str]:
    """A device with so many of its addresses; kube-ipvs0 bears those of all Services."""
    left = len(device.addresses) - most
    if left <= 1:
        yield from print_device(index, device)
    else:
        yield from print_device(index, replace(device, addresses=device.addresses[:most]))
        yield f"    … {words('{count} more addresses', count=left)}"
    if device.peer is not None:
        yield f"    # {other_end(device.peer, words)}"
