"""Terminals of sessions: their size, and how one is left that nobody restored."""

from __future__ import annotations

import fcntl
import os
import struct
import termios

from tui.serve.limits import Limits

RESET = (
    "\x1b[<u\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l\x1b[?2004l"
    "\x1b[?2048l\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h"
)
"""Keyboard, mouse, focus, paste and size reports off; wrapping, the first screen, the cursor on."""
SMALLEST = (20, 5)
"""Columns and rows that a terminal has at least: a client may say 0."""


def open_terminal(columns: int, rows: int, limits: Limits) -> tuple[int, int]:
    """A new terminal: the end for the client, which never blocks, and the session's end."""
    ours, theirs = os.openpty()
    os.set_blocking(ours, False)
    resize(ours, columns, rows, limits)
    return ours, theirs


def resize(terminal: int, columns: int, rows: int, limits: Limits) -> None:
    """Give a terminal the client's size, as far as the limits allow."""
    wide = min(max(columns, SMALLEST[0]), limits.columns)
    high = min(max(rows, SMALLEST[1]), limits.rows)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", high, wide, 0, 0))
