"""felix's chains: each rule bears a hash of itself and of all that stand before it.

felix tells by the hashes which of its rules are still in place. They are made of the rule in
felix's own words, so they come out as on a real node only if every rule of the chain is the real
one. Source: felix/generictables/rules.go and felix/iptables (Calico v3.26).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha224

from tui.sim.cni.site import ChainPatch
from tui.sim.model.address import Family, network_text
from tui.sim.model.packet import Protocol
from tui.sim.model.value import replace
from tui.sim.netfilter.rules import (
    PROTOCOL_NUMBERS,
    Comment,
    Goto,
    Jump,
    MarkMatch,
    Match,
    Rule,
    SetMark,
    Target,
)
from tui.sim.netfilter.text import print_match, print_target

_HASH_LENGTH = 16


def felix_chain(table: str, name: str, rules: Sequence[Rule] = ()) -> ChainPatch:
    """A chain of felix's own, with the hashes in comments."""
    return ChainPatch(table, name, tuple(_hashed(name, rules)))


def inserted(table: str, name: str, rules: Sequence[Rule]) -> ChainPatch:
    """What felix puts before the rules of a chain that is not its own."""
    return ChainPatch(table, name, tuple(_hashed(name, rules)), first=True)


def appended(table: str, name: str, rules: Sequence[Rule]) -> ChainPatch:
    """What felix puts behind the rules of a chain that is not its own."""
    return ChainPatch(table, name, tuple(_hashed(f"{name}*appends*", rules)))


def _hashed(chain: str, rules: Sequence[Rule]) -> Iterator[Rule]:
    state = sha224(chain.encode()).digest()
    for rule in rules:
        state = sha224(state + f"-A {chain} HASH {in_words(rule)}".encode()).digest()
        text = urlsafe_b64encode(state).decode()[:_HASH_LENGTH]
        yield replace(rule, matches=(Comment(f"cali:{text}"), *rule.matches))


def in_words(rule: Rule) -> str:
    """A rule as felix writes it: comment, matches, action."""
    comments = [m for m in rule.matches if isinstance(m, Comment)]
    words = [f'-m comment --comment "{comment.text}"' for comment in comments]
    words += _header(rule)
    words += [_match(m) for m in rule.matches if not isinstance(m, Comment)]
    words += [_action(rule.target)] if rule.target is not None else []
    return " ".join(words)


def _header(rule: Rule) -> Iterator[str]:
    if rule.protocol is not None:
        yield f"-p {_protocol(rule.protocol)}"
    if rule.in_interface is not None:
        yield f"--in-interface {rule.in_interface}"
    if rule.out_interface is not None:
        yield f"--out-interface {rule.out_interface}"
    if rule.source is not None:
        yield f"--source {network_text(rule.source)}"
    if rule.destination is not None:
        yield f"--destination {network_text(rule.destination)}"


def _protocol(protocol: Protocol) -> int:
    """felix names protocols by number, since the kernel need not know the name."""
    return PROTOCOL_NUMBERS[protocol]


def _match(match: Match) -> str:
    if isinstance(match, MarkMatch):
        wanted = f"{match.value:#x}" if match.value else "0"
        return f"-m mark {'! ' if match.negated else ''}--mark {wanted}/{match.mask:#x}"
    return print_match(match, Family.IPV4).replace("--dports", "--destination-ports")


def _action(target: Target) -> str:
    match target:
        case Jump(chain):
            return f"--jump {chain}"
        case Goto(chain):
            return f"--goto {chain}"
        case SetMark(bits, mask):
            return f"--jump MARK --set-mark {f'{bits:#x}' if bits else '0'}/{mask:#x}"
    return print_target(target).replace("-j ", "--jump ", 1)
