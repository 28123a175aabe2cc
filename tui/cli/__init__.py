"""The command `k8snet-tui`: words on the command line become a screen, text or JSON.

Each command imports what it needs when it runs, so that `trace` and `rules` never wait for
a screen's libraries.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence

from tui.cli.parser import parsed
from tui.cli.streams import OutputError, check_streams, complain, flush, give_up
from tui.sim.model.shown import printable

DELIVERED, NOT_DELIVERED, BAD_INPUT, UNKNOWN = 0, 1, 2, 3
"""Exit codes."""

_INTERRUPTED = 130


class UsageError(Exception):
    """Something on the command line or in a file cannot be used; its text is one line."""

    def __init__(self, problem: str) -> None:
        super().__init__(printable(problem))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    return answered(lambda: parsed(given))


def answered(ask: Callable[[], Namespace]) -> int:
    """Run what was asked for; give its exit code, and a sentence for what went wrong."""
    try:
        return _answered(ask)
    except BrokenPipeError:
        # Whoever read our output has closed it; that is no failure of ours.
        give_up(sys.stdout)
        return DELIVERED
    except OutputError as error:
        give_up(sys.stdout)
        complain(f"cannot write: {error}")
        return BAD_INPUT
    except KeyboardInterrupt:
        return _INTERRUPTED


def _answered(ask: Callable[[], Namespace]) -> int:
    """The exit code, once all is written."""
    check_streams()
    try:
        return _run(ask())
    finally:
        flush()


def _run(asked: Namespace) -> int:
    from tui.cli import commands

    try:
        return commands.run(asked)
    except commands.mistakes() as error:
        complain(str(error))
        return BAD_INPUT
