"""The map drawn: the layout in light dotted lines, the walked path heavy over it, the hop lit."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from itertools import pairwise

from rich.cells import cell_len

from tui.theme import LAYERS, Layer, Look, Role
from tui.widgets.grid import Dash, Grid, Pen, Weight
from tui.widgets.line import middle_cut
from tui.widgets.map_board import Cable, Frame, Label, Layout, Rail
from tui.widgets.map_layout import FABRIC_SPOT, TUNNEL_SPOT
from tui.widgets.map_path import STACK, Path, Spot, Way

UNWALKED = Pen(Weight.LIGHT, Role.LINE, Dash.DOTTED)
WALKED = Pen(Weight.HEAVY, Role.WALKED)
REPLY = Pen(Weight.HEAVY, Role.REPLY, Dash.DASHED)
PENS = {Way.REQUEST: WALKED, Way.REPLY: REPLY}

Ground = tuple[frozenset[str], Spot | None, Look | None]
"""What the board under the path hangs on: pods passed, the one that is lit, and how it ended."""
POD_HEIGHT = 3
"""Rows of a pod's box."""

Stroke = tuple[int, int, int, int, Way]
"""x0, y0, x1, y1 of a straight piece, and how it was walked."""


def draw(
    layout: Layout, path: Path, fabric: str = "network", kept: dict[Ground, Grid] | None = None
) -> Grid:
    """The whole board. `fabric` is what the wire between nodes is called.

    What lies under the path is drawn once and kept in `kept`, a dictionary for this layout.
    """
    grid = _ground(layout, path, {} if kept is None else kept).copy()
    for x0, y0, x1, y1, way in strokes(layout, path):
        if y0 == y1:
            grid.horizontal(y0, x0, x1, PENS[way])
        else:
            grid.vertical(x0, y0, y1, PENS[way])
    _draw_tunnel(grid, layout, path)
    _write_fabric(grid, layout, path, fabric)
    _write_labels(grid, layout, path)
    _write_hooks(grid, layout, path)
    return grid


# ---------------------------------------------------------------- lines


def _ground(layout: Layout, path: Path, kept: dict[Ground, Grid]) -> Grid:
    """Frames and what was not walked, for the pods that the path has passed."""
    boxes = {frame.spot for frame in layout.frames if frame.height == POD_HEIGHT}
    walked = {layout.stand_in(spot)[0] for spot, _ in path.walked}
    passed = frozenset(spot[0] for spot in boxes if spot[0] in walked)
    here = layout.stand_in(path.here) if path.here is not None else None
    lit = here if here in boxes else None
    key = (passed, lit, path.end if lit else None)
    if key not in kept:
        grid = Grid(layout.width, layout.height, layout.crossings)
        _draw_frames(grid, layout, path, passed)
        _draw_unwalked(grid, layout)
        grid.lines()
        kept[key] = grid
    return kept[key]


def _draw_frames(grid: Grid, layout: Layout, path: Path, passed: Collection[str]) -> None:
    for frame in layout.frames:
        if frame.height == POD_HEIGHT:
            _draw_pod(grid, layout, path, frame, passed)
        else:
            _draw_node(grid, frame)


def _draw_node(grid: Grid, frame: Frame) -> None:
    grid.box(frame.x, frame.y, frame.width, frame.height, Pen(Weight.LIGHT, Role.NODE))
    left = 1 if cell_len(frame.title) + len(frame.text) + 7 > frame.width else 2
    x = grid.write(frame.x + left, frame.y, f" {frame.title} ", Role.STRONG, frame.width - 2)
    room = frame.x + frame.width - 1 - x
    text = frame.text if len(frame.text) < room else ""
    grid.write(x, frame.y, f"{text} " if text else "", Role.QUIET)


