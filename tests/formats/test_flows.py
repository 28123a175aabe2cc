"""Flows as JSON lines."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.formats.errors import FormatError
from tui.formats.flows import FlowAsked, load_flows, read_flows
from tui.formats.text import STDIN
from tui.sim.model.packet import Protocol

LINE = '{"src": "10.244.0.7", "dst": "10.96.0.10", "dport": 53, "protocol": "UDP", "n": [1]}'


def read(text: str) -> list[FlowAsked]:
    return list(read_flows(io.StringIO(text), "flows"))


def error_of(text: str) -> str:
    with pytest.raises(FormatError) as caught:
        read(text)
    return str(caught.value)


def test_a_line() -> None:
    (flow,) = read(LINE)
    assert (flow.src, flow.dst, flow.dport) == ("10.244.0.7", "10.96.0.10", 53)
    assert (flow.protocol, flow.line) == (Protocol.UDP, 1)


def test_other_keys_are_kept_in_their_order() -> None:
    (flow,) = read(LINE)
    assert list(flow.written.items()) == [
        ("src", "10.244.0.7"),
        ("dst", "10.96.0.10"),
        ("dport", 53),
        ("protocol", "UDP"),
        ("n", [1]),
    ]


@pytest.mark.parametrize(
    ("written", "protocol"),
    [
        ("", Protocol.TCP),
        (', "protocol": null', Protocol.TCP),
        (', "protocol": "sctp"', Protocol.SCTP),
    ],
)
def test_the_protocol(written: str, protocol: Protocol) -> None:
    (flow,) = read(f'{{"src": "fd00::1", "dst": "fd00::2", "dport": 80{written}}}')
    assert flow.protocol is protocol


def test_blank_lines_count_but_are_passed_over() -> None:
    assert [flow.line for flow in read(f"\ufeff{LINE}\r\n\n  \n{LINE}\n")] == [1, 4]


def test_text_that_holds_other_ends_of_lines() -> None:
    (flow,) = read(LINE.replace("[1]", '"\u2028\x85"') + "\n")
    assert flow.written["n"] == "\u2028\x85"


def test_flows_come_as_soon_as_their_line_is_there() -> None:
    def lines() -> Iterator[str]:
        yield LINE
        raise AssertionError("the second line was asked for too early")

    assert next(read_flows(lines(), "flows")).line == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2, column 2: is not JSON: Expecting property name enclosed in double quotes"),
        ("[]", 'line 2: expected an object like {"src": "10.0.0.1", "dst": "10.0.0.2", '
         '"dport": 80}, found a list'),
        ("{}", 'line 2 src: is missing; a line is like {"src": "10.0.0.1", "dst": "10.0.0.2", '
         '"dport": 80}'),
        ('{"from": "pod/shop/client"}', 'line 2 src: is missing; a line is like {"src": '
         '"10.0.0.1", "dst": "10.0.0.2", "dport": 80}'),
        ('{"src": "a", "dst": "10.0.0.1", "dport": 80}', 'line 2 src: "a" is not an IP address'),
        ('{"src": "10.0.0.1", "dst": 3, "dport": 80}', 'line 2 dst: 3 is not text; write it in '
         'quotes: "3"'),
        ('{"src": "10.0.0.1", "dst": "10.0.0.2"}', 'line 2 dport: is missing; a line is like '
         '{"src": "10.0.0.1", "dst": "10.0.0.2", "dport": 80}'),
        ('{"src": "10.0.0.1", "src": "10.0.0.2"}', "line 2 src: is there twice; a key may be "
         "there once"),
        ('{"src": "10.0.0.1", "dst": "10.0.0.2", "dport": 0}', "line 2 dport: 0 is not a port "
         "number (1 to 65535)"),
        ('{"src": "10.0.0.1", "dst": "10.0.0.2", "dport": "80"}', 'line 2 dport: "80" is not a '
         "whole number; write it without quotes: 80"),
        ('{"src": "10.0.0.1", "dst": "10.0.0.2", "dport": 80, "protocol": "ICMP"}',
         'line 2 protocol: "ICMP" is not one of TCP, UDP, SCTP'),
        ("[" * 100_000, "line 2: is nested too deeply"),
        ('{"a": ' + "9" * 9999 + "}", "line 2 a: is a number of 9,999 digits"),
        ('{"src": 1} 2', "line 2, column 12: is not JSON: Extra data"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(line: str, said: str) -> None:
    assert error_of(f"{LINE}\n{line}\n") == f"flows: {said}"


def test_a_file_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "flows.jsonl"
    path.write_text(f"{LINE}\n{LINE}\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    assert [flow.line for flow in load_flows(str(path))] == [1, 2]
    assert [flow.line for flow in load_flows(STDIN)] == [1, 2]


def test_bytes_on_standard_input_that_are_not_text(monkeypatch: pytest.MonkeyPatch) -> None:
    content = LINE.encode() + b"\n\xff\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    with pytest.raises(FormatError, match="standard input: line 2: is not UTF-8 text: byte 0xff"):
        list(load_flows(STDIN))


def test_a_stream_that_is_not_text() -> None:
    stream = io.TextIOWrapper(io.BytesIO(b"\xff"), encoding="utf-8")
    with pytest.raises(FormatError, match="flows: after line 0: is not UTF-8 text"):
        list(read_flows(stream, "flows"))
