"""A trace in the words of the kernel's own: `xtables-monitor --trace` and `nft monitor trace`.

Who has read one on a node reads the other at once. iptables' tables are told as iptables v1.8.9
tells them, nftables' tables as nft v1.0.6 does, each with the node's name above. Rules bear their
number in the chain, where the kernel shows a handle of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.value import value
from tui.sim.trace import Hop, Outcome, Reason, ReasonCode, RulePlace, Step, StepKind
from tui.sim.trace.devices import hook_devices

_FAMILY = {4: ("2", "-4"), 6: ("10", "-6")}
"""The number of the address family, and the option that chooses it."""
_ENDED = (StepKind.DROPPED, StepKind.REJECTED)
_TRANSLATED = frozenset(
    {
        ReasonCode.RULE_DNAT,
        ReasonCode.RULE_SNAT,
        ReasonCode.RULE_MASQUERADED,
        ReasonCode.RULE_MASQUERADED_SAME,
        ReasonCode.RULE_ACCEPTED,
    }
)
_JUMPED = frozenset({ReasonCode.RULE_JUMPED, ReasonCode.RULE_CHANCE_TAKEN})


def monitored(outcome: Outcome) -> Iterator[str]:
    """The lines of an outcome, in the order in which the packets passed."""
    for number, leg in enumerate(outcome.legs):
        for hop in leg.hops:
            lines = tuple(_hop(f"{number} {hop.namespace}", hop))
            if lines:
                yield f"# {leg.role.value}, {hop.namespace}"
                yield from lines


@value
class _Ways:
    """The devices that a hook knows of; empty where it knows none."""

    iif: str = ""
    oif: str = ""


def _hop(packet: str, hop: Hop) -> Iterator[str]:
    """The lines of one host. A hook is told its devices when it begins."""
    ways = _Ways()
    for step in hop.steps:
        if step.kind is StepKind.HOOK_ENTERED:
            ways = _Ways(*hook_devices(step.reason))
        elif step.place is not None and step.place.table:
            skb = _identity(packet, ways, step.place)
            yield from _lines(skb, ways, step, step.place)


def _lines(skb: str, ways: _Ways, step: Step, place: RulePlace) -> Iterator[str]:
    in_nft = " " in place.table
    if step.kind is StepKind.CHAIN_ENTERED:
        yield _nft_packet(skb, ways, step, place) if in_nft else _packet(skb, ways, step)
    elif step.kind is StepKind.POLICY_APPLIED or (step.kind in _ENDED and not place.rule):
        verdict = "drop" if step.kind in _ENDED else "accept"
        yield _nft_policy(skb, place, verdict) if in_nft else _policy(skb, step, place, verdict)
    elif place.rule and step.kind in (StepKind.RULE_MATCHED, *_ENDED):
        yield _nft_rule(skb, step, place) if in_nft else _rule(skb, step, place)


def _identity(packet: str, ways: _Ways, place: RulePlace) -> str:
    """The number by which the kernel tells packets apart; a packet has one for each hook."""
    return sha256(f"{packet} {place.hook} {ways.iif} {ways.oif}".encode()).hexdigest()[:8]


def _verdict(reason: Reason, kind: StepKind) -> tuple[str, str]:
    """What a rule decided, and the chain it sent the packet to."""
    target = str(reason.fields.get("target", ""))
    if kind in _ENDED:
        return "drop", ""
    if reason.code in _JUMPED:
        return "jump", target
    if reason.code is ReasonCode.RULE_WENT_TO:
        return "goto", target
    if reason.code is ReasonCode.RULE_LOOKED_UP:
        return "goto", target  # so kube-proxy's maps send packets on
    if reason.code is ReasonCode.RULE_RETURNED:
        return "return", ""
    return ("accept" if reason.code in _TRANSLATED else "continue"), ""


# ---------------------------------------------------------------- xtables-monitor --trace


def _packet(skb: str, ways: _Ways, step: Step) -> str:
    packet = step.packet
    words = [f"IN={ways.iif}"] if ways.iif else []
    words += [f"OUT={ways.oif}"] if ways.oif else []
    words += _link(packet) if ways.iif and packet.ethernet is not None else ()
    words += [f"SRC={packet.source}", f"DST={packet.destination}", f"LEN={packet.size}"]
    if packet.source.version == 4:
        words += ["TOS=0x0", f"TTL={packet.ttl}", "ID=0", "DF"]
    else:
        words += ["TC=0", f"HOPLIMIT={packet.ttl}", "FLOWLBL=0"]
    if packet.protocol.has_ports:
        words += [f"SPORT={packet.sport}", f"DPORT={packet.dport}"]
    words += packet.flags.split(",") if packet.flags else ()
    words += [f"MARK={packet.mark:#x}"] if packet.mark else ()
    return f"PACKET: {_FAMILY[packet.source.version][0]} {skb} {' '.join(words)} "


def _link(packet: Packet) -> Iterator[str]:
    assert packet.ethernet is not None
    for name, mac in (("SRC", packet.ethernet.source), ("DST", packet.ethernet.destination)):
        yield f"MAC{name}=" + ":".join(f"{int(byte, 16):x}" for byte in mac.split(":"))
    yield f"MACPROTO={'0800' if packet.source.version == 4 else '86dd'}"


def _rule(skb: str, step: Step, place: RulePlace) -> str:
    number, option = _FAMILY[step.packet.source.version]
    word, chain = _verdict(step.reason, step.kind)
    verdict = f"{word.upper()}:{chain}" if chain else word.upper()
    start = f" TRACE: {number} {skb} {place.table}:{place.chain}:rule:{place.rule:#x}:{verdict}"
    return f"{start}  {option} -t {place.table} -A {place.chain} {place.text}"


def _policy(skb: str, step: Step, place: RulePlace, verdict: str) -> str:
    number = _FAMILY[step.packet.source.version][0]
    return f" TRACE: {number} {skb} {place.table}:{place.chain}:policy:{verdict.upper()} "


# ---------------------------------------------------------------- nft monitor trace


def _nft_packet(skb: str, ways: _Ways, step: Step, place: RulePlace) -> str:
    packet = step.packet
    words = [f'iif "{ways.iif}"'] if ways.iif else []
    words += [f'oif "{ways.oif}"'] if ways.oif else []
    if ways.iif and packet.ethernet is not None:
        ends = packet.ethernet
        words.append(f"ether saddr {ends.source} ether daddr {ends.destination}")
    words += [*_nft_network(packet), *_nft_transport(packet)]
    return f"trace id {skb} {place.table} {place.chain} packet: {' '.join(words)} "


def _nft_network(packet: Packet) -> Iterator[str]:
    if packet.source.version == 4:
        yield f"ip saddr {packet.source} ip daddr {packet.destination} ip dscp cs0 ip ecn not-ect"
        yield f"ip ttl {packet.ttl} ip id 0"
        if packet.protocol is Protocol.ICMP:
            yield "ip protocol icmp"
        yield f"ip length {packet.size}"
        return
    yield f"ip6 saddr {packet.source} ip6 daddr {packet.destination} ip6 dscp cs0 ip6 ecn not-ect"
    yield f"ip6 hoplimit {packet.ttl} ip6 flowlabel 0 ip6 length {packet.size - 40}"


def _nft_transport(packet: Packet) -> Iterator[str]:
    if packet.protocol.has_ports:
        name = packet.protocol.lower
        yield f"{name} sport {packet.sport} {name} dport {packet.dport}"
    if packet.flags:
        flags = packet.flags.lower().split(",")
        yield f"tcp flags == {' | '.join(flags)}"


def _nft_rule(skb: str, step: Step, place: RulePlace) -> str:
    word, chain = _verdict(step.reason, step.kind)
    verdict = f"{word} {chain}".rstrip()
    return f"trace id {skb} {place.table} {place.chain} rule {place.text} (verdict {verdict})"


def _nft_policy(skb: str, place: RulePlace, verdict: str) -> str:
    return f"trace id {skb} {place.table} {place.chain} policy {verdict} "
