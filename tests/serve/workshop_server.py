"""A workshop that runs, and clients that come to it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import pyte

JOIN_CODE = "kube-test"
TOUR = "esc skip"
"""What the tour says that comes to whoever has not seen it."""
_STARTS = 60.0
_UNKNOWN_TO_PYTE = re.compile(
    rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]?u|\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p"
)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class WorkshopServer:
    """`k8snet-tui serve` in a process of its own, with a folder that every user id can reach."""

    def __init__(self, *options: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="k8snet-workshop-"))
        self.folder.chmod(0o711)
        self.port = free_port()
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None
        self.log = self.folder / "log"

    def __enter__(self) -> WorkshopServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def command(self) -> Sequence[str]:
        """What starts it, options of all servers aside."""
        return [sys.executable, "-m", "tui.cli", "serve", "--state", str(self.state)]

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.command(), "--port", str(self.port),
                 "--join-code", JOIN_CODE, *self.options],
                stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        said, end = b"", time.monotonic() + _STARTS
        assert self.process.stdout is not None
        while b"ctrl+c" not in said:
            line = self.process.stdout.readline()
            if not line or time.monotonic() > end:
                self.stop(signal.SIGKILL)
                raise RuntimeError(f"the server did not start:\n{said.decode()}{self.told()}")
            said += line
        self.announced = said.decode()

    def stop(self, number: int = signal.SIGTERM) -> int:
        process = self.process
        assert process is not None
        if process.poll() is None:
            process.send_signal(number)
        code = process.wait(20)
        assert process.stdout is not None
        process.stdout.close()
        return code

    def told(self) -> str:
        """What it has logged."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    # ------------------------------------------------------------ its processes

    @property
    def fork_server(self) -> int:
        """Process id of the fork server."""
        assert self.process is not None
        return next(pid for pid, parent, words in processes()
                    if parent == self.process.pid and "tui.cli.forks" in words)  # fmt: skip

    def sessions(self) -> list[int]:
        """Process ids of the sessions, whoever is their parent."""
        assert self.process is not None
        parents = {self.process.pid}
        forked = [(pid, parent) for pid, parent, words in processes() if "tui.cli.forks" in words]
        servers = {pid for pid, parent in forked if parent in parents and self._serves(pid)}
        return [pid for pid, _parent in forked if pid not in servers and self._is_ours(pid)]

    def _serves(self, pid: int) -> bool:
        """Whether a process that looks like a fork server is one: sessions have a terminal."""
        return _target(pid, "fd/0") == "/dev/null"

    def _is_ours(self, pid: int) -> bool:
        return _target(pid, "cwd").startswith(str(self.folder))


def _target(pid: int, link: str) -> str:
    """Where a link of a process leads; nowhere once it has ended."""
    try:
        return os.readlink(f"/proc/{pid}/{link}")
    except OSError:
        return ""


def processes() -> list[tuple[int, int, str]]:
    """Process id, parent and command line of everything that runs."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                stat = Path(f"/proc/{name}/stat").read_text()
                words = Path(f"/proc/{name}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            found.append((int(name), int(stat.rsplit(")", 1)[1].split()[1]), words))
    return found


class Answers(asyncssh.SSHClient):
    """Answers what a workshop asks."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.told: list[str] = []
        """What was said and asked each time."""

    def kbdint_auth_requested(self) -> str:
        return ""

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str]:
        self.told.append("\n".join([instructions, *(prompt for prompt, _echo in prompts)]))
        self.asked += [prompt for prompt, _echo in prompts]
        taken = self.answers[: len(prompts)]
        del self.answers[: len(prompts)]
        return taken + [""] * (len(prompts) - len(taken))


@dataclass
class Learner:
    """A client with a terminal in which the explorer runs."""

    connection: asyncssh.SSHClientConnection
    process: asyncssh.SSHClientProcess[bytes]
    client: Answers
    columns: int = 80
    rows: int = 24
    raw: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.screen = pyte.Screen(self.columns, self.rows)
        self.stream = pyte.ByteStream(self.screen)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    async def read(self, within: float = 0.3, most: int = 1 << 16) -> bool:
        try:
            data = await asyncio.wait_for(self.process.stdout.read(most), within)
        except TimeoutError:
            return False
        self.raw += data
        self.stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))
        return bool(data)

    async def shows(self, *words: str, within: float = 20.0) -> float:
        """Seconds until all the words stand on the screen."""
        began = time.monotonic()
        while time.monotonic() < began + within:
            if all(word in self.text for word in words):
                return time.monotonic() - began
            if not await self.read() and self.process.stdout.at_eof():
                break
        raise AssertionError(f"never showed {words}; the screen:\n{self.text}")

    async def comes_back_to(self, *words: str, within: float = 20.0) -> None:
        """See the words where the tour, which the first visit did without, is left first.

        The tour lies over them from the first frame or from the second.
        """
        await self.shows(TOUR, within=within)
        self.press("q")
        await self.shows(*words)

    async def settled(self, quiet: float = 0.4) -> None:
        while await self.read(quiet):
            pass

    async def ended(self, within: float = 15.0) -> int | None:
        """Read on until the session ends; its exit code."""
        end = time.monotonic() + within
        while not self.process.stdout.at_eof():
            if time.monotonic() > end:
                raise AssertionError(f"the session goes on; the screen:\n{self.text}")
            await self.read()
        await self.process.wait_closed()
        await self.leave()
        return self.process.exit_status

    def press(self, keys: str) -> None:
        self.process.stdin.write(keys.encode())

    async def leave(self) -> None:
        self.connection.close()
        await self.connection.wait_closed()


async def connected(
    server: WorkshopServer, *answers: str, user: str = "class", **options: object
) -> tuple[asyncssh.SSHClientConnection, Answers]:
    """A connection that is logged in."""
    client = Answers(answers or (JOIN_CODE, user))
    connection, made = await asyncssh.create_connection(
        lambda: client, "127.0.0.1", server.port, username=user, known_hosts=None,
        **{"client_keys": None, "agent_path": None, **options},
    )  # fmt: skip
    assert made is client
    return connection, client


async def learner(
    server: WorkshopServer,
    *answers: str,
    user: str = "class",
    command: str | None = None,
    size: tuple[int, int] = (80, 24),
    environment: dict[str, str] | None = None,
    window: int = 2 * 1024 * 1024,
    **options: object,
) -> Learner:
    """Somebody whose explorer is being opened."""
    connection, client = await connected(server, *answers, user=user, **options)
    process = await connection.create_process(
        command, term_type="xterm-256color", term_size=size, encoding=None,
        env=environment or {"LANG": "C.UTF-8"}, window=window,
    )  # fmt: skip
    return Learner(connection, process, client, *size)
