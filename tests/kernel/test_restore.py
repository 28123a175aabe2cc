"""The real tools accept every ruleset that we print, and print it back as it was."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tui.formats.cluster import parse_cluster
from tui.formats.kube_proxy_config import parse_kube_proxy_config
from tui.sim.engine import World
from tui.sim.model.address import Family
from tui.sim.netfilter.text import print_ruleset

RECORDED = sorted(Path(__file__).parents[1].glob("reference/recorded/iptables-*.json"))
TOOLS = {Family.IPV4: "iptables", Family.IPV6: "ip6tables"}
NFACCT = re.compile(r" -m nfacct --nfacct-name  \w+")


@pytest.mark.parametrize("recording", RECORDED[::5], ids=lambda path: path.stem)
def test_rules_are_restored_and_saved_as_we_print_them(recording: Path, machines: Any) -> None:
    case = json.loads(recording.read_text())
    world = World(
        parse_cluster(json.dumps(case["cluster"]), recording.name).cluster,
        parse_kube_proxy_config(
            json.dumps(case["kubeProxyConfiguration"]), recording.name
        ).settings,
    )
    machines.add("node")
    for family, tool in TOOLS.items():
        # nfacct objects are a table of their own, which not every kernel has
        dump = NFACCT.sub("", print_ruleset(world.kube_proxy_ruleset(case["node"], family)))
        machines.at("node", f"{tool}-restore", dump)
        saved = machines.at("node", f"{tool}-save")
        assert rules(saved) == rules(dump)


def rules(dump: str) -> list[str]:
    """Rules by table and chain; the tools print tables in the order of their making."""
    found, table = [], ""
    for line in dump.splitlines():
        if line.startswith("*"):
            table = line
        elif line.startswith("-A"):
            found.append(f"{table} {line}")
    return sorted(found)
