"""The conntrack tables at this moment, the packet's host's first; what this step changed marked.

IPVS keeps connections of its own; they stand below those of their host.
"""

from __future__ import annotations

from textual.reactive import reactive

from tui.session import Session
from tui.sim.model.connection import ConntrackEntry, ConntrackOp
from tui.sim.model.settings import ProxyMode
from tui.theme import Role
from tui.widgets.conntrack_text import print_tuple, seconds_left
from tui.widgets.line import BLANK, Line, Span, spread, wrap
from tui.widgets.pane import Pane
from tui.words import Words, use

MARKS = {ConntrackOp.CREATED: "+", ConntrackOp.CHANGED: "~", ConntrackOp.DESTROYED: "-"}


class ConntrackTable(Pane):
    """Entries as `conntrack -L` shows them, three rows each."""

    DEFAULT_CSS = """
    ConntrackTable { overflow-y: scroll; }
    """

    session: reactive[Session | None] = reactive(None, repaint=False)
    """What is shown."""

    def __init__(
        self, words: Words | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """An empty table."""
        super().__init__(id=id, classes=classes)
        self.words = words or use()

    def watch_session(self) -> None:
        """Show the table at the cursor."""
        self.renew()
        self.entitle(subtitle=self._host() or "")

    def _host(self) -> str | None:
        """The host in view: the packet's, else the first that remembers anything."""
        session = self.session
        if session is None:
            return None
        if session.moment is not None:
            return session.moment.hop.namespace
        hosts = session.before.hosts
        served = (name for name, kept in hosts.items() if kept.ipvs.connections)
        return next(iter(session.conntrack), None) or next(served, None)

    def focus_row(self) -> int | None:
        """What this step changed stays in view."""
        return next((i for i, line in enumerate(self._lines) if line.lit), None)

    def lines(self, width: int) -> list[Line]:
        """The table of the host in view, then those of all others that remember something."""
        session, host, words = self.session, self._host(), self.words
        if session is None:
            return []
        if host is None:
            return [Line.of((f" {words('No host remembers a connection yet.')}", Role.QUIET))]
        rows = self._table(session, host, width)
        for other in session.conntrack:
            if other != host:
                rows += [BLANK, *self._table(session, other, width)]
        return rows

    def _table(self, session: Session, host: str, width: int) -> list[Line]:
        """All that one host remembers."""
        return [*self._entries(session, host, width), *self._ipvs(session, host, width)]

    def _entries(self, session: Session, host: str, width: int) -> list[Line]:
        """conntrack's entries."""
        rows = [
            Line.of((" $ ", Role.FAINT), ("conntrack -L", Role.CODE), (f"   # {host}", Role.FAINT))
        ]
        entries = session.conntrack.get(host, ())
        marks = self._marks(session, host)
        for entry in entries:
            rows += self._entry(entry, marks.get(entry.original, ""), width, session.before.now)
        if not entries:
            text = self.words("Empty: {host} remembers no connection at this moment.", host=host)
            pieces = wrap([(text, Role.QUIET)], max(width - 2, 10))
            rows += [Line(spans).indented(1) for spans in pieces]
        return rows

    def _ipvs(self, session: Session, host: str, width: int) -> list[Line]:
        """IPVS's connections, where the host is a node in IPVS mode."""
        if session.world.proxy.mode is not ProxyMode.IPVS:
            return []
        from tui.widgets.ipvs_connections import connection_lines

        return connection_lines(session, host, self.words, width)

    def _marks(self, session: Session, host: str) -> dict[object, str]:
        """Signs for the entries that the step under the cursor changed."""
        if session.moment is None:
            return {}
        return {
            change.entry.original: MARKS[change.op]
            for change in session.moment.step.conntrack
            if change.host == host
        }

    def _entry(self, entry: ConntrackEntry, mark: str, width: int, now: float) -> list[Line]:
        lit = bool(mark)
        role = Role.CHANGED if lit else Role.STRONG
        flags = [
            name
            for name, on in (("UNREPLIED", not entry.replied), ("ASSURED", entry.assured))
            if on
        ]
        head: list[Span] = [
            (f" {mark or ' '} ", Role.CHANGED),
            (entry.original.protocol.lower, role),
            (f"  {entry.state}" if entry.state else "", role),
            (f"  {seconds_left(entry, now)} s", Role.QUIET),
            (f"  {self._nat(entry)}", Role.NOW_TEXT),
        ]
        if entry.mark:
            head.append((f"  mark={entry.mark:#x}", Role.STRONG))
        right: list[Span] = [(f"[{'] ['.join(flags)}] ", Role.QUIET)] if flags else []
        return [
            spread(head, right, width, lit=lit),
            *_direction("     ", print_tuple(entry.original), width, lit=lit),
            *_direction("   ↳ ", print_tuple(entry.reply), width, lit=lit),
        ]

    @staticmethod
    def _nat(entry: ConntrackEntry) -> str:
        return " ".join(name for name, on in (("DNAT", entry.dnat), ("SNAT", entry.snat)) if on)


def _direction(start: str, text: str, width: int, *, lit: bool) -> list[Line]:
    """One direction of an entry, in as many rows as it needs."""
    rows = wrap([(text, Role.PLAIN)], max(width - 6, 10))
    return [
        spread([(start if i == 0 else "       ", Role.FAINT), *spans], [], width, lit=lit)
        for i, spans in enumerate(rows)
    ]
