"""Choosing on the map by arrow keys: what can be chosen, and which of it lies in a direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.cells import cell_len

from tui.sim.model.value import replace, value
from tui.theme import Role
from tui.widgets.line import Line, Span
from tui.widgets.map_board import Layout
from tui.widgets.map_cast import NODE
from tui.widgets.map_path import STACK

_ACROSS = 3
"""A row counts as so many columns: cells are higher than wide, and rows are lanes."""

_POD = 3
"""The height of a pod's frame."""


@value
class Target:
    """Something on the map that can be chosen, and the cells that its name takes."""

    place: str
    """Namespace, or `svc/NS/NAME`."""
    device: str
    """Device in it; empty for the namespace as a whole."""
    x: int
    y: int
    width: int

    @property
    def middle(self) -> int:
        """The column in its middle."""
        return self.x + self.width // 2


def targets(layout: Layout, services: Mapping[int, str]) -> tuple[Target, ...]:
    """All that can be chosen, from top left to bottom right. `services` are by their row."""
    found = (*_frames(layout), *_labels(layout), *_services(layout, services))
    return tuple(sorted(found, key=lambda target: (target.y, target.x)))


def _frames(layout: Layout) -> Iterator[Target]:
    """Nodes and pods, by the titles in their frames."""
    for frame in layout.frames:
        width = min(cell_len(frame.title) + 2, frame.width - 2)
        left = (frame.width - width) // 2 if frame.height == _POD else 2
        yield Target(frame.spot[0], "", frame.x + left, frame.y, width)


def _labels(layout: Layout) -> Iterator[Target]:
    """Devices, by their names; and who is outside."""
    for label in layout.labels:
        place, device = label.spot
        if device != STACK and place.startswith((NODE, "pod/", "external/")):
            yield Target(place, device, label.x, label.y, cell_len(label.text))


def _services(layout: Layout, services: Mapping[int, str]) -> Iterator[Target]:
    """Services, by the names in their rows."""
    for row, (name, _where) in enumerate(layout.services, layout.service_row):
        if row in services:
            yield Target(services[row], "", 2, row, cell_len(name) + 2)


def beside(known: Iterable[Target], current: Target, dx: int, dy: int) -> Target:
    """The nearest target in a direction; the current one where there is none."""
    ahead = [each for each in known if _ahead(current, each, dx, dy)]
    return min(ahead, key=lambda each: _distance(current, each, dx), default=current)


def _ahead(current: Target, other: Target, dx: int, dy: int) -> bool:
    if dy:
        return (other.y - current.y) * dy > 0
    return other.y == current.y and (other.middle - current.middle) * dx > 0


def _distance(current: Target, other: Target, dx: int) -> int:
    columns, rows = abs(other.middle - current.middle), abs(other.y - current.y)
    return columns if dx else columns + _ACROSS * rows


def marked(line: Line, target: Target) -> Line:
    """The row with the target's cells lit."""
    end, missing = target.x + target.width, target.x + target.width - line.width
    whole = (*line.spans, (" " * max(missing, 0), Role.PLAIN))
    name = Line(_cells(whole, target.x, end)).text
    before, after = _cells(whole, 0, target.x), _cells(whole, end, line.width)
    return replace(line, spans=(*before, (name, Role.NOW), *after))


def _cells(spans: Iterable[Span], start: int, end: int) -> tuple[Span, ...]:
    """The pieces between two columns."""
    found: list[Span] = []
    column = 0
    for text, role in spans:
        kept = ""
        for glyph in text:
            if start <= column < end:
                kept += glyph
            column += cell_len(glyph)
        if kept:
            found.append((kept, role))
    return tuple(found)
