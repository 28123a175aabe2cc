"""What is wrong with a file, said in one line that names the file and the place inside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui.sim.model.shown import LONGEST, clipped, printable

if TYPE_CHECKING:
    from pydantic import ValidationError

Path = Sequence[str | int]
"""Keys and list positions from an object down to a value: `("spec", "ports", 0, "port")`."""

_LONGEST_VALUE = 60
_LONGEST_PART = 600
_SHOWN_NAMES = "-_"


class FormatError(Exception):
    """A file cannot be used. Its text is one line: file, place inside, what was expected."""

    def __init__(self, origin: str, problem: str, place: str = "", path: Path = ()) -> None:
        self.origin = origin
        """The file as the user named it."""
        self.place = place
        """Where inside: `items[3] (Service shop/web) spec.ports[0].port`, or a line and column."""
        self.path = tuple(path)
        """The place as the index of the document, then keys and positions; empty if unknown."""
        self.problem = problem
        """What is wrong there and what was expected."""
        parts = (clipped(part, _LONGEST_PART) for part in (origin, place, problem) if part)
        super().__init__(printable(": ".join(parts)))


class FieldError(Exception):
    """Something wrong at a path of one object, before anyone knows the object's place."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = tuple(path)
        """From the object down to the value."""
        self.problem = problem
        """What is wrong and what was expected."""
        super().__init__(f"{path_text(self.path)}: {problem}")


def quoted(value: Any) -> str:
    """A value as JSON would write it, cut where it is long: `"80"`, `true`, `a list`."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return clipped(json.dumps(value, ensure_ascii=False, default=str), _LONGEST_VALUE)


def path_text(path: Path) -> str:
    """A path as people write it: `spec.ports[0].port`, `metadata.labels["app/name"]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif 0 < len(part) <= LONGEST and all(c.isalnum() or c in _SHOWN_NAMES for c in part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(clipped(part), ensure_ascii=False)}]"
    return text


# ---------------------------------------------------------------- pydantic's errors


def field_error_of(error: ValidationError) -> FieldError:
    """The first thing that pydantic found, in our words."""
    first = error.errors(include_url=False)[0]
    context = first.get("ctx") or {}
    return FieldError(first["loc"], _sentence(first["type"], first["input"], context, first["msg"]))


def _sentence(kind: str, value: Any, context: dict[str, Any], message: str) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "literal_error":
        return f"{quoted(value)} is not one of {_choices(context['expected'])}"
    if kind in ("string_type", "invalid_key"):
        return f"{quoted(value)} is not text{_advice_for_text(value)}"
    if kind == "too_short":
        return "is an empty list"
    if kind == "int_type":
        return f"{quoted(value)} is not a whole number{_advice_for_number(value)}"
    expected = _EXPECTED.get(kind)
    return f"{quoted(value)} is not {expected}" if expected else message


_EXPECTED = {
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def _choices(expected: str) -> str:
    """pydantic's `'TCP', 'UDP' or 'SCTP'` as `TCP, UDP or SCTP`."""
    return expected.removeprefix("'', ").replace("'", "")


def _advice_for_text(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return f'; write it in quotes: "{quoted(value)}"'
    return ""


def _advice_for_number(value: Any) -> str:
    if isinstance(value, str) and len(value) < 20 and value.strip().lstrip("+-").isdecimal():
        return f"; write it without quotes: {value.strip()}"
    return ""
