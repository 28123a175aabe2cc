"""What kube-proxy knows of the machine it runs on."""

from __future__ import annotations

from tui.sim.model.address import Family, IPAddress, IPNetwork, address, family_of, host_network
from tui.sim.model.cluster import Node
from tui.sim.model.settings import NodeFacts, ProxyMode, ProxySettings
from tui.sim.model.sloppy import parse_sloppy_address, parse_sloppy_network
from tui.sim.model.value import value
from tui.sim.services import LocalDetector, local_detector


@value
class ProxyHost:
    """One node, one family, as kube-proxy sees them when it starts."""

    node: Node
    """The node's object."""
    family: Family
    """Family that is rendered."""
    settings: ProxySettings
    """The KubeProxyConfiguration."""
    facts: NodeFacts
    """Facts of the kernel."""

    @property
    def detector(self) -> LocalDetector | None:
        """How pods are told from others."""
        return local_detector(self.settings, self.node, self.family)

    @property
    def node_ip(self) -> IPAddress:
        """The node's address of this family: bindAddress, the first InternalIP, or ExternalIP.

        A family in which the node has none gets loopback (detectNodeIPs, v1.36).
        """
        bound = parse_sloppy_address(self.settings.bind_address)
        if bound is not None and not bound.is_unspecified and family_of(bound) is self.family:
            return bound
        known = (*self.node.internal_ips, *self.node.external_ips)
        own = (ip for ip in known if family_of(ip) is self.family)
        return next(own, _LOOPBACK[self.family])

    @property
    def addresses(self) -> tuple[IPAddress, ...]:
        """Addresses of this family on the node's own devices, loopback first."""
        extra = (address(text.partition("/")[0]) for text in self.facts.extra_addresses)
        own = (_LOOPBACK[self.family], *self.node.internal_ips, *extra)
        return tuple(dict.fromkeys(ip for ip in own if family_of(ip) is self.family))

    @property
    def localhost_node_ports(self) -> bool:
        """Whether node ports answer on loopback: IPv4 only, and only if asked for.

        Never in nftables mode; switched off where nodePortAddresses leave loopback out
        (NewProxier, v1.36).
        """
        settings = self.settings
        if settings.mode is ProxyMode.NFTABLES or not settings.localhost_node_ports:
            return False
        if self.family is not Family.IPV4:
            return False
        ranges = self._ranges
        return not ranges or any(_LOOPBACK[Family.IPV4] in r or r.is_loopback for r in ranges)

    @property
    def node_port_addresses(self) -> tuple[IPAddress, ...] | None:
        """Addresses that take node ports; None means every local one."""
        ranges = self._ranges
        if not ranges or any(net.prefixlen == 0 for net in ranges):
            return None
        wanted = (ip for ip in self.addresses if any(ip in net for net in ranges))
        return tuple(ip for ip in wanted if self.localhost_node_ports or not ip.is_loopback)

    @property
    def _ranges(self) -> tuple[IPNetwork, ...]:
        """nodePortAddresses of this family; `primary` is the node's own address.

        In nftables mode that is what an empty list means.
        """
        wanted = self.settings.node_port_addresses
        if not wanted and self.settings.mode is ProxyMode.NFTABLES:
            wanted = _PRIMARY
        if wanted == _PRIMARY:
            return () if self.node_ip.is_loopback else (host_network(self.node_ip),)
        parsed = (parse_sloppy_network(text) for text in wanted)
        return tuple(n for n in parsed if n is not None and family_of(n) is self.family)


_PRIMARY = ("primary",)
_LOOPBACK = {Family.IPV4: address("127.0.0.1"), Family.IPV6: address("::1")}
