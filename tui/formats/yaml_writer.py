"""Plain data to YAML that `yaml_reader` reads back as the same data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml

from tui.formats.yaml_reader import resolved

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:-]*[A-Za-z0-9]|[A-Za-z0-9]")
"""Text that no YAML reader takes for punctuation; whether it is a number is another question."""


def yaml_text(documents: Iterable[Any]) -> str:
    """The documents, `---` between them."""
    return "---\n".join(_document(each) for each in documents)


def _document(data: Any) -> str:
    return yaml.dump(
        data,
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=True,
        width=10_000,
    )


class _Dumper(yaml.SafeDumper):
    """Quotes by what our reader would make of a text without quotes; writes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """The same value twice is written twice, as people do."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(text) and not text.endswith(":") and resolved(text) == text
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)
