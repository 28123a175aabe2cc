"""Our nftables tables equal those that a real kube-proxy v1.36.2 programmed, in 50 clusters.

The kernel keeps elements in no order, so sets and maps are compared as sets of elements;
chains as lists of rules. `rules --json` is asked, as a user would ask it. What is left equal
beside that is the text: the order of elements is nft's own, which our printer follows.
"""

import json
import re
from pathlib import Path

import pytest

from tui.cli import main

RECORDED = sorted(Path(__file__).parents[2].glob("reference/recorded/nftables-*.json"))
BLOCK = re.compile(r"\t(set|map|chain) (\S+) \{")

Blocks = dict[tuple[str, str], object]


def blocks(dump: str) -> Blocks:
    """Sets, maps and chains by name: properties and elements, or rules in their order."""
    found: Blocks = {}
    lines: list[str] = []
    head = ("table", dump.splitlines()[0])
    for line in dump.splitlines()[1:]:
        begun = BLOCK.fullmatch(line)
        if begun:
            found[head], lines = contents(head[0], lines), []
            head = (begun[1], begun[2])
        elif line.strip() not in ("", "}"):
            lines.append(line.strip())
    found[head] = contents(head[0], lines)
    return found


def contents(kind: str, lines: list[str]) -> object:
    if kind == "chain":
        return lines
    text = "\n".join(lines)
    told, _, elements = text.partition("elements = { ")
    words = re.split(r",\s+", elements.removesuffix(" }")) if elements else []
    return told, frozenset(words), len(words)


def test_the_recordings_are_here() -> None:
    assert len(RECORDED) >= 50


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_tables_equal_the_recording(
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
        expected, found = blocks(dump), blocks(ours[name])
        assert found.keys() == expected.keys()
        for block, content in expected.items():
            assert found[block] == content, f"{name}: {' '.join(block)}"
