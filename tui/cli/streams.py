"""What a command says: the answer on standard output, all else on standard error, line by line.

Whatever the terminal's encoding, something is printed: signs that it lacks become their ASCII
twins. And whatever was in a file or on the command line, no control character gets through.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from tui.sim.model.shown import clipped, printable

PROGRAM = "k8snet-tui"
_LONGEST_LINE = 2000
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tabs and ends of lines, what turns text round, and half surrogates."""


class OutputError(Exception):
    """Standard output does not take what is written; its text says why."""


def check_streams() -> None:
    """Make do without standard error. Raises OutputError if there is no standard output."""
    if sys.stderr is None:
        # whoever closed it wants no notes, and print() would put them among the answers
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - lives as long as we
    if sys.stdout is None:
        raise OutputError("standard output is closed")


def put(text: str, *, ascii: bool = False, end: str = "\n") -> None:
    """Print lines of an answer. Raises OutputError, or BrokenPipeError if nobody reads on."""
    _write(_as_drawn(text, sys.stdout, ascii=ascii), end)


def put_json(value: object) -> None:
    """Print an answer for another program. Raises as `put` does."""
    _write(json.dumps(value, indent=2), "\n")


def put_json_line(value: object) -> None:
    """Print one of many answers, its letters as they are where they can be."""
    text = json.dumps(value, ensure_ascii=False)
    plain = text.isprintable() and draws_signs(sys.stdout)
    _write(text if plain else json.dumps(value), "\n")


def put_bytes(data: bytes) -> None:
    """Write an answer that is no text. Raises as `put` does."""
    with _refusals():
        sys.stdout.buffer.write(data)


def _write(text: str, end: str) -> None:
    with _refusals():
        print(text, end=end)


def flush() -> None:
    """Write what waits to be written. Raises as `put` does."""
    with _refusals():
        if sys.stdout is not None:
            sys.stdout.flush()


@contextmanager
def _refusals() -> Iterator[None]:
    """What the system says of our output, but a reader who has gone, is an OutputError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.strerror or str(error)) from None


def complain(text: str, program: str = PROGRAM) -> None:
    """Say what is wrong."""
    tell(f"{program}: {text}")


def tell(text: str) -> None:
    """Print lines on standard error; where that takes none, nobody is told."""
    lines = (clipped(printable(line), _LONGEST_LINE) for line in text.split("\n"))
    try:
        print(_as_drawn("\n".join(lines), sys.stderr), file=sys.stderr, flush=True)
    except OSError:
        give_up(sys.stderr)


def give_up(stream: TextIO | None) -> None:
    """Let go what is still to be written: nothing takes it, and Python would try at the end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr]


# ---------------------------------------------------------------- signs


def draws_signs(stream: TextIO) -> bool:
    """Whether a stream's encoding has more signs than ASCII and a nation's letters."""
    return "utf" in (getattr(stream, "encoding", None) or "utf-8").lower()


def ascii_asked_for(*, option: bool) -> bool:
    """Whether plain signs are wanted: by an option or by the environment."""
    return option or os.environ.get("K8SNET_ASCII") == "1"


def _as_drawn(text: str, stream: TextIO, *, ascii: bool = False) -> str:
    """The text as a stream can print it."""
    if _OBEYED.search(text):
        text = _OBEYED.sub(lambda found: printable(found[0]), text)
    drawn = draws_signs(stream)
    if text.isascii() or (drawn and not ascii_asked_for(option=ascii)):
        return text
    from tui.words.twins import TWINS

    plain = text.translate(TWINS)
    return plain if drawn else plain.encode(stream.encoding, "replace").decode(stream.encoding)
