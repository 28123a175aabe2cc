"""Text to plain data: JSON or YAML, one document or many."""

from __future__ import annotations

import re
from typing import Any

from tui.formats.json_reader import json_documents
from tui.formats.yaml_reader import yaml_documents

_JSON_START = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]])")


def documents(text: str, origin: str) -> list[Any]:
    """Every document as plain data; an empty one is None. Raises FormatError."""
    text = text.removeprefix("\ufeff")
    return json_documents(text, origin) if _looks_like_json(text) else yaml_documents(text, origin)


def _looks_like_json(text: str) -> bool:
    """JSON objects begin with a quoted key; `{kind: Pod}` is YAML."""
    return _JSON_START.match(text) is not None
