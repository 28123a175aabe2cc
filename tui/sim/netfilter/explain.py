"""Why a rule that was passed over did not match, answered on demand.

A trace keeps the rules that decided and counts the others; the screen asks here about a
rule beside the current one. Chance always agrees and nothing is written to any list.
"""

from __future__ import annotations

from tui.sim.model.address import IPAddress
from tui.sim.model.value import replace
from tui.sim.netfilter.examine import Endpoints, Matched, Mismatch, Unknown, View, examine
from tui.sim.netfilter.rules import Rule


class _Agreeing:
    """Chance that always takes the branch."""

    def take(self, probability: float, here: Endpoints, chain: Endpoints) -> tuple[bool, bool]:
        return probability > 0, False


class _Empty:
    """Recent lists on which nobody is."""

    def seen(self, name: str, ip: IPAddress, seconds: int) -> bool:
        return False

    def note(self, name: str, ip: IPAddress) -> None:
        pass


def explain(rule: Rule, view: View) -> Mismatch | Unknown | None:
    """The first part of a rule that does not hold; None if all of it does."""
    result = examine(rule, replace(view, recent=_Empty(), dice=_Agreeing()))
    return result if isinstance(result, Mismatch | Unknown) else None


__all__ = ["Matched", "Mismatch", "Unknown", "View", "explain"]
