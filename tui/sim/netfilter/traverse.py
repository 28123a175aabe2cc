"""A packet's passage through one hook: every stage in the order of its priority.

What is walked is the ruleset whose text the printer prints. Rules that match leave a step
in the trace; those passed over are counted, as the kernel would have examined them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tui.sim.model.address import Family, IPAddress
from tui.sim.model.connection import ConnState, ConntrackChange, ConntrackOp
from tui.sim.model.packet import Packet
from tui.sim.netfilter.conntrack import ConntrackTable, Direction, Tracked, translated
from tui.sim.netfilter.examine import Declined, Dice, Matched, RecentLists, Unknown, View, examine
from tui.sim.netfilter.hooks import MANIP, STAGES, Hook, Manip, StageKind
from tui.sim.netfilter.index import IndexedRuleset
from tui.sim.netfilter.nat import with_destination, with_source
from tui.sim.netfilter.rules import (
    Accept,
    Chain,
    Dnat,
    Drop,
    Goto,
    Jump,
    Masquerade,
    Reject,
    Return,
    Rule,
    SetMark,
    Snat,
    UnknownTarget,
)
from tui.sim.netfilter.text import print_rule, print_target
from tui.sim.trace import Chance, Cost, Reason, ReasonCode, RulePlace, StepKind
from tui.sim.trace.recorder import Recorder

_DEEPEST = 64
_SERVICE = re.compile(r"(?:^|\s)([a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.-]*)(?::\S+)?(?:\s|$)")


class Fate(StrEnum):
    """What a hook decided."""

    ACCEPTED = "accepted"
    DROPPED = "dropped"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The decision of a rule, a policy or a whole hook."""

    fate: Fate
    """What was decided."""
    reason: Reason | None = None
    """Why, where the packet ends here."""
    message: str = ""
    """ICMP message that the sender gets, for a rejection."""
    place: RulePlace | None = None
    """Where the packet ended."""
    owner: str | None = None
    """The Kubernetes object behind the rule."""


_ACCEPTED = Ruling(Fate.ACCEPTED)
_NO_COST = Cost()


@dataclass(slots=True)
class Skb:
    """A packet inside one host: headers, and what the kernel keeps beside them."""

    packet: Packet
    """The packet as it is."""
    tracked: Tracked | None = None
    """Its connection, once conntrack has seen it."""


@dataclass(slots=True)
class Host:
    """What netfilter must be told of the host it runs on."""

    name: str
    """Namespace."""
    rulesets: Callable[[Family], IndexedRuleset]
    """The rules of a family."""
    conntrack: ConntrackTable
    """The connections."""
    recent: RecentLists
    """The lists of `-m recent`."""
    is_local: Callable[[IPAddress], bool]
    """Whether an address is the host's own (RTN_LOCAL)."""
    masquerade_address: Callable[[str, Packet], IPAddress | None]
    """The address that a device gives to a packet that leaves by it."""


