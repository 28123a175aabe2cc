"""Hooks, tables, header fields, and why a rule did not match."""

from __future__ import annotations

from collections.abc import Mapping

from tui.words import ipvs
from tui.words.language import _

HOOKS: Mapping[str, str] = {
    "PREROUTING": _(
        "A packet has just come in. No route is chosen yet, so a new destination "
        "still changes where it goes."
    ),
    "INPUT": _("The route says that the packet is for this host. It is on its way to a socket."),
    "FORWARD": _(
        "The route says that the packet is for somebody else. This host only passes it on."
    ),
    "OUTPUT": _(
        "This host itself has made the packet: a process, or a tunnel around another "
        "packet. It does not meet PREROUTING."
    ),
    "POSTROUTING": _(
        "The packet is about to leave. The route is chosen, so the source may be "
        "rewritten to fit it."
    ),
}
"""The five places where the kernel lets rules look at an IP packet."""

TABLES: Mapping[str, str] = {
    "raw": _("Comes before conntrack: may say that a packet shall not be tracked."),
    "mangle": _("Changes marks and header fields other than addresses."),
    "nat": _(
        "Rewrites addresses and ports. Only the first packet of a connection gets here; "
        "conntrack repeats the decision for the rest."
    ),
    "filter": _("Lets packets through, or refuses them. Every packet gets here."),
    "conntrack": _("The kernel's table of connections. Not a table of rules."),
    "ip kube-proxy": _(
        "kube-proxy's own nftables table for IPv4. Its base chains hang on the "
        "hooks beside those of iptables, in the order of their priorities."
    ),
    "ip6 kube-proxy": _(
        "kube-proxy's own nftables table for IPv6. Its base chains hang on the "
        "hooks beside those of ip6tables, in the order of their priorities."
    ),
}
"""Tables by name, in the order in which a hook asks them; conntrack comes after raw.

nftables' tables go by family and name, and say themselves where they hang.
"""

SETS: Mapping[str, str] = {
    "cluster-ips": _("A set of every cluster IP, of Services without endpoints too."),
    "nodeport-ips": _("A set of the node's addresses that take node ports."),
    "hairpin-connections": _(
        "A set of the node's own endpoints, each as sender and receiver: "
        "connections of a pod to itself through a Service."
    ),
    "service-ips": _(
        "A map from address, protocol and port of a Service to its chain. One "
        "lookup, however many Services there are."
    ),
    "service-nodeports": _("A map from protocol and node port to the Service's chain."),
    "no-endpoint-services": _(
        "A map of Services that have no endpoint for this traffic: to "
        "refuse where there is none at all, to drop where policy Local "
        "hides them."
    ),
    "no-endpoint-nodeports": _(
        "A map of node ports whose Services have no endpoint for this traffic."
    ),
    "firewall-ips": _(
        "A map from load balancer addresses to the chain that checks loadBalancerSourceRanges."
    ),
}
"""kube-proxy's nftables sets and maps by name."""

AFFINITY_SET = _(
    "A set of clients that session affinity sends to one endpoint. An element goes "
    "when its time is up."
)
"""Sets whose name begins with affinity-, one for each endpoint."""

OTHER_SET = _("A set or map that kube-proxy did not make.")


def set_text(name: str) -> str:
    """The English text for an ipset, or for an nftables set or map."""
    if name.startswith("KUBE-"):
        return ipvs.set_text(name)
    if name.startswith("affinity-"):
        return AFFINITY_SET
    return SETS.get(name, OTHER_SET)


FIELDS: Mapping[str, str] = {
    "source": _("source"),
    "destination": _("destination"),
    "protocol": _("protocol"),
    "sport": _("source port"),
    "dport": _("destination port"),
    "flags": _("TCP flags"),
    "ttl": _("time to live"),
    "size": _("size"),
    "mark": _("mark"),
    "ethernet": _("MAC addresses"),
    "source_mac": _("source MAC"),
    "destination_mac": _("destination MAC"),
    "tunnel": _("tunnel"),
    "inner": _("inner packet"),
    "icmp": _("ICMP error"),
    "state": _("connection state"),
    "ctstate": _("connection state"),
    "in_interface": _("incoming device"),
    "out_interface": _("outgoing device"),
    "source_type": _("type of the source address"),
    "destination_type": _("type of the destination address"),
    "recent": _("source"),
    "set": _("set"),
    "physdev": _("bridge port it came in by,"),
    "rpfilter": _("way back by"),
    "ports": _("port"),
    "sports": _("source port"),
    "dports": _("destination port"),
    "ipvs": _("virtual server"),
    "vaddr": _("virtual server"),
    "vport": _("virtual server's port"),
    "ctstatus": _("translation"),
    "element": _("element"),
}
"""Fields of a packet and of its connection, as a learner calls them."""

MISMATCH = _("{field} {wanted} wanted, found {found}")
MISMATCH_NEGATED = _("any {field} but {wanted} wanted, found {found}")
MISMATCH_OUTSIDE = _("{field} outside {wanted} wanted, found {found}")
MISMATCH_ABSENT = _("{found} is not in {wanted}")
MISMATCH_PRESENT = _("{found} is in {wanted}")


def mismatch_text(wanted: str, negated: bool) -> str:
    """The English text for a match that failed.

    `outside` where a range must not hold it, and a mark with its mask (`0x4000/0x4000`) is no
    range; nftables' sets (`@cluster-ips`, `{ 80, 443 }`) have it or not.
    """
    if wanted.startswith(("@", "{")):
        return MISMATCH_PRESENT if negated else MISMATCH_ABSENT
    if not negated:
        return MISMATCH
    is_range = "/" in wanted and not wanted.startswith("0x")
    return MISMATCH_OUTSIDE if is_range else MISMATCH_NEGATED


def field_text(name: str) -> str:
    """The English words for a field, whichever way its name joins them; else the name."""
    return FIELDS.get(name.replace("-", "_"), name)
