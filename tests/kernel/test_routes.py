"""Routes as `ip` lists them: the same lines, in the same order, for networks that it was given."""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from tests.kernel.wiring import machine_of, wire
from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.sim.engine import World
from tui.sim.routing.network import Namespace, RouteKind
from tui.sim.routing.text import in_order, print_route, route_command


def dual(world: World) -> World:
    """The same cluster with an IPv6 address for each IPv4 one."""
    nodes = tuple(
        replace(
            node,
            internal_ips=(*node.internal_ips, *map(_twin, node.internal_ips)),
            pod_cidrs=(*node.pod_cidrs, *map(_twin_range, node.pod_cidrs)),
        )
        for node in world.cluster.nodes
    )
    pods = tuple(replace(pod, ips=(*pod.ips, *map(_twin, pod.ips))) for pod in world.cluster.pods)
    return world.with_cluster(replace(world.cluster, nodes=nodes, pods=pods))


def _twin(ip: Any) -> Any:
    """`fd00:a:f4:1::5` for 10.244.1.5: its first three bytes make the network."""
    one, two, three, four = ip.packed
    return ip_address(f"fd00:{one:x}:{two:x}:{three:x}::{four:x}")


def _twin_range(net: Any) -> Any:
    return ip_network(f"{_twin(net.network_address)}/64")


def printed(space: Namespace, version: int, kind: RouteKind) -> list[str]:
    """A table as the simulator prints it."""
    ours = (r for r in space.routes if r.destination.version == version)
    local = kind is RouteKind.LOCAL
    return [print_route(r) for r in in_order(ours) if (r.kind is RouteKind.LOCAL) == local]


def listed(machines: Any, space: Namespace, version: int, kind: RouteKind) -> list[str]:
    """The same as the kernel lists it, without what the simulator does not model."""
    text = machines.at(machine_of(space.name), route_command(version, kind))
    rows = [line.strip() for line in text.splitlines()]
    return [row for row in rows if not row.startswith(UNMODELLED) and "fe80::" not in row]


UNMODELLED = ("broadcast", "multicast", "anycast")
"""Routes that no packet of the simulator takes."""


@pytest.mark.parametrize("kind", [RouteKind.LOCAL, RouteKind.UNICAST])
@pytest.mark.parametrize("version", [4, 6])
def test_each_table_is_listed_as_the_kernel_lists_it(
    machines: Any, version: int, kind: RouteKind
) -> None:
    network = dual(world_of(parser().parse_args(["sandbox", "--cni", "bridge"]))).network
    places = network.machines["node-a"]
    wire(machines, network, places)
    for place in places:
        space = network.namespace(place)
        assert listed(machines, space, version, kind) == printed(space, version, kind)
