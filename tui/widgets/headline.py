"""A step in a few words: what the journey lists, and what the packet card says comes next."""

from __future__ import annotations

from tui.sim.trace import ReasonCode, Step, StepKind
from tui.theme import look_of
from tui.widgets.line import short_chain
from tui.words import Words


def headline(step: Step, words: Words, *, chain_width: int = 18) -> str:
    """The step's kind and the one thing that makes it particular."""
    if step.kind.final:
        return words(look_of(step).word)
    detail = _detail(step, chain_width)
    if detail and step.kind in _SPEAKING and step.place and step.place.rule:
        return detail
    kind = words.step(step)
    return f"{kind}  {detail}" if detail else kind


_SPEAKING = frozenset({StepKind.RULE_MATCHED})
"""Kinds whose detail says enough."""
_VERBS = {
    ReasonCode.RULE_DNAT: "DNAT",
    ReasonCode.RULE_SNAT: "SNAT",
    ReasonCode.RULE_MASQUERADED: "MASQUERADE",
    ReasonCode.RULE_MARKED: "MARK",
    ReasonCode.RULE_CONN_MARKED: "CONNMARK",
    ReasonCode.RULE_MARK_RESTORED: "CONNMARK",
    ReasonCode.RULE_MARK_SAVED: "CONNMARK",
}


def _detail(step: Step, chain_width: int) -> str:
    fields, place = step.reason.fields, step.place
    if step.rewrites:
        return _rewrite(step)
    if step.kind is StepKind.HOOK_ENTERED and place:
        return place.hook
    if step.kind is StepKind.CHAIN_ENTERED and place:
        return place.table
    if place and place.rule:
        target = str(fields.get("target", "")) or _verb(place.text)
        chain = short_chain(place.chain, chain_width)
        return f"{chain}:{place.rule} → {short_chain(target, chain_width)}"
    if place and place.chain:
        return short_chain(place.chain, chain_width)
    for name in ("real", "bridge", "address", "device", "destination", "original", "tuple"):
        if fields.get(name):
            return str(fields[name])
    return step.device or ""


def _verb(rule: str) -> str:
    """The target's name in the rule's text."""
    words = rule.split()
    for flag in ("-j", "-g"):
        if flag in words[:-1]:
            return words[words.index(flag) + 1]
    return ""


def _rewrite(step: Step) -> str:
    """`10.96.31.7:80 → 10.244.0.5:8080`, or the field and its values."""
    old, new = step.reason.fields.get("old"), step.reason.fields.get("new")
    if old and new:
        verb = _VERBS.get(step.reason.code, "")
        return f"{verb} {old} → {new}".strip()
    return ", ".join(f"{c.field} {c.old} → {c.new}" for c in step.rewrites)
