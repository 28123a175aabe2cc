"""A packet's way through one iptables table at one hook, and all that its chain jumps to.

What is walked is the ruleset whose text the printer prints. Rules that match leave a step
in the trace; those passed over are counted, as the kernel would have examined them.
"""

from __future__ import annotations

import re

from tui.sim.model.connection import ConnState, ConntrackEntry, ConnTuple
from tui.sim.model.value import replace
from tui.sim.netfilter import marks, rewrite
from tui.sim.netfilter.conntrack import Tracked
from tui.sim.netfilter.examine import Declined, Matched, Unknown, View, examine
from tui.sim.netfilter.passage import ACCEPTED, DEEPEST, Fate, Passage, Ruling
from tui.sim.netfilter.rules import (
    Accept,
    Chain,
    Dnat,
    Drop,
    Goto,
    Jump,
    Masquerade,
    NoTrack,
    Reject,
    RestoreMark,
    Return,
    Rule,
    SaveMark,
    SetConnMark,
    SetMark,
    SetMatch,
    Snat,
    UnknownTarget,
)
from tui.sim.netfilter.text import print_rule, print_target
from tui.sim.trace import Chance, Cost, Reason, ReasonCode, RulePlace, StepKind

_SERVICE = re.compile(r"(?:^|\s)([a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.-]*)(?::\S+)?(?:\s|$)")

_Jumps = tuple[tuple[str, int], ...]


