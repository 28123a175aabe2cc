"""Progress as one line of text, to take along to another machine or to hand in.

`k8snet1:` and base64 of compressed JSON: a line survives mail, chat and the clipboard. What is
read back is anybody's: it is checked before any of it is believed.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Iterator
from typing import Any

from tui.store.progress import Answer, History, Place

PREFIX, FORMAT = "k8snet", 1
LARGEST = 8_000_000
"""Bytes of JSON that a line may hold; a course of a hundred lessons needs some 100,000."""
MOST_ROWS = 20_000
"""Steps, answers or hints that a line may hold; a learner gives some hundreds."""
_LONGEST = 200
"""Characters of an id or an answer."""
_FOREVER = 1e11
"""Seconds since the epoch that no clock shows in this age."""


class LineError(ValueError):
    """A line that is no progress of this program; `args[0]` says why."""


def to_line(history: History) -> str:
    """Everything that is remembered, as one line."""
    place = history.place
    data = {
        "place": _row(place[0], place[1]) if place is not None else None,
        "done": [_row(place, at) for place, at in history.done],
        "answers": [_row(p, a.chosen, a.right, a.at) for p, a in history.answers],
        "hints": [_row(place, count, at) for place, count, at in history.hints],
        "seen": [[what, at] for what, at in history.seen],
    }
    packed = zlib.compress(json.dumps(data, separators=(",", ":")).encode(), 9)
    return f"{PREFIX}{FORMAT}:{base64.urlsafe_b64encode(packed).decode()}"


def from_line(line: str) -> History:
    """What such a line holds. Raises LineError."""
    data = _unpacked(line)
    try:
        return History(
            _place_at(data["place"]) if data["place"] is not None else None,
            tuple(_place_at(row) for row in _rows(data["done"])),
            tuple(_answer(row) for row in _rows(data["answers"])),
            tuple(_hints(row) for row in _rows(data["hints"])),
            tuple(_seen(row) for row in _rows(data["seen"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LineError(f"expected progress of k8snet-tui, found something else: {error}") from None


def _unpacked(line: str) -> dict[str, Any]:
    head, _colon, body = line.strip().partition(":")
    if not head.startswith(PREFIX) or not body:
        raise LineError(f"expected a line that begins with {PREFIX}{FORMAT}:")
    if head != f"{PREFIX}{FORMAT}":
        raise LineError(f"expected format {FORMAT}, found {head[:20]!r}: a newer version wrote it")
    try:
        packer = zlib.decompressobj()
        text = packer.decompress(base64.b64decode(body, altchars=b"-_", validate=True), LARGEST)
        if packer.unconsumed_tail or not packer.eof:
            raise LineError("expected a whole line of at most 8 MB, found a part or more")
        data = json.loads(text)
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        if isinstance(error, LineError):
            raise
        raise LineError("the line is damaged; copy it again, all of it") from None
    if not isinstance(data, dict):
        raise LineError("expected progress of k8snet-tui, found something else")
    return data


# ---------------------------------------------------------------- rows


def _row(place: Place, *more: object) -> list[object]:
    return [place.lesson, place.step, *more]


def _rows(given: object) -> Iterator[list[Any]]:
    if not isinstance(given, list):
        raise TypeError("a list is missing")
    if len(given) > MOST_ROWS:
        raise ValueError(f"more than {MOST_ROWS} rows")
    for row in given:
        if not isinstance(row, list):
            raise TypeError("a row is no list")
        yield row


def _place_at(row: list[Any]) -> tuple[Place, float]:
    lesson, step, at = row
    return Place(_text(lesson), _text(step)), _time(at)


def _answer(row: list[Any]) -> tuple[Place, Answer]:
    lesson, step, chosen, right, at = row
    if not isinstance(right, bool):
        raise TypeError("an answer is neither right nor wrong")
    return Place(_text(lesson), _text(step)), Answer(_text(chosen), right, _time(at))


def _hints(row: list[Any]) -> tuple[Place, int, float]:
    lesson, step, count, at = row
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count < 100:
        raise ValueError("a number of hints is none")
    return Place(_text(lesson), _text(step)), count, _time(at)


def _seen(row: list[Any]) -> tuple[str, float]:
    what, at = row
    return _text(what), _time(at)


def _text(given: object) -> str:
    if not isinstance(given, str) or not 0 < len(given) <= _LONGEST or not given.isprintable():
        raise ValueError("a name is missing or is no name")
    return given


def _time(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise TypeError("a time is no number")
    if not 0 <= given < _FOREVER:  # neither is what is not a number
        raise ValueError("a time is none")
    return float(given)
