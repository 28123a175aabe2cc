"""The map in one line, for screens without room for the whole: where the packet was, is, goes."""

from __future__ import annotations

from rich.cells import cell_len
from textual.reactive import reactive

from tui.session import Moment, Session
from tui.theme import Role, look_of
from tui.widgets.line import Line, Span
from tui.widgets.pane import Pane
from tui.words import Words, use

Stop = tuple[str, int]
"""What a stop is called, and the position of its first step."""


class StripMap(Pane):
    """`client ━ node-a veth1 ━ PREROUTING ┄ node-b ┄ web-2`."""

    session: reactive[Session | None] = reactive(None, repaint=False)
    """What is shown."""

    def __init__(
        self, words: Words | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """An empty strip."""
        super().__init__(id=id, classes=classes)
        self.words = words or use()

    def watch_session(self) -> None:
        """Follow the cursor."""
        self.renew()

    def lines(self, width: int) -> list[Line]:
        """One row, moved so that the packet is in view."""
        session = self.session
        if session is None or session.moment is None:
            return [Line.of((f" {self.words('No packet yet.')}", Role.QUIET))]
        stops = _stops(session)
        here = max(i for i, (_, first) in enumerate(stops) if first <= session.position)
        spans: list[Span] = [(" ", Role.PLAIN)]
        start = self._first_shown(stops, here, width)
        if start:
            spans.append(("… ", Role.FAINT))
        for i in range(start, len(stops)):
            spans += self._stop(session, stops, i, here)
        return [Line(tuple(spans))]

    def _stop(self, session: Session, stops: list[Stop], i: int, here: int) -> list[Span]:
        name = stops[i][0]
        joint: list[Span] = []
        if i:
            walked = i <= here
            back = walked and _is_back(session.moments[stops[i][1]])
            joint = [
                (
                    " ━ " if walked and not back else " ╍ " if back else " ┄ ",
                    Role.REPLY if back else Role.WALKED if walked else Role.LINE,
                )
            ]
        if i != here:
            return [*joint, (name, Role.WALKED if i < here else Role.QUIET)]
        spans: list[Span] = [*joint, (f" {name} ", Role.NOW)]
        place = session.moment.step.place if session.moment else None
        if place is not None and place.hook:
            spans.append((f" {place.hook}", Role.NOW_TEXT))
        if session.moment and session.moment.step.kind.final:
            look = look_of(session.moment.step)
            spans.append((f" {look.glyph} {self.words(look.word)}", look.role))
        return spans

    @staticmethod
    def _first_shown(stops: list[Stop], here: int, width: int) -> int:
        """The first stop shown, so that the current one and what follows fit."""
        start = 0
        while start < here:
            used = sum(cell_len(name) + 3 for name, _ in stops[start : here + 2]) + 16
            if used <= width:
                break
            start += 1
        return start


def _stops(session: Session) -> list[Stop]:
    """A stop per hop, with the direction that the packet came from."""
    stops: list[Stop] = []
    last: Moment | None = None
    for i, moment in enumerate(session.moments):
        if last is None or moment.hop is not last.hop:
            stops.append((_name(moment), i))
        last = moment
    return stops


def _name(moment: Moment) -> str:
    return moment.hop.namespace.rsplit("/", 1)[-1]


def _is_back(moment: Moment) -> bool:
    return moment.leg.role.value in ("reply", "icmp")
