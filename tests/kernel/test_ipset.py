"""The real `ipset` takes every dump that we print, and finds in it what we find."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from tui.formats.cluster import parse_cluster
from tui.formats.kube_proxy_config import parse_kube_proxy_config
from tui.sim.model.address import Family
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.settings import NodeFacts
from tui.sim.netfilter.ipset import IpSet
from tui.sim.netfilter.ipset_text import parse_sets, print_packet, print_sets
from tui.sim.netfilter.text import print_ruleset
from tui.sim.proxy import ipvs
from tui.sim.proxy.host import ProxyHost

RECORDED = sorted(Path(__file__).parents[1].glob("reference/recorded/ipvs-*.json"))
TOOLS = {Family.IPV4: "iptables", Family.IPV6: "ip6tables"}

pytestmark = pytest.mark.skipif(shutil.which("ipset") is None, reason="needs ipset (Debian: ipset)")


def programmed(recording: Path) -> dict[Family, ipvs.Programmed]:
    case = json.loads(recording.read_text())
    cluster = parse_cluster(json.dumps(case["cluster"]), recording.name).cluster
    written = json.dumps(case["kubeProxyConfiguration"])
    settings = parse_kube_proxy_config(written, recording.name).settings
    node = cluster.node(case["node"])
    assert node is not None
    return {
        family: ipvs.render(cluster, ProxyHost(node, family, settings, NodeFacts()))
        for family in Family
    }


def lines(dump: str) -> list[str]:
    """The lines of a dump; the kernel walks its hashes in an order of its own."""
    return sorted(line for line in dump.splitlines() if line)


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_sets_are_restored_and_saved_as_we_print_them(recording: Path, machines: Any) -> None:
    sets = [made for each in programmed(recording).values() for made in each.sets]
    machines.add("node")
    machines.at("node", "ipset restore", print_sets(sets))
    saved = machines.at("node", "ipset save")
    assert lines(saved) == lines(print_sets(sets))
    assert lines(print_sets(parse_sets(saved))) == lines(saved)


@pytest.mark.parametrize("recording", RECORDED[::5], ids=lambda path: path.stem)
def test_rules_that_ask_sets_are_saved_as_we_print_them(recording: Path, machines: Any) -> None:
    """Those that ask IPVS are left out: not every kernel has it."""
    machines.add("node")
    for family, each in programmed(recording).items():
        machines.at("node", "ipset restore", print_sets(each.sets))
        dump = re.sub(r"-A KUBE-IPVS-OUT-FILTER -s .*\n", "", print_ruleset(each.rules))
        machines.at("node", f"{TOOLS[family]}-restore", dump)
        saved = machines.at("node", f"{TOOLS[family]}-save")
        assert rules(saved) == rules(dump)


def rules(dump: str) -> list[str]:
    return sorted(line for line in dump.splitlines() if line.startswith("-A"))


# ---------------------------------------------------------------- who is in

SETS = parse_sets(
    """
    create SERVICES hash:ip,port family inet
    add SERVICES 10.96.0.11,tcp:80
    add SERVICES 10.96.0.12,sctp:80
    create SELF hash:ip,port,ip family inet
    add SELF 10.244.0.2,tcp:8080,10.244.0.2
    create RANGES hash:ip,port,net family inet
    add RANGES 198.51.100.4,tcp:80,203.0.113.0/24
    add RANGES 198.51.100.4,tcp:80,10.0.0.0/8
    add RANGES 198.51.100.4,tcp:80,203.0.113.64/26 nomatch
    create COMMENTED hash:ip family inet hashsize 1024 maxelem 65536 comment
    add COMMENTED 10.96.0.11 comment "shop/web: the shop's own"
    """
)
PACKETS = [
    Packet(ip_address(source), ip_address(destination), protocol, 40000, port)
    for source in ("10.244.0.2", "10.1.2.3", "203.0.113.9", "203.0.113.70", "198.18.0.9")
    for destination in ("10.96.0.11", "10.96.0.12", "10.244.0.2", "198.51.100.4")
    for protocol in (Protocol.TCP, Protocol.UDP, Protocol.SCTP)
    for port in (80, 8080)
]
DIRECTIONS = ("dst", "dst", "src")


def asked(made: IpSet) -> Iterator[tuple[Packet, str]]:
    """Packets as the set sees them; `ipset test` gets each by name."""
    for packet in PACKETS:
        yield packet, print_packet(made, packet, DIRECTIONS)


def test_the_kernel_finds_in_a_set_what_we_find(machines: Any) -> None:
    machines.add("node")
    machines.at("node", "ipset restore", print_sets(SETS))
    commands = {
        f"{made.name} {text}": made.look_up(packet, DIRECTIONS).element is not None
        for made in SETS
        for packet, text in asked(made)
    }
    assert set(commands.values()) == {True, False}
    for command, held in commands.items():
        words = ["ip", "netns", "exec", f"{machines.prefix}node", "ipset", "-q", "test"]
        found = subprocess.run([*words, *command.split()], capture_output=True, check=False)
        assert (found.returncode == 0) == held, command
