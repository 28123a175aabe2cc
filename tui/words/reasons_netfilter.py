"""Why rules and conntrack did what they did: the phrases of their reasons."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.trace import ReasonCode
from tui.words.language import _
from tui.words.phrase import Phrase

RULES: Mapping[ReasonCode, tuple[Phrase, ...]] = {
    ReasonCode.HOOK_BEGAN: (
        Phrase(
            _(
                "PREROUTING: the packet has just come in by {iif}, and no route has been "
                "chosen yet."
            ),
            "hook=PREROUTING",
        ),
        Phrase(_("INPUT: the packet is for this host itself."), "hook=INPUT"),
        Phrase(
            _(
                "FORWARD: the packet is for somebody else and passes through this host, from {iif} "
                "to {oif}."
            ),
            "hook=FORWARD",
        ),
        Phrase(_("OUTPUT: this host itself has made the packet."), "hook=OUTPUT"),
        Phrase(
            _("POSTROUTING: the route is chosen, and the packet is about to leave by {oif}."),
            "hook=POSTROUTING",
        ),
        Phrase(_("The netfilter hook {hook} begins.")),
    ),
    ReasonCode.HOOK_FOR_BRIDGED: (
        Phrase(
            _(
                "The frame is still on the bridge {bridge}, yet br_netfilter runs the IP hook "
                "{hook} for it. So iptables sees bridged packets too."
            )
        ),
    ),
    ReasonCode.CHAIN_BEGAN: (
        Phrase(_("Table {table} is asked: its chain {chain} has no rules."), "rules=0"),
        Phrase(_("Table {table} is asked: its chain {chain} has one rule."), "rules=1"),
        Phrase(_("Table {table} is asked: its chain {chain} has {rules} rules.")),
    ),
    ReasonCode.NAT_ALREADY_DECIDED: (
        Phrase(
            _(
                "The nat chain {chain} is not asked. It sees only the first packet of a "
                "connection, and conntrack knows this one already."
            )
        ),
    ),
    ReasonCode.RULE_JUMPED: (
        Phrase(
            _(
                "The rule matches and jumps to {target}. If nothing decides there, the walk "
                "comes back here."
            )
        ),
    ),
    ReasonCode.RULE_WENT_TO: (
        Phrase(
            _("The rule matches and goes to {target}. The walk will not come back to this chain.")
        ),
    ),
    ReasonCode.RULE_RETURNED: (
        Phrase(_("RETURN: the walk leaves {chain}, and its caller goes on with the next rule.")),
    ),
    ReasonCode.RULE_ACCEPTED: (
        Phrase(
            _(
                "accept: the base chain {chain} is done with the packet. Other base chains "
                "still have their say."
            ),
            "chain",
        ),
        Phrase(
            _(
                "ACCEPT: table {table} is done with the packet at this hook. Other tables "
                "still have their say."
            )
        ),
    ),
    ReasonCode.RULE_MARKED: (
        Phrase(
            _(
                "The packet's mark changes from {old} to {new}. A mark is a note that the "
                "kernel keeps beside the packet; it never leaves the node."
            )
        ),
    ),
    ReasonCode.RULE_CONN_MARKED: (
        Phrase(
            _(
                "The connection's own mark changes from {old} to {new}. conntrack remembers it: "
                "every later packet of the connection, both ways, can be given it back."
            )
        ),
    ),
    ReasonCode.RULE_MARK_RESTORED: (
        Phrase(
            _(
                "The packet gets its connection's mark ({saved}) back: {old} becomes {new}. "
                "A routing rule may look at it."
            )
        ),
    ),
    ReasonCode.RULE_MARK_SAVED: (
        Phrase(
            _("The packet's mark is saved with its connection, whose own goes from {old} to {new}.")
        ),
    ),
    ReasonCode.RULE_UNTRACKED: (
        Phrase(
            _(
                "conntrack shall not see this packet (NOTRACK): it has no connection, and no nat "
                "chain is asked about it."
            )
        ),
    ),
    ReasonCode.RULE_COUNTED: (
        Phrase(_("The rule matches but has no target: it only counts. The next rule is tried.")),
    ),
    ReasonCode.RULE_LOOKED_UP: (
        Phrase(
            _(
                "One lookup in the map {map} finds {element}, however many elements there are: "
                "on to {target}."
            ),
            "map",
        ),
        Phrase(_("The rule's own map has {element}: on to {target}.")),
    ),
    ReasonCode.RULE_DRAWN: (
        Phrase(_("There is only one way: on to {target}."), "branches=1"),
        Phrase(
            _(
                "A number is drawn, with a chance of {probability} for each of {branches} ways. "
                "This time it leads to {target}."
            )
        ),
    ),
    ReasonCode.RULE_SET_UPDATED: (
        Phrase(
            _(
                "{element} is written into the set {set}, where it stays for {seconds} seconds "
                "from its last new connection on."
            ),
            "seconds",
        ),
        Phrase(_("{element} is written into the set {set}, where it stays.")),
    ),
    ReasonCode.RULE_DNAT: (
        Phrase(
            _(
                "A number is drawn, with a chance of {probability} for each endpoint. The "
                "destination {old} is rewritten to {new} (DNAT), and conntrack remembers it for "
                "the whole connection."
            ),
            "probability",
        ),
        Phrase(
            _(
                "The destination {old} is rewritten to {new} (DNAT). conntrack remembers it "
                "for the whole connection."
            )
        ),
    ),
    ReasonCode.RULE_SNAT: (
        Phrase(
            _(
                "The source {old} is rewritten to {new} (SNAT). conntrack remembers it for "
                "the whole connection."
            )
        ),
    ),
    ReasonCode.RULE_MASQUERADED: (
        Phrase(
            _(
                "The source {old} is rewritten to {new}, the address of {device} by which the "
                "packet leaves (MASQUERADE). So the answer must come back to this node."
            )
        ),
    ),
    ReasonCode.RULE_MASQUERADED_SAME: (
        Phrase(
            _(
                "MASQUERADE keeps the source address: the packet comes from {address}, and "
                "{device} has that address already."
            )
        ),
    ),
    ReasonCode.RULE_CHANCE_TAKEN: (
        Phrase(
            _(
                "The rule matches with a chance of {probability}, and this time it did: on to "
                "{target}."
            )
        ),
    ),
    ReasonCode.RULE_CHANCE_PASSED: (
        Phrase(
            _(
                "The rule matches with a chance of {probability}, and this time it did not: "
                "{target} is passed over."
            )
        ),
    ),
    ReasonCode.RULE_REJECTED: (
        Phrase(
            _(
                "REJECT, because “{comment}”. The packet ends here and the sender is told "
                "({message}): it fails at once."
            ),
            "comment",
        ),
        Phrase(
            _("REJECT. The packet ends here and the sender is told ({message}): it fails at once.")
        ),
    ),
    ReasonCode.RULE_DROPPED: (
        Phrase(
            _(
                "DROP: so says the map {map} of {element}. Nobody is told: the sender waits "
                "until it gives up."
            ),
            "map",
        ),
        Phrase(
            _("DROP, because “{comment}”. Nobody is told: the sender waits until it gives up."),
            "comment",
        ),
        Phrase(_("DROP. Nobody is told: the sender waits until it gives up.")),
    ),
    ReasonCode.RULE_UNKNOWN: (
        Phrase(
            _(
                "The simulator does not know this part of the rule: {text}. It does not guess, "
                "so the story ends here."
            )
        ),
    ),
    ReasonCode.RULES_EXHAUSTED: (
        Phrase(_("{chain} is empty: it has no rules. What called it goes on."), "total=0"),
        Phrase(_("{chain} has nothing more to try. What called it goes on."), "rules=0"),
        Phrase(
            _("The only rule of {chain} did not match. What called the chain goes on."), "total=1"
        ),
        Phrase(
            _(
                "None of the {total} rules of {chain} matched. The chain ends, and what called "
                "it goes on."
            ),
            "matched=0",
        ),
        Phrase(
            _(
                "The last rule of {chain} did not match. The chain ends, and what called it "
                "goes on."
            ),
            "rules=1",
        ),
        Phrase(
            _(
                "The last {rules} rules of {chain} did not match. The chain ends, and what "
                "called it goes on."
            )
        ),
    ),
    ReasonCode.POLICY_ACCEPTED: (
        Phrase(_("No rule decided, so the policy of {chain} does: ACCEPT. The packet goes on.")),
    ),
    ReasonCode.POLICY_DROPPED: (
        Phrase(_("No rule decided, so the policy of {chain} does: DROP. Nobody is told.")),
    ),
}
"""Reasons of rules, chains and hooks, the unconditional phrase last."""

CONNTRACK: Mapping[ReasonCode, tuple[Phrase, ...]] = {
    ReasonCode.CONN_NEW: (
        Phrase(_("conntrack has no entry for {tuple}: this packet opens a connection (NEW).")),
    ),
    ReasonCode.CONN_ESTABLISHED: (
        Phrase(
            _(
                "conntrack finds {tuple}: this is the answer in a connection it knows "
                "(ESTABLISHED)."
            ),
            "direction=reply",
        ),
        Phrase(
            _("conntrack finds {tuple}: a further packet of a connection it knows (ESTABLISHED).")
        ),
    ),
    ReasonCode.CONN_RELATED: (
        Phrase(
            _(
                "conntrack finds {tuple} inside the ICMP error: it belongs to that connection "
                "(RELATED)."
            )
        ),
    ),
    ReasonCode.CONN_INVALID: (
        Phrase(
            _(
                "conntrack can make nothing of {tuple} (INVALID): it opens no connection and "
                "belongs to none. Nothing is translated."
            )
        ),
    ),
    ReasonCode.CONN_UNTRACKED: (
        Phrase(_("A rule said NOTRACK, so conntrack lets {tuple} pass unseen.")),
    ),
    ReasonCode.CONN_KEPT: (
        Phrase(
            _(
                "The packet has not left this host and still carries its connection {tuple}: "
                "conntrack does not look again."
            )
        ),
    ),
    ReasonCode.CONN_UNDONE: (
        Phrase(
            _(
                "conntrack turns the answer's source from {old} back into {new}: the address "
                "that the client called. No rule is asked."
            ),
            "field=source",
        ),
        Phrase(
            _(
                "conntrack turns the answer's destination from {old} back into {new}: the one "
                "who really asked. No rule is asked."
            ),
            "field=destination",
        ),
        Phrase(_("conntrack turns {old} back into {new} in the answer. No rule is asked.")),
    ),
    ReasonCode.CONN_REPEATED: (
        Phrase(
            _(
                "conntrack repeats what was decided for the first packet: the source {old} "
                "becomes {new}. No nat rule is asked."
            ),
            "field=source",
        ),
        Phrase(
            _(
                "conntrack repeats what was decided for the first packet: the destination "
                "{old} becomes {new}. No nat rule is asked."
            ),
            "field=destination",
        ),
        Phrase(
            _(
                "conntrack repeats what was decided for the first packet: {old} becomes "
                "{new}. No nat rule is asked."
            )
        ),
    ),
    ReasonCode.CONN_CONFIRMED: (
        Phrase(
            _(
                "The packet got through, so conntrack writes the connection into its table: "
                "{original}. It expects answers as {reply}."
            )
        ),
    ),
}
"""Reasons of conntrack, the unconditional phrase last."""
