"""A workshop under load: 1, 20 and 60 attendees, beside a fresh Python process for each.

Clients and server share the machine's cores, so all figures hold the clients' work, too; how much
that is while they come stands beside them.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from tests.serve.workshop_server import JOIN_CODE, Answers, WorkshopServer, free_port, processes

ATTENDEES = (1, 20, 60)
COMMAND = "lesson service --step chains --no-tour"
FRAME = b"Through the chains"
"""What stands in the first frame."""
ENTER, RIGHT = b"\r", b"\x1b[C"
ARRIVAL = 1.0
"""Seconds within which all come, one after the other."""
THINKING = 3.0
"""Seconds between two steps of one attendee."""
STEPS = 6
QUIET = 0.15
"""Seconds without output after which a step's frame is whole."""

Figures = dict[str, float]


class Newcomer(Answers):
    """Answers at once, and knows when it was asked first."""

    def __init__(self, name: str, began: float) -> None:
        super().__init__((JOIN_CODE, name))
        self.began, self.first_question = began, 0.0

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str]:
        self.first_question = self.first_question or time.perf_counter() - self.began
        return super().kbdint_challenge_received(name, instructions, lang, prompts)


@dataclass
class Client:
    """An attendee, and what it has waited for."""

    process: asyncssh.SSHClientProcess[bytes]
    connection: asyncssh.SSHClientConnection
    first_question: float
    """Until the log-in has asked for the join code; 0 where nothing is asked."""
    first_word: float = 0.0
    first_frame: float = 0.0
    steps: list[float] = field(default_factory=list)

    async def see_frame(self, began: float) -> None:
        """Read until the first frame is there."""
        seen = b""
        while FRAME not in seen:
            data = await asyncio.wait_for(self.process.stdout.read(1 << 16), 120)
            if not data:
                raise RuntimeError(f"the session ended: {seen[-300:]!r}")
            self.first_word = self.first_word or time.perf_counter() - began
            seen += data
        self.first_frame = time.perf_counter() - began

    async def settle(self, quiet: float) -> float:
        """Read until nothing comes for a while; when the last thing came."""
        last = time.perf_counter()
        while True:
            try:
                data = await asyncio.wait_for(self.process.stdout.read(1 << 16), quiet)
            except TimeoutError:
                return last
            if not data:
                return last
            last = time.perf_counter()

    async def walk(self, wait: float) -> None:
        """Take some steps, with time to think before each."""
        self.process.stdin.write(ENTER)
        await self.settle(1.5)
        await asyncio.sleep(wait)
        for _ in range(STEPS):
            began = time.perf_counter()
            self.process.stdin.write(RIGHT)
            self.steps.append(await self.settle(QUIET) - began)
            await asyncio.sleep(max(THINKING - (time.perf_counter() - began), 0))


async def _come(port: int, name: str, after: float = 0.0) -> Client:
    """An attendee who comes after some seconds, and what it then waits for."""
    await asyncio.sleep(after)
    began = time.perf_counter()
    newcomer = Newcomer(name, began)
    connection, _ = await asyncssh.create_connection(
        lambda: newcomer, "127.0.0.1", port, username="class",
        known_hosts=None, client_keys=None, agent_path=None,
    )  # fmt: skip
    process = await connection.create_process(
        COMMAND, term_type="xterm-256color", term_size=(120, 40), encoding=None
    )
    client = Client(process, connection, newcomer.first_question)
    await client.see_frame(began)
    return client


async def _class(port: int, count: int, root: int, name: str) -> Figures:
    began, own, theirs = time.perf_counter(), time.process_time(), _cpu(root)
    coming = (_come(port, f"{name}{i}", ARRIVAL * i / count) for i in range(count))
    clients = await asyncio.gather(*coming)
    all_came = time.perf_counter() - began
    own, theirs = time.process_time() - own, _cpu(root) - theirs
    sessions = _sessions(root)
    memory = statistics.mean(_pss(pid) for pid in sessions) / 1024 if sessions else 0.0
    before, at = _cpu(root), time.perf_counter()
    await asyncio.gather(*(client.walk(THINKING * i / count) for i, client in enumerate(clients)))
    used = (_cpu(root) - before) / (time.perf_counter() - at)
    for client in clients:
        client.connection.abort()
    frames = sorted(client.first_frame for client in clients)
    steps = sorted(1000 * step for client in clients for step in client.steps)
    return {
        f"{count}: connect to the log-in's question (s, slowest)": max(
            client.first_question for client in clients
        ),
        f"{count}: connect to the first word (s, slowest)": max(
            client.first_word for client in clients
        ),
        f"{count}: connect to the first frame (s, median)": statistics.median(frames),
        f"{count}: connect to the first frame (s, slowest)": frames[-1],
        f"{count}: the first one's connect to the last first frame (s)": all_came,
        f"{count}: processor time of all starts (s)": theirs,
        f"{count}: the clients' own beside it (s)": own,
        f"{count}: a step to its frame (ms, median)": statistics.median(steps),
        f"{count}: a step to its frame (ms, 95th percentile)": steps[int(len(steps) * 0.95)],
        f"{count}: memory of a session (PSS, MiB)": memory,
        f"{count}: processors used while all step": used,
    }


async def _visit(port: int) -> None:
    """Whoever comes first pays for what is loaded then."""
    client = await _come(port, "first")
    client.connection.abort()
    await asyncio.sleep(2)


def workshop() -> Figures:
    """Both servers, one after the other, in one run."""
    found: Figures = {}
    for title, server in (("forked", _forked), ("fresh process", _fresh)):
        for count in ATTENDEES:
            with server() as (port, root):
                asyncio.run(_visit(port))
                figures = asyncio.run(_class(port, count, root, "u"))
            found |= {f"{title}, {what}": figure for what, figure in figures.items()}
    return found


@contextmanager
def _forked() -> Iterator[tuple[int, int]]:
    with WorkshopServer() as server:
        assert server.process is not None
        yield server.port, server.process.pid


@contextmanager
def _fresh() -> Iterator[tuple[int, int]]:
    port = free_port()
    program = Path(__file__).with_name("fresh_processes.py")
    process = subprocess.Popen([sys.executable, str(program), str(port)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield port, process.pid
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


# ---------------------------------------------------------------- processes


def _below(root: int) -> list[int]:
    """A process and all that it has started."""
    table = processes()
    found = [root]
    for parent in found:
        found += [pid for pid, above, _ in table if above == parent]
    return found


def _sessions(root: int) -> list[int]:
    """The processes that have a terminal."""
    return [pid for pid in _below(root)[1:] if _has_terminal(pid)]


def _has_terminal(pid: int) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/fd/0").startswith("/dev/pts")
    except OSError:
        return False


def _pss(pid: int) -> int:
    """KiB of memory, what is shared counted in parts."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def _cpu(root: int) -> float:
    """Seconds of processor time of all its processes."""
    total = 0
    for pid in _below(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")
