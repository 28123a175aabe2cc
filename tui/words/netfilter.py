"""Hooks, tables, header fields, and why a rule did not match."""

from __future__ import annotations

from collections.abc import Mapping

from tui.words.language import _

HOOKS: Mapping[str, str] = {
    "PREROUTING": _("A packet has just come in. No route is chosen yet, so a new destination "
                    "still changes where it goes."),
    "INPUT": _("The route says that the packet is for this host. It is on its way to a socket."),
    "FORWARD": _("The route says that the packet is for somebody else. This host only passes it "
                 "on."),
    "OUTPUT": _("This host itself has made the packet: a process, or a tunnel around another "
                "packet. It does not meet PREROUTING."),
    "POSTROUTING": _("The packet is about to leave. The route is chosen, so the source may be "
                     "rewritten to fit it."),
}
"""The five places where the kernel lets rules look at an IP packet."""

TABLES: Mapping[str, str] = {
    "raw": _("Comes before conntrack: may say that a packet shall not be tracked."),
    "mangle": _("Changes marks and header fields other than addresses."),
    "nat": _("Rewrites addresses and ports. Only the first packet of a connection gets here; "
             "conntrack repeats the decision for the rest."),
    "filter": _("Lets packets through, or refuses them. Every packet gets here."),
    "conntrack": _("The kernel's table of connections. Not a table of rules."),
}
"""Tables by name, in the order in which a hook asks them; conntrack comes after raw."""

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
}
"""Fields of a packet and of its connection, as a learner calls them."""

MISMATCH = _("{field} {wanted} wanted, found {found}")
MISMATCH_NEGATED = _("any {field} but {wanted} wanted, found {found}")
MISMATCH_OUTSIDE = _("{field} outside {wanted} wanted, found {found}")


def mismatch_text(wanted: str, negated: bool) -> str:
    """The English text for a match that failed; `outside` where a range must not hold it."""
    if not negated:
        return MISMATCH
    return MISMATCH_OUTSIDE if "/" in wanted else MISMATCH_NEGATED


def field_text(name: str) -> str:
    """The English words for a field, whichever way its name joins them; else the name."""
    return FIELDS.get(name.replace("-", "_"), name)
