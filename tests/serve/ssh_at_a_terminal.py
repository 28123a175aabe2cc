"""OpenSSH's client at a terminal, as a learner has it in front of him."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence


class SshAtATerminal:
    """The client in a terminal of 80x24: what it has drawn, and what is typed."""

    def __init__(self, words: Sequence[str]) -> None:
        self.seen = b""
        self._looked = 0
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execvp(words[0], list(words))

    def shows(self, word: str, within: float = 30.0) -> None:
        """Read on until the word is drawn, after what was looked for before."""
        end, sought = time.monotonic() + within, word.encode()
        while sought not in self.seen[self._looked :]:
            if not self._read() or time.monotonic() > end:
                self._give_up()
                raise AssertionError(f"never showed {word!r}: {self.seen[-2000:]!r}")
        self._looked = self.seen.index(sought, self._looked) + len(sought)

    def press(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def ended(self, within: float = 30.0) -> int:
        """Read on until the client ends; its exit code."""
        end = time.monotonic() + within
        while self._read():
            if time.monotonic() > end:
                self._give_up()
                raise AssertionError(f"it goes on: {self.seen[-2000:]!r}")
        _, status = os.waitpid(self._pid, 0)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> bool:
        """Take what there is; False once the client is gone."""
        if select.select([self._terminal], [], [], 0.5)[0]:
            try:
                self.seen += os.read(self._terminal, 1 << 16)
            except OSError:
                return False
        return True

    def _give_up(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)
