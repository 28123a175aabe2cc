"""What is configured around the cluster: kube-proxy's settings and facts of the nodes."""

from __future__ import annotations

from enum import StrEnum

from tui.sim.model.value import value


class ProxyMode(StrEnum):
    """kube-proxy's `mode`. nftables is GA since v1.33, ipvs deprecated since v1.35."""

    IPTABLES = "iptables"
    NFTABLES = "nftables"
    IPVS = "ipvs"


IPVS_SCHEDULERS = (
    "rr", "wrr", "lc", "wlc", "fo", "ovf", "lblc", "lblcr", "sh", "dh", "mh", "sed", "nq", "twos",
)  # fmt: skip
"""The schedulers of Linux, by the names of their modules (`ip_vs_rr`)."""


@value
class ProxySettings:
    """A KubeProxyConfiguration, defaults applied (kube-proxy v1.36)."""

    mode: ProxyMode = ProxyMode.IPTABLES
    """mode; empty means iptables on Linux."""
    hostname_override: str = ""
    """hostnameOverride."""
    cluster_cidrs: tuple[str, ...] = ()
    """clusterCIDR, split at commas."""
    detect_local_mode: str = ""
    """detectLocalMode; empty means ClusterCIDR."""
    bridge_interface: str = ""
    """detectLocal.bridgeInterface."""
    interface_name_prefix: str = ""
    """detectLocal.interfaceNamePrefix."""
    node_port_addresses: tuple[str, ...] = ()
    """nodePortAddresses: CIDRs, or the one word `primary`."""
    bind_address: str = ""
    """bindAddress; where it is one address, kube-proxy takes it for the node's own."""
    allow_external_ips: bool = True
    """Feature gate AllowServiceExternalIPs."""
    masquerade_bit: int = 14
    """iptables.masqueradeBit, which also governs ipvs mode."""
    nftables_masquerade_bit: int = 14
    """nftables.masqueradeBit."""
    masquerade_all: bool = False
    """iptables.masqueradeAll, which also governs ipvs mode."""
    nftables_masquerade_all: bool = False
    """nftables.masqueradeAll."""
    localhost_node_ports: bool = True
    """iptables.localhostNodePorts."""
    ipvs_scheduler: str = ""
    """ipvs.scheduler; empty means rr."""
    ipvs_strict_arp: bool = False
    """ipvs.strictARP."""
    ipvs_exclude_cidrs: tuple[str, ...] = ()
    """ipvs.excludeCIDRs."""

    @property
    def mark(self) -> int:
        """The fwmark that asks for masquerading."""
        in_nftables = self.mode is ProxyMode.NFTABLES
        return 1 << (self.nftables_masquerade_bit if in_nftables else self.masquerade_bit)


@value
class NodeFacts:
    """What a node's kernel brings along, whatever the cluster says."""

    bridge_nf_call_iptables: bool = True
    """br_netfilter is loaded and net.bridge.bridge-nf-call-iptables is 1."""
    ip_forward: bool = True
    """net.ipv4.ip_forward."""
    nfacct: bool = True
    """kube-proxy could create its nfacct counters."""
    conntrack_tcp_be_liberal: bool = False
    """net.netfilter.nf_conntrack_tcp_be_liberal."""
    random_fully: bool = True
    """The iptables at hand knows MASQUERADE --random-fully."""
    extra_addresses: tuple[str, ...] = ()
    """Further addresses of eth0, as `192.168.1.2/24`."""
