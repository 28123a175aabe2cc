"""What every node has before a plugin comes."""

from ipaddress import ip_address

import pytest

from tui.sim.engine import World
from tui.sim.model.address import IPAddress
from tui.sim.model.cluster import Cluster, Node
from tui.sim.routing.network import FABRIC


def lan(*ends: str) -> World:
    nodes = tuple(
        Node(f"node-{number}", (ip_address(f"192.168.10.{end}"), ip_address(f"fd00:10::{end}")))
        for number, end in enumerate(ends)
    )
    return World(Cluster(nodes), cni="bridge")


@pytest.mark.parametrize(
    ("ends", "v4", "v6"),
    [(("7", "8"), "254", "1"), (("1", "2", "3"), "254", "4"), (("254", "253"), "252", "1")],
)
def test_all_nodes_of_a_lan_have_one_router_and_it_is_no_node(
    ends: tuple[str, ...], v4: str, v6: str
) -> None:
    network = lan(*ends).network
    wanted: set[IPAddress] = {ip_address(f"192.168.10.{v4}"), ip_address(f"fd00:10::{v6}")}
    for name in network.nodes.values():
        routes = network.namespace(name).routes
        assert {r.via for r in routes if r.destination.prefixlen == 0} == wanted
    assert {own.ip for own in network.namespace(FABRIC).device("lan").addresses} == wanted
    assert wanted.isdisjoint(network.nodes)
