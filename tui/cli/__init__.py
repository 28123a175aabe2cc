"""The command `k8snet-tui`: words on the command line become a screen, text or JSON.

Each command imports what it needs when it runs, so that `trace` and `rules` never wait for
a screen's libraries.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from tui.cli.parser import parsed

DELIVERED, NOT_DELIVERED, BAD_INPUT, UNKNOWN = 0, 1, 2, 3
"""Exit codes."""

_INTERRUPTED = 130


class UsageError(Exception):
    """Something on the command line or in a file cannot be used; its text is one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code."""
    asked = parsed(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(asked)
    except BrokenPipeError:
        # Whoever read our output has closed it; that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DELIVERED
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run(asked: Namespace) -> int:
    from tui.cli import commands

    try:
        return commands.run(asked)
    except commands.mistakes() as error:
        print(f"k8snet-tui: {error}", file=sys.stderr)
        return BAD_INPUT
