"""New ends for a connection, as iptables targets and nft statements ask for them.

The first rule that rewrites an end decides about it for good, even if it writes the address
that was there: no nat chain behind it is asked (nf_nat_inet_fn).
"""

from __future__ import annotations

from tui.sim.model.address import IPAddress
from tui.sim.model.value import replace
from tui.sim.netfilter.hooks import Manip
from tui.sim.netfilter.nat import with_destination, with_source
from tui.sim.netfilter.passage import Passage
from tui.sim.trace import Reason, ReasonCode


def dnat(passage: Passage, ip: IPAddress, port: int | None) -> Reason:
    """Give the connection a new receiver."""
    skb, tracked = passage.skb, passage.connection
    tracked.entry = with_destination(tracked.entry, ip, port)
    tracked.decided.add(Manip.DESTINATION)
    before = skb.packet
    skb.packet = replace(before, destination=ip, dport=port or before.dport)
    return Reason.of(ReasonCode.RULE_DNAT, old=before.to_text, new=skb.packet.to_text)


def snat(passage: Passage, ip: IPAddress, fully: bool) -> Reason:
    """Give the connection a new sender."""
    before = passage.skb.packet
    _new_source(passage, ip, fully)
    after = passage.skb.packet
    return Reason.of(ReasonCode.RULE_SNAT, old=before.from_text, new=after.from_text)


def masquerade(passage: Passage, fully: bool) -> Reason | None:
    """Make the device by which the packet leaves its sender; None if it has no address."""
    device, before = passage.out_device or "", passage.skb.packet
    ip = passage.host.masquerade_address(device, before)
    if ip is None:
        return None
    _new_source(passage, ip, fully)
    after = passage.skb.packet
    if after.source == before.source:
        code, told = ReasonCode.RULE_MASQUERADED_SAME, {"address": after.from_text}
    else:
        code = ReasonCode.RULE_MASQUERADED
        told = {"old": before.from_text, "new": after.from_text}
    return Reason.of(code, **told, device=device)


def without_address(passage: Passage) -> str:
    """What to say where masquerading found no address."""
    return f"MASQUERADE: {passage.out_device or ''} has no address"


def _new_source(passage: Passage, ip: IPAddress, fully: bool) -> None:
    skb, tracked = passage.skb, passage.connection
    tracked.entry = with_source(tracked.entry, ip, fully, passage.host.conntrack)
    tracked.decided.add(Manip.SOURCE)
    skb.packet = replace(skb.packet, source=ip, sport=tracked.entry.reply.dport)
