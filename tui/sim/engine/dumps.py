"""kube-proxy's rules on a node, as the real tools print them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from tui.sim.ebpf import Attach
from tui.sim.ebpf.flows_text import print_flows, print_groups
from tui.sim.ebpf.text import print_endpoints, print_services
from tui.sim.engine.world import World
from tui.sim.model.address import Family
from tui.sim.model.settings import ProxyMode
from tui.sim.netfilter.nft.text import print_table
from tui.sim.netfilter.text import print_ruleset

if TYPE_CHECKING:
    from tui.sim.proxy.ipvs import Programmed

_IPTABLES = {"iptables-save": Family.IPV4, "ip6tables-save": Family.IPV6}
_NFTABLES = {"nft": Family.IPV4, "nft6": Family.IPV6}

COMMANDS = {
    "iptables-save": "iptables-save",
    "ip6tables-save": "ip6tables-save",
    "nft": "nft list table ip kube-proxy",
    "nft6": "nft list table ip6 kube-proxy",
    "ipset": "ipset save",
    "ipvsadm": "ipvsadm-save -n",
    "ovs flows": "ovs-ofctl dump-flows br-int",
    "ovs groups": "ovs-ofctl -O OpenFlow13 dump-groups br-int",
    "bpf lb": "cilium-dbg bpf lb list",
    "bpf endpoint": "cilium-dbg bpf endpoint list",
}
"""What to type on a node for each dump, by its name."""

_INDEX = 5
"""Number of kube-ipvs0 among a node's devices: it comes after lo, the card and the plugin's."""


def installed(world: World, node: str) -> dict[str, Callable[[], str]]:
    """All rules on a node, the plugin's with kube-proxy's: by their names, made when called.

    What is called raises KeyError for an unknown node.
    """
    found: dict[str, Callable[[], str]] = {}
    if world.kube_proxy is ProxyMode.NFTABLES:
        found |= {name: partial(dump, world, node, family) for name, family in _NFTABLES.items()}
    found |= {name: partial(_iptables, world, node, f) for name, f in _IPTABLES.items()}
    if any(world.ipsets(node, family) for family in Family):
        found["ipset"] = lambda: _all_sets(world, node)
    if world.kube_proxy is ProxyMode.IPVS:
        found["ipvsadm"] = lambda: _servers(_programmed(world, node))
    datapath = world.datapath(node, Family.IPV4)
    if datapath is not None and Attach.SWITCH_PORT in datapath.ingress.values():
        found["ovs flows"] = lambda: print_flows(datapath)
        found["ovs groups"] = lambda: print_groups(datapath)
    elif datapath is not None:
        found["bpf lb"] = lambda: print_services(datapath.maps)
        found["bpf endpoint"] = lambda: print_endpoints(datapath.maps)
    return found


def _iptables(world: World, node: str, family: Family) -> str:
    return print_ruleset(world.ruleset(node, family))


def _programmed(world: World, node: str, families: Iterable[Family] = Family) -> list[Programmed]:
    return [each for f in families if (each := world.kube_proxy_ipvs(node, f)) is not None]


def dumps(world: World, node: str, families: Iterable[Family] = Family) -> dict[str, str]:
    """Everything on a node, by the tool that prints it."""
    match world.proxy.mode:
        case ProxyMode.IPTABLES:
            names = _IPTABLES
        case ProxyMode.NFTABLES:
            names = _NFTABLES
        case ProxyMode.IPVS:
            return _ipvs_dumps(world, node, tuple(families))
    return {name: dump(world, node, family) for name, family in names.items()}


def dump(world: World, node: str, family: Family) -> str:
    """One family's rules on a node: `nft list table` in nftables mode, else `iptables-save`."""
    table = world.kube_proxy_table(node, family)
    if table is not None:
        return print_table(table)
    return print_ruleset(world.kube_proxy_ruleset(node, family))


def _ipvs_dumps(world: World, node: str, families: tuple[Family, ...]) -> dict[str, str]:
    """The five dumps of IPVS mode; ipset and ipvsadm print both families in one."""
    from tui.sim.engine.virtual_addresses import DEVICE
    from tui.sim.routing.text import print_addresses

    found = _programmed(world, node, families)
    names = (name for name, family in _IPTABLES.items() if family in families)
    return {
        **{name: print_ruleset(each.rules) for name, each in zip(names, found, strict=True)},
        "ipset": _sets(found),
        "ipvsadm": _servers(found),
        "ipvs0": print_addresses(_INDEX, DEVICE, [ip for each in found for ip in each.addresses]),
    }


def _sets(found: Iterable[Programmed]) -> str:
    from tui.sim.netfilter.ipset_text import print_sets

    return print_sets(made for each in found for made in each.sets)


def _all_sets(world: World, node: str) -> str:
    """kube-proxy's sets and the plugin's."""
    from tui.sim.netfilter.ipset_text import print_sets

    return print_sets(each for family in Family for each in world.ipsets(node, family).values())


def _servers(found: Iterable[Programmed]) -> str:
    from tui.sim.netfilter.ipvs_text import print_servers

    return print_servers(virtual for each in found for virtual in each.servers)
