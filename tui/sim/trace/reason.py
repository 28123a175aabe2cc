"""Why something happened, as a code with fields; `tui.words` makes the sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from tui.sim.model.value import value

FieldValue = str | int | bool


class ReasonCode(StrEnum):
    """The closed list of reasons. The comment names the fields that come with it."""

    # sockets
    SOCKET_SENT = "socket-sent"  # process, destination
    SOCKET_CALLED = "socket-called"  # process, destination: connect(), before there is a packet
    SOCKET_ANSWERED = "socket-answered"  # port, protocol
    SOCKET_REFUSED = "socket-refused"  # port, protocol, listening (text)
    SOCKET_LOOPBACK_ONLY = "socket-loopback-only"  # port, protocol, bound
    SOCKET_LISTENS = "socket-listens"  # port, protocol, owner (container or process)
    SOCKET_UNKNOWN = "socket-unknown"  # address, port
    REPLY_MATCHED = "reply-matched"  # source
    REPLY_BEHIND = "reply-behind"  # source, called: by the backend that the socket is connected to
    REPLY_ASTRAY = "reply-astray"  # source, expected
    ICMP_RECEIVED = "icmp-received"  # message
    WORLD_REACHED = "world-reached"  # address
    WORLD_NOBODY = "world-nobody"  # address
    # names
    NAME_ANSWERED = "name-answered"  # name, answer
    NAME_MISSING = "name-missing"  # name
    NAME_FORWARDED = "name-forwarded"  # name
    NAME_LED_OUT = "name-led-out"  # name, answer: a CNAME to a name of the world
    # netfilter
    HOOK_BEGAN = "hook-began"  # hook, iif, oif (empty where not known)
    HOOK_FOR_BRIDGED = "hook-for-bridged"  # hook, bridge
    HOOK_FOR_IPVS = "hook-for-ipvs"  # hook, oif: IPVS sends the packet on
    CHAIN_BEGAN = "chain-began"  # table, chain, rules
    NAT_ALREADY_DECIDED = "nat-already-decided"  # chain
    RULE_JUMPED = "rule-jumped"  # target
    RULE_WENT_TO = "rule-went-to"  # target
    RULE_RETURNED = "rule-returned"  # chain
    RULE_ACCEPTED = "rule-accepted"  # table, chain (a base chain of nftables)
    RULE_MARKED = "rule-marked"  # old, new
    RULE_CONN_MARKED = "rule-conn-marked"  # old, new
    RULE_MARK_RESTORED = "rule-mark-restored"  # old, new, saved
    RULE_MARK_SAVED = "rule-mark-saved"  # old, new
    RULE_UNTRACKED = "rule-untracked"  #
    RULE_COUNTED = "rule-counted"  #
    RULE_LOOKED_UP = "rule-looked-up"  # map, element, target
    RULE_DRAWN = "rule-drawn"  # target, branches, probability
    RULE_SET_UPDATED = "rule-set-updated"  # set, element, seconds
    RULE_DNAT = "rule-dnat"  # old, new, probability (where chance chose the receiver)
    RULE_SNAT = "rule-snat"  # old, new
    RULE_MASQUERADED = "rule-masqueraded"  # old, new, device
    RULE_MASQUERADED_SAME = "rule-masqueraded-same"  # address, device
    RULE_CHANCE_TAKEN = "rule-chance-taken"  # target, probability
    RULE_CHANCE_PASSED = "rule-chance-passed"  # target, probability
    RULE_REJECTED = "rule-rejected"  # message, comment
    RULE_DROPPED = "rule-dropped"  # comment, map, element (where a map said so)
    RULE_UNKNOWN = "rule-unknown"  # text (the part not understood)
    RULES_EXHAUSTED = "rules-exhausted"  # chain, rules (left at the end), total, matched
    POLICY_ACCEPTED = "policy-accepted"  # chain
    POLICY_DROPPED = "policy-dropped"  # chain
    # conntrack
    CONN_NEW = "conn-new"  # tuple
    CONN_ESTABLISHED = "conn-established"  # tuple, direction (original | reply)
    CONN_RELATED = "conn-related"  # tuple
    CONN_INVALID = "conn-invalid"  # tuple
    CONN_UNTRACKED = "conn-untracked"  # tuple
    CONN_KEPT = "conn-kept"  # tuple: the packet still carries its connection (loopback)
    CONN_UNDONE = "conn-undone"  # field, old, new: reply translated back
    CONN_REPEATED = "conn-repeated"  # field, old, new: later packet of the connection
    CONN_CONFIRMED = "conn-confirmed"  # original, reply
    # IPVS
    IPVS_SCHEDULED = "ipvs-scheduled"  # virtual, scheduler, real, servers, how
    IPVS_KNOWN = "ipvs-known"  # virtual, real: a connection that IPVS has already
    IPVS_TRANSLATED = "ipvs-translated"  # old, new
    IPVS_UNDONE = "ipvs-undone"  # old, new: reply translated back
    IPVS_REFUSED = "ipvs-refused"  # virtual: nobody stands behind it
    IPVS_SERVER_GONE = "ipvs-server-gone"  # virtual, real
    IPVS_TOO_LATE = "ipvs-too-late"  # virtual: packet of a connection just forgotten
    IPVS_LOOPBACK = "ipvs-loopback"  # address, real: a loopback source may not leave
    IPVS_UNKNOWN = "ipvs-unknown"  # what: scheduler or forwarding method not simulated
    # eBPF programs
    EBPF_CONNECTED = "ebpf-connected"  # program, old, new, backends: a socket is connected there
    EBPF_SOCKET_KNOWN = "ebpf-socket-known"  # old, new: a socket that is connected already
    EBPF_CONNECT_REFUSED = "ebpf-connect-refused"  # program, service
    EBPF_DNAT = "ebpf-dnat"  # program, old, new, backends
    EBPF_SNAT = "ebpf-snat"  # program, old, new
    EBPF_REPEATED = "ebpf-repeated"  # program, old, new: later packet of the connection
    EBPF_UNDONE = "ebpf-undone"  # program, old, new: an answer translated back
    EBPF_NO_BACKEND = "ebpf-no-backend"  # program, service
    EBPF_NOT_ADMITTED = "ebpf-not-admitted"  # program, source
    EBPF_TO_POD = "ebpf-to-pod"  # program, address, device
    EBPF_TO_NODE = "ebpf-to-node"  # program, address, remote, device
    EBPF_TO_STACK = "ebpf-to-stack"  # program, address
    SWITCH_ADMITTED = "switch-admitted"  # program, by: a contract or a firewall's rule
    SWITCH_TO_FABRIC = "switch-to-fabric"  # program, address, remote, device
    EBPF_NOBODY = "ebpf-nobody"  # program, address
    # routing
    ROUTE_LOCAL = "route-local"  # address
    ROUTE_CHOSEN = "route-chosen"  # route, destination, device, via
    ROUTE_BY_RULE = "route-by-rule"  # rule, table, route, destination
    ROUTE_MISSING = "route-missing"  # destination
    ROUTE_BLACKHOLE = "route-blackhole"  # route
    ROUTE_AGAIN = "route-again"  # destination, device: after OUTPUT rewrote the packet
    FORWARDING_OFF = "forwarding-off"  # node
    MARTIAN_SOURCE = "martian-source"  # address, device
    MARTIAN_DESTINATION = "martian-destination"  # address, device
    TTL_EXPIRED = "ttl-expired"  #
    NEIGHBOUR_KNOWN = "neighbour-known"  # address, mac, device, permanent
    NEIGHBOUR_ASKED = "neighbour-asked"  # address, mac, device
    NEIGHBOUR_SILENT = "neighbour-silent"  # address, device
    # devices
    DEVICE_SENT = "device-sent"  # device, peer
    DEVICE_LOOPED = "device-looped"  # device
    DEVICE_RECEIVED = "device-received"  # device
    BRIDGE_FORWARDED = "bridge-forwarded"  # bridge, mac, port
    BRIDGE_LOCAL = "bridge-local"  # bridge, mac
    BRIDGE_REROUTED = "bridge-rerouted"  # bridge, destination, mac: stays on the bridge
    HAIRPIN_OFF = "hairpin-off"  # bridge, port
    VXLAN_PUSHED = "vxlan-pushed"  # vni, local, remote, mac, overhead
    TUNNEL_TOLD = "tunnel-told"  # tunnel, local, remote, overhead: the switch said so
    OVERLAY_REDIRECTED = "overlay-redirected"  # what, address, tep
    OVERLAY_UNWRAPPED = "overlay-unwrapped"  # what, address
    OVERLAY_WRAPPED = "overlay-wrapped"  # what, address, tep, overhead
    OVERLAY_SNAT = "overlay-snat"  # what, old, new
    OVERLAY_UNDONE = "overlay-undone"  # what, old, new
    VXLAN_TOLD = "vxlan-told"  # vni, local, remote, overhead: a program said so
    VXLAN_POPPED = "vxlan-popped"  # vni, device
    GENEVE_PUSHED = "geneve-pushed"  # vni, local, remote, mac, overhead
    GENEVE_POPPED = "geneve-popped"  # vni, device
    IPIP_PUSHED = "ipip-pushed"  # local, remote, overhead
    IPIP_POPPED = "ipip-popped"  # device
    FDB_MISSING = "fdb-missing"  # mac, device
    MTU_EXCEEDED = "mtu-exceeded"  # size, mtu, device
    FABRIC_DELIVERED = "fabric-delivered"  # address, node
    FABRIC_KNEW = "fabric-knew"  # address, node, route: the fabric has a route of its own
    FABRIC_ROUTED = "fabric-routed"  # address
    FABRIC_ENTERED = "fabric-entered"  # address, node
    FABRIC_UNROUTED = "fabric-unrouted"  # address


@value
class Reason:
    """A code and the values that its sentence needs."""

    code: ReasonCode
    """Which sentence."""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    """Values by name."""

    @staticmethod
    def of(code: ReasonCode, **fields: object) -> Reason:
        """A reason; values that are not plain become text."""
        return Reason(code, {name: _plain(value) for name, value in fields.items()})


def _plain(value: object) -> FieldValue:
    return value if type(value) in (str, int, bool) else str(value)  # type: ignore[return-value]
