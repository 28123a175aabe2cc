"""`k8snet-tui model`: the rules of the network model, as a user asks for them."""

import json
from pathlib import Path

import pytest

from tui.cli import main

APART = """
apiVersion: v1
kind: List
items:
- {kind: Node, metadata: {name: a}, spec: {podCIDR: 10.244.0.0/24},
   status: {addresses: [{type: InternalIP, address: 192.168.10.1}]}}
- {kind: Node, metadata: {name: b}, spec: {podCIDR: 10.244.1.0/24},
   status: {addresses: [{type: InternalIP, address: 192.168.20.1}]}}
- {kind: Pod, metadata: {name: one, namespace: x}, spec: {nodeName: a, containers: [{name: c}]},
   status: {podIP: 10.244.0.2, podIPs: [{ip: 10.244.0.2}]}}
- {kind: Pod, metadata: {name: two, namespace: x}, spec: {nodeName: b, containers: [{name: c}]},
   status: {podIP: 10.244.1.2, podIPs: [{ip: 10.244.1.2}]}}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "apart.yaml").write_text(APART, encoding="utf-8")
    return str(tmp_path / "apart.yaml")


def test_all_hold_in_the_demo_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model"]) == 0
    told = capsys.readouterr().out
    assert "✓ Every pod reaches every pod without NAT   (132 of 132 pairs tried)" in told
    assert "✗" not in told


def test_a_rule_that_does_not_hold_comes_with_its_packet(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", "--cluster", file, "--cni", "flannel-host-gw"]) == 1
    told = capsys.readouterr().out
    assert "✗ pod/x/two → pod/x/one   and 1 more" in told
    shown = next(line for line in told.splitlines() if line.strip().startswith("$ k8snet-tui"))
    words = [*shown.split()[2:], "--cluster", file]
    assert main(words) == 0, "delivered to nobody: the trace says so"
    assert "nobody" in capsys.readouterr().out.lower()


def test_as_json_and_as_ascii(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "--cluster", file, "--cni", "calico-bgp", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(rule["rule"], rule["holds"]) for rule in found["rules"]] == [
        ("pod-to-pod", False), ("node-to-pod", False), ("own-address", True),
    ]  # fmt: skip
    assert main(["model", "--ascii"]) == 0
    assert capsys.readouterr().out.isascii()


def test_a_wrong_plugin_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "--cni", "weave"]) == 2
    assert "weave" in capsys.readouterr().err
