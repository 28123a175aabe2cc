"""A node as kube-proxy, kubelet and the plugin leave it: rules, counters and sysctls.

The rules are those that the simulator renders and prints; the real tools load them.
"""

import shutil
import subprocess
from pathlib import Path

from tests.kernel.machines import Machines
from tests.kernel.wiring import machine_of, node_sysctls
from tui.sim.cni.machine import node_place
from tui.sim.engine import World
from tui.sim.model.address import Family
from tui.sim.netfilter.ipset_text import print_sets
from tui.sim.netfilter.nft.text import print_table
from tui.sim.netfilter.text import print_ruleset

RESTORE = {Family.IPV4: "iptables-restore", Family.IPV6: "ip6tables-restore"}
COUNTERS = ("ct_state_invalid_dropped_pkts", "localhost_nps_accepted_pkts")
AFFINITY_LISTS = Path("/proc/thread-self/net/xt_recent")
"""The lists of `-m recent` of the namespace that one is in; `/` empties one."""


def has_counters(machines: Machines, place: str) -> bool:
    """Whether kube-proxy could create its nfacct counters here; they are made."""
    if shutil.which("nfacct") is None:
        return False
    with machines.inside(machine_of(place)):
        made = [
            subprocess.run(["nfacct", "add", name], capture_output=True, check=False)
            for name in COUNTERS
        ]
    return all(each.returncode == 0 for each in made)


def program(machines: Machines, world: World, node: str) -> None:
    """Load all rules of a node anew, and set its sysctls; nothing is remembered.

    A plugin's iptables rules come behind kube-proxy's nftables table, as where it starts later.
    """
    place = machine_of(node_place(node))
    sysctls = node_sysctls(world.facts_of(node), world.route_localnet(node))
    liberal = int(world.facts_of(node).conntrack_tcp_be_liberal)
    machines.set(place, {**sysctls, "net/netfilter/nf_conntrack_tcp_be_liberal": liberal})
    with machines.inside(place):
        machines.run("nft flush ruleset")
        _load_sets(machines, world, node)
        for family in Family:
            table = world.kube_proxy_table(node, family)
            if table is not None:
                machines.run("nft -f -", print_table(table))
            rules = world.ruleset(node, family)
            if rules.tables:
                machines.run(RESTORE[family], print_ruleset(rules))
        machines.run("conntrack -F")


def _load_sets(machines: Machines, world: World, node: str) -> None:
    """The ipsets that the rules ask; without a rule they can be made anew."""
    sets = [each for family in Family for each in world.ipsets(node, family).values()]
    if sets:
        machines.run("ipset destroy")
        machines.run("ipset restore", print_sets(sets))


def forget(machines: Machines, world: World, node: str) -> None:
    """Empty a node's conntrack table and its lists and sets of session affinity."""
    place = machine_of(node_place(node))
    with machines.inside(place):
        machines.run("conntrack -F")
        for each in AFFINITY_LISTS.glob("KUBE-*"):
            each.write_text("/\n")
        flushes = [
            f"flush set {table.title} {name}\n"
            for family in Family
            if (table := world.kube_proxy_table(node, family)) is not None
            for name in table.sets
            if name.startswith("affinity-")
        ]
        if flushes:
            machines.run("nft -f -", "".join(flushes))
