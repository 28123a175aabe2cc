"""`k8snet-tui trace --compare` and `k8snet-tui cost`: the modes side by side."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from tui.cli import DELIVERED
from tui.cli.settings import language_of
from tui.comparison.modes import Comparison, compare
from tui.comparison.table import (
    COST_KEY,
    CURVE_HEADING,
    CURVE_NOTES,
    READING,
    comparison_rows,
    laid_out,
)
from tui.sim.engine import Choices, Injection, State, World
from tui.words import Words

if TYPE_CHECKING:
    from tui.sim.engine.cost import CostPoint
    from tui.sim.trace import Outcome

_WIDTH = 78
_HEIGHT = 16


def compared(
    asked: Namespace, world: World, state: State, injection: Injection
) -> tuple[Outcome, ...]:
    """Print a packet's way through every mode; give what became of it in each."""
    found = compare(world, state, injection, Choices(asked.pin, asked.seed))
    if asked.json:
        from tui.comparison.json import comparison_to_json

        print(json.dumps(comparison_to_json(found), indent=2))
    else:
        print("\n".join(_comparison(found, Words(language_of(asked)))))
    return tuple(way.outcome for way in found.ways)


def _comparison(found: Comparison, words: Words) -> Iterator[str]:
    trace = found.ways[0].trace
    pinned = words("   pinned to {pin}", pin=found.pin) if found.pin else ""
    yield f"{trace.flow.source} → {trace.flow.destination}   {trace.cni}{pinned}"
    yield ""
    yield from laid_out(list(comparison_rows(found, words)))
    yield ""
    yield words(COST_KEY)
    yield from wrap(words(READING), _WIDTH)


def cost(asked: Namespace) -> int:
    """Print what the first packet of a connection costs as the cluster grows."""
    points = list(_computed())
    if asked.json:
        from tui.comparison.json import curve_to_json

        print(json.dumps(curve_to_json(points), indent=2))
    else:
        print("\n".join(_curve(points, Words(language_of(asked)), ascii=asked.ascii)))
    return DELIVERED


def _computed() -> Iterator[CostPoint]:
    """The points; whoever waits at a terminal sees how far it is."""
    from tui.sim.engine.cost import curve

    watched = sys.stderr.isatty()
    for point in curve():
        if watched:
            print(f"\r\x1b[K{point.mode}: {point.services:,} Services", end="", file=sys.stderr)
        yield point
    if watched:
        print("\r\x1b[K", end="", file=sys.stderr)


def _curve(points: list[CostPoint], words: Words, *, ascii: bool) -> Iterator[str]:
    from tui.comparison.plot import ASCII, Signs, plot
    from tui.comparison.table import curve_rows, curve_series

    signs, series = ASCII if ascii else Signs(), curve_series(points)
    yield words(CURVE_HEADING)
    yield ""
    yield from laid_out(list(curve_rows(points, words)))
    yield ""
    yield words(COST_KEY)
    yield ""
    legend = (f"{mark} {name}" for mark, name in zip(signs.marks, series, strict=True))
    yield f"{words('rules and lookups')}   {'   '.join(legend)}"
    for row in plot(series, _WIDTH, _HEIGHT, signs):
        yield "".join(piece.text for piece in row).rstrip()
    yield words("Services").rjust(_WIDTH)
    for note in CURVE_NOTES:
        yield ""
        yield from wrap(words(note), _WIDTH)
