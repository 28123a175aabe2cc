"""Pictures of a packet: its headers, its headers inside a tunnel's, on a wire, and at its end."""

from __future__ import annotations

from rich.cells import cell_len

from tui.session import Moment, Session
from tui.sim.model.packet import Packet
from tui.sim.routing.network import Device, Namespace
from tui.sim.trace import Outcome, Step, StepKind
from tui.sim.trace import Role as LegRole
from tui.theme import Role, look_of
from tui.widgets.line import BLANK, Line, Span, fit, pad, wrap
from tui.words import Words

WIDEST = 74
"""Cells of the widest box."""


# ---------------------------------------------------------------- headers


def header_lines(packet: Packet, words: Words, width: int) -> list[Line]:
    """The packet's headers as a box, layer over layer."""
    size = min(width - 2, WIDEST)
    ip = f"{packet.source} → {packet.destination}"
    facts = f"ttl {packet.ttl}   {words('{size} bytes', size=packet.size)}"
    rows = [
        _top(f" IPv{packet.source.version} ", size, Role.WALKED),
        _side([(ip, Role.STRONG), (f"   {facts}", Role.QUIET)], size, Role.WALKED),
    ]
    if packet.protocol.has_ports:
        rows.append(_middle(f" {packet.protocol.value} ", size, Role.WALKED))
        rows.append(
            _side(
                [
                    (f"{packet.sport} → {packet.dport}", Role.STRONG),
                    (f"   {packet.flags}", Role.NOW_TEXT),
                ],
                size,
                Role.WALKED,
            )
        )
    elif packet.icmp is not None:
        rows.append(_middle(" ICMP ", size, Role.WALKED))
        rows.append(_side([(packet.icmp.message, Role.STRONG)], size, Role.WALKED))
    return [*rows, _bottom("", size, Role.WALKED)]


def _top(title: str, size: int, role: Role) -> Line:
    return Line.of((f" ╭─{title}{'─' * (size - 3 - cell_len(title))}╮", role))


def _middle(title: str, size: int, role: Role) -> Line:
    return Line.of((f" ├─{title}{'─' * (size - 3 - cell_len(title))}┤", role))


def _bottom(title: str, size: int, role: Role) -> Line:
    return Line.of((f" ╰─{title}{'─' * (size - 3 - cell_len(title))}╯", role))


def _side(spans: list[Span], size: int, role: Role) -> Line:
    text = Line(tuple(spans))
    room = size - 4
    kept = text.spans if text.width <= room else ((fit(text.text, room), Role.PLAIN),)
    gap = room - min(text.width, room)
    return Line.of((" │ ", role), *kept, (" " * gap, Role.PLAIN), (" │", role))


# ---------------------------------------------------------------- tunnels


def tunnel_lines(step: Step, before: Packet | None, words: Words, width: int) -> list[Line]:
    """The headers, one inside the other: the tunnel's around the packet's."""
    packet = step.packet if step.packet.inner is not None else before
    if packet is None or packet.inner is None or packet.tunnel is None:
        return []
    inner, tunnel, size = packet.inner, packet.tunnel, min(width - 2, WIDEST)
    gone = step.kind is StepKind.DECAPSULATED
    frame = Role.LINE if gone else Role.TUNNEL
    text = Role.QUIET if gone else Role.PLAIN
    title = words("outer headers, taken off") if gone else words("outer headers, put around")
    note = words(
        "{size} bytes, {overhead} of them the tunnel's", size=packet.size, overhead=tunnel.overhead
    )
    outer = (
        f"IP {packet.source} → {packet.destination}   {packet.protocol.value} "
        f"{packet.sport} → {packet.dport}   {tunnel.kind.upper()} {tunnel.identifier}"
    )
    inside = (
        f"IP {inner.source} → {inner.destination}   {inner.protocol.value} "
        f"{inner.sport} → {inner.dport}   {inner.flags}"
    )
    ethernet = (
        f"Ethernet {inner.ethernet.source} → {inner.ethernet.destination}" if inner.ethernet else ""
    )
    box = [_nest("╭", "─", "╮", f" {words('the frame inside')} ", size, frame)]
    box += [
        _nested(line, size, frame, role)
        for line, role in ((ethernet, Role.QUIET), (inside, Role.STRONG))
        if line
    ]
    box.append(_nest("╰", "─", "╯", "", size, frame))
    return [
        _double("╔", f" {title} ", "╗", size, frame),
        _in_double(outer, size, frame, text),
        *box,
        _double("╚", f" {note} ", "╝", size, frame),
    ]


def _double(left: str, text: str, right: str, size: int, role: Role) -> Line:
    shown = fit(text, size - 4)
    return Line.of((f" {left}═{shown}{'═' * (size - 3 - cell_len(shown))}{right}", role))


def _in_double(text: str, size: int, frame: Role, role: Role) -> Line:
    return Line.of((" ║ ", frame), (pad(text, size - 4), role), (" ║", frame))


def _nest(left: str, fill: str, right: str, title: str, size: int, frame: Role) -> Line:
    inside = f"{left}{fill}{title}{fill * (size - 9 - cell_len(title))}{right}"
    return Line.of((" ║  ", frame), (inside, Role.NOW_TEXT), ("  ║", frame))


