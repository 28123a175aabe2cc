"""The packet's headers before and after the step under the cursor, what happened, what is next."""

from __future__ import annotations

from rich.cells import cell_len
from textual.reactive import reactive

from tui.session import Moment, Session
from tui.sim.model.packet import Packet
from tui.sim.trace import StepKind
from tui.theme import VERDICTS, Role, look_of
from tui.widgets.headline import headline
from tui.widgets.line import Line, Span, cut_spans, pad, wrap
from tui.widgets.packet_fields import TALL, field_lines
from tui.widgets.pane import Pane
from tui.words import Words, use
from tui.words.language import _

ROWS = (_("before"), _("after"), _("outer"), _("inside"))
"""What the rows of headers may be called."""
_LEAVING = frozenset({StepKind.ROUTED, StepKind.SENT, StepKind.ENCAPSULATED})
"""Steps that choose or use the device by which a packet leaves."""


class PacketCard(Pane):
    """Two lines of headers, one sentence, and what comes next."""

    session: reactive[Session | None] = reactive(None, repaint=False)
    """What is shown."""

    def __init__(
        self, words: Words | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """An empty card."""
        super().__init__(id=id, classes=classes)
        self.words = words or use()

    def watch_session(self) -> None:
        """Show the packet under the cursor."""
        self.renew()
        moment = self.session.moment if self.session else None
        self.border_subtitle = self._where(moment) if moment else ""
        for look in VERDICTS.values():
            ended = moment is not None and look_of(moment.step) is look
            self.set_class(ended, f"-{look.role.value}")
        self.border_title = self._title(moment)

    def lines(self, width: int) -> list[Line]:
        """Before, after, the sentence, what is next."""
        session = self.session
        moment = session.moment if session else None
        if session is None or moment is None:
            return [Line.of((f" {self.words('No packet yet.')}", Role.QUIET))]
        before = session.packet_before or moment.leg.packet
        height = max(self.scrollable_content_region.height, 4)
        head = self._headers(before, moment, width)
        if height >= TALL:
            fields = field_lines(before, moment.step, self.words, width)
            room = max(height - len(head) - len(fields) - 1, 2)
            said = self._sentence(moment, width, min(room, 3))
            return [*head, *said, self._next(session, width), *fields]
        tail = [self._next(session, width)]
        room = max(height - len(head) - len(tail), 1)
        return [*head, *self._sentence(moment, width, room), *tail]

    def _headers(self, before: Packet, moment: Moment, width: int) -> list[Line]:
        """The packet before and after; in a tunnel, the outer packet and the one inside."""
        after, words = moment.step.packet, self.words
        state, none = moment.step.state or "", frozenset[str]()
        label = max(cell_len(words(w)) for w in ROWS) + 2
        if after.inner is not None:
            changed = none if before.inner is None else _changed(before, after)
            return [
                self._header("outer", after, state, label, width, changed),
                self._header("inside", after.inner, "", label, width, none),
            ]
        if before.inner is not None:
            return [
                self._header("outer", before, "", label, width, none),
                self._header("after", after, state, label, width, none),
            ]
        changed = _changed(before, after)
        if changed:
            return [
                self._header("before", before, "", label, width, none),
                self._header("after", after, state, label, width, changed),
            ]
        return [
            self._header("before", before, state, label, width, none),
            Line.of((f" {pad(words('after'), label)}", Role.FAINT), self._frame(before, after)),
        ]

    def _frame(self, before: Packet, after: Packet) -> Span:
        """What became of the frame, where the packet in it stayed as it was."""
        if after.ethernet is None or after.ethernet == before.ethernet:
            return self.words("unchanged"), Role.QUIET
        ends = f"{after.ethernet.source} → {after.ethernet.destination}"
        return self.words("in a frame {ends}", ends=ends), Role.CHANGED

    def _header(
        self, name: str, packet: Packet, state: str, label: int, width: int, changed: frozenset[str]
    ) -> Line:
        role = Role.TUNNEL if name in ("outer", "inside") else Role.FAINT
        spans: list[Span] = [
            (f" {pad(self.words(name), label)}", role),
            *_ends(packet, changed),
            ("  ", Role.PLAIN),
            *_facts(packet, changed, self.words),
        ]
        if state:
            spans += [("  ", Role.PLAIN), (state, Role.REPLY)]
        limit = self._mtu() if name != "inside" else 0
        if limit:
            text = self.words("MTU {mtu}, {left} left", mtu=limit, left=limit - packet.size)
            spans += [
                ("  ", Role.PLAIN),
                (text, Role.FAINT if limit >= packet.size else Role.DROPPED),
            ]
        return Line(cut_spans(spans, width))

    def _mtu(self) -> int:
        """The MTU of the device that the packet is about to leave by; 0 where it is not leaving.

        What comes out of a tunnel's device leaves by the device under it.
        """
        moment = self.session.moment if self.session else None
        if self.session is None or moment is None or moment.step.kind not in _LEAVING:
            return 0
        namespace = self.session.world.network.namespaces.get(moment.hop.namespace)
        devices = {device.name: device for device in namespace.devices} if namespace else {}
        device = devices.get(moment.step.device or "")
        if device is not None and device.vxlan is not None and moment.step.packet.inner:
            device = devices.get(device.vxlan.underlay)
        return device.mtu if device is not None else 0

    def _sentence(self, moment: Moment, width: int, room: int) -> list[Line]:
        """What happened and why, in as many rows as there are."""
        look = look_of(moment.step)
        role = look.role if moment.step.kind.final else Role.PLAIN
        owner = moment.step.owner
        spans: list[Span] = [(self.words.sentence(moment.step.reason), role)]
        if owner:
            spans += [("  ", Role.PLAIN), (f"{self.words('owner')} {owner}", Role.SERVICE)]
        rows = wrap(spans, max(width - 4, 10))
        kept = [
            Line(((f" {look.glyph} " if i == 0 else "   ", look.role), *row))
            for i, row in enumerate(rows[:room])
        ]
        return kept + [Line()] * (room - len(kept))

    def _next(self, session: Session, width: int) -> Line:
        """What comes next, or what the client feels when nothing does."""
        words = self.words
        if not session.at_end:
            following = session.moments[session.position + 1]
            spans: list[Span] = [
                (f" {words('next')} ", Role.FAINT),
                ("▸ ", Role.NOW_TEXT),
                (headline(following.step, words), Role.QUIET),
            ]
            if session.moment and following.hop is not session.moment.hop:
                spans.append((f"  {following.hop.namespace}", Role.FAINT))
            return Line(cut_spans(spans, width))
        outcome = session.trace.outcomes[0] if session.trace else None
        text = words.felt_sentence(outcome) if outcome else ""
        return Line(
            cut_spans(
                [
                    (f" {words('the client')} ", Role.FAINT),
                    ("▸ ", Role.NOW_TEXT),
                    (text, Role.STRONG),
                ],
                width,
            )
        )

    def _title(self, moment: Moment | None) -> str:
        """The pane's name; at the end of a leg, the verdict."""
        title = self.words("Packet")
        if moment is None or not moment.step.kind.final:
            return title
        look = look_of(moment.step)
        return f"{title} {look.glyph} {self.words(look.word)}"

    def _where(self, moment: Moment) -> str:
        hop = moment.hop
        into = f"{hop.device_in} ▸ " if hop.device_in else ""
        role = self.words.role(moment.leg.role)
        return f"{role} · {into}{hop.namespace}"


def _changed(before: Packet, after: Packet) -> frozenset[str]:
    """Names of the fields that differ."""
    names = ("source", "destination", "protocol", "sport", "dport", "flags", "ttl", "size", "mark")
    return frozenset(n for n in names if getattr(before, n) != getattr(after, n))


def _ends(packet: Packet, changed: frozenset[str]) -> list[Span]:
    """Source and destination, the changed one marked."""
    left = Role.CHANGED if changed & {"source", "sport"} else Role.PLAIN
    right = Role.CHANGED if changed & {"destination", "dport"} else Role.PLAIN
    return [(packet.from_text, left), (" → ", Role.FAINT), (packet.to_text, right)]


def _facts(packet: Packet, changed: frozenset[str], words: Words) -> list[Span]:
    """Protocol, flags, time to live, size and mark."""
    protocol = f"{packet.protocol.value} {packet.flags}".strip()
    if packet.tunnel is not None:
        protocol = f"{protocol} {packet.tunnel.kind} {packet.tunnel.identifier}"
    if packet.icmp is not None:
        protocol = f"{protocol} {packet.icmp.message}"
    facts = (
        ("protocol", protocol, packet.protocol is not None),
        ("ttl", f"ttl {packet.ttl}", True),
        ("size", f"{packet.size} B", True),
        ("mark", f"{words('mark')} {packet.mark:#x}", bool(packet.mark) or "mark" in changed),
    )
    spans: list[Span] = []
    for name, text, shown in facts:
        if shown:
            touched = name in changed or (name == "protocol" and "flags" in changed)
            role = Role.CHANGED if touched else Role.STRONG if name == "protocol" else Role.QUIET
            spans += [(text, role), ("  ", Role.PLAIN)]
    return spans[:-1]
