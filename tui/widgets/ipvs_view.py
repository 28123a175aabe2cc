"""A virtual server under the cursor: its real servers, which one was taken, and who decided."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from tui.sim.model.packet import Packet
from tui.sim.netfilter.ipvs import RealServer, VirtualServer
from tui.sim.netfilter.ipvs_memory import IpvsConnection, IpvsMemory
from tui.sim.trace import ReasonCode, Step
from tui.theme import Role, look_of
from tui.widgets.ipvs_replay import ipvs_at
from tui.widgets.ipvs_text import FORWARDING, print_virtual
from tui.widgets.line import BLANK, Line, Span, fit, pad, spread, wrap
from tui.widgets.rule_scene import Scene
from tui.words import share
from tui.words.language import _

WIDE = 60
"""Cells from which on the columns have whole names."""

_HOW = {
    "drawn": _("chance decided"),
    "turn": _("next in turn"),
    "picked": _("picked by {scheduler}"),
    "stuck": _("this client sticks to it"),
}
"""Who chose a real server."""


def ipvs_lines(scene: Scene, height: int) -> list[Line]:
    """The virtual server that a step of IPVS's is about, in so many rows."""
    virtual = _virtual(scene)
    if virtual is None:
        return _sentence(scene)
    rows = [_command(virtual, scene.width), _title(virtual, scene.width), _header(scene)]
    notes = _notes(scene, virtual)
    return [*rows, *_servers(scene, virtual, max(height - len(rows) - len(notes), 1)), *notes]


def _virtual(scene: Scene) -> VirtualServer | None:
    """The virtual server by the address that the step names."""
    fields = scene.moment.step.reason.fields
    undone = scene.moment.step.reason.code is ReasonCode.IPVS_UNDONE
    named = str(fields.get("virtual", "") or fields.get("new" if undone else "old", ""))
    protocol = _innermost(scene.packet)
    servers = scene.session.world.virtual_servers(scene.node) or {}
    found = (v for (proto, _ip, _port), v in servers.items() if proto is protocol)
    return next((v for v in found if v.text == named), None)


def _innermost(packet: Packet) -> object:
    """The protocol of a packet, or of the one that an error is about."""
    return packet.icmp.protocol if packet.icmp is not None else packet.protocol


# ---------------------------------------------------------------- the table


def _command(virtual: VirtualServer, width: int) -> Line:
    option = {"TCP": "-t", "UDP": "-u"}.get(virtual.protocol.value, "--sctp-service")
    text = f"ipvsadm -Ln {option} {virtual.text}"
    return Line.of((" $ ", Role.FAINT), (fit(text, width - 4), Role.CODE))


def _header(scene: Scene) -> Line:
    names = "Forward  Weight  Active  Inactive " if scene.width >= WIDE else "  W   A   I "
    return spread([("     RemoteAddress:Port", Role.FAINT)], [(names, Role.FAINT)], scene.width)


def _title(virtual: VirtualServer, width: int) -> Line:
    return spread([(f" {print_virtual(virtual)}", Role.SERVICE)], [], width)


