"""Where everything on the map stands: a fixed swim-lane layout, the same for the same cast.

From top to bottom: pods, their cables, the bridge, the node's IP layer with its hooks, its
devices, then between the nodes the tunnel inside the fabric, and the world below. Every
connection is a vertical cable between rails (horizontal things) and points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.cells import cell_len

from tui.sim.model.value import value
from tui.sim.netfilter.hooks import Hook
from tui.sim.routing.network import FABRIC
from tui.widgets.line import fit
from tui.widgets.map_board import Cable, Frame, Label, Layout, Rail
from tui.widgets.map_cast import NODE, Cast, NodeCast, PodCast
from tui.widgets.map_path import STACK, Spot

FABRIC_SPOT: Spot = (FABRIC, "")
TUNNEL_SPOT: Spot = ("tunnel", "")

COMFORTABLE_NODE = 30
NARROWEST_NODE = 22
WIDEST_NODE = 54
NARROWEST_POD = 9
COMFORTABLE_POD = 13
WIDEST_POD = 18

HOOK_NAMES = {
    Hook.PREROUTING: "PRE",
    Hook.INPUT: "IN",
    Hook.FORWARD: "FWD",
    Hook.OUTPUT: "OUT",
    Hook.POSTROUTING: "POST",
}


@value
class _Rows:
    """The rows of one swim lane each."""

    pods: int
    cable: int
    bridge: int
    stack: int
    devices: int
    bottom: int
    tunnel: int
    fabric: int
    outside: int


def _rows(height: int, *, tunnels: bool, outside: bool) -> _Rows:
    """Roomy where the pane is high enough, else without the gaps.

    Where that is still too high, the devices stand on the node's border, which they lead through.
    """
    gap = 1 if height >= 15 else 0
    pods, cable, bridge = 1, 4, 5
    stack = bridge + 1 + gap
    devices = stack + 1 + gap
    between = 1 + tunnels + outside
    bottom = devices + 1 if devices + 1 + between < height else devices
    tunnel = bottom + 1 if tunnels else bottom
    fabric = tunnel + 1
    return _Rows(pods, cable, bridge, stack, devices, bottom, tunnel, fabric, fabric + 1)


def lay_out(cast: Cast, width: int, height: int) -> Layout:
    """Place a cast on a board of `width` columns; `height` is what is there to be used."""
    layout = Layout(width)
    shown = _shown_nodes(cast, width)
    outside = _outside(cast, shown)
    rows = _rows(height, tunnels=any(node.tunnels for node in shown), outside=bool(outside))
    layout.hidden_nodes = len(cast.order) - len(shown)
    layout.hidden_pods = cast.all_pods
    for i, (node, x, size) in enumerate(_columns(shown, width)):
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


# ---------------------------------------------------------------- one node


def _place_node(
    layout: Layout, node: NodeCast, x: int, size: int, rows: _Rows, *, mirrored: bool
) -> None:
    home: Spot = (node.namespace, "")
    layout.frames.append(Frame(home, x, 0, size, rows.bottom + 1, node.name, node.address))
    margin = 2 if size >= COMFORTABLE_NODE else 1
    inner, room = x + margin, size - 2 * margin
    stack: Spot = (node.namespace, STACK)
    layout.rails[stack] = Rail(stack, rows.stack, inner, inner + room - 1)
    gaps = _place_hooks(layout, node, inner, room, rows)
    uplink = _place_bridges(layout, node, inner, room, rows, gaps)
    _place_pods(layout, node, inner, room, rows, uplink)
    _place_devices(layout, node, inner, room, rows, gaps, mirrored=mirrored)


def _place_bridges(
    layout: Layout, node: NodeCast, inner: int, room: int, rows: _Rows, gaps: Sequence[int]
) -> int:
    """The bridge rail and its way down; gives that column."""
    uplink = _nearest(gaps, inner + room // 2)
    for bridge in node.bridges[:1]:
        spot: Spot = (node.namespace, bridge.name)
        layout.rails[spot] = Rail(spot, rows.bridge, inner, inner + room - 1)
        layout.cables.append(Cable(spot, (node.namespace, STACK), uplink, rows.bridge, rows.stack))
    return uplink


def _place_pods(
    layout: Layout, node: NodeCast, inner: int, room: int, rows: _Rows, uplink: int
) -> None:
    count = min(_pods_shown(len(node.pod_names), room), len(node.pods))
    layout.hidden_pods -= count
    for name in node.pod_names[count:]:
        layout.standing[name] = (node.namespace, "")
    shown = sorted(node.pods[:count], key=lambda pod: pod.name)
    columns: list[int] = []
    if count:
        cell = (room + 1) // count
        width = min(cell - 1, WIDEST_POD)
        for i, pod in enumerate(shown):
            x = inner + i * cell + (cell - 1 - width) // 2
            columns.append(_place_pod(layout, node, pod, x, width, rows))
    _label_cables(layout, node, shown, columns, inner + room, rows)
    if node.bridges:
        _label_bridge(layout, node, [*columns, uplink], inner, room, rows)


def _pods_shown(pods: int, room: int) -> int:
    """All of them if they fit; else fewer with room for their addresses, if that is not one."""
    possible = max((room + 1) // (NARROWEST_POD + 1), 1)
    comfortable = (room + 1) // (COMFORTABLE_POD + 1)
    if pods <= possible:
        return pods
    return comfortable if comfortable > 1 else possible


def _place_pod(
    layout: Layout, node: NodeCast, pod: PodCast, x: int, width: int, rows: _Rows
) -> int:
    """A pod's box and its cable; gives the cable's column."""
    spot: Spot = (pod.namespace, "")
    text = pod.address if len(pod.address) <= width - 2 else _tail(pod.address)
    layout.frames.append(Frame(spot, x, rows.pods, width, 3, pod.name, text))
    column = x + width // 2
    port: Spot = (node.namespace, pod.cable)
    layout.cables.append(Cable(spot, port, column, rows.pods + 2, rows.cable))
    if pod.bridge:
        layout.cables.append(
            Cable(port, (node.namespace, pod.bridge), column, rows.cable, rows.bridge)
        )
    else:
        layout.cables.append(Cable(port, (node.namespace, STACK), column, rows.cable, rows.stack))
    return column


def _tail(address: str) -> str:
    """The part of an address that tells pods of a node apart: `.7`, `::7`."""
    colon = ":" in address
    return f"::{address.rsplit(':', 1)[-1]}" if colon else f".{address.rsplit('.', 1)[-1]}"


def _label_cables(
    layout: Layout,
    node: NodeCast,
    pods: Sequence[PodCast],
    columns: Sequence[int],
    right: int,
    rows: _Rows,
) -> None:
    """The host's end of each cable by name, as far as there is room."""
    for i, (pod, x) in enumerate(zip(pods, columns, strict=True)):
        limit = (columns[i + 1] if i + 1 < len(columns) else right) - x - 2
        if pod.cable and limit >= 5:
            layout.labels.append(
                Label((node.namespace, pod.cable), x + 1, rows.cable, fit(pod.cable, limit))
            )


