"""The conntrack table of the host in view at this moment, with what this step changed marked.

IPVS keeps connections of its own; they stand below.
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
        self.border_subtitle = self._host() or ""

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

    def lines(self, width: int) -> list[Line]:
        """The entries of the host in view, IPVS's own below, then where else there are some."""
        session, host, words = self.session, self._host(), self.words
        if session is None:
            return []
        if host is None:
            return [Line.of((f" {words('No host remembers a connection yet.')}", Role.QUIET))]
        return [
            *self._entries(session, host, width),
            *self._ipvs(session, host, width),
            *self._elsewhere(session, host, width),
        ]

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
            rows += [BLANK, *(Line(spans).indented(1) for spans in pieces)]
        return rows

    def _ipvs(self, session: Session, host: str, width: int) -> list[Line]:
        """IPVS's connections, where the host is a node in IPVS mode."""
        if session.world.proxy.mode is not ProxyMode.IPVS:
            return []
        from tui.widgets.ipvs_connections import connection_lines

        return connection_lines(session, host, self.words, width)

    def _elsewhere(self, session: Session, host: str, width: int) -> list[Line]:
        """Other hosts that remember something."""
        others = [
            f"{name} ({len(found)})" for name, found in session.conntrack.items() if name != host
        ]
        if not others:
            return []
        also = (f" {self.words('also on')} ", Role.FAINT)
        return [BLANK, spread([also, (", ".join(others), Role.QUIET)], [], width)]

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
        right: list[Span] = [(f"[{'] ['.join(flags)}] ", Role.QUIET)] if flags else []
        return [
            spread(head, right, width, lit=lit),
            spread(
                [("     ", Role.PLAIN), (print_tuple(entry.original), Role.PLAIN)],
                [],
                width,
                lit=lit,
            ),
            spread(
                [("   ↳ ", Role.FAINT), (print_tuple(entry.reply), Role.PLAIN)], [], width, lit=lit
            ),
        ]

    @staticmethod
    def _nat(entry: ConntrackEntry) -> str:
        return " ".join(name for name, on in (("DNAT", entry.dnat), ("SNAT", entry.snat)) if on)
