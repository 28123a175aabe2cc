"""Finds the command that was asked for, and what may go wrong with it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

_HOMES = {
    "course": "explore",
    "lesson": "explore",
    "sandbox": "explore",
    "trace": "trace",
    "rules": "rules",
    "look": "look",
    "model": "model",
    "cost": "compare",
    "lessons": "course",
    "check": "course",
    "progress": "progress",
    "serve": "serve",
    "info": "info",
}
"""The module of each command, which has a function of the command's name."""


def run(asked: Namespace) -> int:
    """Run a command; give its exit code."""
    import gc

    if _HOMES[asked.command] == "explore" or asked.command == "cost":
        # What a start makes lives as long as the program, and the clusters of a cost curve are
        # one big value after another: looking for garbage in them is time lost. The screen
        # turns the collector on again once it is painted.
        gc.disable()
    try:
        return _called(asked)
    finally:
        gc.enable()


def _called(asked: Namespace) -> int:
    from importlib import import_module

    module = import_module(f"tui.cli.{_HOMES[asked.command]}")
    command: Callable[[Namespace], int] = getattr(module, asked.command)
    return command(asked)


def mistakes() -> tuple[type[Exception], ...]:
    """Exceptions that are a mistake of the user's, each said in one line."""
    from tui.cli import UsageError
    from tui.course.problem import CourseError
    from tui.formats.errors import FormatError
    from tui.sim.engine import NotBuiltError, PlaceError
    from tui.sim.routing.iproute2.arguments import CommandError

    return UsageError, FormatError, PlaceError, NotBuiltError, CourseError, CommandError