@dataclass(slots=True)
class Traversal:
    """One passage through one hook."""

    hook: Hook
    """The hook."""
    skb: Skb
    """The packet; it is changed in place."""
    host: Host
    """The host."""
    dice: Dice
    """What decides chance."""
    log: Recorder
    """Where steps go."""
    in_device: str | None = None
    """Device it came in by."""
    out_device: str | None = None
    """Device it will leave by."""
    rules: IndexedRuleset = field(init=False)

    def __post_init__(self) -> None:
        self.rules = self.host.rulesets(self.skb.packet.family)

    def run(self) -> Ruling:
        """Every stage of the hook, until one ends the packet."""
        for stage in STAGES[self.hook]:
            match stage.kind:
                case StageKind.TRACK:
                    self._track()
                case StageKind.CONFIRM:
                    self._confirm()
                case StageKind.NAT:
                    ruling = self._nat()
                case StageKind.TABLE:
                    ruling = _TableWalk(self, stage.table).run()
            if stage.kind in (StageKind.NAT, StageKind.TABLE) and ruling.fate is not Fate.ACCEPTED:
                return ruling
        return _ACCEPTED

    # -------------------------------------------------- conntrack

    @property
    def state(self) -> str | None:
        """The packet's connection state, if it has one."""
        return self.skb.tracked.state.value if self.skb.tracked else None

    def _track(self) -> None:
        skb = self.skb
        if skb.tracked is not None:
            reason = Reason.of(ReasonCode.CONN_KEPT, tuple=skb.tracked.entry.original)
            self._note(StepKind.TRACKED, reason)
            return
        tracked = skb.tracked = self.host.conntrack.track(skb.packet)
        changes: tuple[ConntrackChange, ...] = ()
        if tracked.confirmed:
            updated = self.host.conntrack.refresh(tracked, skb.packet)
            if updated is not None:
                changes = (ConntrackChange(self.host.name, ConntrackOp.CHANGED, updated),)
        self._note(StepKind.TRACKED, _tracked_reason(tracked), conntrack=changes, lookups=1)

    def _confirm(self) -> None:
        tracked = self.skb.tracked
        if tracked is None or tracked.confirmed or tracked.state is not ConnState.NEW:
            return
        entry = self.host.conntrack.confirm(tracked, self.skb.packet)
        reason = Reason.of(ReasonCode.CONN_CONFIRMED, original=entry.original, reply=entry.reply)
        change = ConntrackChange(self.host.name, ConntrackOp.CREATED, entry)
        self._note(StepKind.CONFIRMED, reason, conntrack=(change,))

    def _note(
        self,
        kind: StepKind,
        reason: Reason,
        conntrack: tuple[ConntrackChange, ...] = (),
        lookups: int = 0,
    ) -> None:
        self.log.add(
            kind,
            self.skb.packet,
            reason,
            place=RulePlace(self.hook),
            state=self.state,
            conntrack=conntrack,
            cost=Cost(lookups=lookups),
        )

    # -------------------------------------------------- nat

    def _nat(self) -> Ruling:
        tracked, manip = self.skb.tracked, MANIP[self.hook]
        if tracked is None or tracked.state in (ConnState.INVALID, ConnState.UNTRACKED):
            return _ACCEPTED
        if manip not in tracked.decided:
            ruling = _TableWalk(self, "nat").run()
            tracked.decided.add(manip)
            return ruling
        self._translate(tracked, manip)
        return _ACCEPTED

    def _translate(self, tracked: Tracked, manip: Manip) -> None:
        before = self.skb.packet
        after = translated(before, tracked, manip)
        if after == before:
            return
        self.skb.packet = after
        reply = tracked.direction is Direction.REPLY
        code = ReasonCode.CONN_UNDONE if reply else ReasonCode.CONN_REPEATED
        old, new = (
            (before.to_text, after.to_text)
            if manip is Manip.DESTINATION
            else (before.from_text, after.from_text)
        )
        self._note(StepKind.TRANSLATED, Reason.of(code, field=manip, old=old, new=new))


def _tracked_reason(tracked: Tracked) -> Reason:
    shape = tracked.entry.original
    match tracked.state:
        case ConnState.ESTABLISHED:
            return Reason.of(ReasonCode.CONN_ESTABLISHED, tuple=shape, direction=tracked.direction)
        case ConnState.RELATED:
            return Reason.of(ReasonCode.CONN_RELATED, tuple=shape)
        case ConnState.INVALID:
            return Reason.of(ReasonCode.CONN_INVALID, tuple=shape)
    return Reason.of(ReasonCode.CONN_NEW, tuple=shape)


# ---------------------------------------------------------------- one table on one hook

_Jumps = tuple[tuple[str, int], ...]


