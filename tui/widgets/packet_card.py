"""The packet's headers before and after the step under the cursor, what happened, what is next."""

from __future__ import annotations

from textual.reactive import reactive

from tui.session import Moment, Session
from tui.sim.trace import StepKind
from tui.theme import VERDICTS, Role, look_of
from tui.widgets.headline import headline
from tui.widgets.line import BLANK, Line, Span, cut_spans, wrap
from tui.widgets.packet_fields import TALL, field_lines
from tui.widgets.packet_header import Headers
from tui.widgets.pane import Pane
from tui.words import Words, use

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
        for look in VERDICTS.values():
            ended = moment is not None and look_of(moment.step) is look
            self.set_class(ended, f"-{look.role.value}")
        where = self._where(moment) if moment else ""
        self.entitle(title=self._title(moment), subtitle=where)

    def lines(self, width: int) -> list[Line]:
        """Before, after, the sentence, what is next."""
        session = self.session
        moment = session.moment if session else None
        if session is None or moment is None:
            return [Line.of((f" {self.words('No packet yet.')}", Role.QUIET))]
        before = session.packet_before or moment.leg.packet
        height = max(self.room.height, 4)
        headers = Headers(
            before, moment.step.packet, moment.step.state or "", self._mtu(), self.words, width
        )
        said = self._sentence(moment, width)
        following = self._next(session, width)
        if height >= TALL:
            fields = field_lines(before, moment.step, self.words, width)
            return [*headers.in_two_rows(), *said, following, *fields]
        head = headers.in_two_rows()
        if len(head) + len(said) >= height:
            head = headers.in_one_row()
        room = height - len(head) - 1
        return [*head, *_held(said, room, width), following]

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

    def _sentence(self, moment: Moment, width: int) -> list[Line]:
        """What happened and why, and whose rule it was."""
        look = look_of(moment.step)
        role = look.role if moment.step.kind.final else Role.PLAIN
        owner = moment.step.owner
        spans: list[Span] = [(self.words.sentence(moment.step.reason), role)]
        if owner:
            spans += [("  ", Role.PLAIN), (f"{self.words('owner')} {owner}", Role.SERVICE)]
        return [
            Line(((f" {look.glyph} " if i == 0 else "   ", look.role), *row))
            for i, row in enumerate(wrap(spans, max(width - 4, 10)))
        ]

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


def _held(rows: list[Line], room: int, width: int) -> list[Line]:
    """So many rows; where there are more, the last one says so."""
    if len(rows) <= room:
        return rows + [BLANK] * (room - len(rows))
    last = rows[room - 1]
    cut = cut_spans((*last.spans, (" " * width, Role.PLAIN)), min(last.width + 2, width))
    return [*rows[: room - 1], Line(cut)]
