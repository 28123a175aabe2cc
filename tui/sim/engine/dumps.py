"""kube-proxy's rules on a node, as the real tools print them."""

from __future__ import annotations

from collections.abc import Iterable

from tui.sim.engine.world import World
from tui.sim.model.address import Family
from tui.sim.model.settings import ProxyMode
from tui.sim.netfilter.nft.text import print_table
from tui.sim.netfilter.text import print_ruleset

_IPTABLES = {"iptables-save": Family.IPV4, "ip6tables-save": Family.IPV6}
_NFTABLES = {"nft": Family.IPV4, "nft6": Family.IPV6}

COMMANDS = {
    "iptables-save": "iptables-save",
    "ip6tables-save": "ip6tables-save",
    "nft": "nft list table ip kube-proxy",
    "nft6": "nft list table ip6 kube-proxy",
    "ipset": "ipset save",
    "ipvsadm": "ipvsadm-save -n",
    "ipvs0": "ip -o addr show kube-ipvs0",
}
"""What to type on a node for each dump, by its name."""

_INDEX = 5
"""Number of kube-ipvs0 among a node's devices: it comes after lo, the card and the plugin's."""


def names(mode: ProxyMode) -> tuple[str, ...]:
    """The names of the dumps that there are of a node in a mode."""
    match mode:
        case ProxyMode.IPTABLES:
            return tuple(_IPTABLES)
        case ProxyMode.NFTABLES:
            return tuple(_NFTABLES)
    return (*_IPTABLES, "ipset", "ipvsadm", "ipvs0")


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
    from tui.sim.netfilter.ipset_text import print_sets
    from tui.sim.netfilter.ipvs_text import print_servers
    from tui.sim.routing.text import print_addresses

    found = [each for f in families if (each := world.kube_proxy_ipvs(node, f)) is not None]
    names = (name for name, family in _IPTABLES.items() if family in families)
    return {
        **{name: print_ruleset(each.rules) for name, each in zip(names, found, strict=True)},
        "ipset": print_sets(made for each in found for made in each.sets),
        "ipvsadm": print_servers(virtual for each in found for virtual in each.servers),
        "ipvs0": print_addresses(_INDEX, DEVICE, [ip for each in found for ip in each.addresses]),
    }
