"""`k8snet-tui trace --compare` and `k8snet-tui cost`: the modes side by side."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from tui.cli import DELIVERED
from tui.cli.pin import check_pin
from tui.cli.settings import language_of, plugin_named
from tui.cli.streams import put, put_json
from tui.comparison.modes import Comparison, compare
from tui.comparison.plugin_table import PLUGINS_READING, plugin_rows
from tui.comparison.plugins import PluginComparison, compare_plugins
from tui.comparison.table import (
    COST_KEY,
    CURVE_HEADING,
    CURVE_NOTES,
    READING,
    comparison_rows,
    laid_out,
)
from tui.sim.engine import Choices, Injection, State, World
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.words import Words

if TYPE_CHECKING:
    from tui.sim.engine.cost import CostPoint
    from tui.sim.trace import Outcome

MODES, PLUGINS = "modes", "plugins"
"""What `--compare` compares; or plugins by their names."""
_COLUMNS = 3
"""Plugins that are printed beside each other."""
_WIDTH = 78
_HEIGHT = 16


def compared(
    asked: Namespace, world: World, state: State, injection: Injection
) -> tuple[Outcome, ...]:
    """Print a packet's way through every mode; give what became of it in each."""
    found = compare(world, state, injection, Choices(asked.pin, asked.seed))
    check_pin(asked.pin, (way.trace for way in found.ways), world, state, injection)
    if asked.json:
        from tui.comparison.json import comparison_to_json

        put_json(comparison_to_json(found))
    else:
        put("\n".join(_comparison(found, Words(language_of(asked)))), ascii=asked.ascii)
    return tuple(way.outcome for way in found.ways)


def compared_plugins(
    asked: Namespace, world: World, state: State, injection: Injection
) -> tuple[Outcome, ...]:
    """Print a packet's way under several plugins; give what became of it under each.

    Raises UsageError for a plugin that is not known.
    """
    names = tuple(world.plugins) if asked.compare == PLUGINS else _named(asked.compare)
    choices = Choices(asked.pin, asked.seed)
    found = compare_plugins(world, state, injection, choices, names)
    check_pin(asked.pin, (way.way.trace for way in found.ways), world, state, injection)
    if asked.json:
        from tui.comparison.json import plugins_to_json

        put_json(plugins_to_json(found))
    else:
        put("\n".join(_plugins(found, Words(language_of(asked)))), ascii=asked.ascii)
    return tuple(way.way.outcome for way in found.ways)


def _named(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plugin_named(name.strip()) for name in text.split(",")))


def _plugins(found: PluginComparison, words: Words) -> Iterator[str]:
    """A table of so many columns as a terminal has room for, then the next."""
    yield f"{found.source} → {found.destination}   {words.kube_proxy(found.mode)}"
    rows = list(plugin_rows(found, words))
    for first in range(0, len(found.ways), _COLUMNS):
        yield ""
        yield from laid_out(
            [replace(row, cells=row.cells[first : first + _COLUMNS]) for row in rows]
        )
    yield ""
    yield from wrap(words(PLUGINS_READING), _WIDTH)


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

        put_json(curve_to_json(points))
    else:
        put("\n".join(_curve(points, Words(language_of(asked)))), ascii=asked.ascii)
    return DELIVERED


def _computed() -> Iterator[CostPoint]:
    """The points; whoever waits at a terminal sees what is being computed."""
    from tui.sim.engine.cost import curve

    if not sys.stderr.isatty():
        return curve()
    return _wiped_away(curve(begun=_progress))


def _progress(services: int, mode: ProxyMode) -> None:
    text = f"Sending a packet through {services:,} Services in {mode} mode ..."
    print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _wiped_away(points: Iterator[CostPoint]) -> Iterator[CostPoint]:
    """The points; the line of progress goes with the last one, or when we are interrupted."""
    try:
        yield from points
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _curve(points: list[CostPoint], words: Words) -> Iterator[str]:
    from tui.comparison.plot import MARKS, plot
    from tui.comparison.table import curve_rows, curve_series

    series = curve_series(points)
    yield words(CURVE_HEADING)
    yield ""
    yield from laid_out(list(curve_rows(points, words)))
    yield ""
    yield words(COST_KEY)
    yield ""
    legend = (f"{mark} {name}" for mark, name in zip(MARKS, series, strict=True))
    yield f"{words('rules and lookups')}   {'   '.join(legend)}"
    for row in plot(series, _WIDTH, _HEIGHT):
        yield "".join(piece.text for piece in row).rstrip()
    yield words("Services").rjust(_WIDTH)
    for note in CURVE_NOTES:
        yield ""
        yield from wrap(words(note), _WIDTH)
