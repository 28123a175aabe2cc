"""Our verdicts equal a real kernel's: thousands of new connections, each tried 14 times.

Every outcome seen must be predicted, the probabilities of all outcomes sum to 1, and what is
predicted but was never seen must be improbable. Where session affinity stuck the tries to the
first choice, the last rule cannot hold. All tries to one service port together must give each
endpoint its share. `trace --flows --cni bridge` is asked, as a user would ask it.
"""

import json
from collections import defaultdict
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from tests.sampling import one_in
from tui.cli import main

LEAST = {"iptables": 4922, "nftables": 4844, "ipvs": 1682}
"""Proxy modes with the flows that their recordings hold."""

FOLDER = Path(__file__).parents[2] / "reference" / "recorded"
RECORDED = [path for mode in LEAST for path in sorted(FOLDER.glob(f"{mode}-*.json"))]
TRIES = 14
IMPOSSIBLE = 1e-6
DEVIATIONS = 6.0

Key = tuple[Any, ...]


def key(outcome: dict[str, Any]) -> Key:
    if outcome["verdict"] != "delivered":
        return (outcome["verdict"],)
    return ("delivered", outcome["destination"], outcome["dnat"], outcome["snat"])


def predicted(flow: dict[str, Any]) -> dict[Key, float]:
    shares: dict[Key, float] = defaultdict(float)
    for outcome in flow["outcomes"]:
        shares[key(outcome)] += outcome["probability"]
    return shares


def with_flows() -> list[Path]:
    return [path for path in RECORDED if '"flows"' in path.read_text()]


@pytest.mark.parametrize("recording", one_in(8, with_flows()), ids=lambda path: path.stem)
def test_flows_end_as_the_kernel_ended_them(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = json.loads(recording.read_text())
    answers = ask(case, tmp_path, capsys)
    assert len(answers) == len(case["flows"])
    for flow, answer in zip(case["flows"], answers, strict=True):
        compare(flow, predicted(answer))
    compare_shares(case["flows"], [predicted(answer) for answer in answers])


def ask(
    case: dict[str, Any], folder: Path, capsys: pytest.CaptureFixture[str]
) -> list[dict[str, Any]]:
    cluster, config, flows = (folder / name for name in ("c.json", "k.json", "f.jsonl"))
    cluster.write_text(json.dumps(case["cluster"]))
    config.write_text(json.dumps(case["kubeProxyConfiguration"]))
    asked = [
        {name: flow[name] for name in ("src", "dst", "dport", "protocol")} for flow in case["flows"]
    ]
    flows.write_text("".join(json.dumps(flow) + "\n" for flow in asked))
    code = main(
        [
            *["trace", "--flows", str(flows), "--cni", "bridge", "--node", case["node"]],
            *["--cluster", str(cluster), "--kube-proxy-config", str(config)],
        ]
    )
    assert code == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def compare(flow: dict[str, Any], shares: dict[Key, float]) -> None:
    assert sum(shares.values()) == pytest.approx(1, abs=1e-9), flow
    seen = {key(outcome) for outcome in flow["outcomes"]}
    for one in seen:
        assert shares.get(one, 0) > 0, f"seen but not predicted: {one} of {flow}"
    if not flow["affinity"]:
        unseen = sum(share for one, share in shares.items() if one not in seen)
        assert (1 - unseen) ** TRIES > IMPOSSIBLE, f"predicted but never seen: {flow} {shares}"


def compare_shares(flows: list[dict[str, Any]], shares: list[dict[Key, float]]) -> None:
    """All tries to one service port together: each endpoint within six deviations."""
    expected: dict[Key, float] = defaultdict(float)
    variance: dict[Key, float] = defaultdict(float)
    counted: dict[Key, int] = defaultdict(int)
    for flow, predictions in zip(flows, shares, strict=True):
        if flow["affinity"]:
            continue
        port = (flow["service"], flow["to"], flow["dport"], flow["protocol"])
        for one, share in by_destination(predictions).items():
            expected[(*port, one)] += TRIES * share
            variance[(*port, one)] += TRIES * share * (1 - share)
        for outcome in flow["outcomes"]:
            counted[(*port, outcome.get("destination"))] += outcome["seen"]
    for endpoint, mean in expected.items():
        slack = DEVIATIONS * sqrt(variance[endpoint]) + 1e-6
        seen = counted[endpoint]
        assert abs(seen - mean) <= slack, f"{endpoint}: {seen} of {mean:.1f}"


def by_destination(shares: dict[Key, float]) -> dict[str | None, float]:
    found: dict[str | None, float] = defaultdict(float)
    for one, share in shares.items():
        found[one[1] if one[0] == "delivered" else None] += share
    return found


@pytest.mark.parametrize(("mode", "least"), LEAST.items())
def test_the_recordings_hold_enough_flows(mode: str, least: int) -> None:
    recorded = [path for path in with_flows() if path.name.startswith(mode)]
    assert sum(len(json.loads(path.read_text())["flows"]) for path in recorded) >= least
