"""kube-proxy's rules on a node, as the real tools print them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

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
}
"""What to type on a node for each dump, by its name."""

_INDEX = 5
"""Number of kube-ipvs0 among a node's devices: it comes after lo, the card and the plugin's."""


def installed(world: World, node: str) -> dict[str, Callable[[], str]]:
    """All rules on a node, the plugin's with kube-proxy's: by their names, made when called.

    What is called raises KeyError for an unknown node.
    """
    found: dict[str, Callable[[], str]] = {}
    if world.proxy.mode is ProxyMode.NFTABLES:
        found |= {name: partial(dump, world, node, family) for name, family in _NFTABLES.items()}
    found |= {name: partial(_iptables, world, node, f) for name, f in _IPTABLES.items()}
    if world.proxy.mode is ProxyMode.IPVS:
        found["ipset"] = lambda: _sets(_programmed(world, node))
        found["ipvsadm"] = lambda: _servers(_programmed(world, node))
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


def _servers(found: Iterable[Programmed]) -> str:
    from tui.sim.netfilter.ipvs_text import print_servers

    return print_servers(virtual for each in found for virtual in each.servers)
