"""A chain as a list to read, whichever tool wrote it; and iptables' chains as such lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui.sim.model.value import value
from tui.sim.netfilter import rules as iptables
from tui.widgets.rule_text import chance_of, does, leads_to, looks_at

if TYPE_CHECKING:
    from tui.sim.netfilter.explain import Mismatch, Unknown, View

Branch = tuple[str, str]
"""A key of a rule's own map, and what it leads to."""


class RuleList(Protocol):
    """What the stepper asks of a chain. Numbers begin at 1."""

    @property
    def name(self) -> str:
        """The chain's name."""

    def __len__(self) -> int:
        """How many rules it has."""

    def looks_at(self, number: int) -> str:
        """What a rule asks for; nothing where every packet will do."""

    def does(self, number: int, width: int) -> str:
        """What it does, in about so many cells; nothing where it only counts."""

    def odds(self, number: int) -> float | None:
        """Its probability, where chance has a say in it."""

    def comment(self, number: int) -> str:
        """What it says of itself."""

    def endpoint(self, number: int) -> str:
        """`10.244.0.5:8080` where it leads to one endpoint; else nothing."""

    def branches(self, number: int) -> tuple[Branch, ...]:
        """The entries of the rule's own map, if it has one."""

    def ipsets(self, number: int) -> tuple[iptables.SetMatch, ...]:
        """The ipsets that the rule asks."""

    def why(self, number: int, view: View) -> Mismatch | Unknown | None:
        """Why it did not match; None if it would."""


@value
class IptablesRules:
    """A chain of iptables."""

    ruleset: iptables.Ruleset
    table: str
    chain: iptables.Chain

    @property
    def name(self) -> str:
        """The chain's name."""
        return self.chain.name

    def __len__(self) -> int:
        """How many rules it has."""
        return len(self.chain.rules)

    def _rule(self, number: int) -> iptables.Rule:
        return self.chain.rules[number - 1]

    def looks_at(self, number: int) -> str:
        """The matches, without comments."""
        return looks_at(self._rule(number), self.ruleset.family)

    def does(self, number: int, width: int) -> str:
        """The target."""
        return does(self._rule(number), width)

    def odds(self, number: int) -> float | None:
        """The probability of `-m statistic`."""
        return chance_of(self._rule(number))

    def comment(self, number: int) -> str:
        """`-m comment`."""
        return self._rule(number).comment

    def endpoint(self, number: int) -> str:
        """The DNAT of the chain that it jumps to."""
        return leads_to(self._rule(number), self.ruleset, self.table)

    def branches(self, number: int) -> tuple[Branch, ...]:
        """iptables has no maps."""
        return ()

    def ipsets(self, number: int) -> tuple[iptables.SetMatch, ...]:
        """`-m set`."""
        return tuple(m for m in self._rule(number).matches if isinstance(m, iptables.SetMatch))

    def why(self, number: int, view: View) -> Mismatch | Unknown | None:
        """The first part that does not hold."""
        from tui.sim.netfilter.explain import explain

        return explain(self._rule(number), view)
