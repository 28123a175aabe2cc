"""Routing rules: `ip rule`."""

from __future__ import annotations

from tui.sim.routing.iproute2.arguments import Arguments, Options, unknown
from tui.sim.routing.network import MAIN, Namespace, RoutingRule
from tui.sim.routing.rule_text import print_routing_rule

_FILTERS = ("table", "lookup")
_KERNELS = {
    4: (RoutingRule(0, "local"), RoutingRule(32766, MAIN), RoutingRule(32767, "default")),
    6: (RoutingRule(0, "local"), RoutingRule(32766, MAIN)),
}
"""The rules that every kernel starts with."""


def show(space: Namespace, options: Options, words: Arguments) -> str:
    """The rules of an IP version, those of one table if the words ask so. Raises CommandError."""
    table = ""
    while words:
        word = words.take()
        if word not in _FILTERS:
            raise unknown(word, "filter of rules", _FILTERS)
        table = words.value_of(word)
    lines = rule_lines(space, options.version or 4, table)
    return "".join(f"{line}\n" for line in lines)


def rule_lines(space: Namespace, version: int, table: str = "") -> list[str]:
    """The lines of `ip rule` or `ip -6 rule`, the first asked first."""
    rules = [*_KERNELS[version], *(r for r in space.rules if of_version(space, r, version))]
    ordered = sorted(rules, key=lambda rule: rule.priority)
    return [print_routing_rule(rule) for rule in ordered if table in ("", rule.table)]


def of_version(space: Namespace, rule: RoutingRule, version: int) -> bool:
    """Whether a rule is one of an IP version.

    Its ranges tell. Where it has none, it is one of IPv4, and of IPv6 too if that has routes in
    its table.
    """
    for net in (rule.source, rule.destination):
        if net is not None:
            return net.version == version
    if version == 4:
        return True
    routes = (r for r in space.routes if r.destination.version == 6)
    return any(route.table == rule.table for route in routes)
