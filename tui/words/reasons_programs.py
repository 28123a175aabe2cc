"""Sentences about eBPF programs of a plugin."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.trace import ReasonCode
from tui.words.language import _
from tui.words.phrase import Phrase

PROGRAMS: Mapping[ReasonCode, tuple[Phrase, ...]] = {
    ReasonCode.SOCKET_CALLED: (
        Phrase(_("{process} calls connect() for {destination}. There is no packet yet.")),
    ),
    ReasonCode.EBPF_CONNECTED: (
        Phrase(
            _(
                "{program} sees connect() before there is a packet. It finds {old} in the map of "
                "Services, with {backends} backends, and connects the socket to {new}: no packet "
                "will ever bear the Service's address, and tcpdump sees none."
            )
        ),
    ),
    ReasonCode.EBPF_SOCKET_KNOWN: (
        Phrase(
            _(
                "The process called {old}, but its socket is connected to {new} since its "
                "connect(): no program is asked again."
            )
        ),
    ),
    ReasonCode.EBPF_CONNECT_REFUSED: (
        Phrase(
            _(
                "{program} finds {service} in the map of Services without a backend: connect() "
                "fails at once (EHOSTUNREACH), and no packet is sent."
            )
        ),
    ),
    ReasonCode.EBPF_DNAT: (
        Phrase(
            _(
                "br-int has a group for {old} with {backends} buckets: one is taken, and its "
                "conntrack writes {new} into the packet. The node's own iptables is not asked."
            ),
            "program=br-int",
        ),
        Phrase(
            _(
                "{program} finds {old} in the map of Services, with {backends} backends, and "
                "writes {new} into the packet. It remembers the connection in a map of its own; "
                "netfilter is not asked."
            )
        ),
    ),
    ReasonCode.EBPF_SNAT: (
        Phrase(
            _(
                "br-int writes a source, too: {old} becomes {new}, so that the answer comes "
                "back here to be undone."
            ),
            "program=br-int",
        ),
        Phrase(
            _(
                "{program} writes a source, too: {old} becomes {new}, so that the answer comes "
                "back here to be undone."
            )
        ),
    ),
    ReasonCode.EBPF_REPEATED: (
        Phrase(
            _("br-int knows the connection: {old} becomes {new}, as for its first packet."),
            "program=br-int",
        ),
        Phrase(_("{program} knows the connection: {old} becomes {new}, as for its first packet.")),
    ),
    ReasonCode.EBPF_UNDONE: (
        Phrase(
            _(
                "br-int's conntrack knows the connection. What was done to the request is "
                "undone: {old} becomes {new}."
            ),
            "program=br-int tunnel",
        ),
        Phrase(
            _(
                "br-int's conntrack knows the connection. What was done to the request is "
                "undone: {old} becomes {new}."
            ),
            "program=br-int",
        ),
        Phrase(
            _(
                "{program} knows the connection. It undoes what was done to the request: {old} "
                "becomes {new}."
            )
        ),
    ),
    ReasonCode.EBPF_NO_BACKEND: (
        Phrase(
            _("br-int has a group for {service} without a bucket, and the packet is refused."),
            "program=br-int",
        ),
        Phrase(
            _(
                "{program} finds {service} in the map of Services without a backend, and refuses "
                "the packet with an ICMP error."
            )
        ),
    ),
    ReasonCode.EBPF_NOT_ADMITTED: (
        Phrase(
            _(
                "{program} finds {source} in none of the loadBalancerSourceRanges: the packet is "
                "dropped."
            )
        ),
    ),
    ReasonCode.EBPF_TO_POD: (
        Phrase(
            _(
                "br-int has a flow for {address}: send to "
                "port {device}. The node's own stack does not see the packet."
            ),
            "program=br-int tunnel",
        ),
        Phrase(
            _(
                "br-int has a flow for {address}: send to "
                "port {device}. The node's own stack does not see the packet."
            ),
            "program=br-int",
        ),
        Phrase(
            _(
                "{program} finds {address} in the map of endpoints: a pod of this node, behind "
                "{device}. The packet goes there directly, past routes and iptables."
            )
        ),
    ),
    ReasonCode.EBPF_TO_NODE: (
        Phrase(
            _(
                "br-int has a flow for {address}: a pod behind the tunnel's end {remote}. The "
                "packet goes to port {device}."
            ),
            "program=br-int",
        ),
        Phrase(
            _(
                "{program} finds {address} in the ipcache: a pod behind node {remote}. The packet "
                "goes to {device} directly, past routes and iptables."
            )
        ),
    ),
    ReasonCode.EBPF_TO_STACK: (
        Phrase(
            _(
                "{program} has nothing to do for {address} and hands the packet to the kernel's "
                "own stack."
            )
        ),
    ),
    ReasonCode.EBPF_NOBODY: (
        Phrase(
            _("br-int has no flow for {address}: no pod here has it, and the packet is dropped."),
            "program=br-int",
        ),
        Phrase(
            _("br-int has no flow for {address}: no pod here has it, and the packet is dropped."),
            "program=br-int tunnel",
        ),
        Phrase(_("{program} finds {address} in no map: no pod has it, and the packet is dropped.")),
    ),
    ReasonCode.SWITCH_ADMITTED: (Phrase(_("{program} lets the packet in: {by}.")),),
    ReasonCode.SWITCH_TO_FABRIC: (
        Phrase(
            _(
                "{program} has no pod with {address}, so it routes the packet into the tunnel to "
                "the fabric's own end, {remote}, by port {device}."
            )
        ),
    ),
    ReasonCode.TUNNEL_TOLD: (
        Phrase(
            _(
                "The flow said whereto: the whole frame goes into UDP from {local} to {remote} "
                "({tunnel}), {overhead} bytes larger."
            )
        ),
    ),
    ReasonCode.OVERLAY_REDIRECTED: (
        Phrase(
            _(
                "The {what} looks the inner destination {address} up: it is behind {tep}, and "
                "there the packet goes on, still wrapped."
            )
        ),
    ),
    ReasonCode.OVERLAY_UNWRAPPED: (
        Phrase(_("The {what} takes the tunnel's header off: {address} is no pod's.")),
    ),
    ReasonCode.OVERLAY_WRAPPED: (
        Phrase(
            _(
                "The {what} knows {address}: a pod behind {tep}. It puts the packet into a "
                "tunnel to there, {overhead} bytes larger."
            )
        ),
    ),
    ReasonCode.OVERLAY_SNAT: (
        Phrase(_("The {what} gives the packet the namespace's SNAT address: {old} becomes {new}.")),
    ),
    ReasonCode.OVERLAY_UNDONE: (
        Phrase(_("The {what} knows the connection: {old} becomes {new} again.")),
    ),
    ReasonCode.VXLAN_TOLD: (
        Phrase(
            _(
                "The program said whereto: the whole frame goes into UDP from {local} to {remote}, "
                "{overhead} bytes larger. The VXLAN identifier {vni} is the sender's security "
                "identity."
            )
        ),
    ),
    ReasonCode.REPLY_BEHIND: (
        Phrase(
            _(
                "The answer comes from {source}, and there the socket is connected to. The process "
                "that asks for its peer still reads {called} (getpeername)."
            )
        ),
    ),
}
"""By reason."""
