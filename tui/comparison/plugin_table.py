"""A comparison of plugins as rows of words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from tui.comparison.modes import Passage
from tui.comparison.plugins import PluginComparison, PluginWay
from tui.comparison.table import MILESTONES, NOTHING, Row, RowKind, passed_text
from tui.session import Milestone
from tui.sim.model.packet import Packet
from tui.words import Words
from tui.words.language import _

DIFFERS = "≠"
"""Stands before a row in which the plugins are not alike."""

PLUGINS_READING = _(
    "≠ marks what is not the same under all of these plugins. The largest packet is the one that "
    "fits through every device of the way, outer header and all."
)
"""How the table is read."""


def plugin_rows(comparison: PluginComparison, words: Words) -> Iterator[Row]:
    """A column per plugin: milestones with device, headers and MTU, then what is felt."""
    ways = comparison.ways
    yield Row(RowKind.HEAD, words("milestone"), tuple(way.name for way in ways))
    for milestone in comparison.milestones:
        label = words(MILESTONES[milestone])
        yield _row(RowKind.PASSED, label, ways, _passing(milestone, words))
        if milestone is Milestone.ENCAPSULATED:
            yield _row(RowKind.PASSED, words("outer header"), ways, _tunnel(words))
    for kind, label, told in _ENDS:
        yield _row(kind, words(label), ways, partial(told, words))


def _row(
    kind: RowKind, label: str, ways: tuple[PluginWay, ...], told: Callable[[PluginWay], str]
) -> Row:
    cells = tuple(told(way) or NOTHING for way in ways)
    sign = DIFFERS if len(set(cells)) > 1 else " "
    return Row(kind, f"{sign} {label}", cells)


def _passing(milestone: Milestone, words: Words) -> Callable[[PluginWay], str]:
    def told(way: PluginWay) -> str:
        passage = way.way.passage(milestone)
        return _detail(way, passage, words) if passage is not None else ""

    return told


def _detail(way: PluginWay, passage: Passage, words: Words) -> str:
    """What a milestone is about, and the MTU of the device there."""
    text = passed_text(passage, words)
    if passage.milestone not in (Milestone.LEFT_POD, Milestone.ROUTED):
        return text
    moment = passage.moment
    name = str(moment.step.reason.fields.get("device", moment.step.device or ""))
    mtu = next((s.mtu for s in way.stretches
                if s.namespace == moment.hop.namespace and s.device == name), None)  # fmt: skip
    return words("{passed}, MTU {mtu}", passed=text, mtu=f"{mtu:,}") if mtu is not None else text


def _tunnel(words: Words) -> Callable[[PluginWay], str]:
    def told(way: PluginWay) -> str:
        packet = next((s.packet for s in way.stretches if s.packet.inner is not None), None)
        if packet is None or packet.tunnel is None:
            return ""
        added = packet.size - packet.innermost.size
        return words(
            "{tunnel} {ends}, {added} bytes more", tunnel=packet.tunnel.kind,
            ends=_ends(packet), added=added,
        )  # fmt: skip

    return told


def _ends(packet: Packet) -> str:
    return f"{packet.source} → {packet.destination}"


def _wire(words: Words, way: PluginWay) -> str:
    packet = way.on_the_wire
    if packet is None:
        return ""
    return words("{ends}, {size} bytes", ends=_ends(packet), size=f"{packet.size:,}")


def _devices(_words: Words, way: PluginWay) -> str:
    return ", ".join(way.first_node)


def _largest(words: Words, way: PluginWay) -> str:
    return words("{size} bytes", size=f"{way.largest:,}") if way.largest is not None else ""


def _work(_words: Words, way: PluginWay) -> str:
    return f"{way.way.total.rules:,}+{way.way.total.lookups:,}"


def _source(_words: Words, way: PluginWay) -> str:
    return way.way.source_seen or ""


def _ttl(_words: Words, way: PluginWay) -> str:
    return str(way.ttl_seen) if way.ttl_seen is not None else ""


def _felt(words: Words, way: PluginWay) -> str:
    return words.felt(way.way.outcome)


def _back(words: Words, way: PluginWay) -> str:
    texts: Mapping[bool | None, str] = {
        True: words("the same way back"), False: words("another way back"), None: "",
    }  # fmt: skip
    return texts[way.same_way_back]


_ENDS: tuple[tuple[RowKind, str, Callable[[Words, PluginWay], str]], ...] = (
    (RowKind.PASSED, _("on the wire"), _wire),
    (RowKind.TOTAL, _("first node"), _devices),
    (RowKind.TOTAL, _("largest"), _largest),
    (RowKind.TOTAL, _("rules+lookups"), _work),
    (RowKind.RECEIVER, _("source seen"), _source),
    (RowKind.RECEIVER, _("TTL seen"), _ttl),
    (RowKind.RECEIVER, _("client feels"), _felt),
    (RowKind.RECEIVER, _("answer"), _back),
)
"""The rows below the milestones."""
