"""What lies below the panes: containers that paint nothing, and a screen that is one blank row.

For each repainted row the compositor asks everything below it, and cuts what it gets into the
pieces that the panes above leave.
"""

from __future__ import annotations

from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip


class _Unpainted:
    """A container whose children cover it, or through which the screen shows."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """No rows at all."""
        return []


class Columns(_Unpainted, Horizontal):
    """Its children side by side."""


class Column(_Unpainted, Vertical):
    """Its children one below the other."""


class Ground(Screen[None]):
    """A screen of one colour: all its rows are the same one, which is cut up once."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Blank rows."""
        row = Strip.blank(crop.width, self.visual_style.rich_style)
        for each in self.get_line_filters():
            row = row.apply_filter(each, self.background_colors[1])
        return [row] * crop.height
