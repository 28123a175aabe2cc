"""The server's own key, made once, and the join code of the class."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

import asyncssh

_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody takes for each other on a slide."""


def host_key(folder: Path) -> asyncssh.SSHKey:
    """The ed25519 key of the folder; made when there is none. Raises OSError, KeyImportError."""
    file = folder / "host_key"
    with suppress(FileNotFoundError):
        return asyncssh.read_private_key(file)
    key = asyncssh.generate_private_key("ssh-ed25519", comment="k8snet-tui")
    write_secret(file, key.export_private_key())
    return key


def join_code(folder: Path) -> str:
    """The code of the folder; made when there is none. Raises OSError."""
    file = folder / "join_code"
    with suppress(FileNotFoundError):
        known = file.read_text(encoding="utf-8").strip()
        if known:
            return known
    code = "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(2))
    write_secret(file, f"{code}\n".encode())
    return code


def write_secret(file: Path, content: bytes) -> None:
    """A file that only its owner can read."""
    with open(file, "wb", opener=_private) as opened:
        opened.write(content)


def _private(path: str, flags: int) -> int:
    import os

    return os.open(path, flags, 0o600)
