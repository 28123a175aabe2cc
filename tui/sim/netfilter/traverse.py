"""A packet's passage through one hook: every stage in the order of its priority.

iptables' tables and nftables' base chains take turns with conntrack and nat, as the kernel
has them all hang on the same hooks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from tui.sim.model.connection import ConnState, ConntrackChange, ConntrackOp
from tui.sim.netfilter.conntrack import Direction, Tracked, translated
from tui.sim.netfilter.hooks import MANIP, Manip, Stage, StageKind
from tui.sim.netfilter.passage import ACCEPTED, Fate, Host, Passage, Ruling, Skb
from tui.sim.netfilter.table_walk import TableWalk
from tui.sim.trace import Cost, Reason, ReasonCode, RulePlace, StepKind


@dataclass(slots=True)
class Traversal(Passage):
    """One passage through one hook."""

    def run(self) -> Ruling:
        """Every stage of the hook, until one ends the packet."""
        for stage in self.host.order(self.family).stages(self.hook):
            ruling = self._stage(stage)
            if ruling.fate is not Fate.ACCEPTED:
                return ruling
        return ACCEPTED

    def _stage(self, stage: Stage) -> Ruling:
        match stage.kind:
            case StageKind.TABLE:
                return TableWalk(self, stage.table).run()
            case StageKind.CHAIN:
                return self._chain(stage)
            case StageKind.NAT:
                return self._nat()
            case StageKind.TRACK:
                self._track()
            case StageKind.CONFIRM:
                self._confirm()
            case StageKind.IPVS_REQUEST | StageKind.IPVS_REPLY:
                return self._ipvs(stage.kind)
            case _:
                assert_never(stage.kind)
        return ACCEPTED

    def _chain(self, stage: Stage) -> Ruling:
        """An nftables base chain; who has none need not load what walks it."""
        from tui.sim.netfilter.nft.walk import ChainWalk

        return ChainWalk(self, stage.table, stage.chain).run()

    def _ipvs(self, kind: StageKind) -> Ruling:
        """IPVS; who has no virtual servers need not load it."""
        from tui.sim.netfilter.ipvs_hook import IpvsHook

        hook = IpvsHook(self)
        return hook.reply() if kind is StageKind.IPVS_REPLY else hook.request()

    # -------------------------------------------------- conntrack

    def _track(self) -> None:
        skb = self.skb
        if skb.tracked is not None:
            untracked = skb.tracked.state is ConnState.UNTRACKED
            code = ReasonCode.CONN_UNTRACKED if untracked else ReasonCode.CONN_KEPT
            reason = Reason.of(code, tuple=skb.tracked.entry.original)
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
        place = RulePlace(self.hook)
        self.add(kind, reason, place, conntrack=conntrack, cost=Cost(lookups=lookups))

    # -------------------------------------------------- nat

    def _nat(self) -> Ruling:
        """Ask the nat chains about a new connection; what they decided holds for the rest."""
        tracked, manip = self.skb.tracked, MANIP[self.hook]
        if tracked is None or tracked.state in (ConnState.INVALID, ConnState.UNTRACKED):
            return ACCEPTED
        if manip in tracked.decided:
            self._translate(tracked, manip)
            return ACCEPTED
        for stage in self.host.order(self.family).nat_stages(self.hook):
            ruling = self._stage(stage)
            if ruling.fate is not Fate.ACCEPTED:
                return ruling
            if manip in tracked.decided:
                break
        tracked.decided.add(manip)
        return ACCEPTED

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


__all__ = ["Fate", "Host", "Ruling", "Skb", "Traversal"]
