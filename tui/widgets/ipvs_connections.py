"""The connections that IPVS of a node has beside conntrack's, at this moment."""

from __future__ import annotations

from tui.session import Session
from tui.sim.model.address import endpoint_text
from tui.sim.netfilter.ipvs_memory import IpvsConnection, IpvsMemory, Template
from tui.theme import Role
from tui.widgets.ipvs_replay import ipvs_at
from tui.widgets.ipvs_text import print_way
from tui.widgets.line import BLANK, Line, Span, spread, wrap
from tui.words import Words


def connection_lines(session: Session, host: str, words: Words, width: int) -> list[Line]:
    """`ipvsadm -Lnc`: connections, then clients that stick; what this step changed is marked."""
    last = session.position if session.moments else -1
    now = ipvs_at(session, host, last)
    if now is None:
        return []
    before = ipvs_at(session, host, last - 1) or now
    rows = [
        BLANK,
        Line.of((" $ ", Role.FAINT), ("ipvsadm -Lnc", Role.CODE), (f"   # {host}", Role.FAINT)),
    ]
    clock = session.before.now
    for each in now.connections:
        rows += _connection(each, _mark(each, before), clock, width)
    for template in now.templates:
        rows += _template(template, template not in before.templates, words, clock, width)
    if not now.connections and not now.templates:
        text = words("Empty: IPVS has sent on no connection here at this moment.")
        rows += [Line(spans).indented(1) for spans in wrap([(text, Role.QUIET)], max(width - 2, 9))]
    return rows


def _mark(each: IpvsConnection, before: IpvsMemory) -> str:
    """`+` for a connection that this step made, `~` for one that it changed."""
    if each in before.connections:
        return ""
    return "~" if any(each.asked == other.asked for other in before.connections) else "+"


def _connection(each: IpvsConnection, mark: str, clock: float, width: int) -> list[Line]:
    """State and seconds left, then client, virtual server and real server."""
    role = Role.CHANGED if mark else Role.STRONG
    left = max(round(each.expires - clock), 0)
    head: list[Span] = [
        (f" {mark or ' '} ", Role.CHANGED),
        (each.asked.protocol.lower, role),
        (f"  {each.state}", role),
        (f"  {left} s", Role.QUIET),
    ]
    return [spread(head, [], width, lit=bool(mark)), *_way(print_way(each), width, lit=bool(mark))]


def _template(each: Template, fresh: bool, words: Words, clock: float, width: int) -> list[Line]:
    """A client that session affinity binds to a real server."""
    protocol, ip, port = each.virtual
    left = max(round(each.expires - clock), 0)
    head: list[Span] = [
        (" + " if fresh else "   ", Role.CHANGED),
        (protocol.lower, Role.CHANGED if fresh else Role.STRONG),
        (f"  {words('session affinity')}", Role.PLAIN),
        (f"  {left} s", Role.QUIET),
    ]
    client = str(each.clients).removesuffix(f"/{each.clients.max_prefixlen}")
    text = f"{client} → {endpoint_text(ip, port)} → {each.real}"
    return [spread(head, [], width, lit=fresh), *_way(text, width, lit=fresh)]


def _way(text: str, width: int, *, lit: bool) -> list[Line]:
    pieces = wrap([(text, Role.PLAIN)], max(width - 6, 10))
    return [spread([("     ", Role.PLAIN), *spans], [], width, lit=lit) for spans in pieces]
