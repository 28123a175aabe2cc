"""Every message is read as it was written; nothing else is read as a message."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.workshop.messages import (
    LONGEST_LINE,
    LONGEST_TEXT,
    MOST_HINTS,
    Answered,
    ClassView,
    Ending,
    Finished,
    Followed,
    Hidden,
    Hinted,
    Message,
    MessageError,
    Question,
    Said,
    Seat,
    Shown,
    Unkept,
    Visited,
    line_of,
    message_of,
)

IDS = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"]), max_size=80)
COUNTS = st.integers(0, 10_000)
MINUTES = st.floats(0, 1e9)
SEATS = st.builds(
    Seat,
    name=IDS,
    here=st.booleans(),
    lesson=IDS,
    step=IDS,
    minutes=MINUTES,
    quiet=MINUTES,
    stuck=st.booleans(),
    done=COUNTS,
    missed=COUNTS,
    hints=COUNTS,
    follows=st.booleans(),
)
QUESTIONS = st.builds(
    Question,
    lesson=IDS,
    step=IDS,
    asked=COUNTS,
    missed=COUNTS,
    wrong=st.lists(st.tuples(IDS, COUNTS), max_size=3).map(tuple),
)
MESSAGES = st.one_of(
    st.builds(Visited, lesson=IDS, step=IDS),
    st.builds(Finished, lesson=IDS, step=IDS),
    st.builds(Answered, lesson=IDS, step=IDS, chosen=IDS, right=st.booleans()),
    st.builds(Hinted, lesson=IDS, step=IDS, count=st.integers(0, MOST_HINTS)),
    st.builds(Followed, on=st.booleans()),
    st.builds(Said, text=st.text(max_size=LONGEST_TEXT)),
    st.builds(
        Shown,
        lesson=IDS,
        step=IDS,
        mode=IDS,
        plugin=IDS,
        packet=st.text(max_size=200),
        position=COUNTS,
    ),
    st.builds(Hidden),
    st.builds(Ending, why=st.sampled_from(["idle", "long", "closing"]), seconds=COUNTS),
    st.builds(
        ClassView,
        seats=st.lists(SEATS, max_size=3).map(tuple),
        questions=st.lists(QUESTIONS, max_size=3).map(tuple),
        leads=st.booleans(),
    ),
    st.builds(Unkept, problem=st.text(max_size=LONGEST_TEXT)),
)


@given(MESSAGES)
def test_a_message_is_read_as_it_was_written(message: Message) -> None:
    line = line_of(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert message_of(line) == message


def test_every_kind_of_message_is_tried() -> None:
    learners = (Visited, Finished, Answered, Hinted, Followed)
    others = (Said, Shown, Hidden, Ending, ClassView, Unkept)
    assert set(get_args(Message)) == {*learners, *others}


def line(**fields: object) -> bytes:
    """A line of these fields, JSON or nearly so."""
    return json.dumps(fields).encode()


NOT_MESSAGES = {
    "nothing": b"",
    "an end of line": b"\n",
    "no JSON": b"visited pod/model",
    "half of one": line(kind="visited", lesson="pod", step="model")[:-4],
    "two in one line": line(kind="hidden") + line(kind="hidden"),
    "no text": b"\xff\xfe\x00",
    "half a character": b'{"kind":"said","text":"\xed\xa0\x80"}',
    "half a pair": b'{"kind":"said","text":"\\ud800"}',
    "no object": b"[1, 2]",
    "null": b"null",
    "a number": b"1e999",
    "no kind": line(lesson="pod", step="model"),
    "an unknown kind": line(kind="shell", command="id"),
    "a kind that clears the screen": line(kind="\x1b[2J\n"),
    "a field that clears the screen": b'{"kind":"hidden","\\u001b[2J\\n":1}',
    "a kind that is no text": line(kind=["visited"], lesson="pod", step="model"),
    "a seat alone": line(kind="seat", name="Ada", here=True),
    "a field too few": line(kind="visited", lesson="pod"),
    "a field too many": line(kind="visited", lesson="pod", step="model", more=1),
    "a number for an id": line(kind="visited", lesson=1, step="model"),
    "a number for a truth": line(kind="followed", on=1),
    "a text for a truth": line(kind="followed", on="true"),
    "a text for a number": line(kind="hinted", lesson="a", step="b", count="1"),
    "a fraction for a number": line(kind="hinted", lesson="a", step="b", count=1.5),
    "a negative number": line(kind="hinted", lesson="a", step="b", count=-1),
    "a large number": line(kind="hinted", lesson="a", step="b", count=101),
    "a number without end": b'{"kind":"ending","why":"idle","seconds":' + b"9" * 9000 + b"}",
    "NaN": b'{"kind":"class","seats":[{"name":"a","here":true,"minutes":NaN}],"questions":[]}',
    "infinity": b'{"kind":"class","seats":[{"name":"a","here":true,"quiet":Infinity}],'
    b'"questions":[]}',
    "infinity by another name": b'{"kind":"class","seats":[{"name":"a","here":true,'
    b'"quiet":1e999}],"questions":[]}',
    "a long id": line(kind="visited", lesson="x" * 81, step="model"),
    "an escape sequence": line(kind="visited", lesson="\x1b[2J", step="model"),
    "text from right to left": line(kind="visited", lesson="pod", step="\u202emodel"),
    "a long text": line(kind="said", text="x" * (LONGEST_TEXT + 1)),
    "deep lists": b"[" * 100_000,
    "deep lists in a field": b'{"kind":"said","text":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "deep objects": b'{"kind":' * 20_000,
    "a huge line": line(kind="said", text="x" * LONGEST_LINE),
}


@pytest.mark.parametrize("name", NOT_MESSAGES)
def test_what_is_no_message(name: str) -> None:
    with pytest.raises(MessageError) as problem:
        message_of(NOT_MESSAGES[name])
    assert 0 < len(str(problem.value)) <= 200
    assert str(problem.value).isprintable()


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_none(given_bytes: bytes) -> None:
    with pytest.raises(MessageError):
        message_of(given_bytes)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(["lesson", "step", "chosen", "right", "count", "on", "seats", "text"])


@given(
    st.sampled_from(["visited", "answered", "hinted", "followed", "said", "class", "ending"]),
    st.dictionaries(FIELDS, JSON),
)
def test_any_fields_are_a_message_or_none(kind: str, fields: dict[str, object]) -> None:
    text = json.dumps({"kind": kind, **fields}).encode()
    try:
        message = message_of(text)
    except MessageError:
        return
    assert message_of(line_of(message)) == message
