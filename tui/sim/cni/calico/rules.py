"""felix's iptables rules and ipsets on a node, as a cluster without policies has them.

felix puts its jumps before everybody else's in each base chain. Follows felix/rules/static.go and
nat.go (Calico v3.26), with FelixConfiguration's defaults.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.cni.calico.endpoints import ESTABLISHED, endpoint_chains
from tui.sim.cni.calico.felix import appended, felix_chain, inserted
from tui.sim.cni.calico.marks import ACCEPT, ALL, FROM_WORKLOAD, accepted
from tui.sim.cni.calico.settings import CalicoSettings, Encapsulation
from tui.sim.cni.calico.wiring import PORT, address_of
from tui.sim.cni.site import ChainPatch, Site
from tui.sim.model.address import Family, IPAddress, IPNetwork, host_network
from tui.sim.model.cluster import Node
from tui.sim.model.packet import Protocol
from tui.sim.netfilter.ipset import Element, IpSet
from tui.sim.netfilter.ipset_text import initval
from tui.sim.netfilter.rules import (
    Accept,
    AddrType,
    Comment,
    ConntrackMatch,
    Drop,
    Goto,
    Jump,
    MarkMatch,
    Masquerade,
    Match,
    Multiport,
    NoTrack,
    Return,
    RpFilter,
    Rule,
    SetMark,
    SetMatch,
)

_CLEARED = Rule(SetMark(0, ALL))
_HOST_ACCEPTED = "Host endpoint policy accepted packet."
_LOCAL_DESTINATION = AddrType(destination="LOCAL")
_LOCAL_SOURCE = AddrType(source="LOCAL")
_EMPTY = {
    "filter": ("cali-cidr-block", "cali-from-hep-forward", "cali-from-host-endpoint",
               "cali-to-hep-forward", "cali-to-host-endpoint"),
    "mangle": ("cali-from-host-endpoint", "cali-to-host-endpoint"),
    "nat": ("cali-fip-dnat", "cali-fip-snat"),
    "raw": ("cali-from-host-endpoint", "cali-rpf-skip", "cali-to-host-endpoint"),
}  # fmt: skip
"""Chains that only host endpoints, floating IPs and the like would fill."""


def rules(
    settings: CalicoSettings, site: Site, node: Node, family: Family
) -> tuple[ChainPatch, ...]:
    """All that felix writes for a family; see the plugin's simplifications for IPv6."""
    if family is not Family.IPV4:
        return ()
    facts = site.facts.get(node.name)
    fully = facts.random_fully if facts else True
    return (
        *(felix_chain(table, name) for table, names in _EMPTY.items() for name in names),
        *_filter(settings),
        *endpoint_chains(site.pods_on(node)),
        *_nat(settings, fully),
        *_mangle(),
        *_raw(settings),
    )


# ---------------------------------------------------------------- filter


def _filter(settings: CalicoSettings) -> Iterator[ChainPatch]:
    for hook in ("INPUT", "FORWARD", "OUTPUT"):
        yield inserted("filter", hook, (Rule(Jump(f"cali-{hook}")),))
    yield appended(
        "filter",
        "FORWARD",
        (accepted(Accept(), "Policy explicitly accepted packet."), Rule(SetMark(ACCEPT, ACCEPT))),
    )
    yield felix_chain("filter", "cali-FORWARD", tuple(_forward()))
    yield felix_chain("filter", "cali-INPUT", tuple(_input(settings)))
    yield felix_chain("filter", "cali-OUTPUT", tuple(_output(settings)))
    yield felix_chain("filter", "cali-wl-to-host", _WORKLOAD_TO_HOST)


def _forward() -> Iterator[Rule]:
    """From a pod by its chain, and to a pod by that of the receiver; both have to agree."""
    yield Rule(SetMark(0, ALL & ~ACCEPT))
    yield Rule(Jump("cali-from-hep-forward"), matches=(MarkMatch(0, ACCEPT),))
    yield Rule(Jump("cali-from-wl-dispatch"), in_interface="cali+")
    yield Rule(Jump("cali-to-wl-dispatch"), out_interface="cali+")
    yield Rule(Jump("cali-to-hep-forward"))
    yield Rule(Jump("cali-cidr-block"))


