"""Every header field of a packet in a row of its own, with what it was before the step."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from tui.sim.model.packet import Packet
from tui.sim.trace import Step
from tui.theme import Role
from tui.widgets.line import BLANK, Line, Span, cut_spans, pad
from tui.widgets.packet_header import protocol_text
from tui.words import Words

TALL = 12
"""Rows from which on a card has room for them."""


def field_lines(before: Packet, step: Step, words: Words, width: int) -> list[Line]:
    """The fields of the packet as the step leaves it, from the link upwards."""
    rows = list(_fields(before, step.packet))
    if step.state is not None:
        rows.append(("state", step.state, step.state))
    label = max(cell_len(words.field(name)) for name, _, _ in rows) + 2
    return [BLANK, *(_row(row, label, words, width) for row in rows)]


def _row(row: tuple[str, str, str], label: int, words: Words, width: int) -> Line:
    name, old, new = row
    spans: list[Span] = [(f" {pad(words.field(name), label)}", Role.FAINT)]
    if old != new:
        spans += [(old, Role.QUIET), (" → ", Role.FAINT), (new, Role.CHANGED)]
    else:
        spans.append((new, Role.PLAIN))
    return Line(cut_spans(spans, width))


def _fields(before: Packet, after: Packet) -> Iterator[tuple[str, str, str]]:
    """Name, value before, value after. A packet in a tunnel's place is another packet."""
    if (before.inner is None) != (after.inner is None):
        before = after
    old, new = before.ethernet or after.ethernet, after.ethernet
    if new is not None and old is not None:
        yield "source-mac", old.source, new.source
        yield "destination-mac", old.destination, new.destination
    yield "source", before.from_text, after.from_text
    yield "destination", before.to_text, after.to_text
    yield "protocol", protocol_text(before), protocol_text(after)
    yield "ttl", str(before.ttl), str(after.ttl)
    yield "size", str(before.size), str(after.size)
    yield "mark", f"{before.mark:#x}", f"{after.mark:#x}"
