"""Why an nftables rule that was passed over did not match, answered on demand.

A trace keeps the rules that did something and counts the others; the screen asks here about a
rule beside the current one. Chance always agrees, and nothing is written to any set.
"""

from __future__ import annotations

from tui.sim.netfilter.elements import DynamicSets, NoElements
from tui.sim.netfilter.examine import Mismatch, Unknown, View
from tui.sim.netfilter.nft.examine import Found, Sight, check, look_up
from tui.sim.netfilter.nft.rules import (
    MappedDnat,
    MarkMatch,
    Match,
    Numgen,
    Rule,
    Statement,
    Table,
    UnknownStatement,
    VerdictMap,
)


def explain(
    rule: Rule, view: View, table: Table, elements: DynamicSets | None = None
) -> Mismatch | Unknown | None:
    """The first part of a rule that does not hold; None if all of it does."""
    sight = Sight(view, table, elements or NoElements())
    for statement in rule.statements:
        result = _result(statement, sight)
        if isinstance(result, Mismatch | Unknown):
            return result
    return None


def _result(statement: Statement, sight: Sight) -> Found | Mismatch | Unknown | None:
    match statement:
        case Match() | MarkMatch():
            return check(statement, sight)
        case VerdictMap(left, right) | MappedDnat(left, right):
            return None if isinstance(left, Numgen) else look_up(left, right, sight)
        case UnknownStatement(text):
            return Unknown(text)
    return None


__all__ = ["Mismatch", "Unknown", "View", "explain"]
