"""A program in a terminal of its own, and what stands on its screen at any time."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyte

_UNKNOWN_TO_PYTE = re.compile(
    rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]?u|\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p"
)

PAUSE = 0.002
"""Seconds of silence that end a burst."""


@dataclass
class Terminal:
    """A pseudo-terminal with a program in it."""

    command: list[str]
    columns: int = 120
    rows: int = 40
    environment: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Terminal:
        self.screen = pyte.Screen(self.columns, self.rows)
        self.stream = pyte.ByteStream(self.screen)
        self.started = self.heard = time.perf_counter()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ |= {
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "LANG": "C.UTF-8",
                "K8SNET_NO_TOUR": "1",
                **self.environment,
            }
            os.execvp(self.command[0], self.command)
        size = struct.pack("HHHH", self.rows, self.columns, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.master)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.screen.display)

    def read(self, timeout: float) -> bool:
        """Take what the program writes within a time; whether it wrote anything.

        A burst is taken whole before it is drawn: a terminal gives 4 KiB at a time, and its
        program waits while they are looked at.
        """
        burst = b"".join(self._burst(timeout))
        self.stream.feed(_UNKNOWN_TO_PYTE.sub(b"", burst))
        return bool(burst)

    def _burst(self, timeout: float) -> Iterator[bytes]:
        while select.select([self.master], [], [], timeout)[0]:
            try:
                data = os.read(self.master, 1 << 16)
            except OSError:
                return
            if not data:
                return
            self.heard = time.perf_counter()
            yield data
            timeout = PAUSE

    def shows(self, *words: str, within: float = 20.0) -> float:
        """Seconds since the start at which all the words stand on the screen."""
        limit = time.perf_counter() + within
        while time.perf_counter() < limit:
            self.read(0.05)
            text = self.text
            if all(word in text for word in words):
                return self.heard - self.started
        raise TimeoutError(f"{self.command}: never showed {words}; the screen:\n{self.text}")

    def settled(self, quiet: float = 0.25, within: float = 10.0) -> None:
        """Wait until nothing has been written for a while."""
        limit = time.perf_counter() + within
        while time.perf_counter() < limit and self.read(quiet):
            pass

    def watch(self, seconds: float) -> None:
        """Read along for a while."""
        limit = time.perf_counter() + seconds
        while time.perf_counter() < limit:
            self.read(0.1)

    def processor_time(self) -> float:
        """Seconds of a processor that the program has used so far, in all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self.master, keys)

    def step(self, keys: bytes, quiet: float = 0.12) -> float:
        """Seconds from a key press to the last thing it made the program write."""
        pressed = last = time.perf_counter()
        self.press(keys)
        while self.read(quiet):
            last = self.heard
        return last - pressed