class TableWalk:
    """The base chain of one table on one hook, and all that it jumps to."""

    def __init__(self, passage: Passage, table: str) -> None:
        self.passage = passage
        self.rules = passage.host.rulesets(passage.family)
        self.table = table
        self.owners: list[str | None] = []
        self.lookups = 0

    def run(self) -> Ruling:
        """Walk the base chain; fall back on its policy."""
        chain = self.rules.chain(self.table, self.passage.hook)
        if chain is None or (not chain.rules and chain.policy != "DROP"):
            return ACCEPTED
        reason = Reason.of(
            ReasonCode.CHAIN_BEGAN, table=self.table, chain=chain.name, rules=len(chain.rules)
        )
        place = RulePlace(self.passage.hook, self.table, chain.name)
        self.passage.add(StepKind.CHAIN_ENTERED, reason, place)
        return self._walk(chain, ()) or self._policy(chain)

    def _policy(self, chain: Chain) -> Ruling:
        place = RulePlace(self.passage.hook, self.table, chain.name)
        if chain.policy == "DROP":
            reason = Reason.of(ReasonCode.POLICY_DROPPED, chain=chain.name)
            return Ruling(Fate.DROPPED, reason, place=place)
        reason = Reason.of(ReasonCode.POLICY_ACCEPTED, chain=chain.name)
        self.passage.add(StepKind.POLICY_APPLIED, reason, place)
        return ACCEPTED

    # -------------------------------------------------- rules

    def _walk(self, chain: Chain, jumps: _Jumps) -> Ruling | None:
        """The ruling of a chain; None if it fell through to its caller."""
        looked_at = matched = 0
        for position in self.rules.candidates(self.table, chain, self.passage.skb.packet):
            rule, view = chain.rules[position], self._view(chain)
            result = examine(rule, view)
            self.lookups += view.lookups
            if not isinstance(result, Matched | Declined | Unknown):
                continue
            place = self._place(chain, position, rule, jumps, looked_at)
            looked_at = position + 1
            if isinstance(result, Unknown):
                return self._unknown(result.text, place)
            if isinstance(result, Declined):
                self._declined(rule, result, place)
                continue
            outcome = self._matched(rule, result, chain, place)
            if outcome is not None:
                return outcome if isinstance(outcome, Ruling) else None
            matched += 1
        self._exhausted(chain, jumps, looked_at, matched)
        return None

    def _view(self, chain: Chain) -> View:
        view = self.passage.view()
        view.leads_to = lambda rule: self.rules.endpoints_of(self.table, rule)
        view.chain_leads_to = lambda: self.rules.endpoints(self.table, chain.name)
        return view

    def _place(
        self, chain: Chain, position: int, rule: Rule, jumps: _Jumps, looked_at: int
    ) -> RulePlace:
        return RulePlace(
            hook=self.passage.hook,
            table=self.table,
            chain=chain.name,
            rule=position + 1,
            text=print_rule(rule, self.passage.family),
            jumps=jumps,
            skipped=position - looked_at,
        )

    def _exhausted(self, chain: Chain, jumps: _Jumps, looked_at: int, matched: int) -> None:
        """The chain's end: control goes back to the caller, or to the policy."""
        left = len(chain.rules) - looked_at
        if not jumps and not left:
            return
        place = RulePlace(self.passage.hook, self.table, chain.name, jumps=jumps, skipped=left)
        reason = Reason.of(
            ReasonCode.RULES_EXHAUSTED, chain=chain.name, rules=left, total=len(chain.rules),
            matched=matched,
        )  # fmt: skip
        self.passage.add(StepKind.RULES_SKIPPED, reason, place, cost=Cost(left, self._asked()))

    def _unknown(self, text: str, place: RulePlace) -> Ruling:
        return Ruling(Fate.UNKNOWN, Reason.of(ReasonCode.RULE_UNKNOWN, text=text), place=place)

    def _declined(self, rule: Rule, result: Declined, place: RulePlace) -> None:
        reason = Reason.of(
            ReasonCode.RULE_CHANCE_PASSED,
            target=_target_name(rule),
            probability=_share(1 - result.probability),
        )
        chance = Chance(result.probability, 0, 2, result.pinned)
        self._rule_step(StepKind.RULE_DECLINED, rule, reason, place, chance)

    def _rule_step(
        self, kind: StepKind, rule: Rule, reason: Reason, place: RulePlace,
        chance: Chance | None = None,
    ) -> None:  # fmt: skip
        cost = Cost(place.skipped + 1, self._asked())
        self.passage.add(kind, reason, place, chance=chance, cost=cost, owner=self._owner(rule))

    def _asked(self) -> int:
        """Looks into sets since the last step."""
        asked, self.lookups = self.lookups, 0
        return asked

    def _owner(self, rule: Rule) -> str | None:
        """The object named in the rule's comment, else in that of the jump that led here.

        A rule that asks a set is about the Service whose address the packet bears.
        """
        named = owner_of(rule)
        if named is None and any(isinstance(match, SetMatch) for match in rule.matches):
            named = self.passage.host.owner_of(self.passage.skb)
        return named or next((owner for owner in reversed(self.owners) if owner), None)

    # -------------------------------------------------- targets

    def _matched(
        self, rule: Rule, result: Matched, chain: Chain, place: RulePlace
    ) -> Ruling | Return | None:
        """Do what a rule says: a ruling, a return to the caller, or None to go on."""
        chance = None
        if result.probability is not None:
            chance = Chance(result.probability, 1, 2, result.pinned)
        match rule.target:
            case Jump(name) | Goto(name):
                return self._go(rule, name, chain, place, chance)
            case Drop():
                return self._end(Fate.DROPPED, rule, place)
            case Reject(message):
                return self._end(Fate.REJECTED, rule, place, message)
            case UnknownTarget(text):
                return self._unknown(text, place)
        reason, answer = self._act(rule, chain)
        if isinstance(answer, Ruling) and answer.fate is Fate.UNKNOWN:
            return replace(answer, place=place)
        self._rule_step(StepKind.RULE_MATCHED, rule, reason, place, chance)
        return answer

    def _act(self, rule: Rule, chain: Chain) -> tuple[Reason, Ruling | Return | None]:
        """Targets that change the packet, end the table, or only count."""
        skb = self.passage.skb
        match rule.target:
            case Accept():
                return Reason.of(ReasonCode.RULE_ACCEPTED, table=self.table), ACCEPTED
            case Return() as back:
                return Reason.of(ReasonCode.RULE_RETURNED, chain=chain.name), back
            case SetMark(value, mask):
                old = skb.packet.mark
                new = (old & ~mask & 0xFFFFFFFF) ^ value
                skb.packet = replace(skb.packet, mark=new)
                return Reason.of(ReasonCode.RULE_MARKED, old=f"{old:#x}", new=f"{new:#x}"), None
            case SetConnMark() | RestoreMark() | SaveMark() as marking:
                return marks.carried(self.passage, marking), None
            case NoTrack():
                shape = ConnTuple.of(skb.packet)
                entry = ConntrackEntry(shape, shape.reversed)
                skb.tracked = Tracked(entry, ConnState.UNTRACKED)
                return Reason.of(ReasonCode.RULE_UNTRACKED), None
            case Dnat(ip, port):
                return rewrite.dnat(self.passage, ip, port), ACCEPTED
            case Snat(ip, fully):
                return rewrite.snat(self.passage, ip, fully), ACCEPTED
            case Masquerade(fully):
                return self._masquerade(fully)
        return Reason.of(ReasonCode.RULE_COUNTED), None

    def _go(
        self, rule: Rule, name: str, chain: Chain, place: RulePlace, chance: Chance | None
    ) -> Ruling | Return | None:
        target = self.rules.chain(self.table, name)
        if target is None or len(place.jumps) >= DEEPEST:
            return self._unknown(print_target(rule.target) if rule.target else name, place)
        code = ReasonCode.RULE_WENT_TO if isinstance(rule.target, Goto) else ReasonCode.RULE_JUMPED
        reason = Reason.of(code, target=name)
        if chance is not None:
            reason = Reason.of(
                ReasonCode.RULE_CHANCE_TAKEN, target=name, probability=_share(chance.probability)
            )
        self._rule_step(StepKind.RULE_MATCHED, rule, reason, place, chance)
        self.owners.append(self._owner(rule))
        ruling = self._walk(target, (*place.jumps, (chain.name, place.rule)))
        self.owners.pop()
        if ruling is None and isinstance(rule.target, Goto):
            return Return()
        return ruling

    def _end(self, fate: Fate, rule: Rule, place: RulePlace, message: str = "") -> Ruling:
        if fate is Fate.REJECTED:
            reason = Reason.of(ReasonCode.RULE_REJECTED, message=message, comment=rule.comment)
        else:
            reason = Reason.of(ReasonCode.RULE_DROPPED, comment=rule.comment)
        return Ruling(fate, reason, message, place, self._owner(rule), self._asked())

    def _masquerade(self, fully: bool) -> tuple[Reason, Ruling]:
        reason = rewrite.masquerade(self.passage, fully)
        if reason is not None:
            return reason, ACCEPTED
        unknown = Reason.of(ReasonCode.RULE_UNKNOWN, text=rewrite.without_address(self.passage))
        return unknown, Ruling(Fate.UNKNOWN, unknown)


def owner_of(rule: Rule) -> str | None:
    """The Service that kube-proxy names in a rule's comment: `Service shop/web`."""
    found = _SERVICE.search(rule.comment)
    return f"Service {found[1]}" if found else None


def _target_name(rule: Rule) -> str:
    return print_target(rule.target).split()[1] if rule.target else ""


def _share(probability: float) -> str:
    """A probability for people: `1/3` where it is one, else in percent."""
    whole = round(1 / probability) if probability else 0
    if whole and abs(probability * whole - 1) < 1e-6:
        return "1" if whole == 1 else f"1/{whole}"
    return f"{probability:.1%}"
