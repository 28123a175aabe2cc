"""What `ip` and `bridge` print where no kernel is at hand; tests/kernel asks a real one."""

from ipaddress import ip_address, ip_interface, ip_network

import pytest

from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.sim.cni.machine import connected_routes, local_routes, loopback
from tui.sim.engine import World
from tui.sim.engine.look import place_view
from tui.sim.model.value import replace
from tui.sim.routing.iproute2 import CommandError, View, answer
from tui.sim.routing.iproute2.view import indexes
from tui.sim.routing.network import (
    Device,
    DeviceKind,
    Ipip,
    Namespace,
    Route,
    RouteKind,
    RoutingRule,
    Vxlan,
)

CARD = Device(
    "eth0", DeviceKind.PHYSICAL, "02:00:00:00:00:01", addresses=(ip_interface("192.168.10.1/24"),)
)
TUNNEL = Device(
    "tunl0", DeviceKind.IPIP, "00:00:00:00:00:00", 1480, (ip_interface("10.244.0.0/32"),),
    ipip=Ipip(),
)  # fmt: skip
GENEVE = Device(
    "genev_sys_6081", DeviceKind.GENEVE, "02:00:00:00:00:02", 1450,
    vxlan=Vxlan(0, ip_address("192.168.10.1"), 6081, "eth0"),
)  # fmt: skip
DUMMY = Device(
    "kube-ipvs0", DeviceKind.DUMMY, "02:00:00:00:00:03",
    addresses=(ip_interface("10.96.0.10/32"), ip_interface("fd00:96::a/128")),
)  # fmt: skip
VETH = Device("veth1", DeviceKind.VETH, "02:00:00:00:00:04", peer=("pod/shop/web", "eth0"))


def machine(*devices: Device, routes: tuple[Route, ...] = (), **more: object) -> View:
    every = (loopback(), *devices)
    own = (*local_routes(every), *(r for d in every[1:] for r in connected_routes(d)))
    space = Namespace("node/node-a", "node-a", every, (*own, *routes))
    return View.of(replace(space, **more), forwards=True)


def said(view: View, command: str) -> list[str]:
    return answer(view, command.split()).splitlines()


@pytest.fixture(scope="module")
def demo() -> World:
    return world_of(parser().parse_args(["sandbox"]))


# ---------------------------------------------------------------- devices


def test_a_dummy_device_is_printed_as_ip_prints_it() -> None:
    assert said(machine(DUMMY), "ip addr show kube-ipvs0") == [
        "2: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default ",
        "    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff",
        "    inet 10.96.0.10/32 scope global kube-ipvs0",
        "       valid_lft forever preferred_lft forever",
        "    inet6 fd00:96::a/128 scope global ",
        "       valid_lft forever preferred_lft forever",
    ]


def test_a_card_has_a_queue_and_no_other_end() -> None:
    first, second, *_ = said(machine(CARD), "ip link show dev eth0")
    assert first == (
        "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP "
        "mode DEFAULT group default qlen 1000"
    )
    assert second == "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff"


def test_an_ipip_tunnel_has_no_link_layer() -> None:
    lines = said(machine(TUNNEL), "ip -d link show tunl0")
    assert lines[0].startswith("2: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1480 qdisc noqueue state")
    assert lines[1].startswith("    link/ipip 0.0.0.0 brd 0.0.0.0 promiscuity 0")
    assert lines[2].startswith("    ipip any remote any local any ttl inherit nopmtudisc ")
    assert said(machine(TUNNEL), "bridge fdb") == []
    assert "ff00::/8" not in "".join(said(machine(TUNNEL), "ip -6 route show table all"))


def test_a_geneve_device_is_told_by_each_route_where_to_send() -> None:
    lines = said(machine(GENEVE), "ip -d link show genev_sys_6081")
    assert lines[2].startswith("    geneve external id 0 ttl auto dstport 6081 ")


def test_the_machines_own_devices_keep_their_numbers_while_pods_come_and_go() -> None:
    first = replace(VETH, name="veth0")
    few = machine(CARD, VETH, DUMMY).space
    many = machine(CARD, first, VETH, DUMMY).space
    assert indexes(few) == {"lo": 1, "eth0": 2, "kube-ipvs0": 3, "veth1": 4}
    assert {name: indexes(many)[name] for name in ("lo", "eth0", "kube-ipvs0")} == {
        "lo": 1, "eth0": 2, "kube-ipvs0": 3,
    }  # fmt: skip


def test_both_ends_of_a_veth_name_each_other(demo: World) -> None:
    pod, node = place_view(demo, "pod/shop/client"), place_view(demo, "node/node-a")
    port = pod.space.device("eth0").peer
    assert port is not None
    number = node.indexes[port[1]]
    assert said(pod, "ip link show eth0")[0].startswith(f"2: eth0@if{number}: ")
    ends = said(node, f"ip link show {port[1]}")
    assert ends[0].startswith(f"{number}: {port[1]}@if2: ")
    assert ends[1].endswith(f" link-netnsid {node.netnsids['pod/shop/client']}")


# ---------------------------------------------------------------- routes


