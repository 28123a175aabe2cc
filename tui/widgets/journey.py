"""The whole way as a list: legs, namespaces, steps. A click goes there."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message
from textual.reactive import reactive

from tui.session import Moment, Session
from tui.sim.trace import Trace
from tui.theme import Role, look_of
from tui.widgets.headline import headline
from tui.widgets.line import Line, spread
from tui.widgets.pane import Pane
from tui.words import Words, use


class Journey(Pane):
    """Every step in order, the one under the cursor lit."""

    DEFAULT_CSS = """
    Journey { overflow-y: scroll; }
    """

    session: reactive[Session | None] = reactive(None, repaint=False)
    """What is shown."""

    @dataclass
    class StepChosen(Message):
        """A step was clicked."""

        position: int
        """Its index among the session's moments."""

    def __init__(
        self, words: Words | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """An empty journey."""
        super().__init__(id=id, classes=classes)
        self.words = words or use()
        self._row = 0
        self._known: tuple[Trace | None, int, dict[tuple[int, int], Line]] = (None, 0, {})
        self._heads: dict[int, list[Line]] = {}

    def watch_session(self) -> None:
        """Follow the cursor."""
        self.renew()
        trace = self.session.trace if self.session else None
        flow = f"{trace.flow.source} → {trace.flow.destination}" if trace else ""
        self.entitle(subtitle=flow)

    def focus_row(self) -> int | None:
        """The lit row stays in view."""
        return self._row

    def top_for(self, row: int, top: int, height: int) -> int:
        """A page on or back, with the rows beside the cursor: turning it is rare, and costs."""
        return row - 2 if row > top else row - height + 3

    def lines(self, width: int) -> list[Line]:
        """Headings for legs and namespaces, and a row per step."""
        session = self.session
        if session is None or not session.moments:
            text = self.words("No packet yet. Press i to send one.")
            return [Line(), Line.of((f" {text}", Role.QUIET))]
        rows: list[Line] = []
        last: Moment | None = None
        if self._known[:2] != (session.trace, width):
            self._known, self._heads = (session.trace, width, {}), {}
        for i, moment in enumerate(session.moments):
            if i not in self._heads:
                self._heads[i] = self._headings(moment, last, width)
            rows += self._heads[i]
            if i == session.position:
                self._row = len(rows)
            rows.append(self._kept_step(session, i, moment, width))
            last = moment
        return rows

    def _kept_step(self, session: Session, i: int, moment: Moment, width: int) -> Line:
        """A step's row, kept for as long as it is past, present or to come, and the trace lasts."""
        kept, position = self._known[2], session.position
        key = (i, (i > position) - (i < position))
        if key not in kept:
            kept[key] = self._step(i, moment, position, width)
        return kept[key]

    def _headings(self, moment: Moment, last: Moment | None, width: int) -> list[Line]:
        rows = []
        if last is None or last.leg_number != moment.leg_number:
            if last is not None:
                rows.append(Line())
            role = self.words.role(moment.leg.role)
            packet = moment.leg.packet
            rows.append(
                spread(
                    [
                        (f" {role} ", Role.TITLE),
                        (f"{packet.from_text} → {packet.to_text}", Role.QUIET),
                    ],
                    [],
                    width,
                )
            )
        if last is None or last.hop is not moment.hop:
            rows.append(
                spread([("  ┌ ", Role.LINE), (moment.hop.namespace, Role.STRONG)], [], width)
            )
        return rows

    def _step(self, i: int, moment: Moment, position: int, width: int) -> Line:
        step = moment.step
        look, lit = look_of(step), i == position
        role = (
            Role.NOW_TEXT
            if lit
            else look.role
            if step.kind.final
            else Role.CHANGED
            if step.rewrites
            else Role.PLAIN
            if i < position
            else Role.QUIET
        )
        mark = "▶" if lit else "│"
        text = headline(step, self.words, chain_width=14 if width < 50 else 18)
        return spread(
            [
                (f"  {mark} ", Role.NOW_TEXT if lit else Role.LINE),
                (f"{look.glyph} ", look.role),
                (text, role),
            ],
            [],
            width,
            lit=lit,
            target=str(i),
        )

    def clicked(self, line: Line, column: int) -> None:
        """Go to the step."""
        if line.target:
            self.post_message(self.StepChosen(int(line.target)))
