"""The systemd unit and the sshd configuration that ship do what they promise."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.serve.workshop_server import Answers, Learner, free_port
from tui.cli.forced import learner_id
from tui.cli.parser import parsed

RECIPES = Path(__file__).resolve().parents[2] / "assets" / "workshop"
USER = 60_999


# ---------------------------------------------------------------- systemd


class _Unit(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


def unit() -> configparser.RawConfigParser:
    found = _Unit(strict=True)
    text = (RECIPES / "k8snet-tui-workshop.service").read_text(encoding="utf-8")
    found.read_string(text.replace("\\\n", " "))
    return found


def test_the_unit_starts_a_server_that_there_is() -> None:
    program, *words = shlex.split(unit()["Service"]["ExecStart"])
    assert program.endswith("/bin/k8snet-tui")
    asked = parsed(words)
    assert (asked.command, asked.host, asked.port) == ("serve", "0.0.0.0", 2222)
    assert asked.instructor_keys


def test_the_units_user_is_nobody_and_learners_can_pass_its_folder() -> None:
    service = unit()["Service"]
    assert service["DynamicUser"] == "yes"
    assert service["StateDirectoryMode"] == "0711"
    assert service["CapabilityBoundingSet"] == ""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    text = (RECIPES / "k8snet-tui-workshop.service").read_text(encoding="utf-8")
    file = tmp_path / "k8snet-tui-workshop.service"
    file.write_text(text.replace("/opt/k8snet-tui/bin/k8snet-tui", sys.executable))
    got = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in got.stderr.splitlines() if "k8snet" in line]
    assert ours == []


# ---------------------------------------------------------------- who it is, by sshd


def test_a_key_is_its_learner(tmp_path: Path) -> None:
    told = tmp_path / "auth"
    told.write_text("publickey ssh-ed25519 AAAAC3Nza\n")
    one = learner_id({"SSH_USER_AUTH": str(told)})
    assert re.fullmatch(r"[0-9a-f]{20}", one)
    told.write_text("publickey ssh-ed25519 AAAAOTHER\n")
    assert learner_id({"SSH_USER_AUTH": str(told)}) != one


@pytest.mark.parametrize("text", [None, "", "password\n", "publickey\n", "keyboard-interactive x"])
def test_without_a_key_nobody_is_anybody(tmp_path: Path, text: str | None) -> None:
    told = tmp_path / "auth"
    if text is not None:
        told.write_text(text)
    with pytest.raises(Exception, match="ExposeAuthInfo"):
        learner_id({"SSH_USER_AUTH": str(told)})


# ---------------------------------------------------------------- a real sshd


class Sshd:
    """An sshd with the shipped configuration, an account and a key, in a mount namespace."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        home = self.folder / "home"
        home.mkdir()
        os.chown(home, USER, USER)
        (self.folder / "keys").write_bytes(self.key.export_public_key())
        host = asyncssh.generate_private_key("ssh-ed25519")
        host.write_private_key(self.folder / "host_key")
        (self.folder / "host_key").chmod(0o600)
        passwd = Path("/etc/passwd").read_text() + f"k8snet:x:{USER}:{USER}::{home}:/bin/sh\n"
        (self.folder / "passwd").write_text(passwd)
        (self.folder / "shadow").write_text(Path("/etc/shadow").read_text() + "k8snet:*:1::::::\n")
        self._configure()
        self.process = subprocess.Popen(["unshare", "-m", "sh", "-ec", self._script()])
        self._wait()

    def _configure(self) -> None:
        shipped = (RECIPES / "sshd_config").read_text(encoding="utf-8")
        ours = shipped.replace("/opt/k8snet-tui/bin/k8snet-tui", f"{sys.executable} -m tui.cli")
        (self.folder / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host_key\n"
            f"AuthorizedKeysFile {self.folder}/keys\nStrictModes no\nPidFile none\nUsePAM no\n"
            f"{ours}"
        )

    def _script(self) -> str:
        """Lay the account over the machine's, open Python's folder, and become sshd."""
        lines = [
            "mount --make-rprivate /",
            f"mount --bind {self.folder}/passwd /etc/passwd",
            f"mount --bind {self.folder}/shadow /etc/shadow",
            "mkdir -p /run/sshd",
        ]
        python = Path(sys.base_prefix)
        if python.is_relative_to("/root"):
            lines += [
                f"mkdir {self.folder}/python",
                f"mount --bind {python} {self.folder}/python",
                "mount -t tmpfs -o mode=755 tmpfs /root",
                f"mkdir -p {python}",
                f"mount --bind {self.folder}/python {python}",
            ]
        return "\n".join(
            [*lines, f"exec /usr/sbin/sshd -D -e -f {self.folder}/sshd_config 2>{self.folder}/log"]
        )

    def _wait(self) -> None:
        import socket

        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError((self.folder / "log").read_text())

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(10)

    async def connect(self) -> asyncssh.SSHClientConnection:
        connection, _ = await asyncssh.create_connection(
            lambda: Answers(()), "127.0.0.1", self.port, username="k8snet", known_hosts=None,
            client_keys=[self.key], agent_path=None,
        )  # fmt: skip
        return connection


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="k8snet-sshd-"))
    folder.chmod(0o755)
    made = Sshd(folder)
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


needs_sshd = pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/usr/sbin/sshd").exists() or shutil.which("unshare") is None,
    reason="needs root and OpenSSH's server",
)


async def opened(sshd: Sshd, command: str | None) -> Learner:
    connection = await sshd.connect()
    process = await connection.create_process(
        command, term_type="xterm-256color", term_size=(80, 24), encoding=None
    )
    return Learner(connection, process, Answers(()))


@needs_sshd
@pytest.mark.slow
@pytest.mark.xdist_group("serve")
async def test_behind_ones_own_sshd_a_learner_gets_the_explorer_and_is_known_again(
    sshd: Sshd,
) -> None:
    first = await opened(sshd, "lesson service --no-tour --step 3")
    await first.shows("3 of", within=30)
    await first.leave()
    again = await opened(sshd, None)
    await again.comes_back_to("3 of", within=30)
    await again.leave()


@needs_sshd
@pytest.mark.slow
@pytest.mark.xdist_group("serve")
@pytest.mark.parametrize("command", ["id", "sh -c id", "sandbox --cluster /etc/passwd"])
async def test_behind_ones_own_sshd_nothing_else_runs(sshd: Sshd, command: str) -> None:
    connection = await sshd.connect()
    got = await connection.run(command, check=False)
    assert got.exit_status == 2
    assert "nothing else" in str(got.stderr)
    with pytest.raises(asyncssh.Error):
        await connection.start_sftp_client()
    with pytest.raises(asyncssh.Error):
        await connection.open_connection("127.0.0.1", sshd.port)
    connection.close()
    await connection.wait_closed()
