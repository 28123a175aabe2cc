"""Flows to try, one JSON object a line: `{"src", "dst", "dport", "protocol"}`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationError

from tui.formats.errors import FieldError, FormatError, field_error_of, path_text, quoted
from tui.formats.fields import IP, Edge, Port, wrong
from tui.formats.json_reader import json_line
from tui.formats.text import STDIN, origin_of, read_text, stdin_bytes
from tui.sim.model.packet import Protocol
from tui.sim.model.value import value

EXAMPLE = '{"src": "10.0.0.1", "dst": "10.0.0.2", "dport": 80}'
"""The least that a line says."""

_PROTOCOLS = ("TCP", "UDP", "SCTP")


def _protocol(value: str) -> str:
    if value.upper() in _PROTOCOLS:
        return value.upper()
    raise wrong(value, f"is not one of {', '.join(_PROTOCOLS)}")


class FlowLine(Edge):
    """What a line must say."""

    src: IP
    dst: IP
    dport: Port
    protocol: Annotated[str, AfterValidator(_protocol)] | None = None


@value
class FlowAsked:
    """One flow to try."""

    line: int
    """Number of the line, from 1."""
    src: str
    """Source address, as written."""
    dst: str
    """Destination address, as written."""
    dport: int
    """Destination port."""
    protocol: Protocol
    """Protocol; TCP where the line says nothing."""
    written: Mapping[str, Any]
    """The whole object as written, its other keys too, to be given back with the answer."""


def load_flows(path: str) -> Iterator[FlowAsked]:
    """The flows in a file; `-` is standard input, read as it comes. Raises FormatError."""
    lines = _stdin_lines() if path == STDIN else io.StringIO(read_text(path))
    return read_flows(lines, origin_of(path))


def _stdin_lines() -> Iterator[str]:
    """Standard input is UTF-8 here, whatever the terminal's locale says."""
    for number, line in enumerate(stdin_bytes(), start=1):
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            problem = f"is not UTF-8 text: byte 0x{line[error.start]:02x}"
            raise FormatError(origin_of(STDIN), problem, f"line {number}") from None


def read_flows(stream: Iterable[str], origin: str) -> Iterator[FlowAsked]:
    """The flows of a text stream, each as soon as its line is there; blank lines are passed over.

    Raises FormatError naming the line.
    """
    for number, text in enumerate(_lines(stream, origin), start=1):
        if text.strip():
            yield _flow(text.rstrip(), number, origin)


def _lines(stream: Iterable[str], origin: str) -> Iterator[str]:
    number = 0
    try:
        for number, text in enumerate(stream, start=1):
            yield text.removeprefix("\ufeff") if number == 1 else text
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text: {error.reason}"
        raise FormatError(origin, problem, f"after line {number}") from None


def _flow(text: str, number: int, origin: str) -> FlowAsked:
    place = f"line {number}"
    written = _object(text, place, origin)
    try:
        line = FlowLine.model_validate(written)
    except ValidationError as error:
        found = field_error_of(error)
        missing = found.path[0] not in written
        problem = f"{found.problem}; a line is like {EXAMPLE}" if missing else found.problem
        raise FormatError(origin, problem, f"{place} {path_text(found.path)}") from None
    protocol = Protocol(line.protocol or "TCP")
    return FlowAsked(number, line.src, line.dst, line.dport, protocol, written)


def _object(text: str, place: str, origin: str) -> dict[str, Any]:
    try:
        value = json_line(text)
    except json.JSONDecodeError as error:
        where = f"{place}, column {error.colno}"
        raise FormatError(origin, f"is not JSON: {error.msg}", where) from None
    except FieldError as fault:
        where = f"{place} {path_text(fault.path)}".strip()
        raise FormatError(origin, fault.problem, where) from None
    if not isinstance(value, dict):
        expected = f"expected an object like {EXAMPLE}"
        raise FormatError(origin, f"{expected}, found {quoted(value)}", place)
    return value
