"""Looking for text that was cut and does not say so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual.content import Content
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Label, OptionList, Static

from tests.snapshots.hangul import FIRST, LAST
from tui.widgets.line import strip_of
from tui.widgets.pane import Pane

SIGN = "…"
DRAWN = re.compile(r"[\s│┃║╭╮╰╯─▔▁▃▆▅▇█▄▂]+")


def cut_texts(pilot: Pilot[None]) -> tuple[str, ...]:
    """What each widget in view was to show, and does not, without a sign."""
    screen = pilot.app.screen
    seen = [w for w in screen.query(Widget) if w.is_attached and _in_view(w)]
    strips = screen._compositor.render_strips()
    return tuple(f"{_name(w)}: {text}" for w in seen for text in _cut_in(w, strips))


def _in_view(widget: Widget) -> bool:
    shown = all(each.display for each in widget.ancestors_with_self if isinstance(each, Widget))
    return shown and widget.region.area > 0


def _name(widget: Widget) -> str:
    return f"{type(widget).__name__}#{widget.id}" if widget.id else type(widget).__name__


def _cut_in(widget: Widget, strips: list[Strip]) -> Iterator[str]:
    if isinstance(widget, Pane):
        yield from _cut_rows(widget)
        yield from _hidden_rows(widget)
    elif isinstance(widget, Static | Label):
        yield from _missing(str(widget.content), _on_screen(widget, strips))
    elif isinstance(widget, OptionList):
        yield from _cut_options(widget, strips)
    yield from _cut_titles(widget, strips)


def _cut_titles(widget: Widget, strips: list[Strip]) -> Iterator[str]:
    """Titles in a frame's upper and lower edge."""
    if widget.styles.border_top[0]:
        rows = _on_screen(widget, strips).splitlines()
        for title, row in ((widget.border_title, rows[0]), (widget.border_subtitle, rows[-1])):
            yield from _missing(Content.from_markup(str(title or "")).plain, row)


def _cut_rows(pane: Pane) -> Iterator[str]:
    """Rows that are wider than their pane, and sentences that begin and do not end."""
    width = pane.scrollable_content_region.width
    for line in pane._lines:
        drawn = strip_of(line, width, pane.palette).text.rstrip()
        if drawn != line.text.rstrip() and not drawn.endswith(SIGN):
            yield line.text
    text = "\n".join(line.text for line in pane._lines)
    if text.count(FIRST) > text.count(LAST) + text.count(SIGN):
        yield text


def _hidden_rows(pane: Pane) -> Iterator[str]:
    """Rows below the edge that no scrollbar tells of."""
    room = pane.scrollable_content_region.height
    written = [line for line in pane._lines[room:] if line.text.strip()]
    if written and not pane.show_vertical_scrollbar:
        yield f"{len(pane._lines)} rows in {room}, without a scrollbar"


def _cut_options(options: OptionList, strips: list[Strip]) -> Iterator[str]:
    """Options in which a text begins and does not end; the list itself scrolls.

    A text may end in a further row of its option, which may be below the edge.
    """
    lines = options._lines
    rows: dict[int, list[str]] = {}
    below = options.scroll_offset.y
    area = options.scrollable_content_region.intersection(options.screen.region)
    for (index, _), row in zip(lines[below:], _rows(area, strips), strict=False):
        rows.setdefault(index, []).append(row)
    unseen = {index for index, _ in lines[below + area.height :]}
    for index, each in rows.items():
        if index in unseen:
            continue
        text = "".join(each)
        if text.count(FIRST) > text.count(LAST) + text.count(SIGN):
            yield text


def _missing(text: str, screen: str) -> Iterator[str]:
    """A text of which less is in view than all, without an ellipsis."""
    wanted, seen = (DRAWN.sub("", each) for each in (text, screen))
    if wanted not in seen and SIGN not in seen:
        yield text


def _on_screen(widget: Widget, strips: list[Strip]) -> str:
    """The cells of a widget as text."""
    return "\n".join(_rows(widget.region.intersection(widget.screen.region), strips))


def _rows(area: Region, strips: list[Strip]) -> Iterator[str]:
    return (strip.crop(area.x, area.right).text for strip in strips[area.y : area.bottom])
