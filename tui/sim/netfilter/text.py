"""iptables rulesets as text: printed as `iptables-save` prints them, and read back.

Spelling and order follow iptables v1.8.9 (nf_tables): addresses, interfaces and protocol
first, then the matches in the order in which they were written, then the target.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui.sim.model.address import Family, endpoint_text, network_text
from tui.sim.model.collection import collection_paused
from tui.sim.netfilter.rules import (
    PROTOCOL_NUMBERS,
    Accept,
    AddrType,
    Comment,
    ConntrackMatch,
    Dnat,
    Drop,
    Goto,
    IpvsMatch,
    Jump,
    MarkMatch,
    Masquerade,
    Match,
    Multiport,
    NfAcct,
    NoTrack,
    PhysdevIsIn,
    Ports,
    Recent,
    Reject,
    RestoreMark,
    Return,
    RpFilter,
    Rule,
    Ruleset,
    SaveMark,
    SetConnMark,
    SetMark,
    SetMatch,
    Snat,
    Statistic,
    Target,
    UnknownMatch,
    UnknownTarget,
)

_BARE = re.compile("[-_0-9A-Za-z]+")
_ESCAPED = re.compile(r"[\"\\']")
_FULL_MARK = 0xFFFFFFFF
_RECENT_MASK = {
    Family.IPV4: "255.255.255.255",
    Family.IPV6: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
}


def print_ruleset(ruleset: Ruleset) -> str:
    """All tables, as `iptables-save` prints them without comments and counters."""
    with collection_paused():
        return "".join(_Writer(ruleset.family).tables(ruleset))


def print_rule(rule: Rule, family: Family) -> str:
    """One rule without its `-A CHAIN`."""
    return _Writer(family).rule(rule)[1:]


class _Writer:
    """Prints rules one after another; matches that many share are worded once."""

    def __init__(self, family: Family) -> None:
        self.family = family
        # by identity, which holds as long as the ruleset that is printed
        self._matches: dict[int, str] = {}

    def tables(self, ruleset: Ruleset) -> Iterator[str]:
        """Pieces of text; joined they are what `iptables-save` prints."""
        for table in ruleset.tables.values():
            yield f"*{table.name}\n"
            for chain in table.chains.values():
                yield f":{chain.name} {chain.policy or '-'} [0:0]\n"
            for chain in table.chains.values():
                start = f"-A {chain.name}"
                yield "".join([f"{start}{self.rule(rule)}\n" for rule in chain.rules])
            yield "COMMIT\n"

    def rule(self, rule: Rule) -> str:
        """A rule's words, each with a blank before it."""
        words = ""
        if rule.source is not None:
            words = f" {_word('-s', network_text(rule.source), rule.not_source)}"
        if rule.destination is not None:
            words += f" {_word('-d', network_text(rule.destination), rule.not_destination)}"
        if rule.in_interface is not None:
            words += f" {_word('-i', rule.in_interface, rule.not_in_interface)}"
        if rule.out_interface is not None:
            words += f" {_word('-o', rule.out_interface, rule.not_out_interface)}"
        if rule.protocol is not None:
            words += f" {_word('-p', rule.protocol.lower, rule.not_protocol)}"
        if rule.matches:
            words += self._matching(rule.matches)
        target = rule.target
        if target.__class__ is Jump:
            return f"{words} -j {target.chain}"  # most rules jump
        return words if target is None else f"{words} {print_target(target)}"

    def _matching(self, matches: tuple[Match, ...]) -> str:
        held = self._matches.get(id(matches))
        if held is None:
            held = "".join([f" {print_match(match, self.family)}" for match in matches])
            self._matches[id(matches)] = held
        return held


def _word(option: str, value: str, negated: bool) -> str:
    return f"! {option} {value}" if negated else f"{option} {value}"


def quoted(text: str) -> str:
    """A string as iptables-save writes it: bare where that is safe, else in quotes."""
    if _BARE.fullmatch(text):
        return text
    escaped = _ESCAPED.sub(r"\\\g<0>", text)
    return f'"{escaped}"'


