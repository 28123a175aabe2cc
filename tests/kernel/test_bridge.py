"""br_netfilter as the kernel does it: a Service whose pod hangs on the client's own bridge.

With br_netfilter the frame stays on the bridge (its TTL stays) and the answer is translated
back; without it the request is routed (its TTL falls by one), the answer takes the short way
across the bridge, nobody translates it back, and the client waits in vain.
"""

from typing import Any

import pytest

from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.sim.engine import Choices, Injection, State, World, send
from tui.sim.model.address import Family
from tui.sim.model.settings import NodeFacts
from tui.sim.netfilter.text import print_ruleset
from tui.sim.trace import Connection, Outcome

SERVER = """
import socket
server = socket.socket()
server.bind(("0.0.0.0", 8080))
server.listen()
raw = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
raw.settimeout(10)
print("ready", flush=True)
while True:
    packet = raw.recv(2048)
    if packet[9] == 6 and packet[22:24] == (8080).to_bytes(2, "big"):
        print(packet[8], socket.inet_ntoa(packet[12:16]), flush=True)
        break
server.settimeout(3)
try:
    server.accept()
except TimeoutError:
    pass
"""

CLIENT = """
import socket
client = socket.socket()
client.settimeout(2)
try:
    client.connect(("10.96.31.7", 80))
    print("established")
except TimeoutError:
    print("timeout")
except ConnectionRefusedError:
    print("refused")
"""


def wire_demo_node(machines: Any, world: World, bridged: bool) -> None:
    """node-a with cni0, the pods client and web-1, and the rules that we render."""
    machines.add("node")
    machines.at("node", "ip link add cni0 type bridge")
    machines.at("node", "ip addr add 10.244.0.1/24 dev cni0")
    machines.at("node", "ip link set cni0 up")
    for name, ip in (("client", "10.244.0.7"), ("web", "10.244.0.5")):
        machines.add(name)
        ends = f"netns {machines.prefix}node type veth peer name eth0 netns {machines.prefix}{name}"
        machines.run(f"ip link add v{name} {ends}")
        machines.at("node", f"ip link set v{name} master cni0 up")
        machines.at("node", f"bridge link set dev v{name} hairpin on")
        machines.at(name, f"ip addr add {ip}/24 dev eth0")
        machines.at(name, "ip link set eth0 up")
        machines.at(name, "ip route add default via 10.244.0.1")
    machines.at("node", "sysctl -qw net.ipv4.ip_forward=1")
    machines.at("node", f"sysctl -qw net.bridge.bridge-nf-call-iptables={int(bridged)}")
    dump = print_ruleset(world.kube_proxy_ruleset("node-a", Family.IPV4))
    machines.at("node", "iptables-restore", dump.replace(" -m nfacct --nfacct-name  ", NO_ACCT))


NO_ACCT = " -m comment --comment "
"""Counters need an object each; a comment named like it stands in for them."""


@pytest.fixture(params=[True, False], ids=["br_netfilter", "without br_netfilter"])
def bridged(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def simulated(world: World) -> Outcome:
    trace, _ = send(
        world, State(), Injection("pod/shop/client", "10.96.31.7:80"),
        Choices(pin="10.244.0.5:8080"),
    )  # fmt: skip
    return trace.outcomes[0]


@pytest.mark.slow
def test_a_service_behind_the_clients_own_bridge(machines: Any, bridged: bool) -> None:
    asked = parser().parse_args(["sandbox"])
    base = world_of(asked)
    facts = {"node-a": NodeFacts(bridge_nf_call_iptables=bridged)}
    world = only_web_1(World(base.cluster, base.proxy, "bridge", facts))
    wire_demo_node(machines, world, bridged)
    server = machines.python("web", SERVER)
    assert server.stdout.readline() == "ready\n"
    client = machines.python("client", CLIENT)
    felt = client.communicate(timeout=20)[0].strip()
    ttl, source = server.communicate(timeout=20)[0].split()

    expected = simulated(world)
    got = expected.request.end.packet
    assert (int(ttl), source) == (got.ttl, str(got.source))
    assert felt == expected.connection.value
    assert expected.connection is (Connection.ESTABLISHED if bridged else Connection.TIMEOUT)


def only_web_1(world: World) -> World:
    """The demo cluster with one endpoint of `web` ready, so that chance has no say."""
    from dataclasses import replace

    slices = tuple(
        replace(s, endpoints=tuple(e for e in s.endpoints if e.addresses == ("10.244.0.5",)))
        if s.service == "web" and s.namespace == "shop" else s
        for s in world.cluster.slices
    )  # fmt: skip
    return world.with_cluster(replace(world.cluster, slices=slices))
