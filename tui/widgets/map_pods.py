"""The pods of one node on the map: boxes, names where there is no room for boxes, and cables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rich.cells import cell_len

from tui.widgets.line import fit, middle_cut
from tui.widgets.map_board import Cable, Frame, Label, Layout
from tui.widgets.map_cast import NodeCast, PodCast
from tui.widgets.map_path import STACK, Spot
from tui.widgets.map_rows import Rows

COMFORTABLE_NODE = 30
"""Cells of a node from which on there is a margin of two."""
NARROWEST_POD = 9
COMFORTABLE_POD = 13
WIDEST_POD = 18
NARROWEST_NAME = 9
"""Cells of a pod's name where it has no box."""


def name_rows(node: NodeCast, room: int) -> int:
    """How many rows the names of the pods without a box would take."""
    boxes = _boxes(node, room)
    return -(-(len(node.pod_names) - boxes) // _names_a_row(room))


def _names_a_row(room: int) -> int:
    return max((room + 1) // (NARROWEST_NAME + 1), 1)


def margin_of(size: int) -> int:
    """The columns between a node's frame and what is in it."""
    return 2 if size >= COMFORTABLE_NODE else 1


def room_of(size: int) -> int:
    """The columns inside a node's frame."""
    return size - 2 * margin_of(size)


def place_pods(
    layout: Layout, node: NodeCast, inner: int, room: int, rows: Rows, uplink: int
) -> None:
    """A node's pods in boxes, the rest by name or counted, and their cables."""
    count = _boxes(node, room)
    layout.hidden_pods -= count
    for name in node.pod_names[count:]:
        layout.standing[name] = (node.namespace, "")
    _place_names(layout, node.pods[count:], node, inner, room, rows)
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


def _boxes(node: NodeCast, room: int) -> int:
    """How many pods of a node have a box."""
    return min(_pods_shown(len(node.pod_names), room), len(node.pods))


def _place_names(
    layout: Layout, pods: Sequence[PodCast], node: NodeCast, inner: int, room: int, rows: Rows
) -> None:
    """The pods without a box, by their names, if there is room for all of them."""
    columns = min(_names_a_row(room), len(pods))
    if node.others or not pods or -(-len(pods) // columns) > rows.pods - rows.names:
        return
    layout.hidden_pods -= len(pods)
    cell = (room + 1) // columns
    for i, pod in enumerate(sorted(pods, key=lambda pod: pod.name)):
        x, y = inner + i % columns * cell, rows.names + i // columns
        layout.labels.append(Label((pod.namespace, ""), x, y, _named(pod, cell - 1)))


def _named(pod: PodCast, width: int) -> str:
    """A pod's name with the part of its address that tells it apart, as far as there is room."""
    tail = _tail(pod.address) if pod.address else ""
    whole = f"{pod.name} {tail}".rstrip()
    return whole if cell_len(whole) <= width else middle_cut(pod.name, width)


def _pods_shown(pods: int, room: int) -> int:
    """All of them if they fit; else fewer with room for their addresses, if that is not one."""
    possible = max((room + 1) // (NARROWEST_POD + 1), 1)
    comfortable = (room + 1) // (COMFORTABLE_POD + 1)
    if pods <= possible:
        return pods
    return comfortable if comfortable > 1 else possible


def _place_pod(layout: Layout, node: NodeCast, pod: PodCast, x: int, width: int, rows: Rows) -> int:
    """A pod's box and its cable; gives the cable's column."""
    spot: Spot = (pod.namespace, "")
    column = x + width // 2
    if rows.flat:
        text = _named(pod, width)
        start = x + (width - cell_len(text)) // 2
        layout.labels.append(Label(spot, start, rows.pods, text))
    else:
        text = pod.address if len(pod.address) <= width - 2 else _tail(pod.address)
        layout.frames.append(Frame(spot, x, rows.pods, width, 3, pod.name, text))
    port: Spot = (node.namespace, pod.cable)
    start_row = rows.pods if rows.flat else rows.pods + 2
    layout.cables.append(Cable(spot, port, column, start_row, rows.cable))
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
    rows: Rows,
) -> None:
    """The host's end of each cable by name, as far as there is room."""
    for i, (pod, x) in enumerate(zip(pods, columns, strict=True)):
        limit = (columns[i + 1] if i + 1 < len(columns) else right) - x - 2
        if pod.cable and limit >= 5:
            layout.labels.append(
                Label((node.namespace, pod.cable), x + 1, rows.cable, fit(pod.cable, limit))
            )


def _label_bridge(
    layout: Layout, node: NodeCast, taken: Sequence[int], inner: int, room: int, rows: Rows
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
