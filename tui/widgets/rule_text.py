"""A rule in two columns: what it looks at, and what it does; options as `iptables` spells them."""

from __future__ import annotations

from tui.sim.model.address import Family
from tui.sim.netfilter.rules import (
    Comment,
    Dnat,
    Goto,
    Jump,
    MarkMatch,
    Masquerade,
    Match,
    NfAcct,
    Ports,
    Reject,
    RestoreMark,
    Rule,
    Ruleset,
    SaveMark,
    SetConnMark,
    SetMark,
    Snat,
    Statistic,
)
from tui.sim.netfilter.text import print_match, print_rule, print_target
from tui.widgets.line import short_chain


def looks_at(rule: Rule, family: Family) -> str:
    """The matches, without comments and without the words every rule has."""
    bare = Rule(
        None, rule.source, rule.destination, None, rule.in_interface, rule.out_interface, (),
        rule.not_source, rule.not_destination, False, rule.not_in_interface,
        rule.not_out_interface,
    )  # fmt: skip
    words = [print_rule(bare, family)]
    ports = any(isinstance(match, Ports) for match in rule.matches)
    if rule.protocol is not None and (rule.not_protocol or not ports):
        words.append(f"{'! ' if rule.not_protocol else ''}-p {rule.protocol.lower}")
    words += [_match(match, family) for match in rule.matches]
    return " ".join(word for word in words if word)


def _match(match: Match, family: Family) -> str:
    """One match; the module's name goes where the option says it too."""
    match match:
        case Comment() | NfAcct():
            return ""
        case Statistic():
            return f"statistic random {match.probability:.11f}"
        case Ports():
            words = print_match(match, family).split()[2:]
            return " ".join([match.protocol.lower, *words])
        case MarkMatch():
            return " ".join(print_match(match, family).split()[2:]).replace("--mark", "mark")
        case _:
            return print_match(match, family).removeprefix("-m ").replace("conntrack --", "--")


def does(rule: Rule, width: int = 24) -> str:
    """The target in at most `width` cells where it is a chain; nothing for a rule that counts."""
    match rule.target:
        case None:
            return ""
        case Jump(chain):
            return short_chain(chain, width)
        case Goto(chain):
            return f"goto {short_chain(chain, width - 5)}"
        case Masquerade():
            return "MASQUERADE"
        case Reject(message):
            return f"REJECT {message.removeprefix('icmp-')}"
        case SetMark(value, mask):
            return f"MARK {'or' if value == mask else 'xor'} {value:#x}"
        case SetConnMark(value, mask):
            return f"CONNMARK {'or' if value == mask else 'xor'} {value:#x}"
        case RestoreMark(_, ctmask):
            return f"CONNMARK restore {ctmask:#x}"
        case SaveMark(nfmask, _):
            return f"CONNMARK save {nfmask:#x}"
        case Dnat() | Snat() as target:
            words = print_target(target).split()
            return f"{words[1]} {words[3]}"
        case target:
            return print_target(target).removeprefix("-j ")


def leads_to(rule: Rule, ruleset: Ruleset, table: str) -> str:
    """`10.244.0.5:8080` where the rule's target is the chain of one endpoint; else nothing."""
    if not isinstance(rule.target, Jump | Goto):
        return ""
    chain = ruleset.chain(table, rule.target.chain)
    found = [each.target for each in chain.rules if isinstance(each.target, Dnat)] if chain else []
    return print_target(found[0]).split()[-1] if len(found) == 1 else ""


def chance_of(rule: Rule) -> float | None:
    """The probability in the rule's statistic match, if it has one."""
    return next((m.probability for m in rule.matches if isinstance(m, Statistic)), None)
