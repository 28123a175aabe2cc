"""A trace in the kernel's own words and as a capture, from the command line."""

import os
import pty
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # old ciphers are none of our business
    from scapy.layers.inet import UDP
    from scapy.utils import rdpcap

from tui.cli import main

ENDS = ["trace", "--from", "pod/shop/client", "--to", "svc/shop/web:80"]
ACROSS = [*ENDS, "--pin", "10.244.1.5:8080"]


@pytest.mark.parametrize(
    ("mode", "line"),
    [("iptables", " TRACE: 2 "), ("nftables", "trace id "), ("ipvs", " TRACE: 2 ")],
)
def test_monitor_lines(mode: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ACROSS, "--monitor", "--proxy-mode", mode]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0] == "# request, node/node-a"
    assert any(each.startswith(line) for each in lines)
    assert said.err == ""


def test_a_way_without_rules_has_nothing_to_monitor(capsys: pytest.CaptureFixture[str]) -> None:
    main(["trace", "--from", "pod/shop/client", "--to", "127.0.0.1:80", "--monitor"])
    assert capsys.readouterr() == ("", "note: no rule was asked on this way\n")


def test_a_capture_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "way.pcapng"
    assert main([*ACROSS, "--pcapng", str(file), "--at", "60"]) == 0
    read = rdpcap(str(file))
    assert any(each[UDP].dport == 8472 for each in read if UDP in each)
    assert float(read[0].time) >= 60
    assert capsys.readouterr() == ("", f"note: {len(read)} frames are in {file}\n")


def test_a_capture_through_a_pipe(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tui.cli", *ACROSS, "--pcapng", "-"]
    found = subprocess.run(command, cwd=root, capture_output=True, check=False)
    assert (found.returncode, found.stderr) == (0, b"")
    (tmp_path / "way.pcapng").write_bytes(found.stdout)
    assert len(rdpcap(str(tmp_path / "way.pcapng"))) > 8


def test_a_terminal_gets_no_capture(root: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tui.cli", *ENDS, "--pcapng", "-"]
    found = subprocess.run(command, cwd=root, stdout=theirs, stderr=subprocess.PIPE, check=False)
    os.close(theirs)
    os.close(ours)
    assert found.returncode == 2
    assert found.stderr == (
        b"k8snet-tui: --pcapng -: a terminal cannot show a capture; name a file, or use a pipe\n"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--monitor", "--json"], "--json, --monitor: each is another form of the answer"),
        (["--pcapng", "x", "--monitor"], "--monitor, --pcapng: each is another form"),
        (["--all", "--monitor"], "--monitor follows one packet: leave --all away"),
        (["--all", "--pcapng", "x"], "--pcapng follows one packet: leave --all away"),
        (["--compare", "--monitor"], "--compare has no such form: leave --monitor away"),
        (["--compare", "--pcapng", "x"], "--compare has no such form: leave --pcapng away"),
        (["--pcapng", "/nowhere/x"], "--pcapng /nowhere/x: cannot be written: No such file"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    options: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main([*ENDS, *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"k8snet-tui: {said}")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", [["--monitor"], ["--pcapng", "x"]])
def test_many_flows_have_no_such_form(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", "--flows", "-", *option]) == 2
    assert f"{option[0]}: of one packet" in capsys.readouterr().err


def test_help_says_how_wireshark_is_told_of_the_tunnel(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["trace", "--help"])
    said = capsys.readouterr().out
    assert "Decode As VXLAN" in said
    assert "wireshark -d udp.port==8472,vxlan way.pcapng" in said
