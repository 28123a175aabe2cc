"""The tables that steps outside netfilter look into: routes, neighbours, FDB, headers."""

from __future__ import annotations

from collections.abc import Sequence

from tui.session import Moment, Session
from tui.sim.routing.network import Namespace, RouteKind
from tui.sim.routing.text import (
    in_order,
    print_fdb,
    print_neighbour,
    print_route,
    route_command,
)
from tui.sim.trace import Step, StepKind
from tui.theme import Role, look_of
from tui.widgets.conntrack_text import print_tuple
from tui.widgets.line import BLANK, Line, Span, spread, wrap
from tui.widgets.packet_view import ending_lines, header_lines, tunnel_lines, wire_lines
from tui.words import Words


def table_lines(
    session: Session, moment: Moment, words: Words, width: int, height: int, *, speaks: bool = True
) -> list[Line]:
    """The pane's rows for a step outside netfilter; `speaks` adds the sentence below."""
    namespace = session.world.network.namespaces.get(moment.hop.namespace)
    match moment.step.kind:
        case StepKind.ROUTED if namespace:
            rows = _routes(namespace, moment.step, width)
        case StepKind.NEIGHBOUR_FOUND if namespace:
            rows = _neighbours(namespace, moment.step, words, width)
        case StepKind.BRIDGED if namespace:
            rows = _bridge(namespace, moment.step, words, width)
        case StepKind.ENCAPSULATED | StepKind.DECAPSULATED:
            rows = tunnel_lines(moment.step, session.packet_before, words, width)
        case StepKind.TRACKED | StepKind.TRANSLATED | StepKind.CONFIRMED:
            rows = _connections(session, moment, words, width)
        case StepKind.SENT | StepKind.RECEIVED:
            rows = wire_lines(session, moment, words, width)
        case kind if kind.final:
            rows = ending_lines(session, moment, words, width)
        case _:
            rows = header_lines(moment.step.packet, words, width)
    if rows and not speaks:
        return fitted(rows, height, words)
    said = _said(moment.step, words, width)
    return [*fitted(rows, max(height - len(said) - 1, 1), words), BLANK, *said]


def _said(step: Step, words: Words, width: int) -> list[Line]:
    """What the table said, at the foot of the pane; a verdict in its colour."""
    look = look_of(step)
    role = look.role if step.kind.final else Role.PLAIN
    mark: Span = (f" {look.glyph} ", look.role)
    rows = wrap([(words.sentence(step.reason), role)], max(width - 4, 10))
    return [Line((mark if i == 0 else ("   ", Role.PLAIN), *spans)) for i, spans in enumerate(rows)]


