"""IPVS mode equals what a real kube-proxy v1.36.2 programmed, in random clusters.

kube-proxy walks Go maps, so the rules of one chain stand in random order, and the kernel draws
the order of its hashes: ipsets and virtual servers are compared as sets. `rules --json` is
asked, as a user would ask it.
"""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tui.cli import main

RECORDED = sorted(Path(__file__).parents[2].glob("reference/recorded/ipvs-*.json"))
TABLES = ("iptables-save", "ip6tables-save")
UNORDERED = "KUBE-IPVS-OUT-FILTER"
DRAWN = re.compile(r" initval 0x[0-9a-f]{8}$")

Chains = dict[tuple[str, str], list[str]]


def chains(dump: str) -> Chains:
    """Rules by table and chain; a chain without rules is there too."""
    found: Chains = {}
    table = ""
    for line in dump.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith(":"):
            found[table, line[1:].split()[0]] = []
        elif line.startswith("-A "):
            found[table, line.split()[1]].append(line)
    return found


def sets(dump: str) -> set[str]:
    """Lines of `ipset save` without the seed that the kernel draws for each hash."""
    return {DRAWN.sub("", line) for line in dump.splitlines() if line}


def lines(dump: str) -> list[str]:
    return [line for line in dump.splitlines() if line]


def asked(recording: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    case = json.loads(recording.read_text())
    cluster, config = folder / "cluster.json", folder / "kube-proxy.json"
    cluster.write_text(json.dumps(case["cluster"]))
    config.write_text(json.dumps(case["kubeProxyConfiguration"]))
    words = ["rules", "--json", "--cluster", str(cluster), "--kube-proxy-config", str(config)]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_the_recordings_are_here() -> None:
    assert len(RECORDED) >= 15


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_everything_equals_the_recording(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = json.loads(recording.read_text())["expected"]
    ours = asked(recording, tmp_path, capsys)
    assert list(ours) == list(expected)
    for name in TABLES:
        wanted, found = chains(expected[name]), chains(ours[name])
        assert list(found) == list(wanted)
        for (table, chain), rules in wanted.items():
            if chain == UNORDERED:
                assert Counter(found[table, chain]) == Counter(rules)
            else:
                assert found[table, chain] == rules, f"{name} {table} {chain}"
    assert sets(ours["ipset"]) == sets(expected["ipset"])
    assert lines(ours["ipvsadm"]) == lines(expected["ipvsadm"]), "the tool sorts them"
    assert set(lines(ours["ipvs0"])) == set(lines(expected["ipvs0"]))
