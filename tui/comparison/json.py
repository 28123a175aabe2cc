"""A comparison and a cost curve as plain data, for `--json`; English whatever the language."""

from __future__ import annotations

from collections.abc import Iterable

from tui.comparison.modes import Comparison, Passage, Way
from tui.comparison.network_model import Breach, Checked, Report
from tui.comparison.plugins import PluginComparison, PluginWay, Stretch
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


def plugins_to_json(comparison: PluginComparison) -> dict[str, object]:
    """Each plugin with the devices that the request left by, and what was felt."""
    return {
        "version": 1,
        "source": comparison.source,
        "destination": comparison.destination,
        "mode": comparison.mode,
        "plugins": [_plugin_way(way) for way in comparison.ways],
    }


def _plugin_way(way: PluginWay) -> dict[str, object]:
    return {
        "cni": way.name,
        "source": way.injection.source,
        **{key: held for key, held in _way(way.way).items() if key != "mode"},
        "ttl_seen": way.ttl_seen,
        "largest": way.largest,
        "devices": [_stretch(stretch) for stretch in way.stretches],
        "same_way_back": way.same_way_back,
    }


def _stretch(stretch: Stretch) -> dict[str, object]:
    packet = stretch.packet
    inner = packet.innermost
    return {
        "namespace": stretch.namespace,
        "device": stretch.device,
        "kind": stretch.kind.value,
        "mtu": stretch.mtu,
        "source": str(inner.source),
        "destination": str(inner.destination),
        "size": packet.size,
        "tunnel": None
        if packet.tunnel is None
        else {
            "kind": str(packet.tunnel.kind),
            "source": str(packet.source),
            "destination": str(packet.destination),
        },
    }


def report_to_json(report: Report) -> dict[str, object]:
    """Each rule of the network model, what was tried, and every pair that does not keep it."""
    return {
        "version": 1,
        "cni": report.cni,
        "mode": report.mode,
        "holds": report.holds,
        "rules": [_checked(checked) for checked in report.rules],
    }


def _checked(checked: Checked) -> dict[str, object]:
    return {
        "rule": checked.rule.value,
        "holds": checked.holds,
        "tried": checked.tried,
        "of": checked.of,
        "breaches": [_breach(breach) for breach in checked.breaches],
    }


def _breach(breach: Breach) -> dict[str, object]:
    asked, reason = breach.injection, breach.reason
    return {
        "from": asked.source,
        "to": asked.destination,
        "port": asked.dport,
        "family": asked.family.value if asked.family is not None else None,
        "fault": breach.fault.value,
        "seen": breach.seen or None,
        "own": breach.own or None,
        "ended_in": breach.place or None,
        "reason": {"code": reason.code.value, **reason.fields} if reason is not None else None,
    }


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
