"""What was found about the rules of the network model, in words."""

from __future__ import annotations

from collections.abc import Mapping

from tui.comparison.network_model import Breach, Checked, Fault, Rule
from tui.words import Words
from tui.words.language import _

RULES: Mapping[Rule, str] = {
    Rule.POD_TO_POD: _("Every pod reaches every pod without NAT"),
    Rule.NODE_TO_POD: _("Every node reaches every pod without NAT"),
    Rule.OWN_ADDRESS: _("A pod sees itself with the address that others see"),
}
"""The rules, as the documentation of Kubernetes states them."""

_FAULTS: Mapping[Fault, str] = {
    Fault.LOST: _("the packet does not arrive"),
    Fault.SOURCE_CHANGED: _("it arrives from {seen}, not from {own}: NAT"),
    Fault.DESTINATION_CHANGED: _("it arrives at {seen}, not at {own}: NAT"),
    Fault.UNANSWERED: _("it arrives, but its answer does not come back"),
    Fault.SEEN_OTHERWISE: _("others see {seen}, its own address is {own}"),
}


def how_many(checked: Checked, words: Words) -> str:
    """`132 of 132 pairs tried`."""
    pods = _("{tried} of {all} pods looked at")
    pairs = _("{tried} of {all} pairs tried")
    text = pods if checked.rule is Rule.OWN_ADDRESS else pairs
    return words(text, tried=f"{checked.tried:,}", all=f"{checked.of:,}")


def in_parts(checked: Checked, words: Words) -> str:
    """Which pairs were tried, where it was not all of them; else nothing."""
    if checked.rule is Rule.OWN_ADDRESS or checked.tried == checked.of:
        return ""
    return words(
        _(
            "Tried: on each node one pod with one beside it, with one of the next node, and with "
            "one of each subnet, both ways."
        )
    )


def what_happened(breach: Breach, words: Words) -> str:
    """How the pair does not keep the rule, and why the packet ended where it did."""
    fault = words(_FAULTS[breach.fault], seen=breach.seen, own=breach.own)
    if breach.reason is None:
        return fault
    return f"{fault} ({breach.place}): {words.sentence(breach.reason)}"


def command_of(breach: Breach, cni: str) -> str:
    """The command that shows the packet's way."""
    asked = breach.injection
    family = asked.family.lower() if asked.family is not None else "ipv4"
    return (
        f"k8snet-tui trace --cni {cni} --from {asked.source} --to {asked.destination} "
        f"--port {asked.dport} --family {family}"
    )