_WORKLOAD_TO_HOST = (
    Rule(Jump("cali-from-wl-dispatch")),
    Rule(Accept(), matches=(Comment("Configured DefaultEndpointToHostAction"),)),
)


def _input(settings: CalicoSettings) -> Iterator[Rule]:
    yield from _tunnelled_in(settings)
    yield Rule(Goto("cali-wl-to-host"), in_interface="cali+")
    yield accepted(Accept())
    yield _CLEARED
    yield Rule(Jump("cali-from-host-endpoint"))
    yield accepted(Accept(), _HOST_ACCEPTED)


def _tunnelled_in(settings: CalicoSettings) -> Iterator[Rule]:
    """Tunnels end here only for packets of known nodes."""
    match settings.encapsulation:
        case Encapsulation.IPIP:
            known = SetMatch("cali40all-hosts-net", ("src",))
            allowed = Comment("Allow IPIP packets from Calico hosts")
            yield _ipip(Accept(), (allowed, known, _LOCAL_DESTINATION))
            yield _ipip(Drop(), (Comment("Drop IPIP packets from non-Calico hosts"),))
        case Encapsulation.VXLAN:
            known = SetMatch("cali40all-vxlan-net", ("src",))
            allowed = Comment("Allow IPv4 VXLAN packets from allowed hosts")
            dropped = Comment("Drop IPv4 VXLAN packets from non-allowed hosts")
            yield _vxlan(Accept(), (allowed, _TO_VXLAN, known, _LOCAL_DESTINATION))
            yield _vxlan(Drop(), (dropped, _TO_VXLAN, _LOCAL_DESTINATION))


_TO_VXLAN = Multiport("dports", ((PORT, PORT),))


def _ipip(target: Accept | Drop, matches: tuple[Match, ...]) -> Rule:
    return Rule(target, protocol=Protocol.IPIP, matches=matches)


def _vxlan(target: Accept | Drop, matches: tuple[Match, ...]) -> Rule:
    return Rule(target, protocol=Protocol.UDP, matches=matches)


def _output(settings: CalicoSettings) -> Iterator[Rule]:
    yield accepted(Accept())
    yield Rule(Return(), out_interface="cali+")
    match settings.encapsulation:
        case Encapsulation.IPIP:
            about = Comment("Allow IPIP packets to other Calico hosts")
            known = SetMatch("cali40all-hosts-net", ("dst",))
            yield _ipip(Accept(), (about, known, _LOCAL_SOURCE))
        case Encapsulation.VXLAN:
            about = Comment("Allow IPv4 VXLAN packets to other allowed hosts")
            known = SetMatch("cali40all-vxlan-net", ("dst",))
            yield _vxlan(Accept(), (about, _TO_VXLAN, _LOCAL_SOURCE, known))
    yield _CLEARED
    not_translated = ConntrackMatch(("DNAT",), negated=True)
    yield Rule(Jump("cali-to-host-endpoint"), matches=(not_translated,))
    yield accepted(Accept(), _HOST_ACCEPTED)


# ---------------------------------------------------------------- nat


def _nat(settings: CalicoSettings, fully: bool) -> Iterator[ChainPatch]:
    for hook in ("PREROUTING", "OUTPUT", "POSTROUTING"):
        yield inserted("nat", hook, (Rule(Jump(f"cali-{hook}")),))
    yield felix_chain("nat", "cali-PREROUTING", (Rule(Jump("cali-fip-dnat")),))
    yield felix_chain("nat", "cali-OUTPUT", (Rule(Jump("cali-fip-dnat")),))
    leaving = (Rule(Jump("cali-fip-snat")), Rule(Jump("cali-nat-outgoing")))
    yield felix_chain("nat", "cali-POSTROUTING", (*leaving, *_into_tunnel(settings, fully)))
    out = (_nat_outgoing(fully),) if settings.nat_outgoing else ()
    yield felix_chain("nat", "cali-nat-outgoing", out)


def _into_tunnel(settings: CalicoSettings, fully: bool) -> Iterator[Rule]:
    """What the node itself sends into the tunnel bears the tunnel's address."""
    device = {Encapsulation.IPIP: "tunl0", Encapsulation.VXLAN: "vxlan.calico"}
    name = device.get(settings.encapsulation)
    if name is not None:
        foreign = AddrType(source="LOCAL", not_source=True, limit_out=True)
        yield Rule(
            Masquerade(random_fully=fully), out_interface=name, matches=(foreign, _LOCAL_SOURCE)
        )


