"""The way as one line: namespaces in a row, rewrites and tunnels as signs, the cursor on it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message
from textual.reactive import reactive

from tui.session import Moment, Session
from tui.sim.trace import Role as LegRole
from tui.sim.trace import StepKind
from tui.theme import Role, look_of
from tui.widgets.line import Line, Span, pad
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
        cells = [self._cell(session, x, room) for x in range(room)]
        used = sum(len(text) for text, _ in head)
        if self.note:
            cells = [(pad(self.note, room), Role.NOW_TEXT)]
        return [Line((*head, (" " * (self.LEFT - used), Role.PLAIN), *cells, *tail))]

    def _cell(self, session: Session, x: int, room: int) -> Span:
        """One cell of the line: the most telling of the steps that fall into it."""
        first, last = _steps_of(x, room, len(session.moments))
        group = session.moments[first:last]
        ahead = first > session.position
        if x and _steps_of(x - 1, room, len(session.moments))[0] == first:
            return _line(group[0], ahead), Role.FAINT if ahead else _way(group[0])
        glyph = _glyph(group, session, first)
        if first <= session.position < last:
            return (glyph if glyph and glyph in "✓✗⊘?◆◇" else "◉"), Role.NOW_TEXT
        if glyph and glyph in "✓✗⊘?":
            ends = (look_of(moment.step) for moment in group if moment.step.kind.final)
            return glyph, next(ends).role
        if glyph == "◆" and not ahead:
            return glyph, Role.NOW_TEXT
        return glyph or _line(group[0], ahead), Role.FAINT if ahead else _way(group[0])

    def clicked(self, line: Line, column: int) -> None:
        """Go to the step under the pointer."""
        session = self.session
        if session is None or not session.moments:
            return
        room = max(self.scrollable_content_region.width - self.LEFT - len(f" {self.speed:g}/s "), 4)
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


def _glyph(group: tuple[Moment, ...], session: Session, first: int) -> str:
    """The sign of an end, a rewrite, a tunnel's mouth or a new namespace; nothing for the rest."""
    for moment in group:
        if moment.step.kind.final:
            return look_of(moment.step).glyph
    for moment in group:
        if moment.step.rewrites and moment.step.kind not in _TUNNEL:
            return "◆"
        if moment.step.kind in _TUNNEL:
            return "◇"
    before = session.moments[first - 1] if first else None
    if before is not None and before.hop is not group[0].hop:
        return "┿" if first <= session.position else "┼"
    return ""


_TUNNEL = (StepKind.ENCAPSULATED, StepKind.DECAPSULATED)


def _line(moment: Moment, ahead: bool) -> str:
    """The line itself: doubled in a tunnel, broken on the way back, thin where not yet walked."""
    if moment.step.packet.inner is not None:
        return "═"
    if moment.leg.role in (LegRole.REPLY, LegRole.ICMP):
        return "┄" if ahead else "╍"
    return "─" if ahead else "━"
