"""Whatever a user gets wrong is answered in one line that says where, with exit code 2."""

import json
import os
from pathlib import Path

import pytest

from tui.cli import main

NODE = {
    "apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-a"},
    "spec": {"podCIDR": "10.244.0.0/24"},
    "status": {"addresses": [{"type": "InternalIP", "address": "192.168.10.1"}]},
}  # fmt: skip


def listed(*items: object) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [NODE, *items]})


def service(**port: object) -> dict[str, object]:
    return {
        "apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "shop", "name": "web"},
        "spec": {"clusterIP": "10.96.0.20", "ports": [port]},
    }  # fmt: skip


FILES = {
    "broken JSON": ('{"kind": "List", "items": [', ["cluster", "line 1"]),
    "broken YAML": ("kind: Node\n  metadata: [", ["cluster", "line 2"]),
    "empty file": ("", ["cluster", "is empty", "kubectl get"]),
    "empty List": ('{"apiVersion": "v1", "kind": "List", "items": []}',
                   ["cluster", "has no Node and no Pod", "kubectl get"]),
    "a number": ("42", ["cluster", "42"]),
    "wrong type": (listed(service(port="eighty")), ["items[1] (Service shop/web)",
                                                    "spec.ports[0].port"]),
    "port 70000": (listed(service(port=70000)), ["items[1] (Service shop/web)",
                                                 "spec.ports[0].port", "70000", "1 to 65535"]),
    "protocol": (listed(service(port=80, protocol="QUIC")), ["spec.ports[0].protocol", "QUIC"]),
    "items no list": ('{"kind": "List", "apiVersion": "v1", "items": {}}', ["items"]),
}  # fmt: skip


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line with which a command refuses its arguments."""
    code = main(arguments)
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert "Traceback" not in captured.err
    return lines[0]


@pytest.mark.parametrize(("text", "said"), FILES.values(), ids=FILES)
@pytest.mark.parametrize(
    "command", [["rules"], ["trace", "--from", "node/node-a", "--to", "10.0.0.1:80"]]
)
def test_a_bad_file_is_named_with_the_place_inside(
    text: str, said: list[str], command: list[str], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = tmp_path / "cluster"
    file.write_text(text)
    line = refused([*command, "--cluster", str(file)], capsys)
    assert str(file) in line
    for words in said:
        assert words in line


def test_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(["rules", "--cluster", str(tmp_path / "none.yaml")], capsys)
    assert "none.yaml" in line
    assert "no such file" in line


def test_a_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(["rules", "--cluster", str(tmp_path)], capsys)
    assert "is a directory" in line


def test_ten_megabytes_of_noise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "noise"
    file.write_bytes(os.urandom(10 * 1024 * 1024))
    assert str(file) in refused(["rules", "--cluster", str(file)], capsys)


def test_ten_megabytes_of_printable_noise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "noise"
    file.write_bytes(os.urandom(5 * 1024 * 1024).hex().encode())
    assert str(file) in refused(["rules", "--cluster", str(file)], capsys)


CLIENT = ["trace", "--from", "pod/shop/client", "--to"]
ARGUMENTS = {
    "unknown node": (["rules", "--node", "node-z"], ["node-z", "node-a, node-b, node-c"]),
    "unknown mode": (["rules", "--proxy-mode", "magic"], ["magic", "iptables"]),
    "unknown plugin": (["rules", "--cni", "weave"], ["--cni weave", "flannel"]),
    "mode not built": (["rules", "--proxy-mode", "userspace"], ["userspace"]),
    "no places": (["trace"], ["--from", "--to"]),
    "unknown pod": (["trace", "--from", "pod/shop/nobody", "--to", "10.0.0.1:80"],
                    ["pod/shop/nobody", "no such pod"]),
    "unknown container": (["trace", "--from", "pod/shop/client/nope", "--to", "10.0.0.1:80"],
                          ["no container nope"]),
    "unknown service": (["trace", "--from", "pod/shop/client", "--to", "svc/shop/nope:80"],
                        ["svc/shop/nope:80", "no such Service"]),
    "unknown port name": (["trace", "--from", "pod/shop/client", "--to", "svc/shop/web:nope"],
                          ["nope"]),
    "no port": (["trace", "--from", "pod/shop/client", "--to", "pod/shop/web-1"], ["port"]),
    "a port too large": (["trace", "--from", "pod/shop/client", "--to", "10.0.0.1:70000"],
                         ["70000", "1 to 65535"]),
    "nonsense": (["trace", "--from", "pod/shop/client", "--to", "what is/this:80"],
                 ["what is/this:80", "expected"]),
    "unknown name": (["trace", "--from", "pod/shop/client", "--to", "nope.shop:80"],
                     ["nope.shop", "no such name"]),
    "a Service as source": (["trace", "--from", "svc/shop/web", "--to", "10.0.0.1:80"],
                            ["a Service sends nothing"]),
    "a name from a node": (["trace", "--from", "node/node-a", "--to", "web.shop:80"],
                           ["only a pod"]),
    "unknown protocol": (["trace", "--from", "pod/shop/client", "--to", "10.0.0.1:80",
                          "--protocol", "quic"], ["quic", "tcp"]),
    "unknown lesson": (["lesson", "nope"], ["nope", "service"]),
    "unknown step": (["lesson", "service", "--step", "99"], ["99", "service"]),
    "unknown language": (["lessons", "--lang", "xx"], ["xx", "en"]),
    "a pin that no rule offers": ([*CLIENT, "svc/shop/web:80", "--pin", "10.9.9.9:80"],
                                  ["--pin 10.9.9.9:80", "10.244.0.5:8080, 10.244.1.5:8080"]),
    "a pin that no rule offers, in every mode": (
        [*CLIENT, "svc/shop/web:80", "--compare", "--pin", "10.9.9.9:80"],
        ["--pin 10.9.9.9:80", "10.244.0.5:8080, 10.244.1.5:8080"]),
    "a pin where all is listed": ([*CLIENT, "svc/shop/web:80", "--all", "--pin", "10.244.0.5:8080"],
                                  ["--pin", "--all"]),
    "flows and a place": (["trace", "--flows", "-", "--from", "pod/shop/client"],
                          ["--from", "--flows"]),
    "flows and a pin": (["trace", "--flows", "-", "--pin", "10.0.0.1:80", "--all"],
                        ["--pin", "--all", "--flows"]),
    "a place with a colour": ([*CLIENT, "svc/shop/web:80\x1b[31m"], [r"80\x1b[31m"]),
    "a file with a colour": (["rules", "--cluster", "/none\x1b[31m"], [r"/none\x1b[31m"]),
    "a place without end": ([*CLIENT, "x" * 100_000], ["xxx...", "longer"]),
    "a digit that is none": ([*CLIENT, "10.0.0.1:\u00b2"], ["1 to 65535"]),
    "an address with a zone": (["trace", "--from", "external/fe80::1%x\x1b", "--to", "10.0.0.1:80"],
                               ["no place"]),
    "more pods than are listed": (["trace", "--from", "pod/shop/x", "--to", "10.0.0.1:80"],
                                  ["known are: ", " and 8 more"]),
    "more Services than are listed": ([*CLIENT, "svc/shop/x:80"], ["known are: ", " and 2 more"]),
    "a course that is a file": (["check", __file__], [__file__, "folder", "found a file"]),
    "a course that is not there": (["check", "/none"], ["/none", "folder", "there is none"]),
    "flows without file": (["trace", "--flows", "/nowhere/flows"], ["/nowhere/flows"]),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_a_bad_argument_is_named(
    arguments: list[str], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(arguments, capsys)
    for words in said:
        assert words in line


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        ("not json", "line 2"),
        ('{"src": "10.244.0.7"}', "line 2"),
        ('{"src": "10.244.0.7", "dst": "10.96.0.1", "dport": 70000}', "line 2 dport"),
        ('{"src": "nobody", "dst": "10.96.0.1", "dport": 80}', "line 2 src"),
        ("[]", "line 2"),
    ],
)
def test_a_bad_flow_names_its_line(
    flow: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "flows.jsonl"
    good = {"src": "10.244.0.7", "dst": "10.96.31.7", "dport": 80}
    file.write_text(f"{json.dumps(good)}\n{flow}\n")
    code = main(["trace", "--flows", str(file)])
    captured = capsys.readouterr()
    assert code == 2
    assert len(captured.out.splitlines()) == 1, "the good line is answered"
    assert said in captured.err
    assert str(file) in captured.err
    assert len(captured.err.splitlines()) == 1


USAGE = {
    "trace --sport 0": "k8snet-tui trace: --sport 0: expected a port from 1 to 65535",
    "trace --size 5": "k8snet-tui trace: --size 5: expected a packet's size from 28 to 65535 bytes",
    "trace --seed x": "k8snet-tui trace: --seed x: expected a whole number, 0 or more",
    "trace --family ipv9": "k8snet-tui trace: --family ipv9: expected ipv4 or ipv6",
    "trace --at nan": "k8snet-tui trace: --at nan: expected seconds, 0 or more",
    "trace --at -1": "k8snet-tui trace: --at -1: expected seconds, 0 or more",
    "trace --at=-inf": "k8snet-tui trace: --at -inf: expected seconds, 0 or more",
    "trace --at 1e400": "k8snet-tui trace: --at 1e400: expected seconds, 0 or more",
    "trace --at": "k8snet-tui trace: --at: expected a value",
    "trace --pin foo": "k8snet-tui trace: --pin foo: expected an endpoint, like 10.244.1.5:8080 "
    "or [fd00::5]:8080",
    "trace --pin fd00::5:80": "k8snet-tui trace: --pin fd00::5:80: expected an endpoint, like "
    "10.244.1.5:8080 or [fd00::5]:8080",
    "trace --port \u0662": "k8snet-tui trace: --port \u0662: expected a port from 1 to 65535",
    "trace --cluster=": "k8snet-tui trace: --cluster '': expected the name of a file, or - for "
    "standard input",
    "trace --wrong x": "k8snet-tui trace: --wrong: there is no such option",
    "trace word": "k8snet-tui trace: word: there is no place for this word",
    "sandbox --theme red": "k8snet-tui sandbox: --theme red: expected dark or light",
    "lesson": "k8snet-tui lesson: NAME is missing",
    "nonsense": "k8snet-tui: nonsense: there is no such command; there are: lesson, sandbox, "
    "trace, rules, look, model, cost, lessons, check, progress, serve, info",
    "--wrong": "k8snet-tui: --wrong: there is no such option",
    "a\x1b[31m": r"k8snet-tui: a\x1b[31m: there is no such command; there are: lesson, sandbox, "
    "trace, rules, look, model, cost, lessons, check, progress, serve, info",
}


@pytest.mark.parametrize(("arguments", "said"), USAGE.items(), ids=USAGE)
def test_usage_errors_are_one_line_and_exit_with_2(
    arguments: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments.split(" "))
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"{said}; see {said.partition(':')[0]} --help\n"


def test_an_argument_without_end_is_shortened(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["x" * 100_000], ["trace", "--port", "9" * 100_000], ["--" + "x" * 100_000]):
        with pytest.raises(SystemExit):
            main(arguments)
        assert len(capsys.readouterr().err) < 400


def test_a_pin_that_had_nothing_to_decide_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CLIENT, "pod/shop/web-1:8080", "--pin", "10.9.9.9:80"]) == 0
    said = capsys.readouterr()
    assert said.err == (
        "note: --pin 10.9.9.9:80: no rule chooses an endpoint for this packet, so it changes "
        "nothing\n"
    )
    assert "delivered at 10.244.0.5:8080" in said.out


def test_a_pin_is_read_however_it_is_spelt(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CLIENT, "svc/shop/web:80", "--pin", "10.244.1.5:08080"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "delivered at 10.244.1.5:8080 (DNAT)" in said.out


@pytest.mark.parametrize("command", ["rules", "sandbox", "trace"])
def test_what_a_pod_listens_on_is_checked_when_it_is_loaded(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pod = {
        "apiVersion": "v1", "kind": "Pod", "spec": {},
        "metadata": {"namespace": "shop", "name": "web",
                     "annotations": {"k8snet-tui/listen": "foo, 99999"}},
    }  # fmt: skip
    file = tmp_path / "cluster.json"
    file.write_text(listed(pod))
    ends = ["--from", "node/node-a", "--to", "10.0.0.1:80"] if command == "trace" else []
    assert refused([command, "--cluster", str(file), *ends], capsys) == (
        f"k8snet-tui: {file}: items[1] (Pod shop/web) "
        'metadata.annotations["k8snet-tui/listen"]: "foo" is not [ADDRESS:]PORT[/PROTOCOL], like '
        "8080, 127.0.0.1:9090 or 53/UDP"
    )
