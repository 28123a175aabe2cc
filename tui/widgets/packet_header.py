"""The packet before and after a step in two rows, or in one where a sentence needs the other.

A row has the packet's ends, then as many facts as there is room for, each whole: what changed
first.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tui.sim.model.packet import Packet
from tui.sim.model.value import value
from tui.theme import Role
from tui.widgets.line import Line, Span, cut_spans, pad
from tui.words import Words
from tui.words.language import _

ROWS = (_("before"), _("after"), _("outer"), _("inside"))
"""What the rows may be called."""
GAP: Span = ("  ", Role.PLAIN)
"""Between two facts."""
FIELDS = ("source", "destination", "protocol", "sport", "dport", "flags", "ttl", "size", "mark")
"""What is looked at to tell what changed."""
SOURCE, TARGET = frozenset({"source", "sport"}), frozenset({"destination", "dport"})
"""The fields of both ends."""
NONE: frozenset[str] = frozenset()
"""Nothing changed."""


@value
class Fact:
    """Something to say of a packet."""

    text: str
    role: Role
    wanted: bool = False
    """It goes before those that nobody needs at this moment."""


@value
class Headers:
    """A packet before and after a step, for a card of a width."""

    before: Packet
    after: Packet
    state: str
    """What conntrack calls it after the step."""
    mtu: int
    """Of the device that it is about to leave by; 0 where it is not leaving."""
    words: Words
    width: int

    def in_two_rows(self) -> list[Line]:
        """Before and after; in a tunnel, the outer packet and the one inside."""
        before, after = self.before, self.after
        changed = changed_fields(before, after)
        if after.inner is not None:
            changed = NONE if before.inner is None else changed
            return [
                self._row("outer", after, changed, changed, self._after()),
                self._row("inside", after.inner),
            ]
        if before.inner is not None:
            return [self._row("outer", before), self._row("after", after, last=self._after())]
        if changed:
            return [
                self._row("before", before, changed),
                self._row("after", after, changed, changed, self._after()),
            ]
        return [
            self._row("before", before, last=self._after()),
            Line.of(self._label("after"), self._frame()),
        ]

    def in_one_row(self) -> list[Line]:
        """What changed, with its old value; else the packet as it is."""
        before, after = self.before, self.after
        outer = after if after.inner is not None else before
        if outer.inner is not None:
            inner = outer.inner
            inside = f"{self.words('inside')} → {inner.to_text}"
            facts = [Fact(inside, Role.TUNNEL, wanted=True), *facts_of(outer, self.words)]
            return [header_line(self._label("outer"), ends_of(outer), facts, self.width)]
        found = self._differences()
        if found:
            first, *others = [*found, *self._unchanged(), *self._after()]
            start = [(first.text, first.role)]
            return [header_line(self._label(_("changed")), start, others, self.width)]
        if _framed(before, after):
            return [Line.of(self._label("after"), self._frame())]
        return [self._row(_("unchanged"), after, last=self._after())]

    def _row(
        self, name: str, packet: Packet, wanted: frozenset[str] = NONE,
        marked: frozenset[str] = NONE, last: Sequence[Fact] = (),
    ) -> Line:  # fmt: skip
        facts = [*facts_of(packet, self.words, wanted, marked), *last]
        return header_line(self._label(name), ends_of(packet, marked), facts, self.width)

    def _label(self, name: str) -> Span:
        """What a row is called; those of two rows stand in one column."""
        text = self.words(name)
        size = max(cell_len(each) for each in (text, *map(self.words, ROWS))) + 2
        return f" {pad(text, size)}", Role.TUNNEL if name in ("outer", "inside") else Role.FAINT

    def _frame(self) -> Span:
        """What became of the frame, where the packet in it stayed as it was."""
        frame = self.after.ethernet
        if frame is None or not _framed(self.before, self.after):
            return self.words("unchanged"), Role.QUIET
        ends = f"{frame.source} → {frame.destination}"
        return self.words("in a frame {ends}", ends=ends), Role.CHANGED

    def _after(self) -> list[Fact]:
        """What the packet is after the step, beside its headers: state, and room left."""
        facts = [Fact(self.state, Role.REPLY, wanted=True)] if self.state else []
        if self.mtu:
            left = self.mtu - self.after.size
            text = self.words("MTU {mtu}, {left} left", mtu=self.mtu, left=left)
            facts.append(Fact(text, Role.FAINT if left >= 0 else Role.DROPPED, wanted=left < 0))
        return facts

    def _differences(self) -> list[Fact]:
        """Every field that changed, old and new."""
        before, after, words = self.before, self.after, self.words
        pairs = (
            (words.field("source"), before.from_text, after.from_text),
            (words.field("destination"), before.to_text, after.to_text),
            (words.field("protocol"), protocol_text(before), protocol_text(after)),
            ("ttl", str(before.ttl), str(after.ttl)),
            (words.field("size"), str(before.size), str(after.size)),
            (words.field("mark"), f"{before.mark:#x}", f"{after.mark:#x}"),
        )
        return [
            Fact(f"{name} {old} → {new}", Role.CHANGED, wanted=True)
            for name, old, new in pairs
            if old != new
        ]

    def _unchanged(self) -> list[Fact]:
        """The ends and facts that the step left as they were."""
        changed, after, words = changed_fields(self.before, self.after), self.after, self.words
        ends: list[Fact] = []
        if not changed & (SOURCE | TARGET):
            ends = [Fact(f"{after.from_text} → {after.to_text}", Role.PLAIN)]
        elif not changed & SOURCE:
            ends = [Fact(f"{words('from')} {after.from_text}", Role.PLAIN)]
        elif not changed & TARGET:
            ends = [Fact(f"{words('to')} {after.to_text}", Role.PLAIN)]
        facts = facts_of(after, self.words, changed)
        return [*ends, *(fact for fact in facts if not fact.wanted)]


def _framed(before: Packet, after: Packet) -> bool:
    """Whether it got another frame."""
    return after.ethernet is not None and after.ethernet != before.ethernet


def changed_fields(before: Packet, after: Packet) -> frozenset[str]:
    """Names of the fields that differ."""
    return frozenset(name for name in FIELDS if getattr(before, name) != getattr(after, name))


def header_line(label: Span, ends: Sequence[Span], facts: Sequence[Fact], width: int) -> Line:
    """The ends, then the wanted facts, then those of the others that fit whole."""
    start: list[Span] = [label, *ends]
    room = width - sum(cell_len(text) for text, _ in start)
    kept: set[int] = set()
    for i in sorted(range(len(facts)), key=lambda i: not facts[i].wanted):
        size = cell_len(facts[i].text) + len(GAP[0])
        if size <= room or facts[i].wanted:
            kept.add(i)
            room = max(room - size, 0)
    for i in sorted(kept):
        start += [GAP, (facts[i].text, facts[i].role)]
    return Line(cut_spans(start, width))


def ends_of(packet: Packet, changed: frozenset[str] = NONE) -> list[Span]:
    """Source and destination, the changed one marked."""
    left = Role.CHANGED if changed & SOURCE else Role.PLAIN
    right = Role.CHANGED if changed & TARGET else Role.PLAIN
    return [(packet.from_text, left), (" → ", Role.FAINT), (packet.to_text, right)]


def facts_of(
    packet: Packet, words: Words, wanted: frozenset[str] = NONE, marked: frozenset[str] = NONE
) -> list[Fact]:
    """Protocol, flags, time to live, size and mark; the marked ones in the colour of change."""
    facts = [
        ("protocol", protocol_text(packet)),
        ("ttl", f"ttl {packet.ttl}"),
        ("size", f"{packet.size} B"),
    ]
    if packet.mark or "mark" in wanted:
        facts.append(("mark", f"{words('mark')} {packet.mark:#x}"))
    return [
        Fact(text, _role(name, _touches(name, marked)), _touches(name, wanted))
        for name, text in facts
    ]


def _touches(name: str, fields: frozenset[str]) -> bool:
    return name in fields or (name == "protocol" and "flags" in fields)


def _role(name: str, changed: bool) -> Role:
    if changed:
        return Role.CHANGED
    return Role.STRONG if name == "protocol" else Role.QUIET


def protocol_text(packet: Packet) -> str:
    """Protocol with flags, the tunnel's number, or the error's message."""
    tunnel = f"{packet.tunnel.kind} {packet.tunnel.identifier}" if packet.tunnel else ""
    message = packet.icmp.message if packet.icmp else ""
    words = (packet.protocol.value, packet.flags, tunnel, message)
    return " ".join(word for word in words if word)
