"""What is wired to what, in the demo cluster."""

import pytest

from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.sim.cni.machine import veth_name
from tui.sim.routing.topology import LinkKind, Topology

WIRED = {
    cni: Topology(world_of(parser().parse_args(["sandbox", "--cni", cni])).network)
    for cni in ("flannel", "bridge")
}


def devices(cni: str, one: str, other: str) -> list[str]:
    return [f"{place.rpartition('/')[2]} {name}" for place, name in WIRED[cni].between(one, other)]


def test_pods_of_one_node_meet_at_the_bridge() -> None:
    client, web = veth_name("pod/shop/client"), veth_name("pod/shop/web-1")
    assert devices("flannel", "pod/shop/client", "pod/shop/web-1") == [
        "client eth0", f"node-a {client}", "node-a cni0", f"node-a {web}", "web-1 eth0",
    ]  # fmt: skip


def test_flannel_joins_nodes_by_a_tunnel() -> None:
    way = devices("flannel", "pod/shop/client", "pod/shop/web-2")
    assert way[3:5] == ["node-a flannel.1", "node-b flannel.1"]


def test_without_a_tunnel_the_fabric_joins_them() -> None:
    way = devices("bridge", "pod/shop/client", "pod/shop/web-2")
    assert way[3:6] == ["node-a eth0", "fabric lan", "node-b eth0"]


@pytest.mark.parametrize("cni", WIRED)
def test_every_pod_can_be_reached_from_every_other(cni: str) -> None:
    topology = WIRED[cni]
    pods = [name for name in topology.network.namespaces if name.startswith("pod/")]
    assert all(topology.between(pods[0], other) for other in pods[1:])


def test_what_a_device_is_joined_to() -> None:
    kinds = {link.kind for link in WIRED["flannel"].links(("node/node-a", "flannel.1"))}
    assert kinds == {LinkKind.STACK, LinkKind.TUNNEL}


def test_around_a_pod_is_its_node_first() -> None:
    topology = WIRED["flannel"]
    assert topology.around("pod/shop/client", 1) == {"pod/shop/client", "node/node-a"}
    assert "pod/shop/web-1" in topology.around("pod/shop/client", 4)


@pytest.mark.parametrize("cni", WIRED)
def test_a_part_of_it_knows_the_same_links_of_its_middle(cni: str) -> None:
    whole = WIRED[cni]
    for name, space in whole.network.namespaces.items():
        part = Topology(whole.network, name)
        for device in space.devices:
            spot = (name, device.name)
            if spot in whole.graph:
                assert set(part.links(spot)) == set(whole.links(spot))