def print_match(match: Match, family: Family) -> str:
    """One match, from its `-m`."""
    match match:
        case Comment(text):
            return f"-m comment --comment {quoted(text)}"
        case Ports():
            return _ports(match)
        case ConntrackMatch(states, negated):
            return f"-m conntrack {_word('--ctstate', ','.join(states), negated)}"
        case MarkMatch(value, mask, negated):
            return f"-m mark {_word('--mark', _mark(value, mask), negated)}"
        case Statistic():
            return f"-m statistic --mode random --probability {match.probability:.11f}"
        case Recent():
            return _recent(match, family)
        case AddrType():
            return _addrtype(match)
        case Multiport(side, ranges, negated):
            return f"-m multiport {_word(f'--{side}', ','.join(map(_range, ranges)), negated)}"
        case RpFilter():
            return _rpfilter(match)
        case NfAcct(name):
            return f"-m nfacct --nfacct-name  {name}"
        case SetMatch(name, directions, negated):
            wanted = f"{name} {','.join(directions)}"
            return f"-m set {_word('--match-set', wanted, negated)}"
        case PhysdevIsIn(negated):
            return f"-m physdev {'! ' if negated else ''}--physdev-is-in"
        case IpvsMatch():
            return _ipvs(match)
        case UnknownMatch(text):
            return text


def _ports(match: Ports) -> str:
    words = [f"-m {match.protocol.lower}"]
    if match.sport is not None:
        words.append(_word("--sport", _range(match.sport), match.not_sport))
    if match.dport is not None:
        words.append(_word("--dport", _range(match.dport), match.not_dport))
    return " ".join(words)


def _range(ports: tuple[int, int]) -> str:
    low, high = ports
    return str(low) if low == high else f"{low}:{high}"


def _mark(value: int, mask: int) -> str:
    return hex(value) if mask == _FULL_MARK else f"{value:#x}/{mask:#x}"


def _recent(match: Recent, family: Family) -> str:
    words = [f"-m recent --{match.mode}"]
    if match.seconds:
        words.append(f"--seconds {match.seconds}")
    if match.reap:
        words.append("--reap")
    words.append(f"--name {match.name} --mask {_RECENT_MASK[family]} --rsource")
    return " ".join(words)


def _addrtype(match: AddrType) -> str:
    words = ["-m addrtype"]
    if match.source is not None:
        words.append(_word("--src-type", match.source, match.not_source))
    if match.destination is not None:
        words.append(_word("--dst-type", match.destination, match.not_destination))
    words += ["--limit-iface-in"] if match.limit_in else []
    words += ["--limit-iface-out"] if match.limit_out else []
    return " ".join(words)


def _rpfilter(match: RpFilter) -> str:
    words = ["-m rpfilter"]
    words += ["--loose"] if match.loose else []
    words += ["--validmark"] if match.validmark else []
    words += ["--accept-local"] if match.accept_local else []
    words += ["--invert"] if match.invert else []
    return " ".join(words)


def _ipvs(match: IpvsMatch) -> str:
    words = ["-m ipvs"]
    if match.protocol is not None:
        words.append(_word("--vproto", str(PROTOCOL_NUMBERS[match.protocol]), match.not_protocol))
    if match.address is not None:
        address = str(match.address).removesuffix(f"/{match.address.max_prefixlen}")
        words.append(_word("--vaddr", address, match.not_address))
    if match.port is not None:
        words.append(_word("--vport", str(match.port), match.not_port))
    return " ".join(words)


def print_target(target: Target) -> str:
    """The target, from its `-j` or `-g`."""
    match target:
        case Dnat(address, port):
            to = str(address) if port is None else endpoint_text(address, port)
            return f"-j DNAT --to-destination {to}"
        case Jump(chain):
            return f"-j {chain}"
        case Goto(chain):
            return f"-g {chain}"
        case Accept():
            return "-j ACCEPT"
        case Drop():
            return "-j DROP"
        case Return():
            return "-j RETURN"
        case Reject(message):
            return f"-j REJECT --reject-with {message}"
        case SetMark(value, mask):
            return f"-j MARK --set-xmark {value:#x}/{mask:#x}"
        case SetConnMark(value, mask):
            return f"-j CONNMARK --set-xmark {value:#x}/{mask:#x}"
        case RestoreMark(nfmask, ctmask):
            return f"-j CONNMARK --restore-mark --nfmask {nfmask:#x} --ctmask {ctmask:#x}"
        case SaveMark(nfmask, ctmask):
            return f"-j CONNMARK --save-mark --nfmask {nfmask:#x} --ctmask {ctmask:#x}"
        case NoTrack():
            return "-j CT --notrack"
        case Masquerade(fully):
            return "-j MASQUERADE --random-fully" if fully else "-j MASQUERADE"
        case Snat(address, fully):
            return f"-j SNAT --to-source {address}" + (" --random-fully" if fully else "")
        case UnknownTarget(text):
            return text
        case _:
            raise TypeError(f"not a target: {target!r}")