def _nested(text: str, size: int, frame: Role, role: Role) -> Line:
    return Line.of(
        (" ║  ", frame),
        ("│ ", Role.NOW_TEXT),
        (pad(text, size - 10), role),
        (" │", Role.NOW_TEXT),
        ("  ║", frame),
    )


# ---------------------------------------------------------------- wires


def wire_lines(session: Session, moment: Moment, words: Words, width: int) -> list[Line]:
    """Both ends of a wire, and which way the packet goes."""
    near, far = _ends(session, moment)
    left, right = (near, far) if moment.step.kind is StepKind.SENT else (far, near)
    boxes = [_end_texts(session, end) for end in (left, right)]
    size = max((width - 14) // 2, 12)
    rows = [_pair([f"╭{'─' * (size - 2)}╮"] * 2, "        ", Role.LINE)]
    for i, (a, b) in enumerate(zip(*boxes, strict=True)):
        joint = " ━━━━━▶ " if i == 1 else "        "
        roles = (Role.STRONG, Role.NOW_TEXT, Role.QUIET, Role.QUIET)
        rows.append(
            Line.of(
                (" │ ", Role.LINE),
                (pad(a, size - 4), roles[i]),
                (" │", Role.LINE),
                (joint, Role.WALKED),
                ("│ ", Role.LINE),
                (pad(b, size - 4), roles[i]),
                (" │", Role.LINE),
            )
        )
    rows.append(_pair([f"╰{'─' * (size - 2)}╯"] * 2, "        ", Role.LINE))
    frame = moment.step.packet.ethernet
    if frame is not None:
        rows += [
            BLANK,
            Line.of(
                (f" {words('frame')}  ", Role.FAINT),
                (f"{frame.source} → {frame.destination}", Role.QUIET),
            ),
        ]
    return rows


def _pair(boxes: list[str], between: str, role: Role) -> Line:
    return Line.of((" " + between.join(boxes), role))


End = tuple[str, str]
"""Namespace and device."""


def _ends(session: Session, moment: Moment) -> tuple[End, End]:
    """This end of the wire, and the other one as far as the trace knows it."""
    near = (moment.hop.namespace, moment.step.device or "")
    by = 1 if moment.step.kind is StepKind.SENT else -1
    at = session.position + by
    if not 0 <= at < len(session.moments):
        return near, ("", "")
    other = session.moments[at]
    if other.leg_number != moment.leg_number or other.hop is moment.hop:
        return near, ("", "")
    return near, (other.hop.namespace, other.step.device or "")


def _end_texts(session: Session, end: End) -> tuple[str, str, str, str]:
    """Namespace, device, addresses, and MTU with the bridge it is a port of."""
    namespace = session.world.network.namespaces.get(end[0])
    device = _device(namespace, end[1])
    if device is None:
        return end[0] or "?", end[1], "", ""
    addresses = ", ".join(str(a) for a in device.addresses[:1])
    port = f", port of {device.master}" if device.master else ""
    return end[0], device.name, addresses, f"mtu {device.mtu}{port}"


def _device(namespace: Namespace | None, name: str) -> Device | None:
    if namespace is None:
        return None
    return next((device for device in namespace.devices if device.name == name), None)


# ---------------------------------------------------------------- ends


def ending_lines(session: Session, moment: Moment, words: Words, width: int) -> list[Line]:
    """How a leg ended: the verdict, who saw what, and what the client feels."""
    look, packet = look_of(moment.step), moment.step.packet
    rows = [
        BLANK,
        Line.of(
            (f"  {look.glyph}  ", look.role),
            (words(look.word), look.role),
            (f"   {words.role(moment.leg.role)}", Role.QUIET),
        ),
        BLANK,
    ]
    facts = [
        (words("where"), moment.hop.namespace),
        (words("from"), packet.from_text),
        (words("to"), packet.to_text),
    ]
    outcome = session.trace.outcomes[0] if session.trace else None
    if outcome is not None and moment.leg.role is LegRole.REQUEST:
        facts += _translations(outcome, words)
    if outcome is not None and session.at_end:
        facts.append((words("the client"), words.felt(outcome)))
    if moment.step.owner:
        facts.append((words("owner"), moment.step.owner))
    label = max(cell_len(name) for name, _ in facts) + 2
    for name, text in facts:
        pieces = wrap([(text, Role.STRONG)], max(width - label - 8, 10))
        rows += [
            Line.of((f"     {pad(name if i == 0 else '', label)}", Role.FAINT), *piece)
            for i, piece in enumerate(pieces)
        ]
    return rows


def _translations(outcome: Outcome, words: Words) -> list[tuple[str, str]]:
    facts = []
    if outcome.dnat and outcome.destination:
        facts.append(
            (
                words("DNAT"),
                words(
                    "yes: called {asked}, reached {reached}",
                    asked=outcome.request.packet.to_text,
                    reached=outcome.destination,
                ),
            )
        )
    if outcome.snat:
        facts.append((words("SNAT"), words("yes: the receiver sees {source}", source=outcome.snat)))
    return facts
