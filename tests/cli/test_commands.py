"""The commands on the demo cluster, as a user calls them."""

import io
import json
from pathlib import Path

import pytest

from tests.course.course_folder import write_course
from tui.cli import BAD_INPUT, main
from tui.cli.parser import parsed, parser
from tui.course.catalogue import load_course
from tui.sim.cni import PLUGINS
from tui.sim.trace.check import check_trace
from tui.sim.trace.json import trace_from_json

CLIENT = ["trace", "--from", "pod/shop/client"]


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(arguments)
    captured = capsys.readouterr()
    assert captured.err == ""
    return code, captured.out


EXITS = {
    "delivered": ([*CLIENT, "--to", "svc/shop/web:80"], 0),
    "refused by REJECT": ([*CLIENT, "--to", "svc/shop/broken:80"], 1),
    "nobody listens": ([*CLIENT, "--to", "pod/shop/web-1:81"], 0),
    "all delivered": ([*CLIENT, "--to", "svc/shop/web:80", "--all"], 0),
    "all refused": ([*CLIENT, "--to", "svc/shop/broken:80", "--all"], 1),
    "a name of the world": ([*CLIENT, "--to", "example.com:443"], 3),
    "all of a name of the world": ([*CLIENT, "--to", "example.com:443", "--all"], 3),
}


@pytest.mark.parametrize(("arguments", "code"), EXITS.values(), ids=EXITS)
def test_exit_codes(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(arguments, capsys)[0] == code


def test_a_trace_as_text_names_rules_owners_and_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, text = said([*CLIENT, "--to", "svc/shop/web:80", "--pin", "10.244.1.5:8080"], capsys)
    assert "nat KUBE-SERVICES:" in text
    assert "[Service shop/web]" in text
    assert "-j DNAT --to-destination 10.244.1.5:8080" in text
    assert "VXLAN" in text
    assert text.splitlines()[-2].startswith("delivered at 10.244.1.5:8080 (DNAT)")


def test_a_trace_as_json_is_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = said([*CLIENT, "--to", "web:80", "--all", "--json"], capsys)
    plain = json.loads(text)
    assert plain["version"] == 1
    assert plain["mode"] == "iptables"
    assert plain["cni"] == "flannel"
    trace = trace_from_json(plain)
    check_trace(trace)
    assert sum(o.probability for o in trace.outcomes) == pytest.approx(1)
    assert [leg.role.value for leg in trace.outcomes[0].legs[:2]] == ["dns", "reply"]


def test_a_name_outside_the_cluster_is_asked_for_and_its_answer_is_not_guessed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, text = said([*CLIENT, "--to", "example.com:443"], capsys)
    assert "DNS answers NXDOMAIN: there is no example.com.shop.svc.cluster.local." in text
    assert "example.com is outside the cluster: CoreDNS passes the question on" in text
    assert text.splitlines()[-2].startswith("unknown")


@pytest.mark.parametrize("name", ["wbe", "wbe.shop", "web.shop.scv.cluster.local", "wbe.shop.svc"])
def test_a_misspelt_name_of_the_cluster_is_not_taken_for_one_of_the_world(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*CLIENT, "--to", f"{name}:80"]) == 2
    assert "no such name" in capsys.readouterr().err


