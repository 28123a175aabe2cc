"""A comparison and a cost curve as rows of words; whoever shows them lays them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from unicodedata import east_asian_width

from tui.comparison.modes import Comparison, Passage, Way
from tui.session import Milestone
from tui.sim.engine.cost import CostPoint
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import value
from tui.sim.trace import Cost, ReasonCode
from tui.words import Words
from tui.words.language import _


class RowKind(StrEnum):
    """What a row is, as far as its looks are concerned."""

    HEAD = "head"
    PASSED = "passed"
    COST = "cost"
    TOTAL = "total"
    RECEIVER = "receiver"


@value
class Row:
    """A label and a cell for each column."""

    kind: RowKind
    """What the row is."""
    label: str
    """What stands at the left."""
    cells: tuple[str, ...]
    """One text for each column; empty where there is nothing to say."""


MILESTONES: Mapping[Milestone, str] = {
    Milestone.SENT: _("sent to"),
    Milestone.LEFT_POD: _("left the pod"),
    Milestone.TRANSLATED: _("translated to"),
    Milestone.ROUTED: _("routed"),
    Milestone.ENCAPSULATED: _("encapsulated"),
    Milestone.ENDED: _("ended"),
}
"""Milestones in a word or two."""

READING = _(
    "Under each milestone stands what the kernel did on the way there from the one before, and "
    "the number of its step: modes do not pass them in the same order."
)
"""How the table of a comparison is read."""

CURVE_HEADING = _("The first packet to the last Service of a cluster")
"""What the cost curve shows."""

CURVE_NOTES: tuple[str, ...] = (
    _(
        "Only the first packet of a connection pays this. conntrack knows the way of all that "
        "follow, however many Services there are."
    ),
    _(
        "iptables, still the default, asks rule after rule. nftables (GA since v1.33) and IPVS "
        "(deprecated since v1.35) look the Service up in a hash table."
    ),
)
"""What the cost curve teaches."""

COST_KEY = _("12+3: 12 rules examined and 3 hash lookups.")
"""How costs are written."""

NOTHING = "–"
"""What stands where a mode does not pass a milestone, or does no work."""


def comparison_rows(comparison: Comparison, words: Words) -> Iterator[Row]:
    """A column per mode: each milestone with its cost, then totals and the receiver's view."""
    ways = comparison.ways
    yield Row(RowKind.HEAD, words("milestone"), tuple(way.mode.value for way in ways))
    for milestone in comparison.milestones:
        passed = [way.passage(milestone) for way in ways]
        yield _passed(milestone, passed, words)
        if any(passage is not None and passage.cost != Cost() for passage in passed):
            yield Row(RowKind.COST, "", tuple(_cost_to(passage, words) for passage in passed))
    yield Row(RowKind.TOTAL, words("rules"), tuple(f"{way.total.rules:,}" for way in ways))
    yield Row(RowKind.TOTAL, words("hash lookups"), tuple(f"{way.total.lookups:,}" for way in ways))
    yield Row(
        RowKind.RECEIVER, words("source seen"), tuple(way.source_seen or NOTHING for way in ways)
    )
    yield Row(RowKind.RECEIVER, words("client feels"), tuple(_felt(way, words) for way in ways))


def _felt(way: Way, words: Words) -> str:
    return words.felt(way.outcome)


def _passed(milestone: Milestone, passed: Sequence[Passage | None], words: Words) -> Row:
    cells = (passed_text(each, words) if each is not None else NOTHING for each in passed)
    return Row(RowKind.PASSED, words(MILESTONES[milestone]), tuple(cells))


def passed_text(passage: Passage, words: Words) -> str:
    """What is worth saying of a milestone in a few cells."""
    step = passage.moment.step
    match passage.milestone:
        case Milestone.SENT | Milestone.TRANSLATED:
            return step.packet.to_text
        case Milestone.ROUTED if step.reason.code is ReasonCode.ROUTE_LOCAL:
            return words("to the node itself")
        case Milestone.ENDED:
            return words.step_kind(step.kind)
    return words("out by {device}", device=step.reason.fields.get("device", step.device or ""))


def _cost_to(passage: Passage | None, words: Words) -> str:
    if passage is None:
        return ""
    step = words("step {number}", number=passage.number)
    return f"{cost_text(passage.cost, words)} · {step}" if passage.cost != Cost() else step


def cost_text(cost: Cost, words: Words) -> str:
    """Rules and lookups, shortly: `12+3`."""
    return words("{rules}+{lookups}", rules=f"{cost.rules:,}", lookups=f"{cost.lookups:,}")


def curve_rows(points: Iterable[CostPoint], words: Words) -> Iterator[Row]:
    """A row for each number of Services, and one for the packets that follow the first."""
    known = {(point.services, point.mode): point for point in points}
    sizes = sorted({point.services for point in known.values()})
    yield Row(RowKind.HEAD, words("Services"), tuple(mode.value for mode in ProxyMode))
    for services in sizes:
        found = [known.get((services, mode)) for mode in ProxyMode]
        cells = (cost_text(point.first, words) if point is not None else "" for point in found)
        yield Row(RowKind.PASSED, f"{services:,}", tuple(cells))
    if sizes:
        yield Row(RowKind.TOTAL, words("later packets"), _later(known.values(), words))


def _later(points: Iterable[CostPoint], words: Words) -> tuple[str, ...]:
    """What the packets that follow cost in each mode, in the largest cluster."""
    largest: dict[ProxyMode, CostPoint] = {}
    for point in points:
        if point.mode not in largest or point.services > largest[point.mode].services:
            largest[point.mode] = point
    return tuple(
        cost_text(largest[mode].later, words) if mode in largest else "" for mode in ProxyMode
    )


def curve_series(points: Iterable[CostPoint]) -> dict[str, list[tuple[int, int]]]:
    """For each mode, Services and the work for the first packet: rules and lookups together."""
    series: dict[str, list[tuple[int, int]]] = {mode.value: [] for mode in ProxyMode}
    for point in points:
        work = max(point.first.rules + point.first.lookups, 1)
        series[point.mode.value].append((point.services, work))
    return series


# ---------------------------------------------------------------- as plain text


def laid_out(rows: Sequence[Row]) -> list[str]:
    """The rows as text, each column as wide as its widest cell."""
    table = [(row.label, *row.cells) for row in rows]
    columns = max(len(cells) for cells in table)
    sizes = [max(width_of(c[i]) for c in table if i < len(c)) for i in range(columns)]
    return [
        "  ".join(_padded(text, size) for text, size in zip(cells, sizes, strict=False)).rstrip()
        for cells in table
    ]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def width_of(text: str) -> int:
    """Cells that a text takes in a terminal; Hangul takes two each."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