def _nat_outgoing(fully: bool) -> Rule:
    """From a pool with natOutgoing to what is in no pool."""
    pods = SetMatch("cali40masq-ipam-pools", ("src",))
    outside = SetMatch("cali40all-ipam-pools", ("dst",), negated=True)
    return Rule(Masquerade(random_fully=fully), matches=(pods, outside))


# ---------------------------------------------------------------- mangle and raw


def _mangle() -> Iterator[ChainPatch]:
    for hook in ("PREROUTING", "POSTROUTING"):
        yield inserted("mangle", hook, (Rule(Jump(f"cali-{hook}")),))
    yield felix_chain(
        "mangle",
        "cali-PREROUTING",
        (
            Rule(Accept(), matches=(ESTABLISHED,)),
            accepted(Accept()),
            Rule(Jump("cali-from-host-endpoint")),
            accepted(Accept(), _HOST_ACCEPTED),
        ),
    )
    yield felix_chain(
        "mangle",
        "cali-POSTROUTING",
        (
            accepted(Return()),
            _CLEARED,
            Rule(Jump("cali-to-host-endpoint"), matches=(ConntrackMatch(("DNAT",)),)),
            accepted(Return(), _HOST_ACCEPTED),
        ),
    )


def _raw(settings: CalicoSettings) -> Iterator[ChainPatch]:
    for hook in ("PREROUTING", "OUTPUT"):
        yield inserted("raw", hook, (Rule(Jump(f"cali-{hook}")),))
    untracked = (_UNTRACKED,) if settings.encapsulation is Encapsulation.VXLAN else ()
    yield felix_chain("raw", "cali-PREROUTING", (_CLEARED, *untracked, *_coming_in()))
    yield felix_chain(
        "raw",
        "cali-OUTPUT",
        (_CLEARED, Rule(Jump("cali-to-host-endpoint")), *untracked, accepted(Accept())),
    )


_UNTRACKED = Rule(NoTrack(), protocol=Protocol.UDP, matches=(_TO_VXLAN,))
"""A tunnel's outer packets have another source port each way, so conntrack learns nothing."""


def _coming_in() -> Iterator[Rule]:
    """A pod may not send with another's address: its own must lie behind its own veth."""
    from_pod = MarkMatch(FROM_WORKLOAD, FROM_WORKLOAD)
    yield Rule(SetMark(FROM_WORKLOAD, FROM_WORKLOAD), in_interface="cali+")
    yield Rule(Jump("cali-rpf-skip"), matches=(from_pod,))
    yield Rule(Drop(), matches=(from_pod, RpFilter(validmark=True, invert=True)))
    yield Rule(Jump("cali-from-host-endpoint"), matches=(MarkMatch(0, FROM_WORKLOAD),))
    yield accepted(Accept())


# ---------------------------------------------------------------- ipsets


def sets(settings: CalicoSettings, site: Site, node: Node, family: Family) -> tuple[IpSet, ...]:
    """The pools, and the nodes that tunnels may come from."""
    if family is not Family.IPV4:
        return ()
    pools = tuple(Element((net,)) for net in site.pod_ranges(family))
    found = [_nets("cali40all-ipam-pools", pools)]
    found.append(_nets("cali40masq-ipam-pools", pools if settings.nat_outgoing else ()))
    hosts = tuple(_hosts(site))
    match settings.encapsulation:
        case Encapsulation.IPIP:
            found.append(_nets("cali40all-hosts-net", hosts))
        case Encapsulation.VXLAN:
            own = address_of(node)
            others = tuple(e for e in hosts if own is None or e.parts != (_host(own),))
            found.append(_nets("cali40all-vxlan-net", others))
    return tuple(found)


def _hosts(site: Site) -> Iterator[Element]:
    for node in site.cluster.nodes:
        address = address_of(node)
        if address is not None:
            yield Element((_host(address),))


def _host(address: IPAddress) -> IPNetwork:
    return host_network(address)


def _nets(name: str, elements: tuple[Element, ...]) -> IpSet:
    options = ("hashsize", "1024", "maxelem", "1048576", "bucketsize", "12")
    return IpSet(name, "hash:net", Family.IPV4, (*options, "initval", initval(name)), elements)
