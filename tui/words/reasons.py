"""Why a step happened: one sentence, or a few to choose from, for every reason code.

A phrase may hold only where a field has a value (`only="via"`) or has a certain one
(`only="direction=reply"`); the first that holds is said. Placeholders are field names.
"""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.trace import Reason, ReasonCode
from tui.words import ipvs, reasons_netfilter, reasons_programs, reasons_wiring
from tui.words.language import _
from tui.words.phrase import Phrase


def phrase_for(reason: Reason) -> str:
    """The English text for a reason, placeholders unfilled; the bare code if there is none."""
    for phrase in REASONS.get(reason.code, ()):
        if phrase.holds(reason):
            return phrase.text
    return str(reason.code)


_SOCKETS: Mapping[ReasonCode, tuple[Phrase, ...]] = {
    ReasonCode.SOCKET_SENT: (
        Phrase(_("{process} writes to a socket, and a packet to {destination} starts.")),
    ),
    ReasonCode.SOCKET_ANSWERED: (
        Phrase(
            _(
                "The kernel answers with an ICMP error, sent to the source address that the "
                "packet showed."
            ),
            "protocol=ICMP",
        ),
        Phrase(
            _(
                "The answer starts: from {protocol} port {port}, back to the source address "
                "that the request showed."
            )
        ),
    ),
    ReasonCode.SOCKET_REFUSED: (
        Phrase(
            _(
                "Nothing listens in this namespace, on {protocol} port {port} or any other. "
                "The kernel refuses at once."
            ),
            "listening=nothing",
        ),
        Phrase(
            _(
                "Nothing listens on {protocol} port {port} in this namespace (open: "
                "{listening}). The kernel refuses at once."
            ),
            "listening",
        ),
        Phrase(
            _(
                "Nothing listens on {protocol} port {port} in this namespace. The kernel "
                "refuses at once."
            )
        ),
    ),
    ReasonCode.SOCKET_LOOPBACK_ONLY: (
        Phrase(
            _(
                "A process has {protocol} port {port} open, but on {bound} only. Packets to "
                "another address do not reach it, and the kernel refuses at once."
            ),
            "bound",
        ),
        Phrase(
            _(
                "A process has {protocol} port {port} open, but on the loopback address only. "
                "Packets from outside the namespace do not reach it, and the kernel refuses at "
                "once."
            )
        ),
    ),
    ReasonCode.SOCKET_LISTENS: (
        Phrase(_("{owner} listens on {protocol} port {port} and gets the packet.")),
    ),
    ReasonCode.SOCKET_UNKNOWN: (
        Phrase(
            _(
                "The cluster's file does not say whether anything listens on "
                "{address}:{port}. The simulator does not guess."
            )
        ),
    ),
    ReasonCode.REPLY_MATCHED: (
        Phrase(
            _(
                "The answer comes from {source}, the address that the client called. Its "
                "socket takes it."
            )
        ),
    ),
    ReasonCode.REPLY_ASTRAY: (
        Phrase(
            _(
                "The answer comes from {source}, but the client called {expected}. No socket "
                "waits for it, and the client goes on waiting."
            )
        ),
    ),
    ReasonCode.ICMP_RECEIVED: (
        Phrase(
            _(
                "An ICMP error comes back: the packet was too big. The sender's kernel notes the "
                "smaller MTU for this destination, and sends smaller packets from now on."
            ),
            "message=icmp-fragmentation-needed",
        ),
        Phrase(
            _(
                "An ICMP error ({message}) comes back. The sender's socket fails at once; "
                "nobody has to wait."
            )
        ),
    ),
    ReasonCode.WORLD_REACHED: (
        Phrase(
            _(
                "{address} is outside the cluster. What happens there is not simulated: the "
                "packet has left."
            )
        ),
    ),
    ReasonCode.WORLD_NOBODY: (
        Phrase(_("Nobody has the address {address}. The packet is lost without a word.")),
    ),
    ReasonCode.NAME_ANSWERED: (Phrase(_("DNS answers: {name} is {answer}.")),),
    ReasonCode.NAME_MISSING: (Phrase(_("DNS answers NXDOMAIN: there is no {name}.")),),
    ReasonCode.NAME_LED_OUT: (
        Phrase(
            _(
                "DNS answers {answer} for {name}, an ExternalName. That name is outside the "
                "cluster: CoreDNS asks another server for its address, and the simulator does not "
                "guess what that answers."
            )
        ),
    ),
    ReasonCode.NAME_FORWARDED: (
        Phrase(
            _(
                "{name} is outside the cluster: CoreDNS passes the question on to another "
                "server. The simulator does not know what that answers, and does not guess."
            )
        ),
    ),
}

