"""`k8snet-tui model`: whether a cluster keeps the rules of the Kubernetes network model."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from textwrap import wrap

from tui.cli import DELIVERED, NOT_DELIVERED
from tui.cli.settings import language_of, world_of
from tui.cli.streams import put, put_json
from tui.comparison.model_report import RULES, command_of, how_many, in_parts, what_happened
from tui.comparison.network_model import Checked, Report, check, folded
from tui.words import Words

_WIDTH = 96


def model(asked: Namespace) -> int:
    """Try the rules; 0 if all hold, else 1."""
    report = check(world_of(asked))
    if asked.json:
        from tui.comparison.json import report_to_json

        put_json(report_to_json(report))
    else:
        lines = "\n".join(_lines(report, Words(language_of(asked))))
        put(lines, ascii=asked.ascii)
    return DELIVERED if report.holds else NOT_DELIVERED


def _lines(report: Report, words: Words) -> Iterator[str]:
    yield f"{report.cni}   {words.kube_proxy(report.mode)}"
    for checked in report.rules:
        yield ""
        yield from _rule(report, checked, words)


def _rule(report: Report, checked: Checked, words: Words) -> Iterator[str]:
    sign = "✓" if checked.holds else "✗"
    yield f"{sign} {words(RULES[checked.rule])}   ({how_many(checked, words)})"
    parts = in_parts(checked, words)
    yield from (f"  {line}" for line in wrap(parts, _WIDTH))
    for alike in folded(checked.breaches):
        first = alike.first
        ends = f"{first.injection.source} → {first.injection.destination}"
        more = words("and {count} more", count=alike.count - 1) if alike.count > 1 else ""
        yield f"  ✗ {ends}   {more}".rstrip()
        yield from (f"      {line}" for line in wrap(what_happened(first, words), _WIDTH))
        yield f"      $ {command_of(first, report.cni)}"
