"""The same packet under every plugin: devices, headers, and the largest that passes."""

import pytest

from tests.sim.cni.pairs import PAIRS, SETTINGS, cluster, largest
from tests.snapshots.scenes import demo_world
from tui.comparison.json import plugins_to_json
from tui.comparison.plugin_table import DIFFERS, plugin_rows
from tui.comparison.plugins import PluginComparison, compare_plugins
from tui.sim.cni import PLUGINS
from tui.sim.engine import Choices, Injection, State, World, send
from tui.words import Words

WORLD = World(cluster(), SETTINGS)


def compared(pair: str, *plugins: str) -> PluginComparison:
    asked = PAIRS[pair]
    injection = Injection(asked.source, asked.destination)
    choices = Choices(pin="10.244.1.5:8080") if asked.pin else None
    return compare_plugins(WORLD, State(), injection, choices, plugins)


@pytest.mark.slow
@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair != "same pod"])
def test_the_largest_packet_is_the_largest_that_passes(pair: str) -> None:
    for way in compared(pair).ways:
        if pair == "node port":
            continue  # the world's own network is none of the plugin's
        assert way.largest == largest(WORLD.with_plugin(way.name), PAIRS[pair]), way.name


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_way_is_what_the_plugin_alone_would_do(plugin: str) -> None:
    (way,) = compared("service", plugin).ways
    pin = way.way.outcome.destination
    alone, _ = send(WORLD.with_plugin(plugin), State(), way.injection, Choices(pin))
    assert way.way.trace == alone
    assert way.way.outcome.request.hops[-1].namespace == "pod/shop/web-b", "the same endpoint"


def rows(*plugins: str) -> dict[str, tuple[str, ...]]:
    found = compared("service", *plugins)
    return {row.label: row.cells for row in plugin_rows(found, Words())}


def test_what_differs_is_marked() -> None:
    told = rows("flannel", "calico", "bridge")
    assert told[f"{DIFFERS} outer header"] == (
        "vxlan 192.168.10.1 → 192.168.10.2, 50 bytes more",
        "ipip 192.168.10.1 → 192.168.10.2, 20 bytes more",
        "–",
    )
    assert told[f"{DIFFERS} on the wire"][2] == "10.244.0.5 → 10.244.1.5, 60 bytes"
    assert told[f"{DIFFERS} first node"] == ("cni0, flannel.1, eth0", "tunl0, eth0", "cni0, eth0")
    assert told["  source seen"] == ("10.244.0.5",) * 3
    assert not any(label.startswith(DIFFERS) for label in rows("bridge", "bridge"))


def test_pods_have_other_addresses_where_the_plugin_gives_them() -> None:
    assert rows("flannel", "aws-vpc")[f"{DIFFERS} source seen"] == ("10.244.0.5", "192.168.10.3")


def test_a_packet_that_arrives_nowhere_is_said_so() -> None:
    injection = Injection("pod/shop/client", "svc/shop/broken:80")
    found = compare_plugins(demo_world(), State(), injection)
    told = {row.label: set(row.cells) for row in plugin_rows(found, Words())}
    assert told["  client feels"] == {"connection refused, at once"}
    assert told["  TTL seen"] == {"–"}


def test_as_json() -> None:
    told = plugins_to_json(compared("other node", "flannel"))
    assert told["mode"] == "iptables"
    plugins = told["plugins"]
    assert isinstance(plugins, list)
    kinds = [(each["namespace"], each["kind"]) for each in plugins[0]["devices"]]
    assert kinds == [
        ("pod/shop/client", "veth"), ("node/node-a", "vxlan"), ("node/node-a", "physical"),
        ("node/node-b", "veth"),
    ]  # fmt: skip
    assert plugins[0]["devices"][2]["tunnel"] == {
        "kind": "vxlan", "source": "192.168.10.1", "destination": "192.168.10.2",
    }  # fmt: skip
