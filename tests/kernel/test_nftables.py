"""The real nft loads every table that we print, and lists it back letter by letter."""

import json
import random
import shutil
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

import pytest

from tui.formats.cluster import parse_cluster
from tui.formats.kube_proxy_config import parse_kube_proxy_config
from tui.sim.engine import World
from tui.sim.model.address import Family
from tui.sim.netfilter.nft.rules import Drop, Match, Rule, Selector
from tui.sim.netfilter.nft.text import print_rule, print_table
from tui.sim.proxy.nftables_chains import one_or_more

RECORDED = sorted(Path(__file__).parents[1].glob("reference/recorded/nftables-*.json"))

pytestmark = pytest.mark.skipif(shutil.which("nft") is None, reason="needs nft (Debian: nftables)")


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_a_table_is_listed_as_we_print_it(recording: Path, machines: Any) -> None:
    case = json.loads(recording.read_text())
    world = World(
        parse_cluster(json.dumps(case["cluster"]), recording.name).cluster,
        parse_kube_proxy_config(
            json.dumps(case["kubeProxyConfiguration"]), recording.name
        ).settings,
    )
    machines.add("node")
    for family in Family:
        table = world.kube_proxy_table(case["node"], family)
        assert table is not None
        text = print_table(table)
        machines.at("node", "nft -f -", text)
        assert machines.at("node", f"nft list table {table.title}") == text


def test_source_ranges_are_merged_as_nft_merges_them(machines: Any) -> None:
    """What kube-proxy writes (`ip saddr != { RANGES } drop`), as nft then lists it."""
    chance = random.Random(136)
    chains = [[network(chance) for _ in range(chance.randint(1, 6))] for _ in range(120)]
    machines.add("node")
    machines.at("node", "nft -f -", written(chains))
    listed = machines.at("node", "nft list table ip t")
    for networks in chains:
        outside = Match((Selector.IP_SADDR,), one_or_more(networks), negated=True)
        assert f"\t\t{print_rule(Rule((outside, Drop())))}\n" in listed, networks


def network(chance: random.Random) -> IPv4Network:
    """A range among so few that they often overlap or adjoin."""
    length = chance.choice([23, 24, 25, 31, 32, 32])
    return IPv4Network((0x0A000000 + chance.randrange(4 * 256), length), strict=False)


def written(chains: list[list[IPv4Network]]) -> str:
    lines = ["table ip t {"]
    for number, networks in enumerate(chains):
        ranges = ", ".join(map(str, networks))
        lines += [f"chain c{number} {{", f"ip saddr != {{ {ranges} }} drop", "}"]
    return "\n".join([*lines, "}\n"])


def test_ranges_of_the_other_family_are_merged_too(machines: Any) -> None:
    networks = [IPv6Network("fd00:0:0:1::/64"), IPv6Network("fd00::/64"), IPv6Network("fd01::/63")]
    ranges = ", ".join(map(str, networks))
    machines.add("node")
    rule = f"table ip6 t {{\nchain c {{\nip6 saddr != {{ {ranges} }} drop\n}}\n}}\n"
    machines.at("node", "nft -f -", rule)
    outside = Match((Selector.IP6_SADDR,), one_or_more(networks), negated=True)
    assert print_rule(Rule((outside, Drop()))) in machines.at("node", "nft list table ip6 t")


ORDER = """
table ip first {
    chain f {
        type filter hook output priority filter; policy accept;
        meta mark 0x0 meta mark set 0x1
        meta mark 0x1 counter
    }
}
table ip second {
    chain f {
        type filter hook output priority filter; policy accept;
        meta mark 0x0 meta mark set 0x2
        meta mark 0x2 counter
    }
}
"""


def test_of_two_at_one_priority_the_last_that_was_hung_is_asked_first(machines: Any) -> None:
    machines.add("node")
    machines.at("node", "nft -f -", ORDER)
    program = "import socket; socket.socket(2, 2).sendto(b'x', ('127.0.0.1', 9))"
    with machines.python("node", program) as sender:
        assert sender.wait() == 0
    counters = [line.split() for line in machines.at("node", "nft list ruleset").splitlines()
                if "counter" in line]  # fmt: skip
    first, second = (int(words[words.index("packets") + 1]) for words in counters)
    assert first == 0
    assert second > 0
