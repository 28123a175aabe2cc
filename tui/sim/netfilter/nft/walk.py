"""A packet's way through one base chain of an nftables table, and all that it jumps to.

What is walked is the table whose text the printer prints. Rules that do something leave a
step in the trace; those passed over are counted, as the kernel would have examined them.
"""

from __future__ import annotations

from tui.sim.model.address import Family
from tui.sim.netfilter.examine import Mismatch, Unknown
from tui.sim.netfilter.nft.carry_out import Done, carry_out
from tui.sim.netfilter.nft.index import IndexedTables, owner_of_chain
from tui.sim.netfilter.nft.rules import (
    Accept,
    Base,
    Chain,
    Drop,
    Goto,
    Jump,
    Reject,
    Return,
    Rule,
)
from tui.sim.netfilter.nft.text import print_rule, print_verdict
from tui.sim.netfilter.passage import ACCEPTED, DEEPEST, Fate, Passage, Ruling
from tui.sim.trace import Cost, Reason, ReasonCode, RulePlace, StepKind

_Jumps = tuple[tuple[str, int], ...]


class ChainWalk:
    """One base chain for one packet."""

    def __init__(self, passage: Passage, table: str, chain: str) -> None:
        tables = passage.host.order(passage.family)
        assert isinstance(tables, IndexedTables), "a base chain without a table"
        self.passage = passage
        self.tables = tables
        self.table = table
        self.base = chain
        self.owners: list[str | None] = []

    def run(self) -> Ruling:
        """Walk the chain; fall back on its policy."""
        chain = self.tables.chain(self.table, self.base)
        assert chain is not None, "a stage names a base chain that is there"
        assert chain.base is not None, "a stage names a base chain"
        if not chain.rules and chain.base.policy != "drop":
            return ACCEPTED
        reason = Reason.of(
            ReasonCode.CHAIN_BEGAN, table=self.table, chain=chain.name, rules=len(chain.rules)
        )
        self.passage.add(StepKind.CHAIN_ENTERED, reason, self._place(chain))
        ruling = self._walk(chain, ())
        return ruling if isinstance(ruling, Ruling) else self._policy(chain, chain.base)

    def _policy(self, chain: Chain, base: Base) -> Ruling:
        place = self._place(chain)
        if base.policy == "drop":
            reason = Reason.of(ReasonCode.POLICY_DROPPED, chain=chain.name)
            return Ruling(Fate.DROPPED, reason, place=place)
        reason = Reason.of(ReasonCode.POLICY_ACCEPTED, chain=chain.name)
        self.passage.add(StepKind.POLICY_APPLIED, reason, place)
        return ACCEPTED

    def _place(
        self, chain: Chain, position: int = -1, rule: Rule | None = None, jumps: _Jumps = (),
        skipped: int = 0,
    ) -> RulePlace:  # fmt: skip
        text = print_rule(rule) if rule is not None else ""
        return RulePlace(
            self.passage.hook, self.table, chain.name, position + 1, text, jumps, skipped
        )

    # -------------------------------------------------- rules

    def _walk(self, chain: Chain, jumps: _Jumps) -> Ruling | None:
        """The ruling of a chain; None if it fell through, or returned, to its caller."""
        looked_at = lookups = matched = 0
        for position, rule in enumerate(chain.rules):
            done = carry_out(rule, self.passage, self.tables, self.table)
            lookups += done.lookups
            if isinstance(done.end, Mismatch) and done.reason is None:
                continue
            done.lookups = lookups
            place = self._place(chain, position, rule, jumps, position - looked_at)
            looked_at, lookups = position + 1, 0
            outcome = self._ended(rule, done, chain, place)
            if outcome is not None:
                return outcome if isinstance(outcome, Ruling) else None
            matched += 1
        self._exhausted(chain, jumps, looked_at, lookups, matched)
        return None

    def _exhausted(
        self, chain: Chain, jumps: _Jumps, looked_at: int, lookups: int, matched: int
    ) -> None:
        """The chain's end: control goes back to the caller, or to the policy."""
        left = len(chain.rules) - looked_at
        if not jumps and not left:
            return
        place = self._place(chain, jumps=jumps, skipped=left)
        reason = Reason.of(
            ReasonCode.RULES_EXHAUSTED, chain=chain.name, rules=left, total=len(chain.rules),
            matched=matched,
        )  # fmt: skip
        cost = Cost(rules=left, lookups=lookups)
        self.passage.add(StepKind.RULES_SKIPPED, reason, place, cost=cost)

    def _ended(
        self, rule: Rule, done: Done, chain: Chain, place: RulePlace
    ) -> Ruling | Return | None:
        """Where a rule's end leads: a ruling, a return to the caller, or None to go on."""
        match done.end:
            case Unknown(text):
                return self._unknown(text, place)
            case Drop():
                reason = done.reason or Reason.of(ReasonCode.RULE_DROPPED, comment=rule.comment)
                return self._final(Fate.DROPPED, reason, done, chain, place)
            case Reject():
                message = _icmp(done.end.message, self.passage.family)
                reason = Reason.of(ReasonCode.RULE_REJECTED, message=message, comment=rule.comment)
                return self._final(Fate.REJECTED, reason, done, chain, place, message)
            case Jump() | Goto():
                return self._go(done, done.end, chain, place)
        verdict = done.end if isinstance(done.end, Accept | Return) else None
        self._step(done, done.reason or self._plain_reason(verdict, chain), chain, place)
        return ACCEPTED if isinstance(verdict, Accept) else verdict

    def _plain_reason(self, verdict: Accept | Return | None, chain: Chain) -> Reason:
        match verdict:
            case Accept():
                return Reason.of(ReasonCode.RULE_ACCEPTED, table=self.table, chain=self.base)
            case Return():
                return Reason.of(ReasonCode.RULE_RETURNED, chain=chain.name)
        return Reason.of(ReasonCode.RULE_COUNTED)

    def _step(self, done: Done, reason: Reason, chain: Chain, place: RulePlace) -> None:
        cost = Cost(rules=place.skipped + 1, lookups=done.lookups)
        self.passage.add(
            StepKind.RULE_MATCHED, reason, place, chance=done.chance, cost=cost,
            owner=self._owner(done, chain),
        )  # fmt: skip

    def _owner(self, done: Done, chain: Chain) -> str | None:
        """The Service that an element, a chain's name or an address tells of."""
        named = done.owner or owner_of_chain(chain.name) or done.owner_by_address
        return named or next((owner for owner in reversed(self.owners) if owner), None)

    def _unknown(self, text: str, place: RulePlace) -> Ruling:
        return Ruling(Fate.UNKNOWN, Reason.of(ReasonCode.RULE_UNKNOWN, text=text), place=place)

    def _final(
        self, fate: Fate, reason: Reason, done: Done, chain: Chain, place: RulePlace,
        message: str = "",
    ) -> Ruling:  # fmt: skip
        return Ruling(fate, reason, message, place, self._owner(done, chain), done.lookups)

    def _go(
        self, done: Done, verdict: Jump | Goto, chain: Chain, place: RulePlace
    ) -> Ruling | Return | None:
        target = self.tables.chain(self.table, verdict.chain)
        if target is None or len(place.jumps) >= DEEPEST:
            return self._unknown(print_verdict(verdict), place)
        code = ReasonCode.RULE_WENT_TO if isinstance(verdict, Goto) else ReasonCode.RULE_JUMPED
        self._step(done, done.reason or Reason.of(code, target=target.name), chain, place)
        self.owners.append(done.owner)
        ruling = self._walk(target, (*place.jumps, (chain.name, place.rule)))
        self.owners.pop()
        if ruling is None and isinstance(verdict, Goto):
            return Return()
        return ruling


def _icmp(told: str, family: Family) -> str:
    """A refusal's message as iptables spells it; nft says nothing of the usual one."""
    kind, _, name = told.partition(" ")
    if kind == "tcp":
        return "tcp-reset"
    prefix = "icmp" if family is Family.IPV4 else "icmp6"
    return f"{prefix}-{name or 'port-unreachable'}"
