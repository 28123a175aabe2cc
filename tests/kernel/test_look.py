"""A look inside, beside the real tools: every byte that `ip`, `bridge` and `route` print.

The namespaces are made of the simulator's own model, indexes of devices included; then both are
asked the same.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from tests.kernel.machines import Machines
from tests.kernel.test_routes import dual
from tests.kernel.wiring import batch, machine_of, neighbours, wire
from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.sim.cni.machine import connected_routes, local_routes, loopback
from tui.sim.engine import World
from tui.sim.engine.look import view_of
from tui.sim.routing.iproute2 import CommandError, View, answer
from tui.sim.routing.network import (
    Device,
    DeviceKind,
    Namespace,
    Network,
    Route,
    RouteKind,
    RoutingRule,
)

NEEDED = ("ip", "bridge", "route", "nsenter", "unshare")
LACKING = [tool for tool in NEEDED if shutil.which(tool) is None]


def why_not() -> str:
    """Why the tools here cannot be compared with what imitates those of Debian 12."""
    if LACKING:
        return f"needs {', '.join(LACKING)} (Debian: iproute2 net-tools util-linux)"
    version = subprocess.run(["ip", "-V"], capture_output=True, text=True, check=False).stdout
    return "" if "iproute2-6.1." in version else f"needs iproute2 6.1, there is {version}"


pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

ALONE = "mount -t tmpfs none /run/netns && exec "
"""A tool knows no names of namespaces, as in a pod: it then prints their numbers."""
FORWARDING = {"net/ipv4/ip_forward": 1, "net/ipv6/conf/all/forwarding": 1}
LOCALNET = {"net/ipv4/conf/all/route_localnet": 1}


# ---------------------------------------------------------------- what is not compared


CARD = re.compile(r"^((?:\d+: )?)eth0@if\d+( {0,9})")
TIMERS = re.compile(r"((?:hello|tcn|topology_change|gc|hold|message_age|forward_delay)_timer) +\S+")
QUEUES = re.compile(r"numtxqueues \d+ numrxqueues \d+")


def plain(text: str, *, node: bool) -> str:
    """The kernel's text without what is of the test's own making or differs by the moment.

    - The simulator's node has a network card; the test's has a veth in its place, whose other
      end has an index and a namespace, and which has no queue.
    - The test's IPv6 addresses are told not to look for duplicates, so that it need not wait.
    - A bridge's timers run, and a veth has as many queues as there are CPUs.
    """
    text = QUEUES.sub("numtxqueues 1 numrxqueues 1", text.replace(" nodad", ""))
    text = TIMERS.sub(r"\1    0.00", text)
    return "".join(_of_card(text.splitlines(keepends=True))) if node else text


def _of_card(lines: list[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        if not line.startswith(" "):
            inside = bool(CARD.match(line))
        if inside:
            # in columns its name is as wide as before
            blanks = " " * 13 if line.startswith("eth0@") else ""
            line = CARD.sub(rf"\g<1>eth0{blanks}", line)
            line = line.replace("noqueue", "fq_codel")
            line = re.sub(r" link-netnsid \d+", "", line)
        yield line


HASHED = ("ip neigh", "ip -6 neigh", "ip -4 neigh", "ip n", "bridge fdb")
"""What the kernel keeps in hash tables with a seed of the moment: the order says nothing."""


def ordered(command: str, text: str) -> list[str]:
    """Lines to compare; of `bridge fdb` only those of tunnels have no order."""
    lines = text.splitlines(keepends=True)
    if not command.startswith(HASHED):
        return lines
    if command.startswith("bridge"):
        tunnels = [line for line in lines if " dst " in line]
        return [*(line for line in lines if line not in tunnels), *sorted(tunnels)]
    return sorted(lines)


# ---------------------------------------------------------------- asking both


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    text: str
    error: str = ""


def kernel(machines: Machines, place: str, command: str) -> Answer:
    path = f"/run/netns/{machines.prefix}{machine_of(place)}"
    words = ["nsenter", f"--net={path}", "unshare", "-m", "sh", "-c", f"{ALONE}{command}"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return Answer(done.stdout, done.stderr.strip())


def simulator(view: View, command: str) -> Answer:
    try:
        return Answer(answer(view, command.split()))
    except CommandError as error:
        return Answer("", str(error))


def compare(machines: Machines, view: View, command: str) -> None:
    theirs, ours = kernel(machines, view.space.name, command), simulator(view, command)
    node = any(d.kind is DeviceKind.PHYSICAL for d in view.space.devices)
    assert ordered(command, ours.text) == ordered(command, plain(theirs.text, node=node)), command
    assert ours.error.startswith(theirs.error.partition("\n")[0]), command
    assert bool(ours.error) == bool(theirs.error), command


# ---------------------------------------------------------------- nodes and pods

COMMANDS = (
    "ip addr", "ip a", "ip -4 addr", "ip -6 addr", "ip -br addr", "ip -br -6 a", "ip -o addr",
    "ip -o -6 a s", "ip addr show eth0", "ip addr show dev lo", "ip -4 a l eth0", "ip a s up",
    "ip link", "ip l", "ip -br link", "ip -br l", "ip -o link", "ip link show eth0",
    "ip link show type bridge", "ip -d link show lo",
    "ip route", "ip r", "ip ro ls", "ip -4 route", "ip -6 route", "ip -6 r", "ip -d route",
    "ip -d -6 route", "ip route show table main", "ip route show table 254", "ip r s t local",
    "ip -6 route show table local", "ip -6 route show table 255", "ip route show table all",
    "ip -6 route show table all", "ip -4 route show table all", "ip route show dev eth0",
    "ip route show table local dev eth0", "ip route show proto kernel", "ip route show scope link",
    "ip route show default", "ip route list match 10.244.1.7", "ip route show 10.244.0.0/24",
    "ip route list root 10.0.0.0/8", "ip -6 route show default", "ip route show table default",
    "ip route show type unicast", "ip route show table local type broadcast",
    "ip rule", "ip ru", "ip -6 rule", "ip rule show table main", "ip rule list",
    "ip neigh", "ip n", "ip -4 neigh show", "ip -6 neigh", "bridge fdb", "bridge fdb show",
    "bridge fdb show dev eth0", "bridge link", "bridge link show", "bridge -d link", "route -n",
)  # fmt: skip
OF_A_NODE = (
    "bridge fdb show br cni0", "bridge fdb show dev cni0", "ip link show master cni0",
    "ip -d link show cni0", "ip -d addr show cni0", "ip addr show dev cni0",
)  # fmt: skip
OF_FLANNEL = (
    "ip -d link show flannel.1", "ip -d link show flannel-v6.1", "ip link show type vxlan",
    "bridge fdb show dev flannel.1", "ip neigh show dev flannel.1", "ip addr show flannel-v6.1",
    "ip -d -o link show flannel.1",
)  # fmt: skip
GETS = (
    "10.244.1.5", "10.244.0.5", "10.244.0.0", "127.0.0.1", "127.1.2.3", "192.168.10.1",
    "192.168.10.2", "8.8.8.8", "10.96.0.10", "to 8.8.8.8", "8.8.8.8 mark 5",
    "10.244.1.5 mark 0x4000",
    "192.168.10.255", "10.244.0.255", "8.8.8.8 from 192.168.10.1", "10.244.1.5 from 10.244.0.2",
    "8.8.8.8 from 1.2.3.4", "10.244.0.1 from 127.0.0.1",
    "fd00:a:f4:1::5", "fd00:a:f4::5", "::1", "fd00:c0:a8:a::1", "fd00:c0:a8:a::2", "fd99::1",
    "fd00:a:f4::", "fd00:c0:a8:a::", "fd99::1 from fd00:a:f4::2",
    "fd99::1 from fd00:a:f4::2 mark 7",
)  # fmt: skip
IIFS = (
    "8.8.8.8 from 10.244.0.7 iif {}", "10.244.1.5 from 10.244.0.7 iif {} mark 0x4000",
    "192.168.10.1 from 10.244.0.7 iif {}", "10.244.0.7 from 10.244.1.5 iif {}",
    "10.244.0.5 from 10.244.0.7 iif {}", "192.168.10.2 from 192.168.10.3 iif {}",
    "127.0.0.1 from 10.244.0.7 iif {}", "8.8.8.8 from 127.0.0.1 iif {}", "8.8.8.8 iif {}",
    "8.8.8.8 from 192.168.10.1 iif {}", "10.244.0.255 from 10.244.0.7 iif {}",
    "8.8.8.8 from 10.244.0.2 iif {}", "10.244.0.2 from 10.244.0.7 iif {}",
    "8.8.8.8 from 224.0.0.1 iif {}", "8.8.8.8 from 0.0.0.0 iif {}",
    "fd99::1 from fd00:a:f4::7 iif {}", "fd00:a:f4:1::5 from fd00:a:f4::7 iif {} mark 0x4000",
    "fd00:c0:a8:a::1 from fd00:a:f4::7 iif {}",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    machines: Machines
    views: tuple[View, ...]


def dual_world(cni: str) -> World:
    return dual(world_of(parser().parse_args(["sandbox", "--cni", cni])))


@pytest.fixture(scope="module", params=["flannel", "bridge"])
def made(request: pytest.FixtureRequest) -> Iterator[Made]:
    """A node with its pods; nobody has asked for a neighbour yet."""
    machines = Machines()
    try:
        world = dual_world(request.param)
        network = world.network
        places = network.machines["node-a"]
        wire(machines, network, places)
        machines.set(machine_of(places[0]), {**FORWARDING, **LOCALNET})
        for place in places:
            asked = dict.fromkeys(neighbours(network, network.namespace(place)))
            gone = [f"neigh del {line.split()[2]} dev {line.split()[6]}" for line in asked]
            batch(machines, place, gone)
        some = (places[0], "pod/shop/client", "pod/shop/web-1")
        views = tuple(view_of(world, network.namespace(place), network) for place in some)
        yield Made(machines, views)
    finally:
        machines.remove()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_node_and_its_pods_print_what_the_kernel_prints(made: Made, command: str) -> None:
    for view in made.views:
        compare(made.machines, view, command)


def test_a_nodes_bridge_ports_and_tunnels(made: Made) -> None:
    node = made.views[0]
    names = [device.name for device in node.devices]
    flannel = OF_FLANNEL if "flannel.1" in names else ()
    ports = [device.name for device in node.devices if device.master]
    assert ports
    own = (f"{start} {port}" for port in ports for start in (
        "ip -d link show", "ip addr show", "bridge fdb show dev", "bridge fdb show brport",
        "bridge link show dev", "bridge -d link show dev",
    ))  # fmt: skip
    for command in (*OF_A_NODE, *flannel, *own):
        compare(made.machines, node, command)


@pytest.mark.slow
def test_what_the_kernel_chooses_for_a_packet(made: Made) -> None:
    for view in made.views:
        inside = [d.name for d in view.devices if d.name in ("eth0", "cni0", "flannel.1", "lo")]
        coming = (each.format(device) for each in IIFS for device in inside)
        for asked in (*GETS, *coming):
            compare(made.machines, view, f"ip route get {asked}")


# ---------------------------------------------------------------- tables, rules, dead ends


def policy_routing() -> Network:
    """A machine with tables, rules, blackholes and priorities, and another at its cable."""
    eth0 = Device(
        "eth0", DeviceKind.VETH, "02:00:00:00:00:01", mtu=1400, peer=("pod/x/b", "eth0"),
        addresses=tuple(map(ip_interface, (
            "10.0.0.1/24", "10.0.0.2/24", "10.0.1.1/31", "10.0.2.1/32", "fd00::1/64", "fd00::2/64",
        ))),
    )  # fmt: skip
    far = Device(
        "eth0", DeviceKind.VETH, "02:00:00:00:00:02", peer=("pod/x/a", "eth0"),
        addresses=(ip_interface("10.0.0.9/24"),),
    )  # fmt: skip
    first = Device(
        eth0.name, eth0.kind, eth0.mac, eth0.mtu,
        tuple(a for a in eth0.addresses if str(a.ip) not in ("10.0.0.2", "fd00::2")),
    )  # fmt: skip
    devices = (loopback(), eth0)
    via, other = ip_address("10.0.0.9"), ip_address("10.0.0.8")
    routes = (
        *(r for r in local_routes(devices) if str(r.source) != "10.0.0.2"),
        Route(ip_network("10.0.0.2/32"), "eth0", source=ip_address("10.0.0.1"),
              kind=RouteKind.LOCAL, scope="host", protocol="kernel"),
        *connected_routes(first),
        Route(ip_network("0.0.0.0/0"), "eth0", via=via),
        Route(ip_network("0.0.0.0/0"), "eth0", via=other, metric=100, protocol="static"),
        Route(ip_network("0.0.0.0/0"), "eth0", via=other, table="100"),
        Route(ip_network("10.9.0.0/26"), "eth0", kind=RouteKind.BLACKHOLE, protocol="bird"),
        Route(ip_network("10.9.1.0/24"), "eth0", via=via, onlink=True, protocol="bird"),
        Route(ip_network("10.9.2.7/32"), "eth0", scope="link", source=ip_address("10.0.2.1")),
        Route(ip_network("10.9.3.0/24"), "eth0", via=via, table="1001", metric=7),
        Route(ip_network("10.9.4.0/24"), "eth0", kind=RouteKind.BLACKHOLE, table="100"),
        Route(ip_network("fd07::/64"), "eth0", kind=RouteKind.BLACKHOLE),
        Route(ip_network("fd08::/64"), "eth0", via=ip_address("fd00::9"), table="100"),
        Route(ip_network("fd09::/64"), "eth0", via=ip_address("fd00::9"), metric=20),
    )  # fmt: skip
    rules = (
        RoutingRule(512, "main", destination=ip_network("10.0.0.0/16")),
        RoutingRule(1024, "100", mark=0x80, mask=0x80),
        RoutingRule(1025, "100", mark=5, mask=0xFFFFFFFF),
        RoutingRule(1026, "1001", in_device="eth0"),
        RoutingRule(1536, "100", source=ip_network("10.0.2.1/32")),
        RoutingRule(1537, "100", source=ip_network("10.0.7.0/24"), in_device="eth0"),
        RoutingRule(1538, "100", destination=ip_network("fd08::/32")),
    )
    spaces = (
        Namespace("pod/x/a", "x", devices, routes, rules),
        Namespace("pod/x/b", "x", (loopback(), far), local_routes((loopback(), far))),
    )
    return Network({space.name: space for space in spaces})


POLICY = (
    "ip route", "ip -6 route", "ip route show table 100", "ip -6 route show table 100",
    "ip route show table 1001", "ip route show table 77", "ip -6 route show table 77",
    "ip route show table all", "ip -d route show table all", "ip rule", "ip -6 rule",
    "ip rule show table 100", "route -n", "ip addr", "ip -6 addr", "ip -o a", "ip -br a",
    "ip route show proto bird", "ip route show type blackhole", "ip route show via 10.0.0.9",
    "ip route show table 100 dev eth0", "ip -6 route show table local", "ip r s t local",
)  # fmt: skip
POLICY_GETS = (
    "8.8.8.8", "8.8.8.8 mark 0x80", "8.8.8.8 mark 0x81", "8.8.8.8 mark 5", "8.8.8.8 mark 0x50",
    "10.9.0.1", "10.9.1.1", "10.9.2.7", "10.9.3.1", "10.9.4.1", "10.9.4.1 mark 5",
    "8.8.8.8 from 10.0.2.1", "8.8.8.8 from 10.0.0.2", "10.0.0.77 from 10.0.2.1", "10.0.0.2",
    "8.8.8.8 from 10.0.7.7 iif eth0", "10.9.3.1 from 10.0.0.9 iif eth0",
    "10.0.0.1 from 10.0.0.9 iif eth0",
    "10.9.0.1 from 10.0.0.9 iif eth0", "10.9.4.1 from 10.0.7.7 iif eth0", "127.0.0.1", "10.0.0.255",
    "fd07::1", "fd08::1", "fd08::1 from fd00::1", "fd09::1", "fd99::1", "fd00::1", "fd00::7",
    "fd09::1 from fd00::9 iif eth0", "10.0.0.255 from 10.0.0.9 iif eth0",
)  # fmt: skip


@pytest.fixture(scope="module", params=[True, False], ids=["forwards", "does not forward"])
def policy(request: pytest.FixtureRequest) -> Iterator[Made]:
    machines = Machines()
    try:
        network = policy_routing()
        wire(machines, network, tuple(network.namespaces))
        if request.param:
            machines.set(machine_of("pod/x/a"), FORWARDING)
        space = network.namespace("pod/x/a")
        yield Made(machines, (View.of(space, network, forwards=request.param),))
    finally:
        machines.remove()


@pytest.mark.parametrize("command", [*POLICY, *(f"ip route get {each}" for each in POLICY_GETS)])
def test_tables_rules_and_dead_ends(policy: Made, command: str) -> None:
    compare(policy.machines, policy.views[0], command)
