"""IPVS mode through the keys: send, the virtual server, the inspector, and what can be typed."""

from dataclasses import replace

import pytest
from textual.widgets import Input

from tests.screens.explorer_pilot import press, screen, session, shown, to_service
from tui.app import K8sNetApp
from tui.screens.hints import destinations
from tui.screens.inspector import Sheet
from tui.screens.place_sections import MOST_ADDRESSES, MOST_ADDRESSES_ALONE, network_blocks
from tui.sim.engine import World
from tui.sim.model.cluster import ServicePort
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxyMode
from tui.sim.routing.iproute2 import View
from tui.sim.trace import ReasonCode
from tui.words import use

pytestmark = pytest.mark.slow

WORDS = use("en")


@pytest.fixture(scope="module")
def ipvs(world: World) -> World:
    """The smallest cluster with kube-proxy in IPVS mode."""
    return world.with_mode(ProxyMode.IPVS)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["wide", "double"])
async def test_the_virtual_server_is_on_the_screen(ipvs: World, size: tuple[int, int]) -> None:
    async with K8sNetApp(world=ipvs).run_test(size=size) as pilot:
        await pilot.pause()
        await to_service(pilot)
        moments = session(pilot).moments
        number = next(
            i for i, m in enumerate(moments) if m.step.reason.code is ReasonCode.IPVS_SCHEDULED
        )
        await press(pilot, *["right"] * number)
        if size[0] < 120:
            await press(pilot, "2")
        text = shown(pilot)
        assert "INPUT ▸ ipvs" in text
        assert "$ ipvsadm -Ln -t 10.96.31.7:80" in text
        assert "chance decided  (p to pin)" in text
        await press(pilot, "p")
        assert session(pilot).choices.pin
        await press(pilot, "end")
        assert "delivered" in shown(pilot)


async def test_a_service_that_is_found_says_where_its_address_is(ipvs: World) -> None:
    async with K8sNetApp(world=ipvs).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen(pilot).inspect("svc/default/web", "")
        await pilot.pause()
        assert "10.96.31.7" in shown(pilot)
        assert "an address that each node bears on kube-ipvs0" in shown(pilot)


async def test_the_injector_lists_a_port_of_two_protocols_once(world: World) -> None:
    """TCP and UDP share port 53 of DNS, and the list must open all the same."""
    dns = _with_dns(world)
    places = [hint.place for hint in destinations(dns.cluster)]
    assert len(places) == len(set(places))
    assert [h.note for h in destinations(dns.cluster) if h.place == "svc/default/web:53"] == [
        "10.96.31.7 UDP, TCP"
    ]
    async with K8sNetApp(world=dns).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await press(pilot, "i")
        pilot.app.screen.query_one("#source", Input).value = "pod/default/client"
        await press(pilot, "enter")
        assert "svc/default/web:53" in shown(pilot)


def _with_dns(world: World) -> World:
    cluster = world.cluster
    ports = tuple(
        ServicePort(name=p.lower, port=53, protocol=p, node_port=30053)
        for p in (Protocol.UDP, Protocol.TCP)
    )
    services = tuple(
        replace(s, ports=(*s.ports, *ports)) if s.name == "web" else s for s in cluster.services
    )
    return world.with_cluster(replace(cluster, services=services))


# ---------------------------------------------------------------- the inspector


def _many(world: World, count: int) -> World:
    """So many Services besides."""
    cluster = world.cluster
    web = next(s for s in cluster.services if s.name == "web")
    more = tuple(
        replace(web, name=f"web-{i}", cluster_ips=(f"10.97.{i // 250}.{i % 250 + 1}",))
        for i in range(count)
    )
    return world.with_cluster(replace(cluster, services=(*cluster.services, *more)))


def _rows(world: World, device: str = "") -> list[str]:
    blocks = list(network_blocks(View.of(world.network.namespace("node/node-a")), device, WORDS))
    return [line.text.rstrip() for line in Sheet(blocks, WORDS).lines(90)]


def test_the_inspector_shows_kube_ipvs0_with_its_addresses(ipvs: World) -> None:
    rows = _rows(ipvs)
    assert any("kube-ipvs0: <BROADCAST,NOARP>" in row and "state DOWN" in row for row in rows)
    assert "      inet 10.96.31.7/32 scope global kube-ipvs0" in rows
    assert not any("more addresses" in row for row in rows)


def test_many_addresses_are_cut_with_a_count(ipvs: World) -> None:
    many = _many(ipvs, 300)
    total = len(many.virtual_addresses("node-a"))
    for device, most in (("", MOST_ADDRESSES), ("kube-ipvs0", MOST_ADDRESSES_ALONE)):
        rows = _rows(many, device)
        assert len([row for row in rows if "inet 10.9" in row]) == most
        assert f"      … {total - most} more addresses" in rows
