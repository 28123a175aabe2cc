"""Sentences about devices, tunnels and the fabric."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.trace import ReasonCode
from tui.words.language import _
from tui.words.phrase import Phrase

DEVICES: Mapping[ReasonCode, tuple[Phrase, ...]] = {
    ReasonCode.DEVICE_SENT: (
        Phrase(
            _("The packet leaves by {device}, out into the network between the nodes."),
            "peer=fabric",
        ),
        Phrase(_("The packet leaves by {device}. At the other end is {peer}."), "peer"),
        Phrase(_("The packet leaves by {device}.")),
    ),
    ReasonCode.DEVICE_LOOPED: (
        Phrase(
            _(
                "The packet leaves by {device} and comes straight back in: it never leaves "
                "this namespace."
            )
        ),
    ),
    ReasonCode.DEVICE_RECEIVED: (Phrase(_("The packet comes in by {device}.")),),
    ReasonCode.BRIDGE_FORWARDED: (
        Phrase(_("{bridge} is a switch. Its table has {mac} behind the port {port}.")),
    ),
    ReasonCode.BRIDGE_LOCAL: (
        Phrase(
            _(
                "{mac} is the MAC address of {bridge} itself, so the packet goes up to the "
                "node's own IP layer."
            )
        ),
    ),
    ReasonCode.BRIDGE_REROUTED: (
        Phrase(
            _(
                "The new destination {destination} lives behind {bridge} too. So the frame stays "
                "on the bridge: only its MAC address is rewritten, to {mac}. It is not routed, "
                "and its TTL stays."
            )
        ),
    ),
    ReasonCode.HAIRPIN_OFF: (
        Phrase(
            _(
                "{bridge} would have to send the frame back out of {port}, where it came in. "
                "Hairpin mode is off on that port, so the frame is dropped."
            )
        ),
    ),
    ReasonCode.VXLAN_PUSHED: (
        Phrase(
            _(
                "The FDB has {mac} at {remote}: the whole frame goes into UDP from {local} to "
                "{remote} (VXLAN {vni}), {overhead} bytes larger."
            )
        ),
    ),
    ReasonCode.VXLAN_POPPED: (
        Phrase(
            _(
                "The outer packet (VXLAN {vni}) has arrived and comes off. The frame inside "
                "comes in by {device}, its IP addresses untouched."
            )
        ),
    ),
    ReasonCode.GENEVE_PUSHED: (
        Phrase(
            _(
                "{mac} is behind {remote}: the whole frame goes into UDP from {local} to "
                "{remote} (Geneve {vni}), {overhead} bytes larger."
            )
        ),
    ),
    ReasonCode.GENEVE_POPPED: (
        Phrase(
            _(
                "The outer packet (Geneve {vni}) has arrived and comes off. The frame inside "
                "comes in by {device}, its IP addresses untouched."
            )
        ),
    ),
    ReasonCode.IPIP_PUSHED: (
        Phrase(
            _(
                "The packet goes whole into another IPv4 packet, from {local} to {remote} "
                "(IPIP, protocol 4), {overhead} bytes larger. No Ethernet header goes with it."
            )
        ),
    ),
    ReasonCode.IPIP_POPPED: (
        Phrase(
            _(
                "The outer IPv4 header (IPIP) has arrived and comes off. The packet inside "
                "comes in by {device}, its IP addresses untouched."
            )
        ),
    ),
    ReasonCode.FDB_MISSING: (
        Phrase(
            _(
                "The forwarding table of {device} has no entry for {mac}: nobody told it which "
                "node that is. The frame is dropped."
            )
        ),
    ),
    ReasonCode.MTU_EXCEEDED: (
        Phrase(_("The packet has {size} bytes, and {device} sends no more than {mtu} (its MTU).")),
    ),
    ReasonCode.FABRIC_DELIVERED: (
        Phrase(
            _(
                "The network between the nodes brings the packet to {node}, which has the "
                "address {address}."
            )
        ),
    ),
    ReasonCode.FABRIC_ENTERED: (
        Phrase(
            _(
                "No router out there knows a way to {address}, which exists only inside the "
                "cluster. To show what {node} would make of it, it is brought there all the same."
            )
        ),
    ),
    ReasonCode.FABRIC_UNROUTED: (
        Phrase(
            _(
                "{address} is a pod's address, and no router out in the world knows a way to it. "
                "The answer is lost."
            )
        ),
    ),
    ReasonCode.FABRIC_KNEW: (
        Phrase(
            _(
                "The network between the nodes has a route of its own for {address}: {route}. "
                "It brings the packet to {node}."
            )
        ),
    ),
    ReasonCode.FABRIC_ROUTED: (
        Phrase(_("The network between the nodes passes the packet on towards {address}.")),
    ),
}
"""Every reason about wires, the unconditional phrase last."""
