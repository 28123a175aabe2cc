"""The flows of br-int, by what they do: admit, translate Services, bring packets on.

The maps are what the plugin's agent renders flows from: one for each pod, each Service, each node.
"""

from __future__ import annotations

from tui.sim.cni.machine import CARD, veth_name
from tui.sim.cni.openvswitch.services import services_of
from tui.sim.cni.openvswitch.wiring import Tunnels, pod_gateway, pod_subnet, pods_of
from tui.sim.cni.site import Site
from tui.sim.ebpf import Attach, Datapath, Maps
from tui.sim.model.address import Family, host_network
from tui.sim.model.cluster import Node


def datapath(
    tunnels: Tunnels, admitted_by: str, by_gateway: bool, site: Site, node: Node, family: Family
) -> Datapath | None:
    """What br-int of a node does; pods have no IPv6 here.

    `by_gateway`: the fabric's end of the tunnel is the only one that the node knows.
    """
    if family is not Family.IPV4:
        return None
    own = {ip: veth_name(pod.place) for pod, ip in pods_of(node, site)}
    remotes = tuple(
        (host_network(ip), tunnels.gateway if by_gateway else tunnels.tep(other, site))
        for other in site.cluster.nodes
        if other.name != node.name
        for _, ip in pods_of(other, site)
    )
    maps = Maps(services_of(node, site), own, frozenset(), remotes)
    ports: dict[str, Attach] = dict.fromkeys(own.values(), Attach.SWITCH_PORT)
    return Datapath(
        maps,
        {**ports, tunnels.device: Attach.SWITCH_TUNNEL},
        packet_lb=True,
        tunnel=tunnels.device,
        card=CARD,
        loopback=pod_gateway(site, node),
        bridged=pod_subnet(site, node),
        beyond=tunnels.gateway,
        admitted_by=admitted_by,
    )
