"""The commands in IPVS mode, as a user types them."""

import json

import pytest

from tui.cli import main
from tui.sim.netfilter.ipset_text import parse_sets
from tui.sim.netfilter.ipvs_text import parse_servers
from tui.sim.trace.json import trace_from_json, trace_to_json

MODE = ("--proxy-mode", "ipvs")
DUMPS = ["iptables-save", "ip6tables-save", "ipset", "ipvsadm", "ipvs0"]


def out(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main([*words, *MODE]) == code
    return capsys.readouterr().out


def headings(text: str) -> list[str]:
    return [line.removeprefix("# ") for line in text.splitlines() if line.startswith("#")]


def test_all_five_dumps_are_printed_under_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    text = out(capsys, "rules", "--node", "node-a")
    assert headings(text) == DUMPS
    assert "\n:KUBE-IPVS-FILTER - [0:0]\n" in text
    assert "\nadd KUBE-CLUSTER-IP 10.96.31.7,tcp:80\n" in text
    assert "\n-A -t 10.96.31.7:80 -s rr\n" in text
    assert " inet 10.96.31.7/32 scope global kube-ipvs0" in text


def test_one_family_alone(capsys: pytest.CaptureFixture[str]) -> None:
    text = out(capsys, "rules", "--family", "ipv4")
    assert headings(text) == [name for name in DUMPS if name != "ip6tables-save"]
    assert "KUBE-6-" not in text


def test_json_has_the_dumps_by_name_and_each_is_read_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = json.loads(out(capsys, "rules", "--json"))
    assert list(found) == DUMPS
    assert len(parse_sets(found["ipset"])) == 34, "seventeen of each family"
    assert parse_servers(found["ipvsadm"])


def test_a_trace_through_ipvs_survives_json(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("trace", "--from", "pod/shop/client", "--to", "svc/shop/web:80", "--json", "--all")
    data = json.loads(out(capsys, *words))
    assert data["mode"] == "ipvs"
    assert trace_to_json(trace_from_json(data)) == data
    assert {step["kind"] for o in data["outcomes"] for leg in o["legs"] for hop in leg["hops"]
            for step in hop["steps"]} >= {"scheduled", "translated"}  # fmt: skip


def test_a_trace_says_what_ipvs_does(capsys: pytest.CaptureFixture[str]) -> None:
    text = out(capsys, "trace", "--from", "pod/shop/client", "--to", "svc/shop/web:80")
    assert "10.96.31.7:80 is a virtual server with 3 real ones" in text
    assert "IPVS rewrites the destination 10.96.31.7:80 to" in text
