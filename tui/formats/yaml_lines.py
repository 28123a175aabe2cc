"""Where in a YAML text a value stands."""

from __future__ import annotations

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from tui.formats.errors import Path


def line_of(text: str, path: Path) -> int | None:
    """The line, from 1, of what a path leads to, or of the last of it that is there.

    The path begins with the index of a document. None without one, or where it is not there.
    """
    if not path:
        return None
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, UnicodeError):
        return None
    index, *rest = path
    if not isinstance(index, int) or index >= len(documents) or documents[index] is None:
        return None
    node: Node = documents[index]
    line = int(node.start_mark.line)
    for part in rest:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line + 1


def _child(node: Node, part: str | int) -> tuple[int, Node] | None:
    """What a mapping or a sequence holds there, and its line."""
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        item: Node = node.value[part]
        return item.start_mark.line, item
    if isinstance(node, MappingNode):
        for key, held in node.value:
            if key.value == part:
                return key.start_mark.line, held
    return None
