"""What people wrote, shown back to them: on one line, bounded, nothing that a terminal obeys."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 100
"""Most characters of one name or value that are shown."""
_MOST = 10


def printable(text: str) -> str:
    """The text on one line, everything that a terminal would not print spelt as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def clipped(text: str, most: int = LONGEST) -> str:
    """The text, its end left out with a sign where it is long."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def shown(text: str) -> str:
    """A name or a value as a message may show it."""
    return clipped(printable(clipped(text)))


def some_of(names: Iterable[str], most: int = _MOST) -> str:
    """`a, b and 7 more`; `none` where there are none."""
    known = [*names]
    listed = ", ".join(map(shown, known[:most]))
    left = len(known) - most
    return f"{listed} and {left:,} more" if left > 0 else listed or "none"
