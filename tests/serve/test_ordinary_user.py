"""A workshop that an ordinary user serves: the sessions are theirs, and so is all that is kept."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.serve.readable_program import ReadableProgram, needs_readable_program
from tests.serve.ssh_at_a_terminal import SshAtATerminal
from tests.serve.workshop_server import JOIN_CODE, TOUR, WorkshopServer, learner

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("serve"),
    needs_readable_program,
]

USER = 60_998
"""Nobody's id: it has no name, as the user of a container or of a systemd unit may have none."""


class OrdinaryServer(WorkshopServer):
    """A server of somebody without rights, who says nothing of where things are to be kept."""

    def __init__(self, *options: str) -> None:
        super().__init__(*options)
        self.home = self.folder / "home"
        self.home.mkdir(mode=0o700)
        os.chown(self.home, USER, USER)
        self.program = ReadableProgram(self.folder / "program")
        self.program.make()

    @property
    def state(self) -> Path:
        return self.home / ".local" / "state" / "k8snet-tui" / "workshop"

    def command(self) -> Sequence[str]:
        as_user = [
            "exec", "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups",
            "env", "-i", f"HOME={self.home}", "PATH=/usr/bin:/bin", "LANG=C.UTF-8",
            str(self.program.command), "serve",
        ]  # fmt: skip
        script = "\n".join([*self.program.mounts(), "cd /", f'{shlex.join(as_user)} "$@"'])
        return ["unshare", "-m", "sh", "-ec", script, "sh"]


@pytest.fixture(scope="module")
def server() -> Iterator[OrdinaryServer]:
    server = OrdinaryServer()
    with server:
        yield server


def status_of(pid: int) -> dict[str, list[str]]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}


def limit_of(pid: int | None, name: str) -> str:
    text = Path(f"/proc/{pid}/limits").read_text()
    found = re.search(rf"^{name} +(\S+) +(\S+)", text, re.MULTILINE)
    assert found is not None
    return found[1]


async def test_sessions_run_as_whoever_serves_and_can_become_nobody_else(
    server: OrdinaryServer,
) -> None:
    one = await learner(server, JOIN_CODE, "bounded", command="lesson container --no-tour")
    await one.shows("One namespace, many")
    (pid,) = server.sessions()
    found = status_of(pid)
    assert set(found["Uid"]) == set(found["Gid"]) == {str(USER)}
    assert found["Groups"] == []
    assert found["NoNewPrivs"] == ["1"]
    assert int(found["CapEff"][0], 16) == 0
    assert limit_of(pid, "Max data size") == str(256 << 20)
    assert limit_of(pid, "Max open files") == "64"
    assert limit_of(pid, "Max core file size") == "0"
    assert server.process is not None
    # the kernel counts processes by user id, and here it would count the whole class
    assert limit_of(pid, "Max processes") == limit_of(server.process.pid, "Max processes")
    await one.leave()


def test_with_opensshs_client_a_learner_comes_back_to_where_he_was(server: OrdinaryServer) -> None:
    if shutil.which("ssh") is None:
        pytest.skip("needs OpenSSH's client")
    words = [
        "ssh", "-F", "none", "-t", "-p", str(server.port), "-o", "StrictHostKeyChecking=no",
        "-o", "UserKnownHostsFile=/dev/null", "-o", "PubkeyAuthentication=no", "class@127.0.0.1",
    ]  # fmt: skip
    first = SshAtATerminal([*words, "lesson service --no-tour --step 2"])
    for asked, answer in (("Join code:", JOIN_CODE), ("Your name:", "han")):
        first.shows(asked)
        first.press(f"{answer}\r")
    first.shows("Press enter")
    code = re.search(rb"return code is (\d{3} \d{3})", first.seen)
    assert code is not None
    first.press("\r")
    first.shows("2 of")
    first.press("\r")
    first.shows("3 of")
    first.press("q")
    assert first.ended() == 0

    again = SshAtATerminal(words)
    for asked, answer in (
        ("Join code:", JOIN_CODE), ("Your name:", "han"), ("another name:", code[1].decode()),
    ):  # fmt: skip
        again.shows(asked)
        again.press(f"{answer}\r")
    again.shows(TOUR)
    again.press("q")
    again.shows("3 of")
    again.press("q")
    assert again.ended() == 0


async def test_what_is_kept_is_the_users_and_nobody_else_can_read_it(
    server: OrdinaryServer,
) -> None:
    one = await learner(server, JOIN_CODE, "kept", command="lesson service --no-tour --step 2")
    await one.shows("2 of")
    one.press("q")
    assert await one.ended() == 0
    files = {str(file.relative_to(server.state)): file.stat() for file in server.state.rglob("*")}
    modes = {name: stat.S_IMODE(file.st_mode) for name, file in files.items()}
    assert {file.st_uid for file in files.values()} == {USER}
    assert modes["host_key"] == modes["workshop.sqlite3"] == modes["dashboard"] == 0o600
    homes = [name for name in modes if name.startswith("homes/") and name.count("/") == 1]
    assert homes
    for home in homes:
        assert modes[home] == 0o700
        assert modes[f"{home}/k8snet-tui/progress.sqlite3"] == 0o600
    private = {name: mode for name, mode in modes.items() if name.partition("/")[0] != "cache"}
    assert not any(mode & 0o066 for mode in private.values()), private


async def test_when_it_ends_nothing_of_its_user_runs_on(server: OrdinaryServer) -> None:
    one = await learner(server, JOIN_CODE, "last", command="lesson container --no-tour")
    await one.shows("One namespace, many")
    assert server.stop() == 0
    assert await one.ended() is not None
    assert b"the workshop has ended" in one.raw
    left = subprocess.run(["ps", "-u", str(USER), "-o", "pid=,args="], capture_output=True)
    assert left.stdout == b""
