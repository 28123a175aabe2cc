"""The AWS VPC CNI between two real nodes with two cards each, and the VPC as a switch and a router.

Each node has a pod with an address of its first card and one of its second. What leaves by which
card, which marks connections bear and what the world sees is the kernel's to decide: policy
routing, CONNMARK and SNAT are its own, made from the model.
"""

import socket
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from tests.kernel.clusters import UNDER_TEST, node
from tests.kernel.pair import (
    MODES,
    NODE_A,
    NODE_B,
    NODE_PORT,
    OUTSIDE,
    PATIENCE,
    SYN_SIZE,
    Pair,
    lines,
    made,
    shape,
    told,
)
from tests.kernel.site import MISSING
from tests.kernel.wiring import machine_of
from tui.sim.engine import Injection, State, World, send
from tui.sim.model.address import endpoint_text
from tui.sim.model.cluster import (
    Cluster,
    Container,
    ContainerPort,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Pod,
    Service,
    ServicePort,
)
from tui.sim.model.settings import ProxyMode
from tui.sim.trace import Connection, Role

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=f"needs {MISSING}")]

CLIENT, OTHER = "pod/default/client", "pod/default/other-1"
SERVER, FAR = "pod/default/server", "pod/default/remote"
PLACES = (NODE_A, NODE_B, CLIENT, OTHER, SERVER, FAR)
WORLD = f"external/{OUTSIDE}"
CLUSTER_IP = "10.96.0.10"


def cluster() -> Cluster:
    """Two pods on each node, and a Service of the pod whose address is a second card's."""
    homes = {"client": UNDER_TEST, "other-1": UNDER_TEST, "server": "node-b", "remote": "node-b"}
    listens = (Container("main", (ContainerPort(8080),)),)
    pods = tuple(
        Pod("default", name, home, (ip_address(f"10.244.{home == 'node-b':d}.{number}"),),
            containers=listens)
        for number, (name, home) in enumerate(homes.items(), 2)
    )  # fmt: skip
    far = next(pod for pod in pods if pod.name == "remote")
    service = Service(
        "default", "web", "NodePort", (CLUSTER_IP,),
        (ServicePort(80, target_port=8080, node_port=NODE_PORT),),
        external_traffic_policy="Local",
    )  # fmt: skip
    endpoint = Endpoint((str(far.ips[0]),), node="node-b", target=FAR)
    item = EndpointSlice(
        "default", "web-1", "web", endpoints=(endpoint,), ports=(EndpointPort(8080),)
    )
    return Cluster((node(0), node(1)), pods, (service,), (item,))


@pytest.fixture(scope="module", params=["aws-vpc", "aws-vpc-prefix"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    servers = (SERVER, FAR, OTHER, WORLD)
    with made(request.param, cluster(), PLACES, servers, (OUTSIDE,)) as found:
        yield found


def address_of(world: World, place: str) -> str:
    return next(str(site.ips[0]) for site in world.pod_sites if site.place == place)


CASES = {
    "first card to first card": (CLIENT, SERVER, 8080),
    "first card to second card": (CLIENT, FAR, 8080),
    "second card to first card": (OTHER, SERVER, 8080),
    "second card to second card": (OTHER, FAR, 8080),
    "beside each other": (CLIENT, OTHER, 8080),
    "node to second card": (NODE_A, FAR, 8080),
    "second card to a Service": (OTHER, CLUSTER_IP, 80),
    "first card to the world": (CLIENT, OUTSIDE, 8080),
    "second card to the world": (OTHER, OUTSIDE, 8080),
    "world to a node port": (WORLD, "192.168.10.2", NODE_PORT),
}


def test_each_node_has_pods_on_both_cards(pair: Pair) -> None:
    given = pair.world(ProxyMode.IPTABLES).addressing
    assert given is not None
    if pair.cni == "aws-vpc-prefix":
        pytest.skip("a card has room for nine prefixes, so nobody needs the second one")
    assert {place: device for place, (_, device) in given.leases.items()} == {
        CLIENT: "eth0", OTHER: "eth1", SERVER: "eth0", FAR: "eth1",
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("mode", MODES)
def test_a_connection_passes_every_device_as_told(
    pair: Pair, mode: ProxyMode, case: tuple[str, str, int]
) -> None:
    place, to, port = case
    world = pair.load(mode)
    ip = address_of(world, to) if to.startswith("pod/") else to
    asked = Injection(place, endpoint_text(ip_address(ip), port), size=SYN_SIZE[4])
    outcome = send(world, State(), asked)[0].outcomes[0]
    assert outcome.connection is Connection.ESTABLISHED
    expected = told(tuple(leg for leg in outcome.legs if leg.role in (Role.REQUEST, Role.REPLY)))

    list(pair.passing())
    with pair.machines.inside(machine_of(place)):
        client = socket.create_connection((ip, port), PATIENCE)
    found = [shape(each) for each in pair.captured(len(expected))]
    client.close()
    assert lines(found) == lines(expected)
