"""Whatever becomes of the streams: an answer that can be read, or one line that says why not."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sampling import quick
from tui.cli import main

TRACE = ["trace", "--from", "pod/shop/client", "--to", "svc/shop/web:80"]
ASCII = {"PYTHONIOENCODING": "ascii"}


def shell(root: Path, command: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """A command line as a shell runs it, `k8snet-tui` being this program."""
    program = f"{sys.executable} -m tui.cli"
    return subprocess.run(
        command.replace("k8snet-tui", program), cwd=root, shell=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(root), **more}, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("k8snet-tui rules >/dev/full", "cannot write: No space left on device"),
        ("k8snet-tui info >/dev/full", "cannot write: No space left on device"),
        ("k8snet-tui --help >/dev/full", "cannot write: No space left on device"),
        ("k8snet-tui rules >&-", "cannot write: standard output is closed"),
        ("k8snet-tui rules --cluster - <&-", "standard input: cannot be read: it is closed"),
        ("k8snet-tui trace --flows - <&-", "standard input: cannot be read: it is closed"),
    ],
)
@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_stream_that_cannot_be_used(root: Path, command: str, said: str, buffered: str) -> None:
    found = shell(root, command, PYTHONUNBUFFERED=buffered)
    assert found.returncode == 2
    assert found.stdout == b""
    assert found.stderr.decode() == f"k8snet-tui: {said}\n"


@pytest.mark.parametrize("stream", ["2>&-", "2>/dev/full"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_without_standard_error_nothing_is_told_and_nothing_else_changes(
    root: Path, stream: str
) -> None:
    found = shell(root, f"k8snet-tui rules --node node-z {stream}")
    assert (found.returncode, found.stdout) == (2, b"")
    told = shell(root, f"k8snet-tui rules --cluster tests/cli/mismatched.yaml {stream}")
    assert told.returncode == 0
    assert told.stdout.startswith(b"*mangle\n")
    assert b"note:" not in told.stdout


def test_a_reader_who_leaves_is_no_failure(root: Path) -> None:
    found = shell(root, "k8snet-tui rules | head -1")
    assert (found.stdout, found.stderr) == (b"*mangle\n", b"")


def test_the_first_packet_is_told_without_standard_input(root: Path) -> None:
    assert b"Open the explorer" in shell(root, "k8snet-tui <&-").stdout


@pytest.mark.parametrize(
    "command",
    quick(
        ["", " ".join(TRACE), " ".join([*TRACE, "--compare"]), "lessons", "rules", "check"],
        ("", "lessons"),
    ),
)
def test_a_terminal_of_ascii_gets_ascii(root: Path, command: str) -> None:
    found = shell(root, f"k8snet-tui {command} </dev/null", **ASCII)
    assert (found.returncode, found.stderr) == (0, b"")
    assert found.stdout.isascii()
    assert not re.search(rb"[?][^ ]|[^a-z0-9][?]", found.stdout), "every sign has a twin"


def test_letters_that_an_encoding_lacks_are_question_marks(root: Path, tmp_path: Path) -> None:
    flow = {"src": "10.244.0.7", "dst": "10.96.31.7", "dport": 80, "note": "서비스"}
    (tmp_path / "flows").write_text(json.dumps(flow, ensure_ascii=False), encoding="utf-8")
    answers = shell(root, f"k8snet-tui trace --flows {tmp_path}/flows", **ASCII)
    assert json.loads(answers.stdout)["note"] == "서비스"
    missing = shell(root, "k8snet-tui rules --cluster 서비스", **ASCII)
    assert missing.stderr == b"k8snet-tui: ???: there is no such file\n"


@pytest.mark.parametrize("asked", ["option", "environment"])
def test_ascii_that_was_asked_for(
    asked: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("K8SNET_ASCII", "1" if asked == "environment" else "")
    option = ["--ascii"] if asked == "option" else []
    for command in ([*TRACE], [*TRACE, "--all"], [*TRACE, "--compare"]):
        assert main([*command, *option]) == 0
        said = capsys.readouterr().out
        assert said.isascii()
        assert "pod/shop/client > " in said
    assert main(TRACE) == 0
    assert ("→" in capsys.readouterr().out) == (asked == "option")


def test_what_a_file_holds_does_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "kube-proxy.json"
    written = {
        "kind": "KubeProxyConfiguration", "detectLocalMode": "BridgeInterface",
        "detectLocal": {"bridgeInterface": "\x1b]0;title\x07"}, "\x1b[31m": 1,
    }  # fmt: skip
    settings.write_text(json.dumps(written))
    assert main(["rules", "--kube-proxy-config", str(settings)]) == 0
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert r"\x1b]0;title\x07" in said.out
    assert r"\x1b[31m" in said.err or r"\u001b[31m" in said.err


def test_progress_is_told_to_who_waits_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from functools import partial

    from tui.sim.engine import cost

    monkeypatch.setattr(cost, "curve", partial(cost.curve, (10, 100)))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["cost", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)
    first, *_, last = said.err.split("\r\x1b[K")[1:]
    assert first == "Sending a packet through 10 Services in iptables mode ..."
    assert last == ""
