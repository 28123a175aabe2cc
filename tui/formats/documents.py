"""Text to plain data: JSON or YAML, one document or many."""

from __future__ import annotations

import json
import re
from typing import Any

from tui.formats.errors import FormatError
from tui.formats.yaml_reader import yaml_documents

_BLANK_OR_MARKER = re.compile(r"(?:\s|^---[ \t]*$)*", re.MULTILINE)
_HALF_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_JSON_START = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]])")


def documents(text: str, origin: str) -> list[Any]:
    """Every document as plain data; an empty one is None. Raises FormatError."""
    text = text.removeprefix("\ufeff")
    return json_documents(text, origin) if _looks_like_json(text) else yaml_documents(text, origin)


def _looks_like_json(text: str) -> bool:
    """JSON objects begin with a quoted key; `{kind: Pod}` is YAML."""
    return _JSON_START.match(text) is not None


def json_documents(text: str, origin: str) -> list[Any]:
    """JSON values one after the other, as `kubectl` prints them or apart by `---`."""
    decoder = json.JSONDecoder()
    broken = _HALF_SURROGATE.search(text) is not None
    found: list[Any] = []
    position = _skip(text, 0)
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
            found.append(_mended(value) if broken else value)
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise FormatError(origin, f"is not JSON: {error.msg}", place) from None
        except RecursionError:
            raise FormatError(origin, "is nested too deeply") from None
        except ValueError:
            raise FormatError(origin, "holds a number of thousands of digits") from None
        position = _skip(text, position)
    return found


def mended(value: Any, text: str) -> Any:
    """What a JSON text says, with U+FFFD for half a surrogate pair: as in Go, and printable."""
    return _mended(value) if _HALF_SURROGATE.search(text) else value


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


def _skip(text: str, position: int) -> int:
    blank = _BLANK_OR_MARKER.match(text, position)
    return blank.end() if blank else position
