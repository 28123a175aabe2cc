"""What is configured in a namespace, as the real commands would print it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tui.screens.packet_route import packet_at
from tui.screens.sections import Block, Section, block, printed
from tui.session import Session
from tui.sim.cni.site import Addressing
from tui.sim.engine.dumps import COMMANDS, installed
from tui.sim.engine.look import view_of
from tui.sim.model.address import IPAddress
from tui.sim.routing.iproute2 import CommandError, View, answer
from tui.sim.routing.iproute2.kernel_routes import LOCAL
from tui.sim.routing.iproute2.links import print_device
from tui.sim.routing.iproute2.route_get import Asked, command_for
from tui.sim.routing.iproute2.route_get import answer as route_get
from tui.sim.routing.iproute2.routes import tables_of
from tui.sim.routing.iproute2.rules import of_version
from tui.sim.routing.network import MAIN, Device, Namespace, Network
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
    view = view_of(session.world, space, network)
    yield Section(words(_("network")), lambda: network_blocks(view, device, words, network))
    yield Section(words(_("routes")), lambda: route_blocks(view, device, packet_at(session, view)))
    if space.name.startswith("node/") and session.world.addressing is not None:
        given = session.world.addressing
        yield Section(words(_("cards")), lambda: [card_block(given, space.node or "", words)])
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


def card_block(given: Addressing, node: str, words: Words) -> Block:
    """The cards that a cloud attached to a node, how full they are, and what it may have."""
    leased = [device for ip, device in given.leases.values() if _is_on(given, node, ip)]
    lines = [
        words(
            _("{device} {address}: {leased} of {all} addresses are leased to pods"),
            device=card.device, address=card.address, leased=leased.count(card.device),
            all=len(card.pool),
        )
        for card in given.interfaces.get(node, ())
    ]  # fmt: skip
    most = given.capacities.get(node)
    if most is not None:
        lines.append(words(_(
            "{kind}: {cards} cards with {slots} slots of {size} for pods, and two pods in the "
            "node's network; kubelet's max-pods is {pods}"
        ), kind=most.kind, cards=most.cards, slots=most.slots, size=most.size,
            pods=most.most_pods))  # fmt: skip
    waiting = (place for place, home in given.waiting.items() if home == node)
    lines += [words(_("{pod} waits for an address"), pod=place) for place in waiting]
    return block(f"# {words(_('network cards (ENI)'))}", lines)


def _is_on(given: Addressing, node: str, ip: IPAddress) -> bool:
    return any(ip in card.pool for card in given.interfaces.get(node, ()))


# ---------------------------------------------------------------- devices and routes


def network_blocks(
    view: View, device: str, words: Words, network: Network | None = None
) -> Iterator[Block]:
    """Devices, routes, neighbours, wires and forwarding entries; a network tells of the wires."""
    devices = tuple(d for d in view.devices if device in ("", d.name))
    most = MOST_ADDRESSES_ALONE if device else MOST_ADDRESSES
    lines = [line for d in devices for line in _shown(view, d, most, words)]
    yield block("ip addr", lines, device)
    yield from _routes(view, device)
    yield _asked(view, "ip neigh", device)
    joined = wires(network, view.space.name, device, words) if network else []
    if joined:
        yield block(f"# {words('wired to')}", joined, device)
    if view.space.fdb or any(d.master for d in view.devices):
        yield _asked(view, "bridge fdb", device)


def _asked(view: View, command: str, device: str) -> Block:
    """A command with what it prints."""
    lines = answer(view, command.split()).expandtabs().splitlines()
    return block(command, map(str.rstrip, lines), device)


def _routes(view: View, device: str) -> Iterator[Block]:
    """The table main of each IP version that there is."""
    yield _asked(view, "ip route", device)
    six = _asked(view, "ip -6 route", device)
    if six.rows:
        yield six


def route_blocks(view: View, device: str, packet: Asked | None = None) -> Iterator[Block]:
    """Which tables are asked, and what is in them, the older tool's words first.

    Before all of it the way of a packet, if there is one here.
    """
    if packet is not None:
        yield block(command_for(packet), _way(view, packet), device)
    yield _asked(view, "route -n", device)
    yield from _routes(view, device)
    yield _asked(view, "ip rule", device)
    if any(of_version(view.space, rule, 6) for rule in view.space.rules):
        yield _asked(view, "ip -6 rule", device)
    for table in sorted(tables_of(view) - {MAIN, LOCAL}):
        yield _asked(view, f"ip route show table {table}", device)
    yield _asked(view, "ip route show table local", device)


def _way(view: View, packet: Asked) -> list[str]:
    try:
        return [line.rstrip() for line in route_get(view, packet).splitlines()]
    except CommandError as error:
        return [str(error)]


def _shown(view: View, device: Device, most: int, words: Words) -> Iterator[str]:
    """A device with so many of its addresses; kube-ipvs0 bears those of all Services."""
    left = len(device.addresses) - most
    cut = most if left > 1 else None
    yield from (line.rstrip() for line in print_device(view, device, cut))
    if left > 1:
        yield f"    … {words('{count} more addresses', count=left)}"
    if device.peer is not None:
        yield f"    # {other_end(device.peer, words)}"
