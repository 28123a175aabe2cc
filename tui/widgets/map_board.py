"""The values a map's layout is made of: frames, labels, rails, and the cables between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.cells import cell_len

from tui.sim.model.value import value
from tui.widgets.map_path import Spot


@value
class Frame:
    """A box around a node or a pod."""

    spot: Spot
    x: int
    y: int
    width: int
    height: int
    title: str
    text: str = ""
    """What stands inside, under the title."""


@value
class Label:
    """A name on the board."""

    spot: Spot
    x: int
    y: int
    text: str

    @property
    def middle(self) -> int:
        """The column in its middle."""
        return self.x + cell_len(self.text) // 2


@value
class Rail:
    """A horizontal thing that cables meet."""

    spot: Spot
    y: int
    x0: int
    x1: int


@value
class Cable:
    """A vertical connection between two spots."""

    upper: Spot
    lower: Spot
    x: int
    y0: int
    y1: int

    def other(self, spot: Spot) -> Spot:
        """The other end."""
        return self.lower if spot == self.upper else self.upper


@dataclass
class Layout:
    """Where everything stands."""

    width: int
    height: int = 0
    frames: list[Frame] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    rails: dict[Spot, Rail] = field(default_factory=dict)
    cables: list[Cable] = field(default_factory=list)
    hooks: dict[tuple[str, str], Label] = field(default_factory=dict)
    """By (node namespace, hook)."""
    tunnel_ends: dict[Spot, int] = field(default_factory=dict)
    """Column of each tunnel device."""
    tunnel_kind: str = ""
    """What the tunnels are: `vxlan`, `geneve` or `ipip`."""
    standing: dict[str, Spot] = field(default_factory=dict)
    """For namespaces that are not drawn: the spot that stands for them."""
    services: tuple[tuple[str, str], ...] = ()
    """Services to write at the bottom."""
    service_row: int = 0
    crossings: set[tuple[int, int]] = field(default_factory=set)
    """Cells where a cable passes over the tunnel without meeting it."""
    hidden_nodes: int = 0
    hidden_pods: int = 0
    hidden_services: int = 0

    def stand_in(self, spot: Spot) -> Spot:
        """The spot itself, or the one that stands for its namespace."""
        return self.standing.get(spot[0], spot)

    def cables_at(self, spot: Spot) -> Iterator[Cable]:
        """The cables that end at a spot."""
        return (c for c in self.cables if spot in (c.upper, c.lower))

    def spot_at(self, x: int, y: int) -> Spot | None:
        """What a click at a cell means: labels before pods before nodes."""
        for label in self.labels:
            if label.y == y and label.x <= x < label.x + cell_len(label.text):
                return label.spot
        for frame in reversed(self.frames):
            if frame.x <= x < frame.x + frame.width and frame.y <= y < frame.y + frame.height:
                return frame.spot
        return next((r.spot for r in self.rails.values() if r.y == y and r.x0 <= x <= r.x1), None)