def fitted(rows: list[Line], height: int, words: Words) -> list[Line]:
    """The command and the rows around the lit one where there are too many; both cuts are told."""
    if len(rows) <= height:
        return rows
    head, body = (rows[:1], rows[1:]) if height > 3 else ([], rows)
    room = height - len(head)
    lit = next((i for i, row in enumerate(body) if row.lit), 0)
    first = min(max(lit - room // 2, 0), len(body) - room)
    kept = body[first : first + room]
    below = len(body) - first - room
    if below and not kept[-1].lit:
        kept[-1] = _more(below + 1, words)
    if first and not kept[0].lit:
        kept[0] = _more(first + 1, words)
    return [*head, *kept]


def _more(count: int, words: Words) -> Line:
    return Line.of((f"    ⋮ {words('{count} more', count=count)}", Role.FAINT))


def _listed(texts: Sequence[str], chosen: int, width: int) -> list[Line]:
    """Lines of a table with the chosen one marked."""
    rows = []
    for i, text in enumerate(texts):
        lit = i == chosen
        mark: Span = (" ▶ ", Role.NOW_TEXT) if lit else ("   ", Role.PLAIN)
        pieces = wrap([(text, Role.STRONG if lit else Role.QUIET)], max(width - 4, 10))
        rows += [
            Line((mark if j == 0 else ("     ", Role.PLAIN), *piece), lit=lit)
            for j, piece in enumerate(pieces)
        ]
    return rows


def _command(text: str) -> Line:
    """The command that shows this table on a real node."""
    return Line.of((" $ ", Role.FAINT), (text, Role.CODE))


# ---------------------------------------------------------------- routing


def _routes(namespace: Namespace, step: Step, width: int) -> list[Line]:
    """The table that held the route which the step took, with that route marked."""
    taken = str(step.reason.fields.get("route", ""))
    version = step.packet.source.version
    ours = in_order(r for r in namespace.routes if r.destination.version == version)
    local = [print_route(r) for r in ours if r.kind is RouteKind.LOCAL]
    main = [print_route(r) for r in ours if r.kind is not RouteKind.LOCAL]
    kind, texts = (RouteKind.LOCAL, local) if taken in local else (RouteKind.UNICAST, main)
    chosen = texts.index(taken) if taken in texts else -1
    return [_command(route_command(version, kind)), *_listed(texts, chosen, width)]


def _neighbours(namespace: Namespace, step: Step, words: Words, width: int) -> list[Line]:
    device, mac = str(step.reason.fields.get("device", "")), step.reason.fields.get("mac")
    address = str(step.reason.fields.get("address", ""))
    known = [n for n in namespace.neighbours if n.device == device]
    texts = [print_neighbour(n) for n in known]
    chosen = next((i for i, n in enumerate(known) if str(n.address) == address), -1)
    if chosen < 0 and mac:
        texts.append(f"{address} dev {device} lladdr {mac} REACHABLE")
        chosen = len(texts) - 1
    rows = [_command(f"ip neigh show dev {device}"), *_listed(texts, chosen, width)]
    if not mac:
        rows.append(Line.of((f"   {address} dev {device} ", Role.STRONG), ("FAILED", Role.DROPPED)))
    return rows


# ---------------------------------------------------------------- link layer


def _bridge(namespace: Namespace, step: Step, words: Words, width: int) -> list[Line]:
    """The bridge's table: its own address, and who is behind which port."""
    fields = step.reason.fields
    bridge, mac = str(fields.get("bridge", "")), str(fields.get("mac", ""))
    ports = {device.name for device in namespace.ports_of(bridge)}
    entries = [e for e in namespace.fdb if e.device in ports]
    texts = [print_fdb(e) for e in entries]
    own = next((d.mac for d in namespace.devices if d.name == bridge), "")
    texts.insert(0, f"{own} dev {bridge} self permanent")
    macs = [own, *(e.mac for e in entries)]
    chosen = macs.index(mac) if mac in macs else -1
    if chosen < 0 and mac and fields.get("port"):
        texts.append(f"{mac} dev {fields['port']}")
        chosen = len(texts) - 1
    return [_command(f"bridge fdb show br {bridge}"), *_listed(texts, chosen, width)]


# ---------------------------------------------------------------- conntrack


def _connections(session: Session, moment: Moment, words: Words, width: int) -> list[Line]:
    """Both directions of the entry that this step met or wrote."""
    step = moment.step
    rows = [_command("conntrack -L")]
    changed = [change for change in step.conntrack if change.host == moment.hop.namespace]
    if not changed:
        packet = session.packet_before or step.packet
        table = session.conntrack.get(moment.hop.namespace, ())
        met = [
            e for e in table if str(packet.source) in (str(e.original.source), str(e.reply.source))
        ]
        if not met:
            return [*rows, Line.of((f"   {words('no entry for this packet')}", Role.QUIET))]
        for entry in met[:3]:
            rows += _entry(
                print_tuple(entry.original),
                print_tuple(entry.reply),
                "  ",
                words,
                width,
                Role.QUIET,
            )
        return rows
    for change in changed:
        mark = {"created": "+ ", "changed": "~ ", "destroyed": "- "}[change.op.value]
        rows += _entry(
            print_tuple(change.entry.original),
            print_tuple(change.entry.reply),
            mark,
            words,
            width,
            Role.CHANGED,
        )
    return rows


def _entry(
    original: str, reply: str, mark: str, words: Words, width: int, role: Role
) -> list[Line]:
    return [
        spread(
            [(f" {mark}", role), (original, Role.PLAIN)],
            [(words("as sent") + " ", Role.FAINT)],
            width,
            lit=role is Role.CHANGED,
        ),
        spread(
            [("   ", role), (reply, Role.PLAIN)],
            [(words("answer expected") + " ", Role.FAINT)],
            width,
            lit=role is Role.CHANGED,
        ),
    ]
