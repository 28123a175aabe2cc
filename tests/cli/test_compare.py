"""The modes side by side, as a user calls for them."""

import json

import pytest

from tui.cli import main
from tui.sim.engine import cost

TRACE = ["trace", "--from", "pod/shop/client"]


def test_a_comparison_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TRACE, "--to", "svc/shop/web:80", "--compare", "--pin", "10.244.1.5:8080"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("pinned to 10.244.1.5:8080")
    assert lines[2].split() == ["milestone", "iptables", "nftables", "ipvs"]
    assert any(line.startswith("encapsulated") for line in lines)
    assert max(map(len, lines)) <= 80
    source = next(line for line in lines if line.startswith("source seen"))
    assert source.split()[2:] == ["10.244.0.7"] * 3


def test_a_comparison_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TRACE, "--to", "svc/shop/web:80", "--compare", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [mode["mode"] for mode in found["modes"]] == ["iptables", "nftables", "ipvs"]
    assert {mode["destination"] for mode in found["modes"]} == {found["pin"]}


def test_the_exit_code_is_that_of_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TRACE, "--to", "svc/shop/broken:80", "--compare"]) == 1
    assert "refused" in capsys.readouterr().out


@pytest.mark.parametrize("other", [["--all"], ["--flows", "-"]])
def test_what_does_not_go_together_is_said(
    other: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*TRACE, "--to", "svc/shop/web:80", "--compare", *other]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert other[0] in said.err
    assert "--compare" in said.err


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = cost.curve
    monkeypatch.setattr(cost, "curve", lambda: whole((10, 100)))


@pytest.mark.usefixtures("_small")
def test_the_cost_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--ascii"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.isascii()
    assert "Only the first packet of a connection pays" in said.out
    assert "conntrack" in said.out
    assert "GA since v1.33" in said.out
    assert "deprecated since v1.35" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.usefixtures("_small")
def test_the_cost_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost"]) == 0
    assert "◆○" in capsys.readouterr().out


@pytest.mark.usefixtures("_small")
def test_the_cost_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--json"]) == 0
    points = json.loads(capsys.readouterr().out)["points"]
    assert [point["services"] for point in points] == [10] * 3 + [100] * 3
    rules = [point["first"]["rules"] for point in points if point["mode"] == "iptables"]
    assert rules[1] - rules[0] == 90
