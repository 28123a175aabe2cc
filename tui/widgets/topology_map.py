"""The map of the cluster with the packet's way on it: one widget, drawn cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive

from tui.session import Session
from tui.theme import Role
from tui.widgets.counted import counted
from tui.widgets.grid import Grid
from tui.widgets.line import Line, spread
from tui.widgets.map_board import Layout
from tui.widgets.map_cast import NODE, POD, Cast, cast_of, where_of
from tui.widgets.map_drawing import Ground, draw
from tui.widgets.map_layout import lay_out, most_nodes
from tui.widgets.map_path import STACK, Path, Spot, path_of
from tui.widgets.map_picking import Target, beside, marked, targets
from tui.widgets.pane import Pane
from tui.words import Words, use
from tui.words.language import _


class Rest(StrEnum):
    """What a map may have no room for, by how its places begin."""

    NODES = "node/"
    PODS = "pod/"
    SERVICES = "svc/"


REST = {
    Rest.NODES: (_("{count} more node"), _("{count} more nodes")),
    Rest.PODS: (_("{count} more pod"), _("{count} more pods")),
    Rest.SERVICES: (_("{count} more Service"), _("{count} more Services")),
}
"""What is said of so many of them."""


class TopologyMap(Pane):
    """Nodes, pods, bridges, tunnels and the wire, and where the packet is among them."""

    session: reactive[Session | None] = reactive(None, repaint=False)
    """What is shown."""
    sought: reactive[tuple[str, ...]] = reactive((), repaint=False)
    """What must be on the map, whatever else is: `pod/shop/cart`, `svc/shop/web`."""
    chosen: reactive[tuple[str, ...]] = reactive((), repaint=False)
    """What somebody chose from the rest to be on the map, too, the latest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h,ㅗ", "pick(-1,0)", show=False),
        Binding("right,l,ㅣ", "pick(1,0)", show=False),
        Binding("up,k,ㅏ", "pick(0,-1)", show=False),
        Binding("down,j,ㅓ", "pick(0,1)", show=False),
        Binding("enter", "pick_open", show=False),
        Binding("escape", "pick_leave", show=False),
        *Pane.BINDINGS,
    ]

    @dataclass
    class DeviceSelected(Message):
        """A pod, a node, one of its devices or a Service was clicked."""

        place: str
        """Namespace, as in `Hop.namespace`; or `svc/NS/NAME`."""
        device: str
        """Device in it; empty for the namespace as a whole."""

    @dataclass
    class RestAsked(Message):
        """The count of what is not shown was clicked."""

        rest: Rest
        """Which of the counts."""

    def __init__(
        self, words: Words | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """An empty map."""
        super().__init__(id=id, classes=classes)
        self.words = words or use()
        self._layout: Layout | None = None
        self._cast: tuple[tuple[object, ...], Cast, Session] | None = None
        self._board: tuple[tuple[Cast, int, int], Layout] | None = None
        self._rows: tuple[Layout, Path, list[Line]] | None = None
        self._grounds: tuple[Layout | None, dict[Ground, Grid]] = (None, {})
        self._counted: Layout | None = None
        self._path = Path()
        self.picked: Target | None = None
        """What the arrow keys have chosen; None while they mean something else."""

    def watch_session(self) -> None:
        """Draw where the packet is."""
        self.renew()
        self._pick_again()
        self._count_hidden()

    def on_resize(self) -> None:
        """What fits is another number of pods and Services."""
        super().on_resize()
        self._pick_again()
        self._count_hidden()

    def on_show(self) -> None:
        """As much as fits now."""
        super().on_show()
        self._count_hidden()

    def watch_sought(self) -> None:
        """Other pods and Services may come first."""
        self.watch_session()

    def watch_chosen(self) -> None:
        """Other pods and Services may come first."""
        self.watch_session()

    def lines(self, width: int) -> list[Line]:
        """The board, and under it the Services."""
        session = self.session
        if session is None:
            return []
        height = self.room.height
        layout = self._layout = self._board_of(self._cast_of(session, width), width, height)
        self._path = path_of(session)
        rows = self._drawn(layout, self._path)
        for i, (name, where) in enumerate(layout.services):
            rows[layout.service_row + i] = self._service_line(name, where, width, session)
        if self.picked is not None and self.picked.y < len(rows):
            rows[self.picked.y] = marked(rows[self.picked.y], self.picked)
        return rows

    def focus_row(self) -> int | None:
        """The row of what is chosen or of the packet, where the map is higher than the pane."""
        if self.picked is not None:
            return self.picked.y
        return _row_of(self._layout, self._path) if self._layout is not None else None

    def _cast_of(self, session: Session, width: int) -> Cast:
        """The cast, kept while the trace and the packet's node stay the same."""
        here, most = session.moment.hop.node if session.moment else None, most_nodes(width)
        key = (id(session.world), id(session.trace), here, self.sought, self.chosen, most)
        if self._cast is None or self._cast[0] != key:
            # the session is kept, so that no other world or trace gets their ids
            self._cast = (key, cast_of(session, self.sought, self.chosen, most), session)
        return self._cast[1]

    def _board_of(self, cast: Cast, width: int, height: int) -> Layout:
        """The layout, kept for a cast."""
        key = (cast, width, height)
        if self._board is None or self._board[0] != key:
            self._board = (key, lay_out(cast, width, height))
        return self._board[1]

    def _drawn(self, layout: Layout, path: Path) -> list[Line]:
        """The board's rows: steps within one hook are at one place, and leave it as it is."""
        if self._rows is None or self._rows[0] is not layout or self._rows[1] != path:
            if self._grounds[0] is not layout:
                self._grounds = (layout, {})
            rows = draw(layout, path, self.words("network"), self._grounds[1]).lines()
            self._rows = (layout, path, rows)
        return [*self._rows[2]]

    def _service_line(self, name: str, where: str, width: int, session: Session) -> Line:
        """A Service is text: it has an address, and a device in IPVS mode alone."""
        packet = session.moment.step.packet.innermost if session.moment else None
        address = where.rsplit(":", 1)[0].strip("[]")
        asked = packet is not None and str(packet.destination) == address
        role = Role.NOW_TEXT if asked else Role.SERVICE
        if _is_bound(session, address):
            note = self.words("on kube-ipvs0 of each node")
        else:
            note = self.words("address only, no device")
        return spread(
            [(" ◇ ", role), (name, role), ("  ", Role.PLAIN), (where, Role.PLAIN)],
            [(note, Role.FAINT)] if width >= 60 else [],
            width - 1 if width > 1 else width,
        )

    def _count_hidden(self) -> None:
        """Say in the frame what the board as it was laid out last does not show."""
        layout = self._layout
        if layout is None or layout is self._counted:
            return
        self._counted = layout
        hidden = {
            Rest.NODES: layout.hidden_nodes,
            Rest.PODS: layout.hidden_pods,
            Rest.SERVICES: layout.hidden_services,
        }
        counts = (
            f"[@click=open_rest('{rest.value}')]{counted(self.words, count, *REST[rest])}[/]"
            for rest, count in hidden.items()
            if count
        )
        self.entitle(subtitle=" · ".join(counts))

    def action_open_rest(self, rest: str) -> None:
        """Say that a count was clicked."""
        self.post_message(self.RestAsked(Rest(rest)))

    @property
    def drawn(self) -> frozenset[str]:
        """The nodes, pods and Services that are on the map."""
        layout = self._layout
        if layout is None:
            return frozenset()
        rows = range(layout.service_row, layout.service_row + len(layout.services))
        services = (self._service_at(row) for row in rows)
        names = (label.spot[0] for label in layout.labels if label.spot[0].startswith(POD))
        return frozenset((*(frame.spot[0] for frame in layout.frames), *names, *services))

    # ------------------------------------------------------------ choosing by keys

    def start_picking(self) -> None:
        """Let the arrow keys choose, from where the packet is on."""
        self.focus()
        known = self._targets()
        here = self.session.moment.hop.namespace if self.session and self.session.moment else ""
        self._pick(next((each for each in known if each.place == here), next(iter(known), None)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The arrow keys choose only after that was asked for; else they step."""
        return self.picked is not None if action.startswith("pick") else True

    def action_pick(self, dx: int, dy: int) -> None:
        """Choose what lies beside."""
        if self.picked is not None:
            self._pick(beside(self._targets(), self.picked, dx, dy))

    def action_pick_open(self) -> None:
        """Open what is chosen."""
        if self.picked is not None:
            self.post_message(self.DeviceSelected(self.picked.place, self.picked.device))

    def on_blur(self) -> None:
        """Another pane has the arrow keys now; a dialog gives them back."""
        if self.picked is not None and self.screen.is_current:
            self._pick(None)

    def action_pick_leave(self) -> None:
        """The arrow keys step again."""
        self._pick(None)

    def _targets(self) -> tuple[Target, ...]:
        layout = self._layout
        if layout is None:
            return ()
        rows = range(layout.service_row, layout.service_row + len(layout.services))
        return targets(layout, {row: found for row in rows if (found := self._service_at(row))})

    def _pick(self, target: Target | None) -> None:
        """Mark something, and say in the frame what it is."""
        self.picked = target
        name = f"{target.place} {target.device}".rstrip() if target is not None else ""
        title = self.words("Map")
        self.entitle(title=f"{title} · {name}" if name else title)
        self.renew()

    def _pick_again(self) -> None:
        """Things may stand elsewhere now; what is not on the map any more is not chosen."""
        old = self.picked
        if old is not None:
            ends = (old.place, old.device)
            self._pick(next((t for t in self._targets() if (t.place, t.device) == ends), None))

    # ------------------------------------------------------------ clicking

    def on_click(self, event: Click) -> None:
        """Say what was clicked."""
        offset = event.get_content_offset(self)
        if offset is None or self._layout is None:
            return
        row = offset.y + self.scroll_offset.y
        if service := self._service_at(row):
            self.post_message(self.DeviceSelected(service, ""))
            return
        spot = self._layout.spot_at(offset.x, row)
        if spot is not None and spot[0].startswith((NODE, "pod/")):
            device = "" if spot[1] == STACK else spot[1]
            self.post_message(self.DeviceSelected(spot[0], device))

    def _service_at(self, row: int) -> str:
        """The Service that a row under the board is about; nothing on the board itself."""
        layout, session = self._layout, self.session
        if layout is None or session is None:
            return ""
        shown = dict(enumerate(layout.services, layout.service_row))
        real = (s for s in session.world.cluster.services if s.cluster_ips)
        found = (s for s in real if (s.name, where_of(s)) == shown.get(row))
        return next((f"svc/{s.namespace}/{s.name}" for s in found), "")


def _is_bound(session: Session, address: str) -> bool:
    """Whether nodes bear a Service's address themselves, as IPVS mode has it."""
    world = session.world
    nodes = world.cluster.nodes
    return bool(nodes) and any(str(ip) == address for ip in world.virtual_addresses(nodes[0].name))


def _row_of(layout: Layout, path: Path) -> int | None:
    spot: Spot | None = layout.stand_in(path.here) if path.here else None
    if spot is None:
        return None
    for label in layout.labels:
        if label.spot == spot:
            return label.y
    if spot in layout.rails:
        return layout.rails[spot].y
    return next((frame.y for frame in layout.frames if frame.spot == spot), None)
