"""flannel's VXLAN between two real nodes: what passes every device is what the simulator shows.

Two nodes and their pods are made out of the simulator's own model of the network: devices, MAC
addresses, MTUs, addresses, routes, neighbours and forwarding entries; the rules of kube-proxy
and of flannel are loaded on both. Then a real client connects to a real server, and the SYN
and its answer are captured at every device on their way: addresses, ports, TTL, size, the
frame's header, and inside the tunnel the outer packet too.
"""

import socket
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from tests.kernel.clusters import UNDER_TEST
from tests.kernel.frames import frame_bytes, ip_bytes
from tests.kernel.pair import (
    CASES,
    MODES,
    NODE_A,
    NODE_B,
    NODE_IP,
    NODE_PORT,
    OUTSIDE,
    PATIENCE,
    SENDER_PORT,
    SERVER_IP,
    SYN_SIZE,
    Pair,
    Passing,
    lines,
    made,
    shape,
    told,
)
from tests.kernel.site import MISSING
from tests.kernel.wiring import machine_of
from tui.sim.engine import Injection, State, send
from tui.sim.model.address import endpoint_text
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.sim.trace import Connection, Leg, Outcome, Role, Verdict

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=f"needs {MISSING}")]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with made("flannel") as found:
        yield found


# ---------------------------------------------------------------- connections


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("mode", MODES)
def test_a_connection_passes_every_device_as_told(
    pair: Pair, mode: ProxyMode, case: tuple[str, dict[int, str], int], version: int
) -> None:
    place, ips, port = case
    world = pair.load(mode)
    asked = Injection(place, endpoint_text(ip_address(ips[version]), port), size=SYN_SIZE[version])
    outcome = send(world, State(), asked)[0].outcomes[0]
    assert outcome.connection is Connection.ESTABLISHED
    expected = told(tuple(leg for leg in outcome.legs if leg.role in (Role.REQUEST, Role.REPLY)))
    assert any(each.packet.tunnel for each in expected)

    list(pair.passing())
    with pair.machines.inside(machine_of(place)):
        client = socket.create_connection((ips[version], port), PATIENCE)
    found = [shape(each) for each in pair.captured(len(expected))]
    client.close()
    assert lines(found) == lines(expected)


def test_a_node_is_found_by_the_tunnels_address_too(pair: Pair) -> None:
    """On a pod's wire the node answers for every IPv4 address that it has (arp_ignore is 0)."""
    world = pair.load(ProxyMode.IPTABLES)
    asked = Injection("10.244.1.0", f"{SERVER_IP[4]}:8080")
    outcome = send(world, State(), asked)[0].outcomes[0]
    assert outcome.connection is Connection.ESTABLISHED
    expected = told(outcome.legs)
    list(pair.passing())
    with pair.machines.inside(machine_of(NODE_B)):
        client = socket.create_connection((SERVER_IP[4], 8080), PATIENCE, ("10.244.1.0", 0))
    found = [shape(each) for each in pair.captured(len(expected))]
    client.close()
    assert lines(found) == lines(expected)


# ---------------------------------------------------------------- sizes


@pytest.mark.parametrize("size", [1430, 1431, 1450])
def test_a_datagram_as_large_as_the_tunnel_takes(pair: Pair, size: int) -> None:
    """flannel.1 takes 1450 bytes; the pods' devices only 1430, for they may speak IPv6 too."""
    world = pair.load(ProxyMode.IPTABLES)
    asked = Injection(
        NODE_A, f"{SERVER_IP[4]}:8080", Protocol.UDP, sport=SENDER_PORT, size=size
    )  # fmt: skip
    outcome = send(world, State(), asked)[0].outcomes[0]
    assert (outcome.verdict is Verdict.DELIVERED) == (size <= 1430)
    expected = told(unanswered(outcome))
    list(pair.passing())
    sent = outcome.request.packet
    with pair.machines.inside(machine_of(NODE_A)):
        own = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    own.sendto(ip_bytes(sent, 1), (str(sent.destination), 0))
    own.close()
    found = [shape(each) for each in pair.captured(len(expected))]
    assert lines(found) == lines(expected)


@pytest.mark.parametrize("known", [False, True], ids=["first", "of a known connection"])
@pytest.mark.parametrize("size", [1430, 1451, 1500])
@pytest.mark.parametrize("mode", MODES)
def test_a_datagram_from_outside_may_be_too_large_for_the_tunnel(
    pair: Pair, mode: ProxyMode, size: int, known: bool
) -> None:
    """The node tells its sender in the sender's own terms, even if it never saw it before."""
    world = pair.load(mode)
    asked = Injection(
        f"external/{OUTSIDE}", f"{NODE_IP[4]}:{NODE_PORT}", Protocol.UDP, sport=SENDER_PORT,
        size=60, node=UNDER_TEST,
    )  # fmt: skip
    state = State()
    if known:
        first, state = send(world, state, asked)
        from_outside(pair, first.outcomes[0])
        pair.captured(len(at_node_a(told(unanswered(first.outcomes[0])))))
    outcome = send(world, state, replace(asked, size=size))[0].outcomes[0]
    expected = at_node_a(told(unanswered(outcome)))
    from_outside(pair, outcome)
    found = [shape(each) for each in pair.captured(len(expected))]
    assert lines(at_node_a(found)) == lines(expected)
    errors = [each.packet.icmp for each in found if each.packet.icmp is not None]
    assert bool(errors) == (size > 1450)
    assert {str(about.destination) for about in errors} <= {NODE_IP[4]}


def unanswered(outcome: Outcome) -> tuple[Leg, ...]:
    """The server takes datagrams in silence."""
    return tuple(leg for leg in outcome.legs if leg.role is not Role.REPLY)


def at_node_a(passing: list[Passing]) -> list[Passing]:
    return [each for each in passing if each.place == NODE_A]


def from_outside(pair: Pair, outcome: Outcome) -> None:
    """Put a packet onto the LAN as the router would."""
    hop = next(hop for hop in outcome.request.hops if hop.namespace == NODE_A)
    list(pair.passing())
    pair.taps[NODE_B, "eth0"].send(frame_bytes(hop.steps[0].packet, 1))
