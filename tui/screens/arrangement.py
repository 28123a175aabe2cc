"""Which panes there is room for."""

from __future__ import annotations

from enum import StrEnum


class Arrangement(StrEnum):
    """How the panes share the screen."""

    WIDE = "wide"
    """Lesson, map and chain side by side, the packet below."""
    DOUBLE = "double"
    """One pane at a time above, the packet below."""
    SINGLE = "single"
    """One pane at a time."""
    TINY = "tiny"
    """A line that says so."""


def arrangement(width: int, height: int) -> Arrangement:
    """What fits a terminal of this size."""
    if width < 60 or height < 20:
        return Arrangement.TINY
    if width < 80 or height < 24:
        return Arrangement.SINGLE
    if width < 120 or height < 30:
        return Arrangement.DOUBLE
    return Arrangement.WIDE
