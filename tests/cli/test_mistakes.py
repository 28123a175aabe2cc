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


ARGUMENTS = {
    "unknown node": (["rules", "--node", "node-z"], ["node-z", "node-a, node-b, node-c"]),
    "unknown mode": (["rules", "--proxy-mode", "magic"], ["magic", "iptables"]),
    "unknown plugin": (["rules", "--cni", "weave"], ["weave", "flannel"]),
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


@pytest.mark.parametrize("arguments", [["nonsense"], ["trace", "--port", "0"], ["--wrong"]])
def test_usage_errors_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err
