"""The keys of the footer: those that work at this moment, in the words of this moment."""

from __future__ import annotations

from collections.abc import Callable

from tui.actions import ACTIONS, Action
from tui.sim.model.value import replace
from tui.widgets.lesson_page import Enter, Page
from tui.widgets.lesson_pane import ENTER_LABELS
from tui.words.language import _


def offered(
    works: Callable[[str], bool], page: Page | None, *, playing: bool
) -> tuple[Action, ...]:
    """What works now, what the page asks for first."""
    shown = [_worded(each, page, playing) for each in ACTIONS if each.footer and works(each.id)]
    if page is not None and page.seeks:
        shown.sort(key=lambda each: each.id != "find")
    if page is not None and page.asks and page.strays:
        shown = [each for each in shown if each.id != "next_hook"]
    return tuple(shown)


def _worded(each: Action, page: Page | None, playing: bool) -> Action:
    """The label of a key as it is at this moment."""
    if each.id == "play" and playing:
        return replace(each, label=_("pause"))
    if each.id == "next_hook" and page is not None:
        does = page.enter
        keys = (f"1-{len(page.step.choices)}",) if does is Enter.CHOOSE else each.keys
        return replace(each, keys=keys, label=ENTER_LABELS[does])
    return each