def _label_bridge(
    layout: Layout, node: NodeCast, taken: Sequence[int], inner: int, room: int, rows: _Rows
) -> None:
    """The bridge's name, and its address where there is room, in the widest gap of its rail."""
    bridge = node.bridges[0]
    address = f" {bridge.addresses[0].ip}" if bridge.addresses else ""
    edges = [inner - 1, *sorted(set(taken)), inner + room]
    gaps = [(b - a - 1, a + 1) for a, b in pairwise(edges)]
    width, start = max(gaps)
    text = f" {bridge.name}{address} "
    if len(text) > width:
        text = f" {bridge.name} "
    if len(text) > width:
        text = fit(bridge.name, max(width, 1))
    x = start + (width - len(text)) // 2
    layout.labels.append(Label((node.namespace, bridge.name), x, rows.bridge, text))


def _place_hooks(layout: Layout, node: NodeCast, inner: int, room: int, rows: _Rows) -> list[int]:
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
    rows: _Rows,
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
        text = fit(device.name, room // len(devices))
        text = f" {text} " if len(text) + 2 <= room // len(devices) else text
        start = min(max(middle - len(text) // 2, inner), inner + room - len(text))
        layout.labels.append(Label(spot, start, rows.devices, text))
        layout.cables.append(Cable((node.namespace, STACK), spot, middle, rows.stack, rows.devices))
        if device in node.tunnels:
            layout.tunnel_ends[spot] = middle
        else:
            layout.cables.append(Cable(spot, FABRIC_SPOT, middle, rows.devices, rows.fabric))


# ---------------------------------------------------------------- between nodes


def _place_tunnel(layout: Layout, rows: _Rows) -> None:
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


def _place_outside(layout: Layout, outside: Sequence[_Outsider], rows: _Rows) -> None:
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


def _place_services(layout: Layout, cast: Cast, rows: _Rows, height: int) -> None:
    """As many Services as there are rows left, three at most."""
    free = height - layout.height
    count = min(len(cast.services), max(min(free, 3), 0))
    layout.services = cast.services[:count]
    layout.hidden_services = cast.all_services - count
    layout.service_row = layout.height
    layout.height += count
