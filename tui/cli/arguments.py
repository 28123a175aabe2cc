"""Values on the command line, and what is said of those that cannot be used: one line each."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from math import isfinite
from typing import NoReturn

from tui.cli.streams import complain, put
from tui.sim.model.shown import printable, shown

BAD_USAGE = 2
_OPTION = re.compile(r"argument (?P<name>[^ :]+): (?P<problem>.*)", re.DOTALL)
_COMMAND = re.compile(r"invalid choice: '(?P<given>.*)' \(choose from (?P<known>.*)\)", re.DOTALL)


class OneLineParser(argparse.ArgumentParser):
    """A parser that answers a mistake in one line and leaves the usage to `--help`."""

    def _print_message(self, message: str, file: object = None) -> None:
        """Print help or version; argparse would swallow that they cannot be written."""
        put(message, end="")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave with exit code 2."""
        refuse(_sentence(message), self.prog)


def refuse(problem: str, program: str) -> NoReturn:
    """Say what is wrong with the command line and leave with exit code 2."""
    complain(f"{printable(problem)}; see {program} --help", program)
    raise SystemExit(BAD_USAGE)


def _sentence(message: str) -> str:
    """argparse's message in our words: the option, the value, what was expected."""
    found = _OPTION.fullmatch(message)
    if found is None:
        missing = message.removeprefix("the following arguments are required: ")
        return message if missing == message else f"{missing} is missing"
    name, problem = found["name"], found["problem"]
    command = _COMMAND.fullmatch(problem)
    if command is not None:
        known = command["known"].replace("'", "")
        return f"{shown(command['given'])}: there is no such command; there are: {known}"
    if problem == "expected one argument":
        return f"{name}: expected a value"
    return f"{name} {problem}" if ": expected " in problem else f"{name}: {problem}"


def stray(words: list[str]) -> str:
    """What is said of words that nothing asked for."""
    first = words[0]
    known = "such option" if first.startswith("-") else "place for this word"
    return f"{shown(first)}: there is no {known}"


# ---------------------------------------------------------------- values


def _wrong(text: str, expected: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"{shown(text) or repr(text)}: expected {expected}")


def _whole(text: str, low: int, high: int, expected: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 20 and low <= int(text) <= high:
        return int(text)
    raise _wrong(text, expected)


def port(text: str) -> int:
    """A port number."""
    return _whole(text, 1, 65535, "a port from 1 to 65535")


def packet_size(text: str) -> int:
    """The length of an IP packet."""
    return _whole(text, 28, 65535, "a packet's size from 28 to 65535 bytes")


def seed(text: str) -> int:
    """What decides what is left to chance."""
    return _whole(text, 0, 2**63 - 1, "a whole number, 0 or more")


def seconds(text: str) -> float:
    """A moment on the simulator's clock."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if isfinite(found) and found >= 0:
        return found
    raise _wrong(text, "seconds, 0 or more")


def endpoint(text: str) -> str:
    """An address and a port, spelt as traces spell them."""
    from tui.sim.model.address import address, endpoint_text

    host, _, number = text.rpartition(":")
    inside = host.removeprefix("[").removesuffix("]")
    try:
        ip = address(inside)
        if (host != inside) != (ip.version == 6) or "%" in inside:
            raise ValueError(host)
        return endpoint_text(ip, port(number))
    except (ValueError, argparse.ArgumentTypeError):
        raise _wrong(text, "an endpoint, like 10.244.1.5:8080 or [fd00::5]:8080") from None


def file(text: str) -> str:
    """The name of a file, or `-`."""
    if text:
        return text
    raise _wrong(text, "the name of a file, or - for standard input")


def output(text: str) -> str:
    """The name of a file to write, or `-`."""
    if text:
        return text
    raise _wrong(text, "the name of a file, or - for standard output")


def one_of(*known: str) -> Callable[[str], str]:
    """One of a few words."""

    def read(text: str) -> str:
        if text in known:
            return text
        raise _wrong(text, " or ".join(known))

    return read
