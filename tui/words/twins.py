"""The signs that the program writes and draws with, and the ASCII twin of each."""

from __future__ import annotations

from functools import lru_cache

_TWINS = {
    # light, dotted, heavy, dashed and double lines stay apart
    "─╌╶╴╼╾—–": "-",
    "│╎╵╷▕▏▐▎▌": "|",
    "┌┐└┘├┤┬┴┼╭╮╰╯": "+",
    "┄": ".",
    "┊": ":",
    "━╺╸": "=",
    "┃╹╻╿╽┏┓┗┛┣┫┳┻╋": "#",
    "┍┎┑┒┕┖┙┚┝┞┟┠┡┢┥┦┧┨┩┪┭┮┯┰┱┲┵┶┷┸┹┺┽┾┿╀╁╂╃╄╅╆╇╈╉╊": "+",
    "╍": "~",
    "╏": "!",
    "═║╔╗╚╝╠╣╦╩╬╒╓╕╖╘╙╛╜╞╟╡╢╤╥╧╨╪╫": "%",
    # arrows and marks
    "▸▶▷→❯›": ">",
    "◂◀←‹": "<",
    "↑▲": "^",
    "↓▼▾": "v",
    "↳": "\\",
    "↵": "$",
    "↻": "@",
    "␣": "_",
    "✓": "v",
    "✗×": "x",
    "⊘": "/",
    "●◉■": "*",
    "○◌◯□": "o",
    "◐◆◇": "+",
    "≡": "=",
    "≠": "!",
    "∞": "8",
    "…⋮": "~",
    "·•∙": ".",
    "“”": '"',
    "‘’": "'",
    "≥≤": "=",
    # what Textual draws scrollbars and edges with
    "█▇▆▅▄▃▂▁▔": "#",
}
TWINS = str.maketrans({glyph: twin for glyphs, twin in _TWINS.items() for glyph in glyphs})
"""Each glyph that the program draws with, and the ASCII character that takes its cell."""


@lru_cache(maxsize=8192)
def ascii_twin(text: str) -> str:
    """The text with every drawing glyph as ASCII; letters of any language stay."""
    return text.translate(TWINS)