def _servers(scene: Scene, virtual: VirtualServer, height: int) -> list[Line]:
    """The real servers around the one that was taken."""
    reals = virtual.servers
    if not reals:
        return [Line.of((f"     {scene.words('no real server')}", Role.DROPPED))]
    taken = _taken(scene.moment.step)
    chosen = next((i for i, real in enumerate(reals) if real.text == taken), 0)
    first = max(min(chosen - height // 2, len(reals) - height), 0)
    shown = reals[first : first + height]
    memory = ipvs_at(scene.session, scene.moment.hop.namespace, scene.session.position)
    widest = max(cell_len(real.text) for real in shown)
    rows = [_real(scene, virtual, real, memory, widest) for real in shown]
    left = len(reals) - len(shown)
    if left and len(rows) > 1:
        at = -1 if chosen - first < len(rows) - 1 else 0
        more = scene.words("{count} more real servers", count=left + 1)
        rows[at] = Line.of((f"     ⋮ {more}", Role.FAINT))
    return rows


def _taken(step: Step) -> str:
    """The real server of this step's connection."""
    fields = step.reason.fields
    undone = step.reason.code is ReasonCode.IPVS_UNDONE
    return str(fields.get("real", "") or fields.get("old" if undone else "new", ""))


def _real(
    scene: Scene, virtual: VirtualServer, real: RealServer, memory: IpvsMemory | None, widest: int
) -> Line:
    """One real server, with its connections as IPVS counts them after this step."""
    lit = real.text == _taken(scene.moment.step)
    role = Role.STRONG if lit else Role.QUIET
    pod = scene.session.world.network.pods.get(real.ip, "")
    left: list[Span] = [
        (" ▶ " if lit else "   ", Role.NOW_TEXT),
        ("→ ", Role.FAINT),
        (pad(real.text, widest), role),
        (f"  {pod.rsplit('/', 1)[-1]}", Role.POD if lit else Role.QUIET),
    ]
    active, idle = _counts(virtual, real, memory)
    if scene.width >= WIDE:
        columns = f"{FORWARDING[real.forwarding]:<7}  {real.weight:>6}  {active:>6}  {idle:>8} "
    else:
        columns = f"{real.weight:>3} {active:>3} {idle:>3} "
    return spread(left, [(columns, role)], scene.width, lit=lit)


def _counts(virtual: VirtualServer, real: RealServer, memory: IpvsMemory | None) -> tuple[int, int]:
    """Connections to a real server through this virtual one: active, and the others."""
    through = [c.active for c in _connections(memory, virtual) if _leads_to(c, real)]
    return sum(through), len(through) - sum(through)


def _connections(memory: IpvsMemory | None, virtual: VirtualServer) -> Iterator[IpvsConnection]:
    for each in memory.connections if memory is not None else ():
        asked = each.asked
        if (asked.protocol, asked.destination, asked.dport) == virtual.address:
            yield each


def _leads_to(connection: IpvsConnection, real: RealServer) -> bool:
    return (connection.served.destination, connection.served.dport) == (real.ip, real.port)


# ---------------------------------------------------------------- who decided


def _notes(scene: Scene, virtual: VirtualServer) -> list[Line]:
    """What the step did with it."""
    step, words = scene.moment.step, scene.words
    if step.reason.code is ReasonCode.IPVS_SCHEDULED:
        return [spread([("     ", Role.PLAIN), *_decided(scene, virtual)], [], scene.width)]
    if step.reason.code is ReasonCode.IPVS_KNOWN:
        known = words("a connection that IPVS has already")
        return [spread([(f"     {known}", Role.QUIET)], [], scene.width)]
    if step.changes:
        return [_change(scene)]
    return _sentence(scene)


def _decided(scene: Scene, virtual: VirtualServer) -> Iterator[Span]:
    """Who chose, and how likely it was."""
    step, words = scene.moment.step, scene.words
    how = words(_HOW.get(str(step.reason.fields.get("how", "")), ""), scheduler=virtual.scheduler)
    if step.chance is None:
        yield how, Role.CHANCE
        return
    chance = step.chance
    yield f"{words('taken')}, {share(chance.probability)}: ", Role.CHANCE
    yield (words("pinned by you") if chance.pinned else how), Role.PLAIN
    yield f"  ({words('p to let it go') if chance.pinned else words('p to pin')})", Role.FAINT


def _change(scene: Scene) -> Line:
    """The end of the packet that IPVS rewrote, with its port."""
    reason = scene.moment.step.reason
    field = "source" if reason.code is ReasonCode.IPVS_UNDONE else "destination"
    spans: list[Span] = [
        (f"     {scene.words.field(field)} ", Role.QUIET),
        (str(reason.fields.get("old", "")), Role.PLAIN),
        (" → ", Role.NOW_TEXT),
        (str(reason.fields.get("new", "")), Role.CHANGED),
    ]
    return spread(spans, [], scene.width)


def _sentence(scene: Scene) -> list[Line]:
    """What became of the packet, in words; a verdict in its colour."""
    step = scene.moment.step
    look = look_of(step)
    role = look.role if step.kind.final else Role.NOW_TEXT
    rows = wrap([(scene.words.sentence(step.reason), role)], max(scene.width - 6, 10))
    return [BLANK, *(Line(spans).indented(5) for spans in rows)]
