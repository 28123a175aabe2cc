"""Markdown as rows: paragraphs, bold, code, lists, quotes and code blocks, and nothing heavier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len

from tui.theme import Role
from tui.widgets.line import BLANK, Line, Span, fit, pad, wrap

_INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|\[(?P<link>[^\]]+)\]\([^)]*\)"
    r"|(?<![\w*])\*(?P<em>[^\s*_](?:[^*_]*[^\s*_])?)\*(?!\*)"
    r"|(?<![\w*])_(?P<low>[^\s*_](?:[^*_]*[^\s*_])?)_(?!\w)"
)
_BULLET = re.compile(r"^(?P<pad>\s*)(?P<sign>[-*+]|\d+[.)])\s+(?P<rest>.*)$")


@lru_cache(maxsize=256)
def prose(markdown: str, width: int) -> tuple[Line, ...]:
    """The rows of a text at this width; kept, for a page is drawn more than once."""
    rows: list[Line] = []
    for block in _blocks(markdown):
        if rows:
            rows.append(BLANK)
        rows += _block_rows(block, width)
    return tuple(rows)


def _blocks(markdown: str) -> Iterator[list[str]]:
    """Paragraphs, lists and fenced code, as lists of source lines."""
    block: list[str] = []
    fenced = False
    for line in markdown.strip("\n").splitlines():
        if line.lstrip().startswith("```"):
            if not fenced and block:
                yield block
                block = []
            block.append(line)
            if fenced:
                yield block
                block = []
            fenced = not fenced
        elif fenced or line.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _block_rows(block: list[str], width: int) -> list[Line]:
    first = block[0].lstrip()
    if first.startswith("```"):
        return _code(block, width)
    if first.startswith("#"):
        return [Line.of((first.lstrip("# "), Role.TITLE))]
    if first.startswith(">"):
        text = " ".join(line.lstrip("> ") for line in block)
        return [Line((("▌ ", Role.NOW_TEXT), *row)) for row in wrap(spans_of(text), width - 2)]
    if first.startswith("|"):
        return _table(block, width)
    if _BULLET.match(block[0]):
        return list(_list(block, width))
    joined = " ".join(line.strip() for line in block)
    return [Line(row) for row in wrap(spans_of(joined), width)]


def _code(block: list[str], width: int) -> list[Line]:
    """A code block as it is; too long a line is cut, for nothing scrolls sideways."""
    return [
        Line.of(("│ ", Role.FAINT), (fit(line, width - 2), Role.CODE))
        for line in block[1:]
        if not line.lstrip().startswith("```")
    ]


def _list(block: list[str], width: int) -> Iterator[Line]:
    items: list[tuple[str, str]] = []
    for line in block:
        match = _BULLET.match(line)
        if match:
            sign = match["sign"] if match["sign"][0].isdigit() else "•"
            items.append((f"{match['pad']}{sign} ", match["rest"]))
        elif items:
            items[-1] = (items[-1][0], f"{items[-1][1]} {line.strip()}")
    for sign, text in items:
        for i, row in enumerate(wrap(spans_of(text), width - len(sign))):
            yield Line(((sign if i == 0 else " " * len(sign), Role.NOW_TEXT), *row))


def _table(block: list[str], width: int) -> list[Line]:
    """A small table in columns as wide as their widest cell."""
    cells = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in block
        if not set(line) <= set("|-: ")
    ]
    columns = max(len(row) for row in cells)
    sizes = [max(cell_len(row[i]) if i < len(row) else 0 for row in cells) for i in range(columns)]
    rows = []
    for number, row in enumerate(cells):
        text = "  ".join(pad(cell, size) for cell, size in zip(row, sizes, strict=False))
        role = Role.STRONG if number == 0 else Role.PLAIN
        rows.append(Line.of((fit(text.rstrip(), width), role)))
    return rows


def spans_of(text: str) -> list[Span]:
    """Inline Markdown as pieces."""
    spans: list[Span] = []
    at = 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            spans.append((text[at : match.start()], Role.PLAIN))
        if match["bold"] is not None:
            spans.append((match["bold"], Role.STRONG))
        elif match["code"] is not None:
            spans.append((match["code"], Role.CODE))
        else:
            spans.append((match["link"] or match["em"] or match["low"] or "", Role.NOW_TEXT))
        at = match.end()
    if at < len(text):
        spans.append((text[at:], Role.PLAIN))
    return spans
