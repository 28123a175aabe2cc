"""The base of every pane: rows of pieces with roles, drawn by Textual's line API.

A pane is one widget whatever it shows. When its session moves it makes its rows anew and
repaints itself; nothing is laid out again.
"""

from __future__ import annotations

from typing import ClassVar, Self

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.theme import Palette, Role
from tui.widgets.line import BLANK, Line, strip_of
from tui.widgets.painting import Painting

_PALETTES: dict[tuple[str, Style], Palette] = {}
"""Palettes by theme and background: panes on one background share theirs."""


class Pane(ScrollView, inherit_bindings=False):
    """A scrolling pane of lines. Subclasses answer `lines`."""

    DEFAULT_CSS = """
    Pane { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k,ㅏ", "scroll_up", "up", show=False),
        Binding("down", "scroll_down", "down", show=False),
        Binding("pageup", "page_up", "page up", show=False),
        Binding("pagedown", "page_down", "page down", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Begin empty."""
        super().__init__(id=id, classes=classes)
        self._lines: list[Line] = []
        self._entitling = False
        self._titles: dict[str, str | Text] = {}
        self.room = Size(0, 0)
        """Columns and rows in view for which the rows are made, or are being made."""
        self._made = False
        self._stale = False
        self._palette: Palette | None = None
        self._painting = Painting(super().render_lines)

    # ------------------------------------------------------------ for subclasses

    def lines(self, width: int) -> list[Line]:
        """The rows of the pane at this width."""
        raise NotImplementedError

    def clicked(self, line: Line, column: int) -> None:
        """A row was clicked; `column` is counted inside the pane."""

    def focus_row(self) -> int | None:
        """A row that must stay in view, or None."""
        return None

    def top_for(self, row: int, _top: int, height: int) -> int:
        """The first row in view once one that is out of view is brought into it: the middle."""
        return row - height // 2

    # ------------------------------------------------------------ drawing

    @property
    def palette(self) -> Palette:
        """Styles for the theme in use, on this pane's background; kept until those are others."""
        if self._palette is None:
            key = (self.app.theme, self.rich_style)
            if key not in _PALETTES:
                ansi = self.app.current_theme.ansi
                _PALETTES[key] = Palette(self.app.theme_variables, self.rich_style, ansi=ansi)
            self._palette = _PALETTES[key]
        return self._palette

    def notify_style_update(self) -> None:
        """Theme or background may be others now."""
        self._palette = None
        self._painting.forget()
        super().notify_style_update()

    def renew(self) -> None:
        """Make the rows anew and repaint those that are others. Layout stays."""
        self._made = False
        if not self.display:
            # what was painted before it was hidden must not come back
            self._stale = bool(self._lines)
        elif self.is_attached:
            before = self._lines
            self._ensure()
            self._repaint_changes(before)

    def _repaint_changes(self, before: list[Line]) -> None:
        """Ask for a paint of the rows in view that are not what they were, and keep the others."""
        top, room = self.scroll_offset.y, self.room
        was, now = (self._in_view(lines, top, room.height) for lines in (before, self._lines))
        changed = []
        for y in range(room.height):
            if was[y] != now[y]:
                changed.append(Region(0, y, room.width, 1))
            elif now[y] is not BLANK:
                self._lines[top + y] = was[y]
        if changed:
            self.refresh(*changed)

    @staticmethod
    def _in_view(lines: list[Line], top: int, height: int) -> list[Line]:
        shown = lines[top : top + height]
        return [*shown, *[BLANK] * (height - len(shown))]

    def entitle(self, **titles: str | Text) -> None:
        """Write the `title` or the `subtitle` of the frame and repaint that row.

        Textual would paint the whole pane. The same words cost no paint.
        """
        for name, text in titles.items():
            if self._titles.get(name) != text:
                self._titles[name] = text
                self._entitling = True
                setattr(self, f"border_{name}", text)
                self._entitling = False
                self._painting.forget_titles()
                whole, content = self.outer_size, self.content_offset
                row = 0 if name == "title" else whole.height - 1
                self.refresh(Region(0, row, whole.width, 1).translate(-content))

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Ask for a paint of parts of the content, or of all there is."""
        if self._entitling:
            return self
        if not regions:
            self._painting.forget()
        elif self._joins_a_paint():
            self._set_dirty(*regions)
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _joins_a_paint(self) -> bool:
        """Be part of the screen's next paint; whether somebody asked for that already.

        The first pane that a step moves asks for it, with messages to itself and to the screen.
        """
        if not (self.is_attached and self.display):
            return False
        waiting = self.screen._dirty_widgets
        asked = bool(waiting)
        waiting.add(self)
        if self.show_vertical_scrollbar:
            waiting.add(self.vertical_scrollbar)
        return asked

    def _ensure(self) -> bool:
        """Make the rows where there are none for this room; whether that was so."""
        room = self.scrollable_content_region.size
        if room.width <= 0 or (self._made and self.room == room):
            return False
        self.room = room
        self._lines = self.lines(room.width)
        self._made = True
        self._take_height(Size(room.width, len(self._lines)), room.height)
        row = self.focus_row()
        if row is not None:
            self._keep_in_view(row)
        return True

    def _take_height(self, size: Size, room: int) -> None:
        """So many rows are there now.

        The screen is laid out again only where a scrollbar comes or goes, or the height is theirs.
        """
        scrolls = size.height > room or self.styles.overflow_y == "scroll"
        if self.styles.is_auto_height or scrolls != self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        before = self.virtual_size
        self.set_reactive(Pane.virtual_size, size)
        if scrolls and size != before and max(size.height, before.height) > room:
            self._scroll_update(size)

    def _keep_in_view(self, row: int) -> None:
        height = self.room.height
        top = round(self.scroll_y)
        if height and not top <= row < top + height - 1:
            wanted = self.top_for(row, top, height)
            self.scroll_to(y=max(wanted, 0), animate=False, immediate=True)

    def on_resize(self) -> None:
        """Rows depend on the room there is."""
        if self._ensure():
            self.refresh()

    def on_show(self) -> None:
        """A pane that comes back into view catches up."""
        if self._ensure() or self._stale:
            self._stale = False
            self.refresh()

    def render(self) -> str:
        """Nothing: `render_line` draws."""
        return ""

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a part of the pane; there is no room to look up for each of them."""
        known = self._made
        if self._ensure() and known:
            # of the rows for the room before some are kept by the painter
            self.call_next(self.refresh)
        whole = self.outer_size
        if crop.size != whole or self.get_line_filters():
            return super().render_lines(crop)
        shown = self._lines[self.scroll_offset.y :]
        return self._painting.rows(shown, whole, self.styles.gutter, self._strip_of)

    def render_line(self, y: int) -> Strip:
        """One row on the screen."""
        row = y + self.scroll_offset.y
        return self._strip_of(self._lines[row] if 0 <= row < len(self._lines) else BLANK)

    def _strip_of(self, line: Line) -> Strip:
        """A line over the whole width, the scrollbar's column too."""
        strip = strip_of(line, self.room.width, self.palette)
        return strip.adjust_cell_length(self.content_size.width, self.palette.base)

    def text_rows(self) -> list[str]:
        """The rows as plain text, for tests and for copying."""
        self._ensure()
        return [line.text.rstrip() for line in self._lines]

    def on_click(self, event: Click) -> None:
        """Hand a click to the row under it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        row = offset.y + self.scroll_offset.y
        if 0 <= row < len(self._lines):
            self.clicked(self._lines[row], offset.x)


def title_role(active: bool) -> Role:
    """How a title looks: the accent where the pane is the one in use."""
    return Role.NOW_TEXT if active else Role.TITLE