def _draw_pod(
    grid: Grid, layout: Layout, path: Path, frame: Frame, passed: Collection[str]
) -> None:
    lit = path.here is not None and layout.stand_in(path.here) == frame.spot
    pen, name = Pen(Weight.LIGHT, Role.LINE), Role.POD
    if lit:
        pen, name = Pen(Weight.HEAVY, Role.NOW_TEXT), Role.NOW
    elif frame.spot[0] in passed:
        pen, name = Pen(Weight.LIGHT, Role.WALKED), Role.WALKED
    grid.box(frame.x, frame.y, frame.width, frame.height, pen)
    tight = cell_len(frame.title) + 4 > frame.width
    title = middle_cut(frame.title, frame.width - 2) if tight else f" {frame.title} "
    start = frame.x + (frame.width - cell_len(title)) // 2
    grid.write(start, frame.y, title, name)
    inside = frame.x + 1 + (frame.width - 2 - cell_len(frame.text)) // 2
    grid.write(inside, frame.y + 1, frame.text, Role.PLAIN if lit else Role.QUIET)
    if lit:
        _mark_end(grid, path, frame.x + frame.width - 2, frame.y + 1)


def _mark_end(grid: Grid, path: Path, x: int, y: int) -> None:
    """Where the packet ended, its verdict's glyph; else the packet itself."""
    look = path.end
    grid.write(x, y, look.glyph if look else "●", look.role if look else Role.NOW_TEXT)


def _draw_unwalked(grid: Grid, layout: Layout) -> None:
    for rail in layout.rails.values():
        role = LAYERS[Layer.TUNNEL].role if rail.spot == TUNNEL_SPOT else Role.LINE
        grid.horizontal(rail.y, rail.x0, rail.x1, Pen(Weight.LIGHT, role, Dash.DOTTED))
    for cable in layout.cables:
        grid.vertical(cable.x, cable.y0, cable.y1, UNWALKED)
    for spot, x in layout.tunnel_ends.items():
        label = next(label for label in layout.labels if label.spot == spot)
        if TUNNEL_SPOT in layout.rails:
            pen = Pen(Weight.LIGHT, LAYERS[Layer.TUNNEL].role, Dash.DOTTED)
            grid.vertical(x, label.y, layout.rails[TUNNEL_SPOT].y, pen)


def _draw_tunnel(grid: Grid, layout: Layout, path: Path) -> None:
    """Doubled while the packet is inside, heavy where it has been."""
    rail = layout.rails.get(TUNNEL_SPOT)
    if rail is None:
        return
    for i, (start, end) in enumerate(path.tunnels):
        ends = layout.tunnel_ends.get(start), layout.tunnel_ends.get(end)
        inside = path.tunnelled and i == len(path.tunnels) - 1
        x0 = ends[0] if ends[0] is not None else rail.x0
        x1 = ends[1] if ends[1] is not None else rail.x1
        pen = Pen(
            Weight.DOUBLE if inside else Weight.HEAVY,
            Role.TUNNEL,
            Dash.SOLID if inside else Dash.DASHED,
        )
        grid.horizontal(rail.y, x0, x1, pen)
        top = next(label.y for label in layout.labels if label.spot in layout.tunnel_ends)
        for x in (x for x in ends if x is not None):
            grid.vertical(x, top, rail.y, pen)


def strokes(layout: Layout, path: Path) -> Iterator[Stroke]:
    """The walked pieces: cables between rails, and along a rail from cable to cable."""
    last: Cable | None = None
    at: Spot | None = None
    for spot, way in path.walked:
        target = layout.stand_in(spot)
        if at is None:
            at = target
            continue
        for cable in _route(layout, at, target):
            yield from _along(layout, at, last, cable, way)
            yield cable.x, cable.y0, cable.x, cable.y1, way
            at, last = cable.other(at), cable
        at = target


def _along(
    layout: Layout, spot: Spot, last: Cable | None, cable: Cable, way: Way
) -> Iterator[Stroke]:
    rail = layout.rails.get(spot)
    if rail is not None and last is not None:
        yield last.x, rail.y, cable.x, rail.y, way


