"""The way of a packet between two places, device by device, for each plugin.

A line of a way is `namespace: in -> out`; veths are written by the pod at their other end.
"""

from dataclasses import dataclass

import pytest

from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.sim.cni.machine import veth_name
from tui.sim.engine import Choices, Injection, State, World, send
from tui.sim.model.packet import Protocol
from tui.sim.trace import Connection, Leg, Outcome, ReasonCode, Role, StepKind, Verdict

WEB1, WEB2 = "10.244.0.5:8080", "10.244.1.5:8080"
WORLD = "external/203.0.113.7"
PODS = ("shop/client", "shop/web-1", "shop/web-2")
VETHS = {veth_name(f"pod/{pod}"): f"veth({pod.partition('/')[2]})" for pod in PODS}


def demo(cni: str) -> World:
    return world_of(parser().parse_args(["sandbox", "--cni", cni]))


WORLDS = {cni: demo(cni) for cni in ("flannel", "bridge")}


def way(leg: Leg) -> list[str]:
    return [
        f"{hop.namespace}: {named(hop.device_in)} -> {named(hop.device_out)}" for hop in leg.hops
    ]


def named(device: str | None) -> str:
    return VETHS.get(device or "", device or "·")


@dataclass(frozen=True)
class Case:
    """What to send, and what is expected of it."""

    source: str
    destination: str
    cni: str
    way: tuple[str, ...]
    seen_source: str
    pin: str | None = None
    destination_seen: str | None = None
    ttl: int = 64
    outer: str | None = None


ACROSS = (
    "pod/shop/client: · -> eth0",
    "node/node-a: veth(client) -> eth0",
    "node/node-b: eth0 -> veth(web-2)",
    "pod/shop/web-2: eth0 -> ·",
)
SAME_NODE = (
    "pod/shop/client: · -> eth0",
    "node/node-a: veth(client) -> veth(web-1)",
    "pod/shop/web-1: eth0 -> ·",
)
OUT = (
    "pod/shop/client: · -> eth0",
    "node/node-a: veth(client) -> eth0",
    "fabric: lan -> wan",
    f"{WORLD}: eth0 -> ·",
)
IN = (
    f"{WORLD}: · -> eth0",
    "fabric: wan -> lan",
    "node/node-b: eth0 -> veth(web-2)",
    "pod/shop/web-2: eth0 -> ·",
)

CASES = {
    "container to container over loopback": Case(
        "pod/shop/client", "127.0.0.1:8080", "flannel", ("pod/shop/client: · -> ·",), "127.0.0.1"
    ),
    "pod to pod on one node, bridged": Case(
        "pod/shop/client", f"pod/shop/web-1:{8080}", "flannel", SAME_NODE, "10.244.0.7"
    ),
    "pod to pod on one node, bridge": Case(
        "pod/shop/client", f"pod/shop/web-1:{8080}", "bridge", SAME_NODE, "10.244.0.7"
    ),
    "pod to pod on another node through the tunnel": Case(
        "pod/shop/client", WEB2, "flannel", ACROSS, "10.244.0.7",
        ttl=62, outer="192.168.10.1 -> 192.168.10.2 udp 8472 vni 1 mtu 1450",
    ),
    "pod to pod on another node by routes": Case(
        "pod/shop/client", WEB2, "bridge", ACROSS, "10.244.0.7", ttl=62
    ),
    "pod to the world, masqueraded by flannel": Case(
        "pod/shop/client", f"{WORLD}:443", "flannel", OUT, "192.168.10.1", ttl=62
    ),
    "pod to the world with its own address": Case(
        "pod/shop/client", f"{WORLD}:443", "bridge", OUT, "10.244.0.7", ttl=62
    ),
    "Service on the same node stays on the bridge": Case(
        "pod/shop/client", "svc/shop/web:80", "flannel", SAME_NODE, "10.244.0.7",
        pin=WEB1, destination_seen=WEB1,
    ),
    "Service on another node": Case(
        "pod/shop/client", "svc/shop/web:80", "flannel", ACROSS, "10.244.0.7",
        pin=WEB2, destination_seen=WEB2, ttl=62,
        outer="192.168.10.1 -> 192.168.10.2 udp 8472 vni 1 mtu 1450",
    ),
    "node to Service on another node": Case(
        "node/node-a", "svc/shop/web:80", "flannel",
        ("node/node-a: · -> eth0", *ACROSS[2:]), "10.244.0.0",
        pin=WEB2, destination_seen=WEB2, ttl=63,
        outer="192.168.10.1 -> 192.168.10.2 udp 8472 vni 1 mtu 1450",
    ),
    "node to Service by routes": Case(
        "node/node-a", "svc/shop/web:80", "bridge",
        ("node/node-a: · -> eth0", *ACROSS[2:]), "192.168.10.1",
        pin=WEB2, destination_seen=WEB2, ttl=63,
    ),
    "node to its own pod": Case(
        "node/node-a", WEB1, "flannel",
        ("node/node-a: · -> veth(web-1)", "pod/shop/web-1: eth0 -> ·"), "10.244.0.1",
    ),
    "hairpin: a pod behind its own Service": Case(
        "pod/shop/web-1", "svc/shop/web:80", "flannel",
        ("pod/shop/web-1: · -> eth0", "node/node-a: veth(web-1) -> veth(web-1)",
         "pod/shop/web-1: eth0 -> ·"), "10.244.0.1",
        pin=WEB1, destination_seen=WEB1,
    ),
}  # fmt: skip


