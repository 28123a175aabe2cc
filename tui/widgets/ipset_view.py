"""What an ipset says of the packet: the element that it is, among how many."""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.netfilter.examine import View
from tui.sim.netfilter.ipset import IpSet
from tui.sim.netfilter.ipset_text import print_element, print_packet
from tui.sim.netfilter.rules import SetMatch
from tui.theme import Role
from tui.widgets.counted import counted
from tui.widgets.line import Span
from tui.words import Words
from tui.words.language import _


def ipset_spans(match: SetMatch, view: View, words: Words) -> Iterator[tuple[Span, ...]]:
    """The element that matched, or that none did; then what the set is for."""
    asked = view.sets.get(match.name)
    if asked is None:
        return
    yield _found(asked, match, view, words)
    yield (f"{match.name}: ", Role.FAINT), (words.named_set(match.name), Role.QUIET)


def _found(asked: IpSet, match: SetMatch, view: View, words: Words) -> tuple[Span, ...]:
    element = asked.look_up(view.packet, match.directions).element
    count = len(asked.elements)
    if element is None:
        others = counted(words, count, _("not its one element"), _("none of its {count} elements"))
        return (print_packet(asked, view.packet, match.directions), Role.PLAIN), _quiet(others)
    others = counted(words, count - 1, _("and {count} other"), _("and {count} others"))
    shown = (print_element(element), Role.STRONG)
    return ("▸ ", Role.NOW_TEXT), shown, _quiet(others if count > 1 else "")


def _quiet(text: str) -> Span:
    return (f"  {text}" if text else "", Role.QUIET)
