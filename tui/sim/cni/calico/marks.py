"""The bits of the mark that felix uses, as it takes them from the mask 0xffff0000."""

from __future__ import annotations

from tui.sim.netfilter.rules import Comment, MarkMatch, Rule, Target

ACCEPT = 0x10000
"""A policy or profile has allowed the packet."""
FROM_WORKLOAD = 0x40000
"""The packet came in by a pod's veth (felix calls the bit scratch 0)."""
ALL = 0xF0000
"""Every bit of felix."""


def accepted(target: Target, comment: str = "") -> Rule:
    """What happens to a packet that has been allowed."""
    about = (Comment(comment),) if comment else ()
    return Rule(target, matches=(*about, MarkMatch(ACCEPT, ACCEPT)))
