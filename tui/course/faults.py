"""What pydantic says about a file, in the author's terms."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tui.course.problem import CourseError, Problem
from tui.course.toml_lines import line_of

M = TypeVar("M", bound=BaseModel)


def validated(model: type[M], data: Mapping[str, object], file: Path, text: str) -> M:
    """The data of a text as a model. Raises CourseError with a problem per fault."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        raise CourseError(*(_problem(fault, data, file, text) for fault in faults)) from None


def _problem(fault: ErrorDetails, data: object, file: Path, text: str) -> Problem:
    loc = fault["loc"]
    of_kind = (*loc, "kind") if fault["type"] == "union_tag_invalid" else loc
    line = line_of(text, of_kind) or 1
    return Problem(file, _where(loc, data), _expectation(fault), line)


def _where(loc: tuple[int | str, ...], data: object) -> str:
    """`steps[2].packet.to`: pydantic's location without the tags that it puts in between."""
    path = ""
    for key in loc:
        if isinstance(key, int):
            path += f"[{key}]"
            data = data[key] if isinstance(data, list) and key < len(data) else None
        elif not (isinstance(data, dict) and data.get("kind") == key and key not in data):
            path += f".{key}" if path else key
            data = data.get(key) if isinstance(data, dict) else None
    return path


def _expectation(fault: ErrorDetails) -> str:
    """What was expected, what was found, what to do."""
    kind, found = fault["type"], fault["input"]
    context = fault.get("ctx", {})
    match kind:
        case "missing":
            return "expected a value, found none; add it"
        case "extra_forbidden":
            return "this key is not known here; remove it or mend its spelling"
        case "union_tag_not_found":
            return "expected `kind`: one of read, inject, predict, explore, fix"
        case "union_tag_invalid":
            return f"expected one of {context['expected_tags']}; found {context['tag']!r}"
        case "enum" | "literal_error":
            return f"expected {context['expected']}, found {found!r}"
        case "string_pattern_mismatch":
            return f"expected lower-case letters, digits and hyphens, found {found!r}"
        case "value_error":
            return fault["msg"].removeprefix("Value error, ")
    wanted = fault["msg"].removeprefix("Input should ").removeprefix("be ")
    return f"expected {wanted}, found {found!r}"
