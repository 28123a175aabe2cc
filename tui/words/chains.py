"""What each well-known chain is for, by name or by the beginning of its name."""

from __future__ import annotations

from collections.abc import Mapping

from tui.words import ipvs
from tui.words.language import _

BUILT_IN: Mapping[str, str] = {
    "PREROUTING": _(
        "The kernel's own chain for packets that have just come in, before a route is chosen."
    ),
    "INPUT": _("The kernel's own chain for packets to this host itself."),
    "FORWARD": _("The kernel's own chain for packets that only pass through this host."),
    "OUTPUT": _("The kernel's own chain for packets that this host itself makes."),
    "POSTROUTING": _(
        "The kernel's own chain for packets that are about to leave, after the route is chosen."
    ),
}
"""Base chains by name."""

KUBERNETES: Mapping[str, str] = {
    "KUBE-SERVICES": _(
        "One rule per Service address. In nat it sends the packet to the "
        "Service's own chain; in filter it refuses Services without endpoints. "
        "In IPVS mode only a few rules, which ask sets whom to masquerade."
    ),
    "KUBE-NODEPORTS": _(
        "One rule per node port. It is asked last, and only for addresses of "
        "the node itself. In filter it lets health checks in."
    ),
    "KUBE-EXTERNAL-SERVICES": _(
        "Refuses or drops traffic from outside to Services that have no endpoint for it."
    ),
    "KUBE-MARK-MASQ": _("Sets the mark 0x4000: “masquerade this packet when it leaves”."),
    "KUBE-POSTROUTING": _(
        "Masquerades packets that carry the mark 0x4000, and takes the mark "
        "off. All others return at once."
    ),
    "KUBE-FORWARD": _(
        "Lets forwarded Service traffic through: marked packets and known "
        "connections. What conntrack calls INVALID is dropped (not in IPVS mode)."
    ),
    "KUBE-FIREWALL": _("Keeps other machines from reaching 127.0.0.0/8 of this node."),
    "KUBE-PROXY-FIREWALL": _(
        "Drops traffic to a load balancer's address from sources that "
        "loadBalancerSourceRanges does not allow."
    ),
    "KUBE-PROXY-CANARY": _(
        "An empty chain. If it is gone, somebody flushed the rules, and "
        "kube-proxy writes them all again."
    ),
    "KUBE-KUBELET-CANARY": _(
        "An empty chain of the kubelet's, by which it notices that the rules were flushed."
    ),
    "FLANNEL-POSTRTG": _(
        "flannel's chain: masquerades what leaves the pod network, and leaves "
        "traffic between pods alone."
    ),
    "FLANNEL-FWD": _("flannel's chain: lets forwarded packets from and to pods through."),
}
"""Chains with a fixed name."""

NFTABLES: Mapping[str, str] = {
    "filter-prerouting-pre-dnat": _(
        "kube-proxy's base chain for packets that have just come in, "
        "just before nat rewrites them: the load balancer address "
        "is still there to be checked."
    ),
    "filter-output-pre-dnat": _(
        "kube-proxy's base chain for packets of this host itself, just "
        "before nat rewrites them: the load balancer address is still "
        "there to be checked."
    ),
    "filter-input": _(
        "kube-proxy's base chain for packets to this host itself: refuses node "
        "ports and addresses of Services without endpoints."
    ),
    "filter-forward": _(
        "kube-proxy's base chain for packets that pass through: refuses what is "
        "still addressed to a Service."
    ),
    "filter-output": _(
        "kube-proxy's base chain for packets of this host itself: refuses what is "
        "still addressed to a Service."
    ),
    "nat-prerouting": _(
        "kube-proxy's base chain in which packets that have just come in get their endpoint."
    ),
    "nat-output": _(
        "kube-proxy's base chain in which packets of this host itself get their endpoint."
    ),
    "nat-postrouting": _(
        "kube-proxy's base chain for packets about to leave: masquerades those that need it."
    ),
    "nodeport-endpoints-check": _(
        "Looks the port up in a map of node ports whose Services have no endpoint for it."
    ),
    "service-endpoints-check": _(
        "Looks the destination up in a map of Services that have no endpoint for it."
    ),
    "firewall-check": _(
        "Looks the destination up in a map of load balancer addresses that only "
        "some sources may use."
    ),
    "services": _(
        "Finds the Service of any packet in two lookups: by address and port, then by "
        "node port. First it marks traffic from outside to cluster IPs."
    ),
    "masquerading": _(
        "Masquerades packets that carry the mark 0x4000, taking the mark off, and "
        "connections of a pod to itself."
    ),
    "cluster-ips-check": _(
        "Refuses what is still addressed to a cluster IP here: its Service has no such port."
    ),
    "reject-chain": _(
        "Refuses. A map can only name a chain to go to, so this one was made for maps."
    ),
}
"""Chains of kube-proxy's nftables table with a fixed name."""

PREFIXES: Mapping[str, str] = {
    "KUBE-SVC-": _(
        "One Service port, all its endpoints: picks one of them by chance. One rule per endpoint."
    ),
    "KUBE-SVL-": _(
        "One Service port, endpoints on this node only (traffic policy Local): picks "
        "one of them by chance."
    ),
    "KUBE-SEP-": _("One endpoint of one Service port: rewrites the destination to it (DNAT)."),
    "KUBE-EXT-": _(
        "Traffic to one Service port from outside: by node port, external address or "
        "load balancer. Cluster masquerades it; Local keeps the client's address."
    ),
    "KUBE-FW-": _(
        "One load-balanced Service port with loadBalancerSourceRanges: only allowed "
        "sources get through."
    ),
    "service-": _(
        "One Service port, all its endpoints: one rule draws a number, and a map gives "
        "the endpoint for it."
    ),
    "local-": _(
        "One Service port, endpoints on this node only (traffic policy Local): one rule "
        "draws a number, and a map gives the endpoint for it."
    ),
    "external-": _(
        "Traffic to one Service port from outside: by node port, external address or "
        "load balancer. Cluster masquerades it; Local keeps the client's address."
    ),
    "firewall-": _(
        "One load-balanced Service port with loadBalancerSourceRanges: drops what "
        "comes from anywhere else."
    ),
    "endpoint-": _(
        "One endpoint of one Service port with session affinity: remembers the client "
        "and rewrites the destination to it (DNAT)."
    ),
}
"""Chains by the beginning of their name. In iptables a hash of namespace, name, port and
protocol follows; in nftables a hash and then the names themselves."""

OTHER_CHAIN = _("A chain that neither the kernel, kube-proxy nor flannel made.")


def chain_text(name: str) -> str:
    """The English text for a chain."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    if name in KUBERNETES:
        return KUBERNETES[name]
    if name in NFTABLES:
        return NFTABLES[name]
    if name in ipvs.CHAINS:
        return ipvs.CHAINS[name]
    for prefix, text in PREFIXES.items():
        if name.startswith(prefix):
            return text
    return OTHER_CHAIN
