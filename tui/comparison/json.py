"""A comparison and a cost curve as plain data, for `--json`; English whatever the language."""

from __future__ import annotations

from collections.abc import Iterable

from tui.comparison.modes import Comparison, Passage, Way
from tui.sim.engine.cost import CostPoint
from tui.sim.trace import Cost


def comparison_to_json(comparison: Comparison) -> dict[str, object]:
    """Each mode with its milestones in the order passed, and the request's total cost."""
    flow = comparison.ways[0].trace.flow
    return {
        "version": 1,
        "source": flow.source,
        "destination": flow.destination,
        "cni": comparison.ways[0].trace.cni,
        "pin": comparison.pin,
        "modes": [_way(way) for way in comparison.ways],
    }


def _way(way: Way) -> dict[str, object]:
    outcome = way.outcome
    return {
        "mode": way.mode.value,
        "verdict": outcome.verdict.value,
        "connection": outcome.connection.value,
        "destination": outcome.destination,
        "dnat": outcome.dnat,
        "snat": outcome.snat,
        "source_seen": way.source_seen,
        "milestones": [_passage(passage) for passage in way.passages],
        "total": _cost(way.total),
    }


def _passage(passage: Passage) -> dict[str, object]:
    return {
        "milestone": passage.milestone.value,
        "step": passage.number,
        "namespace": passage.moment.hop.namespace,
        **_cost(passage.cost),
    }


def _cost(cost: Cost) -> dict[str, int]:
    return {"rules": cost.rules, "lookups": cost.lookups}


def curve_to_json(points: Iterable[CostPoint]) -> dict[str, object]:
    """Each point: the cost of the first packet of a connection, and of a later one."""
    return {
        "version": 1,
        "points": [
            {
                "mode": point.mode.value,
                "services": point.services,
                "first": _cost(point.first),
                "later": _cost(point.later),
            }
            for point in points
        ],
    }