class _TableWalk:
    """The base chain of one table on one hook, and all that it jumps to."""

    def __init__(self, traversal: Traversal, table: str) -> None:
        self.t = traversal
        self.table = table
        self.family = traversal.rules.ruleset.family
        self.owners: list[str | None] = []

    def run(self) -> Ruling:
        """Walk the base chain; fall back on its policy."""
        chain = self.t.rules.chain(self.table, self.t.hook)
        if chain is None or (not chain.rules and chain.policy != "DROP"):
            return _ACCEPTED
        reason = Reason.of(
            ReasonCode.CHAIN_BEGAN, table=self.table, chain=chain.name, rules=len(chain.rules)
        )
        place = RulePlace(self.t.hook, self.table, chain.name)
        self._add(StepKind.CHAIN_ENTERED, reason, place)
        return self._walk(chain, ()) or self._policy(chain)

    def _policy(self, chain: Chain) -> Ruling:
        place = RulePlace(self.t.hook, self.table, chain.name)
        if chain.policy == "DROP":
            reason = Reason.of(ReasonCode.POLICY_DROPPED, chain=chain.name)
            return Ruling(Fate.DROPPED, reason, place=place)
        reason = Reason.of(ReasonCode.POLICY_ACCEPTED, chain=chain.name)
        self._add(StepKind.POLICY_APPLIED, reason, place)
        return _ACCEPTED

    def _add(
        self,
        kind: StepKind,
        reason: Reason,
        place: RulePlace,
        chance: Chance | None = None,
        cost: Cost = _NO_COST,
        owner: str | None = None,
    ) -> None:
        t = self.t
        t.log.add(
            kind,
            t.skb.packet,
            reason,
            place=place,
            state=t.state,
            chance=chance,
            cost=cost,
            owner=owner,
        )

    # -------------------------------------------------- rules

    def _walk(self, chain: Chain, jumps: _Jumps) -> Ruling | None:
        """The ruling of a chain; None if it fell through to its caller."""
        looked_at = 0
        for position in self.t.rules.candidates(self.table, chain, self.t.skb.packet):
            rule = chain.rules[position]
            result = examine(rule, self._view(chain))
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
        self._exhausted(chain, jumps, looked_at)
        return None

    def _view(self, chain: Chain) -> View:
        t = self.t
        tracked = t.skb.tracked
        return View(
            packet=t.skb.packet,
            in_device=t.in_device,
            out_device=t.out_device,
            states=tracked.flags if tracked else _UNTRACKED,
            is_local=t.host.is_local,
            recent=t.host.recent,
            dice=t.dice,
            leads_to=lambda rule: t.rules.endpoints_of(self.table, rule),
            chain_leads_to=lambda: t.rules.endpoints(self.table, chain.name),
        )

    def _place(
        self, chain: Chain, position: int, rule: Rule, jumps: _Jumps, looked_at: int
    ) -> RulePlace:
        return RulePlace(
            hook=self.t.hook,
            table=self.table,
            chain=chain.name,
            rule=position + 1,
            text=print_rule(rule, self.family),
            jumps=jumps,
            skipped=position - looked_at,
        )

    def _exhausted(self, chain: Chain, jumps: _Jumps, looked_at: int) -> None:
        """The chain's end: control goes back to the caller, or to the policy."""
        left = len(chain.rules) - looked_at
        if not jumps and not left:
            return
        place = RulePlace(self.t.hook, self.table, chain.name, jumps=jumps, skipped=left)
        reason = Reason.of(ReasonCode.RULES_EXHAUSTED, chain=chain.name, rules=left)
        self._add(StepKind.RULES_SKIPPED, reason, place, cost=Cost(rules=left))

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
        cost = Cost(rules=place.skipped + 1)
        self._add(kind, reason, place, chance=chance, cost=cost, owner=self._owner(rule))

    def _owner(self, rule: Rule) -> str | None:
        """The object named in the rule's comment, else in that of the jump that led here."""
        named = owner_of(rule)
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
        skb = self.t.skb
        match rule.target:
            case Accept():
                return Reason.of(ReasonCode.RULE_ACCEPTED, table=self.table), _ACCEPTED
            case Return() as back:
                return Reason.of(ReasonCode.RULE_RETURNED, chain=chain.name), back
            case SetMark(value, mask):
                old = skb.packet.mark
                new = (old & ~mask & 0xFFFFFFFF) ^ value
                skb.packet = replace(skb.packet, mark=new)
                return Reason.of(ReasonCode.RULE_MARKED, old=f"{old:#x}", new=f"{new:#x}"), None
            case Dnat(ip, port):
                return self._dnat(ip, port)
            case Masquerade(fully):
                return self._masquerade(fully)
            case Snat(ip, fully):
                return self._snat(ip, fully)
        return Reason.of(ReasonCode.RULE_COUNTED), None

    def _go(
        self, rule: Rule, name: str, chain: Chain, place: RulePlace, chance: Chance | None
    ) -> Ruling | Return | None:
        target = self.t.rules.chain(self.table, name)
        if target is None or len(place.jumps) >= _DEEPEST:
            return self._unknown(print_target(rule.target) if rule.target else name, place)
        code = ReasonCode.RULE_WENT_TO if isinstance(rule.target, Goto) else ReasonCode.RULE_JUMPED
        reason = Reason.of(code, target=name)
        if chance is not None:
            reason = Reason.of(
                ReasonCode.RULE_CHANCE_TAKEN, target=name, probability=_share(chance.probability)
            )
        self._rule_step(StepKind.RULE_MATCHED, rule, reason, place, chance)
        self.owners.append(owner_of(rule))
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
        return Ruling(fate, reason, message, place, self._owner(rule))

    def _dnat(self, ip: IPAddress, port: int | None) -> tuple[Reason, Ruling]:
        skb = self.t.skb
        tracked = self._connection()
        tracked.entry = with_destination(tracked.entry, ip, port)
        before = skb.packet
        skb.packet = replace(before, destination=ip, dport=port or before.dport)
        reason = Reason.of(ReasonCode.RULE_DNAT, old=before.to_text, new=skb.packet.to_text)
        return reason, _ACCEPTED

    def _masquerade(self, fully: bool) -> tuple[Reason, Ruling]:
        t = self.t
        device = t.out_device or ""
        ip = t.host.masquerade_address(device, t.skb.packet)
        if ip is None:
            text = f"MASQUERADE: {device} has no address"
            reason = Reason.of(ReasonCode.RULE_UNKNOWN, text=text)
            return reason, Ruling(Fate.UNKNOWN, reason)
        before = t.skb.packet
        self._new_source(ip, fully)
        after = t.skb.packet
        if after.source == before.source:
            reason = Reason.of(
                ReasonCode.RULE_MASQUERADED_SAME, address=after.from_text, device=device
            )
            return reason, _ACCEPTED
        reason = Reason.of(
            ReasonCode.RULE_MASQUERADED, old=before.from_text, new=after.from_text, device=device
        )
        return reason, _ACCEPTED

    def _snat(self, ip: IPAddress, fully: bool) -> tuple[Reason, Ruling]:
        before = self.t.skb.packet
        self._new_source(ip, fully)
        after = self.t.skb.packet
        reason = Reason.of(ReasonCode.RULE_SNAT, old=before.from_text, new=after.from_text)
        return reason, _ACCEPTED

    def _new_source(self, ip: IPAddress, fully: bool) -> None:
        skb, tracked = self.t.skb, self._connection()
        tracked.entry = with_source(tracked.entry, ip, fully, self.t.host.conntrack)
        skb.packet = replace(skb.packet, source=ip, sport=tracked.entry.reply.dport)

    def _connection(self) -> Tracked:
        tracked = self.t.skb.tracked
        assert tracked is not None, "the nat table is walked for tracked packets only"
        return tracked


_UNTRACKED = frozenset({ConnState.UNTRACKED.value})


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
