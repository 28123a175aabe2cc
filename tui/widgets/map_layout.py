"""Where everything on the map stands: a fixed swim-lane layout, the same for the same cast.

From top to bottom: pods, their cables, the bridge, the node's IP layer with its hooks, its
devices, then between the nodes the tunnel inside the fabric, and the world below. Every
connection is a vertical cable between rails (horizontal things) and points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from tui.sim.model.value import value
from tui.sim.netfilter.hooks import Hook
from tui.sim.routing.network import FABRIC
from tui.widgets.line import fit
from tui.widgets.map_board import Cable, Frame, Label, Layout, Rail
from tui.widgets.map_cast import NODE, Cast, NodeCast
from tui.widgets.map_path import STACK, Spot
from tui.widgets.map_pods import COMFORTABLE_NODE, margin_of, name_rows, place_pods, room_of
from tui.widgets.map_rows import Rows, rows_of

FABRIC_SPOT: Spot = (FABRIC, "")
TUNNEL_SPOT: Spot = ("tunnel", "")

NARROWEST_NODE = 22
WIDEST_NODE = 54

HOOK_NAMES = {
    Hook.PREROUTING: "PRE",
    Hook.INPUT: "IN",
    Hook.FORWARD: "FWD",
    Hook.OUTPUT: "OUT",
    Hook.POSTROUTING: "POST",
}


def lay_out(cast: Cast, width: int, height: int) -> Layout:
    """Place a cast on a board of `width` columns; `height` is what is there to be used."""
    layout = Layout(width)
    shown = _shown_nodes(cast, width)
    outside = _outside(cast, shown)
    columns = tuple(_columns(shown, width))
    rows = _rows_for(cast, columns, height, outside=bool(outside))
    layout.hidden_nodes = len(cast.order) - len(shown)
    layout.hidden_pods = cast.all_pods
    for i, (node, x, size) in enumerate(columns):
        _place_node(layout, node, x, size, rows, mirrored=i >= (len(shown) + 1) // 2)
    _place_tunnel(layout, rows)
    _place_outside(layout, outside, rows)
    _place_services(layout, cast, rows, height)
    return layout


def _shown_nodes(cast: Cast, width: int) -> list[NodeCast]:
    """As many nodes as fit, in the cluster's order; all that the packet passes, if they do."""
    comfortable = max((width + 2) // (COMFORTABLE_NODE + 2), 1)
    possible = most_nodes(width)
    wanted = sum(node.wanted for node in cast.nodes)
    count = max(comfortable, min(wanted, possible)) if len(cast.order) > possible else possible
    kept = cast.nodes[:count]
    return sorted(kept, key=lambda node: cast.order[node.namespace])


def most_nodes(width: int) -> int:
    """How many nodes a board could hold at the most."""
    return max((width + 2) // (NARROWEST_NODE + 2), 1)


def _columns(nodes: Sequence[NodeCast], width: int) -> Iterator[tuple[NodeCast, int, int]]:
    """Each node with its first column and its width."""
    count = len(nodes)
    if not count:
        return
    gap = 2 if width < 30 * count + 4 * (count - 1) else 4
    size = min((width - gap * (count - 1)) // count, WIDEST_NODE)
    left = (width - size * count - gap * (count - 1)) // 2
    for i, node in enumerate(nodes):
        yield node, left + i * (size + gap), size


def _rows_for(
    cast: Cast, columns: Sequence[tuple[NodeCast, int, int]], height: int, *, outside: bool
) -> Rows:
    """The rows, with as many for names of pods as are left over and are of use.

    Names get the lines of Services that the packet has nothing to do with. A node all of whose
    pods there is no room for has no names at all: it folds.
    """
    tunnels = any(node.tunnels for node, _, _ in columns)
    wanted = [name_rows(node, room_of(size)) for node, _, size in columns]
    services = min(len(cast.services), max(cast.mentioned, 1))

    def spare(*, flat: bool) -> int:
        rows = rows_of(height, tunnels=tunnels, outside=outside, flat=flat)
        return height - (rows.outside if outside else rows.fabric) - 1

    boxed = max((rows for rows in wanted if rows <= spare(flat=False) - services), default=0)
    every = max(wanted, default=0)
    flat = boxed < every <= spare(flat=True)
    names = every if flat else boxed
    return rows_of(height, tunnels=tunnels, outside=outside, names=names, flat=flat)


# ---------------------------------------------------------------- one node


def _place_node(
    layout: Layout, node: NodeCast, x: int, size: int, rows: Rows, *, mirrored: bool
) -> None:
    home: Spot = (node.namespace, "")
    layout.frames.append(Frame(home, x, 0, size, rows.bottom + 1, node.name, node.address))
    inner, room = x + margin_of(size), room_of(size)
    stack: Spot = (node.namespace, STACK)
    layout.rails[stack] = Rail(stack, rows.stack, inner, inner + room - 1)
    gaps = _place_hooks(layout, node, inner, room, rows)
    uplink = _place_bridges(layout, node, inner, room, rows, gaps)
    place_pods(layout, node, inner, room, rows, uplink)
    _place_devices(layout, node, inner, room, rows, gaps, mirrored=mirrored)


def _place_bridges(
    layout: Layout, node: NodeCast, inner: int, room: int, rows: Rows, gaps: Sequence[int]
) -> int:
    """The bridge rail and its way down; gives that column."""
    uplink = _nearest(gaps, inner + room // 2)
    for bridge in node.bridges[:1]:
        spot: Spot = (node.namespace, bridge.name)
        layout.rails[spot] = Rail(spot, rows.bridge, inner, inner + room - 1)
        layout.cables.append(Cable(spot, (node.namespace, STACK), uplink, rows.bridge, rows.stack))
    return uplink


def _place_hooks(layout: Layout, node: NodeCast, inner: int, room: int, rows: Rows) -> list[int]:
    """The five hooks along the node's IP layer; gives the columns between them."""
    names = [HOOK_NAMES[hook] if room < 48 else hook.value for hook in Hook]
    total = sum(len(name) for name in names)
    slack = max(room - total, 0)
    edge = max(slack // 8, 1)
    step = max((slack - 2 * edge) // 4, 1)
    x = inner + max((room - total - 4 * step) // 2, 0)
    gaps = []
    for hook, name in zip(Hook, names, strict=True):
        layout.hooks[(node.namespace, hook)] = Label((node.namespace, STACK), x, rows.stack, name)
        x += len(name) + step
        gaps.append(x - (step + 1) // 2)
    return gaps[:-1]


def _nearest(columns: Sequence[int], wanted: int) -> int:
    """The column closest to the one that was wanted."""
    return min(columns, key=lambda column: abs(column - wanted))


def _place_devices(
    layout: Layout,
    node: NodeCast,
    inner: int,
    room: int,
    rows: Rows,
    gaps: Sequence[int],
    *,
    mirrored: bool,
) -> None:
    """Cards outside, tunnels inside, so that the tunnel nests within the fabric."""
    devices = [*node.cards[:2], *node.tunnels[:2]]
    if mirrored:
        devices.reverse()
    for i, device in enumerate(devices):
        spot: Spot = (node.namespace, device.name)
        middle = _nearest(gaps, inner + (2 * i + 1) * room // (2 * len(devices)))
        tight = len(devices) > 2
        text = fit(device.name, room // len(devices) - tight)
        text = f" {text} " if len(text) + 2 <= room // len(devices) else text
        start = min(max(middle - len(text) // 2, inner), inner + room - len(text))
        layout.labels.append(Label(spot, start, rows.devices, text))
        layout.cables.append(Cable((node.namespace, STACK), spot, middle, rows.stack, rows.devices))
        if device in node.tunnels:
            layout.tunnel_ends[spot] = middle
            layout.tunnel_kind = device.kind.value
        else:
            layout.cables.append(Cable(spot, FABRIC_SPOT, middle, rows.devices, rows.fabric))


# ---------------------------------------------------------------- between nodes


def _place_tunnel(layout: Layout, rows: Rows) -> None:
    ends = layout.tunnel_ends.values()
    if len(ends) > 1:
        layout.rails[TUNNEL_SPOT] = Rail(TUNNEL_SPOT, rows.tunnel, min(ends), max(ends))
        layout.crossings = {
            (cable.x, rows.tunnel)
            for cable in layout.cables
            if cable.y0 < rows.tunnel < cable.y1 and min(ends) < cable.x < max(ends)
        }


@value
class _Outsider:
    """Somebody below the network: its namespace, its name, and the pods it stands for."""

    namespace: str
    name: str
    pods: tuple[str, ...] = ()


def _outside(cast: Cast, shown: Sequence[NodeCast]) -> list[_Outsider]:
    """The world, and the nodes on the way for which there was no room."""
    world = [_Outsider(name, _world_name(name)) for name in cast.outsiders]
    left = [node for node in cast.nodes if node.touched and node not in shown]
    return [*world, *(_Outsider(node.namespace, node.name, node.pod_names) for node in left)]


def _place_outside(layout: Layout, outside: Sequence[_Outsider], rows: Rows) -> None:
    """The fabric, and whoever is below it."""
    cards = [c.x for c in layout.cables if c.lower == FABRIC_SPOT]
    x = layout.width - 2
    for each in outside:
        namespace, name = each.namespace, each.name
        layout.standing.update(dict.fromkeys(each.pods, (namespace, "")))
        if namespace.startswith(NODE):
            layout.standing[namespace] = (namespace, "")
        text = f" {fit(name, max(layout.width // 2, 8))} "
        x -= cell_len(text)
        label = Label((namespace, ""), max(x, 0), rows.outside, text)
        layout.labels.append(label)
        layout.cables.append(
            Cable(FABRIC_SPOT, (namespace, ""), label.middle, rows.fabric, rows.outside)
        )
        cards.append(label.middle)
        x -= 2
    if cards:
        left, right = min(cards), max(cards)
        layout.rails[FABRIC_SPOT] = Rail(FABRIC_SPOT, rows.fabric, left, max(right, left))
    layout.height = (rows.outside if outside else rows.fabric) + 1


def _world_name(namespace: str) -> str:
    return namespace.replace("external/", "world ")


def _place_services(layout: Layout, cast: Cast, rows: Rows, height: int) -> None:
    """As many Services as there are rows left, three at most."""
    free = height - layout.height
    count = min(len(cast.services), max(min(free, 3), 0))
    layout.services = cast.services[:count]
    layout.hidden_services = cast.all_services - count
    layout.service_row = layout.height
    layout.height += count
