"""What kube-proxy does to conntrack once it has synced: stale UDP entries go, TCP's stay.

Follows CleanStaleEntries of pkg/proxy/conntrack/cleanup.go, as it is from v1.33 on. A Service
without any serving endpoint is passed over there, so its entries stay until they time out.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.engine.state import State
from tui.sim.engine.world import World
from tui.sim.model.address import Family, endpoint_text
from tui.sim.model.connection import ConntrackEntry
from tui.sim.model.packet import Protocol
from tui.sim.model.value import replace
from tui.sim.services import plan_ports

_Serving = dict[object, frozenset[str]]


def cleaned(world: World, state: State) -> State:
    """The state after kube-proxy has looked through conntrack on each node.

    A UDP entry goes if it was addressed to a Service (its port on one of its addresses, or its
    node port) and is answered by what is no serving endpoint of it.
    """
    hosts = dict(state.hosts)
    for node in world.cluster.nodes:
        name = f"node/{node.name}"
        held = hosts.get(name)
        if held is None or not held.conntrack:
            continue
        serving = {family.bits: dict(_serving(world, node.name, family)) for family in Family}
        left = tuple(e for e in held.conntrack if not _stale(e, serving))
        hosts[name] = replace(held, conntrack=left)
    return State(state.now, state.sent, hosts)


def _serving(world: World, node: str, family: Family) -> Iterator[tuple[object, frozenset[str]]]:
    """Serving endpoints by what leads to them: `ip:port`, or the number of a node port."""
    found = world.cluster.node(node)
    assert found is not None
    for plan in plan_ports(world.cluster, found, family, world.proxy):
        endpoints = frozenset(e.text for e in plan.endpoints if e.serving)
        if plan.protocol is not Protocol.UDP or not endpoints:
            continue
        for ip in (plan.cluster_ip, *plan.load_balancer_ips, *plan.external_ips):
            yield endpoint_text(ip, plan.port.port), endpoints
        if plan.port.node_port:
            yield plan.port.node_port, endpoints


def _stale(entry: ConntrackEntry, serving: dict[int, _Serving]) -> bool:
    asked, answer = entry.original, entry.reply
    if asked.protocol is not Protocol.UDP:
        return False
    own = serving[asked.destination.max_prefixlen]
    real = endpoint_text(answer.source, answer.sport)
    keys = (endpoint_text(asked.destination, asked.dport), asked.dport)
    return any(key in own and real not in own[key] for key in keys)
