"""Marks that go to and fro between a packet and its connection (net/netfilter/xt_connmark.c)."""

from __future__ import annotations

from tui.sim.model.connection import ConnState
from tui.sim.model.value import replace
from tui.sim.netfilter.passage import Passage
from tui.sim.netfilter.rules import RestoreMark, SaveMark, SetConnMark
from tui.sim.trace import Reason, ReasonCode

_ALL = 0xFFFFFFFF


def carried(passage: Passage, marking: SetConnMark | RestoreMark | SaveMark) -> Reason:
    """Set the connection's mark, or copy it from or to the packet."""
    tracked = passage.skb.tracked
    if tracked is None or tracked.state is ConnState.UNTRACKED:
        return Reason.of(ReasonCode.RULE_COUNTED)
    packet, saved = passage.skb.packet, tracked.entry.mark
    match marking:
        case SetConnMark(value, mask):
            return _marked(passage, ReasonCode.RULE_CONN_MARKED, mixed(saved, mask, value))
        case SaveMark(nfmask, ctmask):
            new = mixed(saved, ctmask, packet.mark & nfmask)
            return _marked(passage, ReasonCode.RULE_MARK_SAVED, new)
        case RestoreMark(nfmask, ctmask):
            new = mixed(packet.mark, nfmask, saved & ctmask)
            passage.skb.packet = replace(packet, mark=new)
            return _told(ReasonCode.RULE_MARK_RESTORED, packet.mark, new, saved=f"{saved:#x}")


def mixed(old: int, cleared: int, flipped: int) -> int:
    """A mark with some bits cleared and others flipped."""
    return (old & ~cleared & _ALL) ^ flipped


def _marked(passage: Passage, code: ReasonCode, new: int) -> Reason:
    """A connection that is in the table already is marked there."""
    tracked = passage.connection
    old = tracked.entry.mark
    tracked.entry = replace(tracked.entry, mark=new)
    if tracked.confirmed:
        passage.host.conntrack.put(tracked.entry)
    return _told(code, old, new)


def _told(code: ReasonCode, old: int, new: int, **more: str) -> Reason:
    return Reason.of(code, old=f"{old:#x}", new=f"{new:#x}", **more)
