"""IPVS mode: what its chains and sets are for, and why IPVS did what it did."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.trace import ReasonCode
from tui.words.language import _
from tui.words.phrase import Phrase

CHAINS: Mapping[str, str] = {
    "KUBE-NODE-PORT": _(
        "In nat: marks traffic to node ports for masquerading, unless policy "
        "Local keeps the client's address. In filter: lets health checks in."
    ),
    "KUBE-LOAD-BALANCER": _(
        "Marks traffic to load balancer addresses for masquerading, unless "
        "policy Local keeps the client's address."
    ),
    "KUBE-IPVS-FILTER": _(
        "Service addresses are the node's own in IPVS mode. This chain refuses "
        "every port of theirs that is no Service port, so that they do not lead "
        "to the node's own processes."
    ),
    "KUBE-IPVS-OUT-FILTER": _(
        "Drops what the node itself sends to a load balancer's address "
        "whose loadBalancerSourceRanges leave the node out."
    ),
    "KUBE-SOURCE-RANGES-FIREWALL": _(
        "Lets the sources through that loadBalancerSourceRanges allow, and drops all others."
    ),
}
"""iptables chains that only IPVS mode has."""

SETS: Mapping[str, str] = {
    "KUBE-LOOP-BACK": _(
        "Endpoints on this node, each as receiver and sender: a pod that reaches "
        "itself through a Service is masqueraded."
    ),
    "KUBE-CLUSTER-IP": _("Every cluster IP with its ports."),
    "KUBE-EXTERNAL-IP": _("External IPs with their ports, policy Cluster."),
    "KUBE-EXTERNAL-IP-LOCAL": _("External IPs with their ports, policy Local."),
    "KUBE-LOAD-BALANCER": _("Load balancer addresses with their ports."),
    "KUBE-LOAD-BALANCER-LOCAL": _("Load balancer addresses with their ports, policy Local only."),
    "KUBE-LOAD-BALANCER-FW": _("Load balancer addresses that have loadBalancerSourceRanges."),
    "KUBE-LOAD-BALANCER-SOURCE-IP": _(
        "Load balancer addresses that the node itself may use: then "
        "it comes with that very address."
    ),
    "KUBE-LOAD-BALANCER-SOURCE-CIDR": _(
        "Load balancer addresses with the sources allowed to use them."
    ),
    "KUBE-NODE-PORT-TCP": _("TCP node ports: a bit for each port number."),
    "KUBE-NODE-PORT-LOCAL-TCP": _("TCP node ports, policy Local only."),
    "KUBE-NODE-PORT-UDP": _("UDP node ports: a bit for each port number."),
    "KUBE-NODE-PORT-LOCAL-UDP": _("UDP node ports, policy Local only."),
    "KUBE-NODE-PORT-SCTP-HASH": _("SCTP node ports with the node's addresses."),
    "KUBE-NODE-PORT-LOCAL-SCTP-HASH": _(
        "SCTP node ports with the node's addresses, policy Local only."
    ),
    "KUBE-HEALTH-CHECK-NODE-PORT": _("Ports at which load balancers ask for a node's health."),
    "KUBE-IPVS-IPS": _("Every address that is bound to kube-ipvs0."),
}
"""kube-proxy's ipsets by their IPv4 names."""

OTHER_SET = _("A set that kube-proxy did not make.")


def set_text(name: str) -> str:
    """The English text for an ipset of either family; IPv6 names are cut to 31 characters."""
    plain = name.replace("KUBE-6-", "KUBE-", 1)
    if plain == name:
        return SETS.get(name, OTHER_SET)
    return next((text for known, text in SETS.items() if _shortened(known) == name), OTHER_SET)


def _shortened(name: str) -> str:
    return name.replace("KUBE-", "KUBE-6-", 1)[:31]


REASONS: Mapping[ReasonCode, tuple[Phrase, ...]] = {
    ReasonCode.HOOK_FOR_IPVS: (
        Phrase(_("{hook}: IPVS sends the packet on to its real server, out by {oif}, as if this "
                 "host itself had made it.")),
    ),
    ReasonCode.IPVS_SCHEDULED: (
        Phrase(_("{virtual} is a virtual server with {servers} real ones. Where its round robin "
                 "({scheduler}) stands is not known, for others use it too: this connection gets "
                 "{real}."), "how=drawn"),
        Phrase(_("{virtual} is a virtual server, real servers behind it: {servers}. With "
                 "{scheduler} they take turns, and {real} is next."), "how=turn"),
        Phrase(_("{virtual} is a virtual server with session affinity. This client had {real} "
                 "last, and sticks to it."), "how=stuck"),
        Phrase(_("{virtual} is a virtual server, real servers behind it: {servers}. Its scheduler "
                 "{scheduler} picks {real}.")),
    ),
    ReasonCode.IPVS_KNOWN: (
        Phrase(_("IPVS has this connection to {virtual} in its own table: it goes to {real}.")),
    ),
    ReasonCode.IPVS_TRANSLATED: (
        Phrase(_("IPVS rewrites the destination {old} to {new}. No nat rule does it: conntrack "
                 "only learns where the answer will come from.")),
    ),
    ReasonCode.IPVS_UNDONE: (
        Phrase(_("IPVS turns the answer's source from {old} back into {new}, the virtual server "
                 "that the client called.")),
    ),
    ReasonCode.IPVS_REFUSED: (
        Phrase(_("{virtual} is a virtual server with no real server that takes connections. IPVS "
                 "refuses at once: no rule has to say so.")),
    ),
    ReasonCode.IPVS_SERVER_GONE: (
        Phrase(_("IPVS has this connection to {virtual} in its table, but its real server {real} "
                 "is gone. It forgets the connection, and conntrack's entry with it.")),
    ),
    ReasonCode.IPVS_TOO_LATE: (
        Phrase(_("The packet belongs to the connection to {virtual} that was just forgotten, so "
                 "it is dropped. When it is sent again, it gets another real server.")),
    ),
    ReasonCode.IPVS_LOOPBACK: (
        Phrase(_("The packet comes from {address}, an address that no other machine could answer. "
                 "IPVS does not send it on to {real}, and tells nobody.")),
    ),
    ReasonCode.IPVS_UNKNOWN: (
        Phrase(_("The simulator does not know this part of IPVS: {what}. It does not guess, so the "
                 "story ends here.")),
    ),
}  # fmt: skip
"""Every reason of IPVS's, the unconditional phrase last."""
