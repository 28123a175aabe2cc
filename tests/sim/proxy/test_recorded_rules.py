"""Our rules equal those that a real kube-proxy v1.36.2 programmed, in 50 random clusters.

kube-proxy walks Go maps, so services stand in random order in four chains: there rules are
compared as a multiset, with the rule that must be last, last. Everything else is compared
rule by rule. `rules --json` is asked, as a user would ask it.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from tui.cli import main

RECORDED = sorted(Path(__file__).parents[2].glob("reference/recorded/iptables-*.json"))
UNORDERED = {"KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-EXTERNAL-SERVICES", "KUBE-PROXY-FIREWALL"}
CANARIES = {"KUBE-PROXY-CANARY", "KUBE-KUBELET-CANARY"}
LAST = "must be the last rule"

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


def compared(chain: str, rules: list[str]) -> object:
    if chain not in UNORDERED:
        return rules
    last = [rule for rule in rules if LAST in rule]
    assert not last or rules[-len(last) :] == last, f"{chain}: the last rule is not last"
    return Counter(rules), sorted(last)


def test_the_recordings_are_here() -> None:
    assert len(RECORDED) >= 50


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_rules_equal_the_recording(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = json.loads(recording.read_text())
    cluster, config = tmp_path / "cluster.json", tmp_path / "kube-proxy.json"
    cluster.write_text(json.dumps(case["cluster"]))
    config.write_text(json.dumps(case["kubeProxyConfiguration"]))
    code = main(["rules", "--json", "--cluster", str(cluster), "--kube-proxy-config", str(config)])
    ours = json.loads(capsys.readouterr().out)
    assert code == 0
    assert ours.keys() == case["expected"].keys()
    for name, dump in case["expected"].items():
        expected, found = chains(dump), chains(ours[name])
        assert found.keys() == expected.keys()
        for (table, chain), rules in expected.items():
            if chain not in CANARIES:
                assert compared(chain, found[table, chain]) == compared(chain, rules), (
                    f"{name} {table} {chain}"
                )