def _route(layout: Layout, start: Spot, goal: Spot) -> list[Cable]:
    """The cables of the shortest way between two spots; none if there is no way."""
    came: dict[Spot, tuple[Spot, Cable] | None] = {start: None}
    queue = deque([start])
    while queue and goal not in came:
        here = queue.popleft()
        for cable in layout.cables_at(here):
            there = cable.other(here)
            if there not in came:
                came[there] = (here, cable)
                queue.append(there)
    way: list[Cable] = []
    step = came.get(goal)
    while step is not None:
        way.append(step[1])
        step = came[step[0]]
    return way[::-1]


# ---------------------------------------------------------------- names


def _write_labels(grid: Grid, layout: Layout, path: Path) -> None:
    walked = {spot for spot, _ in path.walked}
    passed = walked | {layout.stand_in(spot) for spot in walked}
    here = layout.stand_in(path.here) if path.here else None
    plugged = {cable.upper for cable in layout.cables}
    for label in layout.labels:
        role = Role.POD if label.spot in plugged and label.spot[1] == "" else Role.QUIET
        if label.spot in (here, path.here):
            role = Role.NOW
        elif label.spot in passed:
            role = Role.WALKED
        grid.write(label.x, label.y, label.text, role)
        if label.spot == here and path.end:
            _mark_end(grid, path, label.x + cell_len(label.text), label.y)


def _write_hooks(grid: Grid, layout: Layout, path: Path) -> None:
    here = layout.stand_in(path.here) if path.here else None
    for (namespace, hook), label in layout.hooks.items():
        lit = here == label.spot and path.hook == hook
        role = Role.NOW if lit else Role.FAINT
        if not lit and (namespace, hook) in path.hooks:
            role = Role.WALKED
        grid.write(label.x, label.y, label.text, role)
        if lit and path.end:
            _mark_end(grid, path, label.x + len(label.text), label.y)
    if here and here[1] == STACK and not path.hook:
        _write_stack(grid, layout, path, here)


def _write_stack(grid: Grid, layout: Layout, path: Path, here: Spot) -> None:
    """Between hooks: the packet itself on the rail, after the last hook that it passed."""
    rail = layout.rails[here]
    done = [
        label
        for (namespace, hook), label in layout.hooks.items()
        if namespace == here[0] and (namespace, hook) in path.hooks
    ]
    x = max((label.x + len(label.text) for label in done), default=rail.x0)
    look = path.end
    grid.write(
        min(x, rail.x1), rail.y, look.glyph if look else "●", look.role if look else Role.NOW_TEXT
    )


def _write_fabric(grid: Grid, layout: Layout, path: Path, word: str) -> None:
    """The names of the tunnel and of the wire, in the widest part of their rails."""
    fabric, tunnel = layout.rails.get(FABRIC_SPOT), layout.rails.get(TUNNEL_SPOT)
    if fabric is not None:
        lit = path.here is not None and path.here[0] == FABRIC_SPOT[0]
        passed = any(spot[0] == FABRIC_SPOT[0] for spot, _ in path.walked)
        role = Role.NOW if lit else Role.WALKED if passed else Role.QUIET
        _write_on(grid, layout, fabric, f" {word} ", role)
    if tunnel is not None:
        role = (
            Role.NOW
            if path.tunnelled and path.here and path.here[0] == FABRIC_SPOT[0]
            else Role.TUNNEL
        )
        _write_on(grid, layout, tunnel, f" {layout.tunnel_kind} ", role)


def _write_on(grid: Grid, layout: Layout, rail: Rail, text: str, role: Role) -> None:
    taken = sorted({rail.x0, rail.x1, *(c.x for c in layout.cables if c.y0 <= rail.y <= c.y1)})
    inside = [x for x in taken if rail.x0 <= x <= rail.x1]
    gaps = [(b - a - 1, a + 1) for a, b in pairwise(inside)]
    width, start = max(gaps, default=(0, 0))
    if width >= cell_len(text):
        grid.write(start + (width - cell_len(text)) // 2, rail.y, text, role)


def label_texts(labels: list[Label]) -> list[str]:
    """The names on the board, for tests."""
    return [label.text.strip() for label in labels]