_ROUTES: Mapping[ReasonCode, tuple[Phrase, ...]] = {
    ReasonCode.ROUTE_LOCAL: (
        Phrase(_("{address} is one of this host's own addresses: the packet stays here.")),
    ),
    ReasonCode.ROUTE_CHOSEN: (
        Phrase(
            _(
                "The most specific route for {destination} is {route}: to the next hop {via}, "
                "out by {device}."
            ),
            "via",
        ),
        Phrase(
            _(
                "The most specific route for {destination} is {route}: straight out by "
                "{device}, with no next hop in between."
            )
        ),
    ),
    ReasonCode.ROUTE_BY_RULE: (
        Phrase(
            _(
                "`ip rule` has {rule}, which is about this packet. In table {table} the route "
                "for {destination} is {route}."
            )
        ),
    ),
    ReasonCode.ROUTE_MISSING: (
        Phrase(
            _("No route leads to {destination}, not even a default route. The packet ends here.")
        ),
    ),
    ReasonCode.ROUTE_BLACKHOLE: (
        Phrase(_("The route {route} is a blackhole: what it catches is thrown away.")),
    ),
    ReasonCode.ROUTE_AGAIN: (
        Phrase(
            _(
                "OUTPUT changed the packet, so a route is looked up again: {destination} "
                "leaves by {device}."
            )
        ),
    ),
    ReasonCode.FORWARDING_OFF: (
        Phrase(
            _("net.ipv4.ip_forward is off on {node}: it passes nothing on that is not for itself.")
        ),
    ),
    ReasonCode.MARTIAN_SOURCE: (
        Phrase(
            _(
                "A packet from {address} cannot honestly come in by {device} (a martian "
                "source). The kernel drops it."
            )
        ),
    ),
    ReasonCode.MARTIAN_DESTINATION: (
        Phrase(
            _(
                "A packet to {address} has no business coming in by {device} (a martian "
                "destination). The kernel drops it."
            )
        ),
    ),
    ReasonCode.TTL_EXPIRED: (
        Phrase(_("The packet's time to live has reached zero: it has been forwarded too often.")),
    ),
    ReasonCode.NEIGHBOUR_KNOWN: (
        Phrase(
            _(
                "The next hop {address} has a PERMANENT entry on {device}: {mac}. Nobody has "
                "to be asked."
            ),
            "permanent",
        ),
        Phrase(_("The neighbour table of {device} knows {address} already: {mac}.")),
    ),
    ReasonCode.NEIGHBOUR_ASKED: (
        Phrase(
            _(
                "Who has {address}? The question goes out on {device}, and {mac} answers (ARP; "
                "with IPv6, neighbour discovery)."
            )
        ),
    ),
    ReasonCode.NEIGHBOUR_SILENT: (
        Phrase(
            _(
                "Who has {address}? Nobody on {device} answers, so there is no MAC address to "
                "send to."
            )
        ),
    ),
}

REASONS: Mapping[ReasonCode, tuple[Phrase, ...]] = {
    **_SOCKETS,
    **reasons_netfilter.RULES,
    **reasons_netfilter.CONNTRACK,
    **ipvs.REASONS,
    **_ROUTES,
    **reasons_wiring.DEVICES,
    **reasons_programs.PROGRAMS,
}
"""Every reason code's phrases, the unconditional one last."""
