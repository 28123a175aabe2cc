"""The working copy of one `send`: namespaces, hosts' memories, and chance.

Everything that a packet changes is changed here and frozen into the next `State` at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.sim.engine.dice import SeededDice
from tui.sim.engine.state import ElementTable, HostState, RecentTable, State
from tui.sim.engine.world import World
from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Packet
from tui.sim.model.settings import NodeFacts
from tui.sim.model.value import replace
from tui.sim.netfilter.conntrack import ConntrackTable
from tui.sim.netfilter.traverse import Host
from tui.sim.routing.lookup import FlowKey, RoutingTable
from tui.sim.routing.network import Namespace, Network

if TYPE_CHECKING:
    from tui.sim.netfilter.ipvs_table import IpvsTable


@dataclass(slots=True)
class Scene:
    """World, network, and what each host remembers while packets pass."""

    world: World
    """The world."""
    network: Network
    """Its namespaces, with those that the packet's addresses imply."""
    state: State
    """What was remembered before."""
    dice: SeededDice
    """Chance."""
    entry: str = ""
    """Node at which something from outside enters."""
    _hosts: dict[str, Host] = field(default_factory=dict)
    _recent: dict[str, RecentTable] = field(default_factory=dict)
    _elements: dict[str, ElementTable] = field(default_factory=dict)
    _programs: dict[str, ConntrackTable] = field(default_factory=dict)

    def namespace(self, name: str) -> Namespace:
        """A namespace by its name."""
        return self.network.namespace(name)

    def routing(self, name: str) -> RoutingTable:
        """The routes of a namespace."""
        return self.world.routing(self.namespace(name))

    def facts(self, node: str) -> NodeFacts:
        """Facts of a node's kernel."""
        return self.world.facts_of(node)

    def host(self, name: str) -> Host | None:
        """netfilter of a node's own namespace; None where no rules are loaded."""
        node = self.namespace(name).node
        if node is None or name != f"node/{node}":
            return None
        if name not in self._hosts:
            self._hosts[name] = self._new_host(name, node)
        return self._hosts[name]

    def program_connections(self, name: str) -> ConntrackTable:
        """What the eBPF programs of a node remember."""
        if name not in self._programs:
            kept = self._kept(name).programs
            self._programs[name] = ConntrackTable(kept, self.state.now)
        return self._programs[name]

    def _new_host(self, name: str, node: str) -> Host:
        kept = self._kept(name)
        routing = self.routing(name)
        recent = self._recent[name] = RecentTable(kept.recent, self.state.now)
        elements = self._elements[name] = ElementTable(kept.elements, self.state.now)

        def masquerade_address(device: str, packet: Packet) -> IPAddress | None:
            route = routing.lookup(packet.destination, FlowKey(packet.source, "", packet.mark))
            return routing.address_on(device, packet.destination, route.via if route else None)

        return Host(
            name=name,
            rulesets=lambda family: self.world.indexed_ruleset(node, family),
            conntrack=ConntrackTable(kept.conntrack, self.state.now),
            recent=recent,
            is_local=routing.is_local,
            masquerade_address=masquerade_address,
            device_of=routing.owner_of,
            way_back=routing.way_back,
            order=lambda family: self.world.hook_order(node, family),
            elements=elements,
            sets=lambda family: self.world.ipsets(node, family),
            ipvs=self._ipvs(node, kept),
        )

    def _ipvs(self, node: str, kept: HostState) -> IpvsTable | None:
        """IPVS of a node; None in every other mode, and then nobody need load it."""
        servers = self.world.virtual_servers(node)
        if servers is None:
            return None
        from tui.sim.netfilter.ipvs_table import IpvsTable

        return IpvsTable(servers, kept.ipvs, self.state.now)

    def _kept(self, name: str) -> HostState:
        return self.state.hosts.get(name, HostState())

    def frozen(self) -> State:
        """What is remembered from here on."""
        touched = {name: self._frozen_host(name, host) for name, host in self._hosts.items()}
        for name, table in self._programs.items():
            before = touched.get(name, self._kept(name))
            touched[name] = replace(before, programs=table.entries())
        hosts = {**self.state.hosts, **touched}
        return State(self.state.now, self.state.sent + 1, hosts)

    def _frozen_host(self, name: str, host: Host) -> HostState:
        kept = self._kept(name)
        return HostState(
            host.conntrack.entries(),
            self._recent[name].frozen(),
            self._elements[name].frozen(),
            host.ipvs.frozen() if host.ipvs else kept.ipvs,
            kept.programs,
        )
