"""The ipsets of kube-proxy's IPVS mode: seventeen of each family, empty or not.

Names, types and comments are those of pkg/proxy/ipvs/ipset.go, v1.36. The comments stand in the
rules that ask the sets, not in the sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tui.sim.model.address import Family
from tui.sim.model.value import value
from tui.sim.netfilter.ipset import BITMAP_PORT, HASH_OPTIONS, Element, IpSet, Part, SetPort
from tui.sim.netfilter.ipset_text import initval
from tui.sim.netfilter.rules import SetMatch

_LONGEST_NAME = 31


@value
class SetKind:
    """One of the sets, whatever the family."""

    name: str
    """Its IPv4 name."""
    type: str
    """Its type."""
    comment: str
    """The comment of the rule that asks it."""

    def named(self, family: Family) -> str:
        """Its name in a family: `KUBE-6-...` for IPv6, cut to what ipset allows."""
        if family is Family.IPV4:
            return self.name
        return self.name.replace("KUBE-", "KUBE-6-", 1)[:_LONGEST_NAME]


_IP_PORT, _IP_PORT_IP, _IP_PORT_NET = "hash:ip,port", "hash:ip,port,ip", "hash:ip,port,net"

LOOP_BACK = SetKind(
    "KUBE-LOOP-BACK", _IP_PORT_IP,
    "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose",
)  # fmt: skip
CLUSTER_IP = SetKind(
    "KUBE-CLUSTER-IP", _IP_PORT, "Kubernetes service cluster ip + port for masquerade purpose"
)
EXTERNAL_IP = SetKind(
    "KUBE-EXTERNAL-IP", _IP_PORT,
    "Kubernetes service external ip + port for masquerade and filter purpose",
)  # fmt: skip
EXTERNAL_IP_LOCAL = SetKind(
    "KUBE-EXTERNAL-IP-LOCAL", _IP_PORT,
    "Kubernetes service external ip + port with externalTrafficPolicy=local",
)  # fmt: skip
LOAD_BALANCER = SetKind("KUBE-LOAD-BALANCER", _IP_PORT, "Kubernetes service lb portal")
LOAD_BALANCER_FIREWALL = SetKind(
    "KUBE-LOAD-BALANCER-FW", _IP_PORT,
    "Kubernetes service load balancer ip + port for load balancer with sourceRange",
)  # fmt: skip
LOAD_BALANCER_LOCAL = SetKind(
    "KUBE-LOAD-BALANCER-LOCAL", _IP_PORT,
    "Kubernetes service load balancer ip + port with externalTrafficPolicy=local",
)  # fmt: skip
LOAD_BALANCER_SOURCE_IP = SetKind(
    "KUBE-LOAD-BALANCER-SOURCE-IP", _IP_PORT_IP,
    "Kubernetes service load balancer ip + port + source IP for packet filter purpose",
)  # fmt: skip
LOAD_BALANCER_SOURCE_CIDR = SetKind(
    "KUBE-LOAD-BALANCER-SOURCE-CIDR", _IP_PORT_NET,
    "Kubernetes service load balancer ip + port + source cidr for packet filter purpose",
)  # fmt: skip
NODE_PORT_TCP = SetKind(
    "KUBE-NODE-PORT-TCP", BITMAP_PORT, "Kubernetes nodeport TCP port for masquerade purpose"
)
NODE_PORT_LOCAL_TCP = SetKind(
    "KUBE-NODE-PORT-LOCAL-TCP", BITMAP_PORT,
    "Kubernetes nodeport TCP port with externalTrafficPolicy=local",
)  # fmt: skip
NODE_PORT_UDP = SetKind(
    "KUBE-NODE-PORT-UDP", BITMAP_PORT, "Kubernetes nodeport UDP port for masquerade purpose"
)
NODE_PORT_LOCAL_UDP = SetKind(
    "KUBE-NODE-PORT-LOCAL-UDP", BITMAP_PORT,
    "Kubernetes nodeport UDP port with externalTrafficPolicy=local",
)  # fmt: skip
NODE_PORT_SCTP = SetKind(
    "KUBE-NODE-PORT-SCTP-HASH", _IP_PORT,
    "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'",
)  # fmt: skip
NODE_PORT_LOCAL_SCTP = SetKind(
    "KUBE-NODE-PORT-LOCAL-SCTP-HASH", _IP_PORT,
    "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'",
)  # fmt: skip
HEALTH_CHECK_NODE_PORT = SetKind(
    "KUBE-HEALTH-CHECK-NODE-PORT", BITMAP_PORT, "Kubernetes health check node port"
)
IPVS_IPS = SetKind("KUBE-IPVS-IPS", "hash:ip", "")

KINDS = (
    LOOP_BACK, CLUSTER_IP, EXTERNAL_IP, EXTERNAL_IP_LOCAL, LOAD_BALANCER, LOAD_BALANCER_FIREWALL,
    LOAD_BALANCER_LOCAL, LOAD_BALANCER_SOURCE_IP, LOAD_BALANCER_SOURCE_CIDR, NODE_PORT_TCP,
    NODE_PORT_LOCAL_TCP, NODE_PORT_UDP, NODE_PORT_LOCAL_UDP, NODE_PORT_SCTP, NODE_PORT_LOCAL_SCTP,
    HEALTH_CHECK_NODE_PORT, IPVS_IPS,
)  # fmt: skip
"""All of them, in kube-proxy's order (ipsetInfo)."""


@dataclass(slots=True)
class Sets:
    """The sets of one family being filled."""

    family: Family
    """Their family."""
    _held: dict[SetKind, dict[Element, None]] = field(default_factory=dict)

    def add(self, kind: SetKind, *parts: Part) -> None:
        """Put an element into a set; twice is once."""
        self._held.setdefault(kind, {})[Element(parts)] = None

    def has(self, kind: SetKind) -> bool:
        """Whether a set holds anything."""
        return kind in self._held

    def match(self, kind: SetKind, directions: str) -> SetMatch:
        """`-m set --match-set NAME dst,dst`."""
        return SetMatch(kind.named(self.family), tuple(directions.split(",")))

    def made(self) -> Iterator[IpSet]:
        """The sets, as `ipset save` shows them."""
        for kind in KINDS:
            name, held = kind.named(self.family), self._held.get(kind, {})
            if kind.type == BITMAP_PORT:
                in_order = tuple(sorted(held, key=_port_number))
                yield IpSet(name, kind.type, None, ("range", "0-65535"), in_order)
            else:
                options = (*HASH_OPTIONS, "initval", initval(name))
                yield IpSet(name, kind.type, self.family, options, tuple(held))


def _port_number(element: Element) -> int:
    port = element.parts[0]
    return port.number if isinstance(port, SetPort) else 0