def story(case: Case) -> Outcome:
    injection = Injection(case.source, case.destination)
    trace, _ = send(WORLDS[case.cni], State(), injection, Choices(pin=case.pin))
    return trace.outcomes[0]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_way_of_a_packet(case: Case) -> None:
    outcome = story(case)
    request = outcome.request
    assert outcome.verdict is Verdict.DELIVERED
    assert way(request) == list(case.way)
    assert str(request.end.packet.source) == case.seen_source
    assert request.end.packet.ttl == case.ttl
    assert outer_headers(request) == ([case.outer] if case.outer else [])
    if case.destination_seen is not None:
        assert outcome.destination == case.destination_seen


def outer_headers(leg: Leg) -> list[str]:
    """Each tunnel's outer header, with the MTU of the device that pushed it."""
    found = []
    for hop, step in leg.steps():
        packet = step.packet
        if step.kind is StepKind.ENCAPSULATED and packet.tunnel is not None:
            space = WORLDS["flannel"].network.namespace(hop.namespace)
            mtu = space.device(step.device or "").mtu
            found.append(
                f"{packet.source} -> {packet.destination} {packet.protocol.lower} "
                f"{packet.dport} vni {packet.tunnel.identifier} mtu {mtu}"
            )
            assert packet.inner is not None
            assert packet.size == packet.inner.size + packet.tunnel.overhead
    return found


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_answer_comes_back_the_same_way(case: Case) -> None:
    outcome = story(case)
    if outcome.connection is Connection.REFUSED:
        assert case.destination == "127.0.0.1:8080", "only there does nobody listen"
        return
    reply = next(leg for leg in outcome.legs if leg.role is Role.REPLY)
    if case.destination.startswith(WORLD) and case.seen_source.startswith("10.244."):
        assert outcome.connection is Connection.TIMEOUT, "nobody out there can answer a pod"
        assert reply.end.reason.code is ReasonCode.FABRIC_UNROUTED
        return
    assert outcome.connection is Connection.ESTABLISHED
    assert [hop.namespace for hop in reply.hops] == [
        hop.namespace for hop in reversed(outcome.request.hops)
    ]
    sent, got = outcome.request.packet, reply.end.packet
    assert (got.source, got.sport) == (sent.destination, sent.dport)
    assert (got.destination, got.dport) == (sent.source, sent.sport)


@pytest.mark.parametrize("cni", WORLDS)
def test_node_port_from_outside_enters_at_the_node_addressed(cni: str) -> None:
    trace, _ = send(WORLDS[cni], State(), Injection(WORLD, "node/node-b:30080"))
    outcome = trace.outcomes[0]
    hops = way(outcome.request)
    assert hops[:2] == [f"{WORLD}: · -> eth0", "fabric: wan -> lan"]
    assert hops[2].startswith("node/node-b: eth0 -> ")
    assert outcome.dnat
    assert outcome.snat is not None, "policy Cluster hides the client's address"
    assert outcome.connection is Connection.ESTABLISHED


def test_a_tunnel_does_not_carry_the_mark() -> None:
    """kube-proxy clears its mark before masquerading, else the outer packet would bear it."""
    trace, _ = send(
        WORLDS["flannel"], State(), Injection("node/node-a", "svc/shop/web:80"), Choices(pin=WEB2)
    )
    outer = [s.packet for _, s in trace.outcomes[0].request.steps() if s.packet.tunnel]
    assert outer
    assert {packet.mark for packet in outer} == {0}


def test_a_packet_larger_than_the_tunnel_is_refused() -> None:
    trace, _ = send(WORLDS["flannel"], State(), Injection("node/node-a", WEB2, size=1451))
    outcome = trace.outcomes[0]
    assert outcome.verdict is Verdict.REJECTED
    assert outcome.request.end.reason.code == "mtu-exceeded"


@pytest.mark.parametrize(
    ("protocol", "felt"),
    [(Protocol.TCP, Connection.ESTABLISHED), (Protocol.UDP, Connection.TIMEOUT)],
)
def test_tcp_sends_again_what_was_too_big(protocol: Protocol, felt: Connection) -> None:
    injection = Injection("pod/shop/client", WEB2, protocol=protocol, size=1500)
    outcome = send(WORLDS["flannel"], State(), injection)[0].outcomes[0]
    assert outcome.legs[-1].role is Role.ICMP
    assert outcome.legs[-1].end.reason.code is ReasonCode.ICMP_RECEIVED
    assert outcome.connection is felt


def test_what_exists_only_in_the_cluster_is_brought_in_all_the_same() -> None:
    """No router out there knows a cluster IP; the trace says so where the packet enters."""
    outcome = send(WORLDS["flannel"], State(), Injection(WORLD, "svc/shop/web:80"))[0].outcomes[0]
    said = [step.reason for _, step in outcome.request.steps() if step.kind is StepKind.ROUTED]
    assert [reason.code for reason in said[:2]] == [
        ReasonCode.ROUTE_CHOSEN, ReasonCode.FABRIC_ENTERED,
    ]  # fmt: skip
    assert outcome.connection is Connection.ESTABLISHED


@pytest.mark.parametrize("nobody", ["svc/shop/web:81", "10.244.9.9:80"])
@pytest.mark.parametrize("cni", WORLDS)
def test_what_no_rule_and_no_node_knows_reaches_nobody(cni: str, nobody: str) -> None:
    """A closed port of a cluster IP, or a pod range without a node, leaves by the default route."""
    client = Injection("pod/shop/client", nobody)
    outcome = send(WORLDS[cni], State(), client)[0].outcomes[0]
    assert outcome.reached_nobody
    assert (outcome.verdict, outcome.connection) == (Verdict.DELIVERED, Connection.TIMEOUT)
