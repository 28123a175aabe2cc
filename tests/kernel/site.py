"""The node under test with its pods, its wire and its ears, and whatever cluster is loaded."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.kernel.clusters import FACTS, NODE, PLACES, UNDER_TEST, node, own_pods
from tests.kernel.lab import Lab
from tests.kernel.machines import Machines
from tests.kernel.programming import has_counters, program
from tests.kernel.wiring import machine_of, wire
from tui.sim.engine import World
from tui.sim.model.cluster import Cluster

PACKAGES = {"nft": "nftables", "conntrack": "conntrack", "bridge": "iproute2"}
MISSING = ", ".join(
    f"{tool} (Debian: {package})"
    for tool, package in PACKAGES.items()
    if shutil.which(tool) is None
)
"""Tools that are needed and not there."""

DEAF = "table inet deaf { chain in { type filter hook input priority 0; policy drop; }; }"
"""What a pod's kernel would answer by itself where nobody listens is the test's to say."""


@dataclass(frozen=True)
class Site:
    """Namespaces, and the sockets that send and hear there."""

    machines: Machines
    lab: Lab
    nfacct: bool
    """kube-proxy's counters can be made here."""

    def load(self, world: World) -> None:
        """Give the node the rules and sysctls of a world; it remembers nothing."""
        program(self.machines, world, UNDER_TEST)


@contextmanager
def a_site(deaf: bool = True) -> Iterator[Site]:
    """The node with the plugin `bridge`, wired as the simulator's own model says."""
    machines = Machines()
    try:
        everybody = World(
            Cluster(tuple(map(node, range(4))), own_pods()), cni="bridge", facts={UNDER_TEST: FACTS}
        )
        wire(machines, everybody.network, PLACES)
        for pod in PLACES[1:] if deaf else ():
            machines.at(machine_of(pod), "nft -f -", DEAF)
        lab = Lab(machines, NODE, PLACES[1:])
        try:
            yield Site(machines, lab, has_counters(machines, NODE))
        finally:
            lab.close()
    finally:
        machines.remove()