def test_all_outcomes_show_their_share(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = said([*CLIENT, "--to", "svc/shop/web:80", "--all"], capsys)
    assert text.count("33.33%") == 3


def test_flows_keep_order_and_other_keys(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [
        {"src": "10.244.0.7", "dst": "10.96.31.7", "dport": 80, "protocol": "TCP", "id": 1},
        {"src": "192.168.10.1", "dst": "10.96.31.7", "dport": 80, "id": 2},
        {"src": "127.0.0.1", "dst": "127.0.0.1", "dport": 30080, "id": 3},
    ]
    lines = "\n".join(json.dumps(flow) for flow in asked)
    stream = io.TextIOWrapper(io.BytesIO(f"{lines}\n".encode()), encoding="ascii")
    monkeypatch.setattr("sys.stdin", stream)
    code, text = said(["trace", "--flows", "-", "--node", "node-a"], capsys)
    answers = [json.loads(line) for line in text.splitlines()]
    assert code == 0
    assert [answer["id"] for answer in answers] == [1, 2, 3]
    for answer in answers:
        assert sum(o["probability"] for o in answer["outcomes"]) == pytest.approx(1)
        assert set(answer["outcomes"][0]) == {
            "verdict", "destination", "dnat", "snat", "probability",
        }  # fmt: skip
    assert {o["snat"] for o in answers[0]["outcomes"]} == {None}


def test_rules_print_a_dump_that_can_be_restored(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = said(["rules", "--node", "node-b"], capsys)
    assert text.startswith("*mangle\n")
    assert text.endswith("COMMIT\n")
    assert '--comment "shop/web cluster IP"' in text


@pytest.mark.parametrize(("family", "title"), [("ipv4", "ip"), ("ipv6", "ip6")])
def test_rules_of_nftables_mode_are_a_table(
    family: str, title: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["rules", "--proxy-mode", "nftables", "--family", family]
    _, text = said(arguments, capsys)
    assert text.startswith(f"table {title} kube-proxy {{\n")
    _, both = said([*arguments[:3], "--json"], capsys)
    assert json.loads(both)[{"ip": "nft", "ip6": "nft6"}[title]] == text
    assert set(json.loads(both)) == {"nft", "nft6"}


def test_a_trace_in_nftables_mode_names_maps_and_owners(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, text = said([*CLIENT, "--to", "svc/shop/web:80", "--proxy-mode", "nftables"], capsys)
    assert "ip kube-proxy services:2 (1 passed over)" in text
    assert "vmap @service-ips   [Service shop/web]" in text
    assert "One lookup in the map service-ips finds 10.96.31.7 . tcp . 80" in text


def test_lessons_are_listed_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = said(["lessons", "--json"], capsys)
    listed = json.loads(text)
    assert [lesson["id"] for lesson in listed] == [lesson.id for lesson in load_course().lessons]
    assert listed[0]["id"] == "container"
    assert all(lesson["steps"] for lesson in listed)


def test_info_names_versions_and_files(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = said(["info", "--json"], capsys)
    facts = json.loads(text)
    assert {"iptables", "nftables"} <= set(facts["modes"])
    assert facts["plugins"] == list(PLUGINS)
    assert facts["simplified"].keys() == {n for n, p in PLUGINS.items() if p.simplified}
    assert facts["progress"].endswith("progress.sqlite3")
    assert "modes not built yet" not in facts, "all are"


@pytest.mark.slow
def test_check_finds_nothing_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(["check"], capsys)
    assert code == 0
    assert text.endswith("nothing to mend\n")


def test_the_bare_command_without_a_terminal_tells_the_first_packet(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    code, text = said([], capsys)
    assert code == 0
    assert "Open the explorer with `k8snet-tui` in a terminal." in text
    assert "127.0.0.1" in text


@pytest.mark.parametrize("arguments", [["sandbox"], ["lesson", "service"]])
def test_another_screen_without_a_terminal_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert "needs a terminal" in captured.err


@pytest.mark.parametrize(
    "arguments", [[], ["rules", "--json"], ["lesson", "pod"], ["trace", "--all"], ["--ascii"]]
)
def test_the_quick_parser_hears_what_the_whole_one_hears(arguments: list[str]) -> None:
    assert parsed(arguments) == parser().parse_args(arguments)


def test_a_course_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_course(tmp_path / "own")
    for typed in (["lessons", "--lessons", str(root)], ["--lessons", str(root), "lessons"]):
        _, text = said([*typed, "--json"], capsys)
        assert [lesson["id"] for lesson in json.loads(text)] == ["plain", "broken"]
    _, text = said(["progress", "--lessons", str(root)], capsys)
    assert "plain" in text


def test_a_course_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "--lessons", str(tmp_path / "none")]) == BAD_INPUT
    assert "expected the folder of a course" in capsys.readouterr().err
