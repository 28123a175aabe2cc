"""Return codes: what a learner is told, and what is kept of it.

To hash a code takes a hundredth of a second on purpose: it slows guessing down where somebody has
got hold of the file. When a class comes all at once nobody should wait for it, so codes are made
ahead, in a thread, while nobody logs in.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import deque

from tui.sim.model.value import value


@value
class ReturnCode:
    """A code with what is kept of it."""

    digits: str
    """Six of them; only the learner is told."""
    salt: bytes
    kept: bytes


def return_code(digits: str = "") -> ReturnCode:
    """A code with its hash, a new one where none is given. It takes its time."""
    digits, salt = digits or f"{secrets.randbelow(1_000_000):06d}", secrets.token_bytes(16)
    return ReturnCode(digits, salt, hashed(digits, salt))


def hashed(digits: str, salt: bytes) -> bytes:
    """A code as it is kept."""
    return hashlib.scrypt(digits.encode(errors="replace"), salt=salt, n=1 << 12, r=8, p=1)


class CodeStock:
    """Codes that were made ahead. One thread may fill it while another takes."""

    def __init__(self) -> None:
        """Empty: the first codes are made when they are taken."""
        self._made: deque[ReturnCode] = deque()

    def __len__(self) -> int:
        return len(self._made)

    def make(self, count: int = 1) -> None:
        """Make some ahead."""
        for _ in range(count):
            self._made.append(return_code())

    def take(self) -> ReturnCode:
        """One that nobody else gets."""
        try:
            return self._made.popleft()
        except IndexError:
            return return_code()
