"""Bytes of a file or of standard input, made into text or refused."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import BinaryIO

from tui.formats.errors import FormatError

MAX_BYTES = 64 * 1024 * 1024
"""Largest file that is read: 64 MiB, several times a cluster of 10,000 Services."""

STDIN = "-"
"""The path that means standard input."""


def read_text(path: str) -> str:
    """The text of a file; `-` is standard input. Raises FormatError."""
    if path == STDIN:
        return decoded(_bounded(stdin_bytes(), origin_of(path)), origin_of(path))
    try:
        with Path(path).open("rb") as stream:
            content = _bounded(stream, path)
    except IsADirectoryError:
        raise FormatError(path, "is a directory; name a file in it") from None
    except FileNotFoundError:
        raise FormatError(path, "there is no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FormatError(path, f"cannot be read: {reason}") from None
    return decoded(content, path)


def stdin_bytes() -> BinaryIO:
    """Standard input. Raises FormatError where whoever started us closed it."""
    if sys.stdin is None:
        raise FormatError(origin_of(STDIN), "cannot be read: it is closed")
    return sys.stdin.buffer


def origin_of(path: str) -> str:
    """What errors call a path: itself, or `standard input`."""
    return "standard input" if path == STDIN else path


def decoded(content: bytes, origin: str) -> str:
    """UTF-8 text, a byte order mark taken off; UTF-16 where a mark says so (PowerShell's `>`)."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        byte = content[error.start]
        problem = f"is not UTF-8 text: byte 0x{byte:02x} at offset {error.start}"
        raise FormatError(origin, problem) from None


def _bounded(stream: BinaryIO, origin: str) -> bytes:
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        most = f"{MAX_BYTES // 1024**2} MiB"
        raise FormatError(origin, f"is larger than {most}, the most that is read")
    return content
