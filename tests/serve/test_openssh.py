"""OpenSSH's own client gets the explorer, and nothing else whatever it asks for."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.serve.ssh_at_a_terminal import SshAtATerminal
from tests.serve.workshop_server import WorkshopServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("serve"),
    pytest.mark.skipif(shutil.which("ssh") is None, reason="needs OpenSSH's client"),
]


class OpenSsh:
    """A server that knows a key, and OpenSSH's client with it."""

    def __init__(self, server: WorkshopServer, key: Path) -> None:
        self.server, self.key = server, key

    def command(self, *words: str, program: str = "ssh", port: str = "-p") -> list[str]:
        return [
            program, "-F", "none", port, str(self.server.port), "-i", str(self.key),
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "LogLevel=INFO", *words,
        ]  # fmt: skip

    def pick_a_name(self) -> None:
        """As whoever comes by key for the first time does."""
        first = SshAtATerminal(self.command("-t", "han@127.0.0.1", "lesson nowhere"))
        first.shows("Your name [han]")
        first.press("\r")
        assert first.ended() == 2

    def run(self, *words: str, **named: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words, **named), capture_output=True, text=True, timeout=30, check=False
        )


@pytest.fixture(scope="module")
def openssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    folder = tmp_path_factory.mktemp("keys")
    made = asyncssh.generate_private_key("ssh-ed25519", comment="han")
    key = folder / "key"
    key.write_bytes(made.export_private_key())
    key.chmod(0o600)
    public = folder / "learners"
    public.write_bytes(made.export_public_key())
    with WorkshopServer("--keys", str(public)) as server:
        client = OpenSsh(server, key)
        client.pick_a_name()
        yield client


@pytest.mark.parametrize(
    "command",
    ["id", "sh", "bash -c id", "cat /etc/passwd", "lesson service; id",
     "sandbox --cluster /etc/passwd", "scp -t /tmp", "sftp-server",
     "trace --pcapng /tmp/x", "progress --export /tmp/x"],
)  # fmt: skip
def test_no_command_runs(openssh: OpenSsh, command: str) -> None:
    got = openssh.run("han@127.0.0.1", command)
    assert got.returncode == 126
    assert "k8snet-tui and nothing else" in got.stdout
    assert "uid=" not in got.stdout + got.stderr
    assert "root:" not in got.stdout + got.stderr


def test_no_files_come_or_go(openssh: OpenSsh, tmp_path: Path) -> None:
    target = tmp_path / "taken"
    for options in ((), ("-O",)):
        got = openssh.run(
            *options, "han@127.0.0.1:/etc/hostname", str(target), program="scp", port="-P"
        )
        assert got.returncode != 0
        assert not target.exists()
    batch = tmp_path / "batch"
    batch.write_text("ls /\n")
    got = openssh.run("-b", str(batch), "han@127.0.0.1", program="sftp", port="-P")
    assert got.returncode != 0
    assert "etc" not in got.stdout


@pytest.mark.parametrize("option", [("-W", "127.0.0.1:{port}"), ("-N", "-R", "0:127.0.0.1:9")])
def test_nothing_is_forwarded(openssh: OpenSsh, option: tuple[str, ...]) -> None:
    words = [each.format(port=openssh.server.port) for each in option]
    got = openssh.run("-o", "ExitOnForwardFailure=yes", *words, "han@127.0.0.1")
    assert got.returncode != 0
    assert re.search(r"prohibited|refused|failed|forwarding", got.stderr), got.stderr


def test_no_agent_and_no_x11_is_taken_along(openssh: OpenSsh) -> None:
    asked = openssh.command("-v", "-A", "-X", "-tt", "han@127.0.0.1", "lesson nowhere")
    environment = {**os.environ, "DISPLAY": ":77", "SSH_AUTH_SOCK": "/tmp/no-such-agent"}
    got = subprocess.run(
        asked,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=environment,
    )
    assert "there is no such lesson" in " ".join(got.stdout.split())
    for pid in openssh.server.sessions():
        held = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"SSH_AUTH_SOCK" not in held
        assert b"DISPLAY" not in held


def test_a_lesson_opens_where_the_command_says(openssh: OpenSsh) -> None:
    words = openssh.command("-t", "han@127.0.0.1", "lesson service --step 3 --no-tour")
    client = SshAtATerminal(words)
    client.shows("3 of")
    client.press("q")
    assert client.ended() == 0
    assert b"\x1b[?1049l" in client.seen


def test_the_fingerprint_on_the_slide_is_the_servers(openssh: OpenSsh) -> None:
    scan = subprocess.run(
        ["ssh-keyscan", "-p", str(openssh.server.port), "127.0.0.1"],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    shown = subprocess.run(
        ["ssh-keygen", "-lf", "-"], input=scan.stdout, capture_output=True, text=True, check=False
    )
    fingerprint = re.search(r"SHA256:\S+", openssh.server.announced)
    assert fingerprint is not None
    assert fingerprint[0] in shown.stdout
