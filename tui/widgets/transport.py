"""The way as one line: namespaces in a row, rewrites and tunnels as signs, the cursor on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.message import Message
from textual.reactive import reactive

from tui.session import Moment, Session
from tui.sim.model.value import value
from tui.sim.trace import Role as LegRole
from tui.sim.trace import StepKind
from tui.theme import Role, look_of
from tui.widgets.line import Line, Span, joined, pad
from tui.widgets.pane import Pane


class Transport(Pane):
    """A scrubber. A click on it goes to that step."""

    session: reactive[Session | None] = reactive(None, repaint=False)
    """What is shown."""
    playing: reactive[bool] = reactive(False, repaint=False)
    """Whether the packet walks by itself."""
    speed: reactive[float] = reactive(4.0, repaint=False)
    """Steps per second."""
    note: reactive[str] = reactive("", repaint=False)
    """Something to say in place of the line."""

    @dataclass
    class Sought(Message):
        """A place on the line was clicked."""

        position: int
        """Index among the session's moments."""

    LEFT = 12
    """Cells before the line itself."""

    def __init__(self, *, id: str | None = None) -> None:
        """A line without a packet."""
        super().__init__(id=id)
        self._scale: _Scale | None = None

    def watch_session(self) -> None:
        """Follow the cursor."""
        self.renew()

    def watch_playing(self) -> None:
        """Show that it plays."""
        self.renew()

    def watch_note(self) -> None:
        """Say it, or show the line again."""
        self.renew()

    def watch_speed(self) -> None:
        """Show how fast."""
        self.renew()

    def lines(self, width: int) -> list[Line]:
        """One row."""
        session = self.session
        if session is None or not session.moments:
            still = (self.note, Role.NOW_TEXT) if self.note else ("┄" * (width - 5), Role.FAINT)
            return [Line.of((" ○ ", Role.FAINT), still)]
        total = len(session.moments)
        sign = "▶" if self.playing else "▷"
        head: list[Span] = [
            (f" {sign} ", Role.NOW_TEXT),
            (f"{session.position + 1:>3}/{total:<3}", Role.STRONG),
        ]
        tail: list[Span] = [(f" {self.speed:g}/s ", Role.FAINT)]
        room = max(width - self.LEFT - len(tail[0][0]), 4)
        cells = self._cells(session, room)
        used = sum(len(text) for text, _ in head)
        if self.note:
            cells = [(pad(self.note, room), Role.NOW_TEXT)]
        return [Line((*head, (" " * (self.LEFT - used), Role.PLAIN), *cells, *tail))]

    def _cells(self, session: Session, room: int) -> list[Span]:
        """The line, joined where cells look the same; its looks are made once for a packet."""
        if self._scale is None or self._scale.moments is not session.moments:
            self._scale = None
        if self._scale is None or self._scale.room != room:
            self._scale = _Scale(session.moments, room)
        return joined(self._scale.spans(session.position))

    def clicked(self, line: Line, column: int) -> None:
        """Go to the step under the pointer."""
        session = self.session
        if session is None or not session.moments:
            return
        room = max(self.room.width - self.LEFT - len(f" {self.speed:g}/s "), 4)
        first, _ = _steps_of(min(max(column - self.LEFT, 0), room - 1), room, len(session.moments))
        self.post_message(self.Sought(first))


def _steps_of(x: int, room: int, total: int) -> tuple[int, int]:
    """The range of steps that a cell stands for; never empty."""
    first = x * total // room
    return first, max((x + 1) * total // room, first + 1)


def _way(moment: Moment) -> Role:
    back = moment.leg.role in (LegRole.REPLY, LegRole.ICMP)
    if moment.step.packet.inner is not None:
        return Role.TUNNEL
    return Role.REPLY if back else Role.WALKED


@value
class _Cell:
    """One cell of the line: the most telling of the steps that fall into it, in three looks."""

    first: int
    last: int
    ahead: Span
    walked: Span
    here: Span

    def span(self, position: int) -> Span:
        """The cell while the cursor is at a moment."""
        if self.first > position:
            return self.ahead
        return self.here if position < self.last else self.walked


class _Scale:
    """The cells of a packet's line for one width."""

    def __init__(self, moments: tuple[Moment, ...], room: int) -> None:
        self.moments = moments
        self.room = room
        self._cells = [self._cell(x) for x in range(room)]

    def spans(self, position: int) -> Iterator[Span]:
        """The line with the cursor at a moment."""
        return (cell.span(position) for cell in self._cells)

    def _cell(self, x: int) -> _Cell:
        total = len(self.moments)
        first, last = _steps_of(x, self.room, total)
        group = self.moments[first:last]
        plain = (_line(group[0], ahead=True), Role.FAINT), (_line(group[0], ahead=False),
                 _way(group[0]))  # fmt: skip
        if x and _steps_of(x - 1, self.room, total)[0] == first:
            return _Cell(first, last, *plain, plain[1])
        glyph = _glyph(group, self.moments[first - 1] if first else None)
        if not glyph:
            return _Cell(first, last, *plain, ("◉", Role.NOW_TEXT))
        if glyph in _ENDS:
            ends = (look_of(moment.step) for moment in group if moment.step.kind.final)
            end = (glyph, next(ends).role)
            return _Cell(first, last, end, end, (glyph, Role.NOW_TEXT))
        if glyph == "┼":
            walked = ("┿", _way(group[0]))
            return _Cell(first, last, (glyph, Role.FAINT), walked, ("◉", Role.NOW_TEXT))
        walked = (glyph, Role.NOW_TEXT if glyph == "◆" else _way(group[0]))
        return _Cell(first, last, (glyph, Role.FAINT), walked, (glyph, Role.NOW_TEXT))


_ENDS = "✓✗⊘?"


def _glyph(group: tuple[Moment, ...], before: Moment | None) -> str:
    """The sign of an end, a rewrite, a tunnel's mouth or a new namespace; nothing for the rest."""
    for moment in group:
        if moment.step.kind.final:
            return look_of(moment.step).glyph
    for moment in group:
        if moment.step.rewrites and moment.step.kind not in _TUNNEL:
            return "◆"
        if moment.step.kind in _TUNNEL:
            return "◇"
    return "┼" if before is not None and before.hop is not group[0].hop else ""


_TUNNEL = (StepKind.ENCAPSULATED, StepKind.DECAPSULATED)


def _line(moment: Moment, ahead: bool) -> str:
    """The line itself: doubled in a tunnel, broken on the way back, thin where not yet walked."""
    if moment.step.packet.inner is not None:
        return "═"
    if moment.leg.role in (LegRole.REPLY, LegRole.ICMP):
        return "┄" if ahead else "╍"
    return "─" if ahead else "━"