DEFAULT = Route(ip_network("0.0.0.0/0"), "eth0", via=ip_address("192.168.10.254"))
ENI = Route(ip_network("0.0.0.0/0"), "eth0", via=ip_address("192.168.10.9"), table="2")
ENDS = Route(ip_network("10.244.0.64/26"), "eth0", kind=RouteKind.BLACKHOLE, protocol="bird")


def test_a_rule_sends_to_another_table() -> None:
    rules = (RoutingRule(1536, "2", source=ip_network("10.244.0.7/32")),)
    view = machine(CARD, routes=(DEFAULT, ENI), rules=rules)
    assert said(view, "ip rule show table 2") == ["1536:\tfrom 10.244.0.7 lookup 2"]
    assert said(view, "ip route get 8.8.8.8 from 10.244.0.7 iif eth0")[0] == (
        "8.8.8.8 from 10.244.0.7 via 192.168.10.9 dev eth0 table 2 "
    )
    assert said(view, "ip route get 8.8.8.8")[0] == (
        "8.8.8.8 via 192.168.10.254 dev eth0 src 192.168.10.1 uid 0 "
    )
    assert said(view, "ip -6 rule") == ["0:\tfrom all lookup local", "32766:\tfrom all lookup main"]


def test_a_route_may_lead_nowhere() -> None:
    view = machine(CARD, routes=(DEFAULT, ENDS))
    assert "blackhole 10.244.0.64/26 proto bird " in said(view, "ip route")
    with pytest.raises(CommandError, match="RTNETLINK answers: Invalid argument"):
        said(view, "ip route get 10.244.0.65")
    with pytest.raises(CommandError, match="RTNETLINK answers: Network is unreachable"):
        said(machine(CARD), "ip route get 10.244.0.65")


def test_who_does_not_forward_has_no_route_for_what_comes_in() -> None:
    router = machine(CARD, routes=(DEFAULT,))
    pod = View(router.space)
    command = "ip route get 8.8.8.8 from 192.168.10.7 iif eth0"
    assert said(router, command)[1] == "    cache <redirect> iif eth0 "
    with pytest.raises(CommandError, match="No route to host"):
        said(pod, command)


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("ip a", "ip address show"), ("ip r", "ip route show"), ("ip ro", "ip route list"),
        ("ip -d l", "ip -details link show"), ("ip n", "ip neighbour show"),
        ("ip ru", "ip rule show"), ("ip -4 r", "ip -f inet route"), ("ip --br a", "ip -brief addr"),
        ("ip r s t local", "ip route show table 255"),
        ("ip r g 8.8.8.8", "ip route get to 8.8.8.8"),
        ("bridge f", "bridge fdb show"), ("ip a s eth0", "ip addr show dev eth0"),
    ],
)  # fmt: skip
def test_words_may_be_shortened(demo: World, short: str, long: str) -> None:
    view = place_view(demo, "node/node-a")
    assert said(view, short) == said(view, long) != []


WRONG = {
    "": "known are: ip, bridge, route",
    "ifconfig": "ifconfig: there is no such tool here; known are: ip, bridge, route",
    "ip": "ip: expected what to show: address, route",
    "ip netns": "netns: there is no such object of ip here",
    "ip -s link": "-s: there is no such option here",
    "ip -b x": "-b: there is no such option here",
    "ip -f mpls route": "mpls: there is no such family here; known are: inet, inet6",
    "ip addr show nope": 'Device "nope" does not exist; there are: lo, eth0, cni0',
    "ip addr add 10.0.0.1/8 dev lo": "ip address add: there is only show here",
    "ip route add default": "ip route add: there is only show or get here",
    "ip route show table": "table: expected a value",
    "ip route show table nope": "table nope: expected a number, all, default",
    "ip route show table 77": "Error: ipv4: FIB table does not exist. There are: local, main",
    "ip route show colour": "colour: there is no such filter of routes here",
    "ip route show 10.0.0.0/99": "any valid prefix is expected",
    "ip route get": "need at least a destination address",
    "ip route get banana": "banana: expected an IP address",
    "ip route get 8.8.8.8 oif eth0": "oif: there is no such word of ip route get here",
    "ip route get 8.8.8.8 mark many": "mark many: expected a number",
    "ip route get 8.8.8.8 from fd00::1": "from fd00::1: expected an IPv4 address",
    "ip -6 route get 8.8.8.8": "expected an IPv6 address",
    "ip route get 224.0.0.1": "there is no multicast here",
    "ip rule show prio 1": "prio: there is no such filter of rules here",
    "ip neigh show proxy": "proxy: there is no such filter of neighbours here",
    "ip link show type nope": "nope: there is no such type of device here",
    "bridge": "bridge: expected what to show: link or fdb",
    "bridge vlan": "vlan: there is no such object of bridge here",
    "bridge fdb show vlan 1": "vlan: there is no such filter of entries here",
    "bridge link show master cni0": "master: there is no such filter of ports here",
    "route": "route: only route -n is known here",
    "route -A inet6": "route -A inet6: only route -n is known here",
}


@pytest.mark.parametrize(("command", "problem"), WRONG.items(), ids=WRONG)
def test_what_is_not_known_is_said_in_one_line(demo: World, command: str, problem: str) -> None:
    with pytest.raises(CommandError) as caught:
        answer(place_view(demo, "node/node-a"), command.split())
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
