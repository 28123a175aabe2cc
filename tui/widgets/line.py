"""Lines of text as values: pieces with roles, laid out in cells, cut where it does not hurt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from tui.sim.model.value import value
from tui.theme import Palette, Role

Span = tuple[str, Role]


@value
class Line:
    """One row of a pane."""

    spans: tuple[Span, ...] = ()
    """Pieces from left to right."""
    lit: bool = False
    """The row is highlighted."""
    target: str = ""
    """What a click on this row means to its widget."""

    @staticmethod
    def of(*spans: Span | str, lit: bool = False, target: str = "") -> Line:
        """A line; bare text is plain."""
        made = tuple((s, Role.PLAIN) if isinstance(s, str) else s for s in spans)
        return Line(tuple(span for span in made if span[0]), lit, target)

    @property
    def text(self) -> str:
        """The text without looks."""
        return "".join(text for text, _ in self.spans)

    @property
    def width(self) -> int:
        """Width in cells."""
        return cell_len(self.text)

    def indented(self, cells: int) -> Line:
        """The line moved to the right."""
        return Line(((" " * cells, Role.PLAIN), *self.spans), self.lit, self.target)


BLANK = Line()
"""An empty row."""


def fit(text: str, width: int) -> str:
    """The text in at most `width` cells, cut at the end with an ellipsis."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return "…"[: max(width, 0)]
    return set_cell_size(text, width - 1).rstrip() + "…"


def pad(text: str, width: int) -> str:
    """The text in exactly `width` cells; Hangul takes two."""
    cut = fit(text, width)
    return cut + " " * (width - cell_len(cut))


def cut_spans(spans: Sequence[Span], width: int) -> tuple[Span, ...]:
    """The pieces in at most `width` cells; an ellipsis tells that there was more."""
    kept: list[Span] = []
    left = width
    for text, role in spans:
        if cell_len(text) <= left:
            kept.append((text, role))
            left -= cell_len(text)
            continue
        if left > 0:
            kept.append((fit(text, left), role))
        elif kept and text.strip():
            last, look = kept[-1]
            kept[-1] = (fit(f"{last} ", cell_len(last)), look)
        break
    return tuple(kept)


def spread(
    left: Sequence[Span], right: Sequence[Span], width: int, *, lit: bool = False, target: str = ""
) -> Line:
    """Pieces at both edges of a row; the right ones are kept whole."""
    right_width = sum(cell_len(text) for text, _ in right)
    room = max(width - right_width - (1 if right else 0), 0)
    start = cut_spans(left, room)
    gap = width - right_width - sum(cell_len(text) for text, _ in start)
    return Line((*start, (" " * max(gap, 0), Role.PLAIN), *right), lit, target)


_HASHED = re.compile(r"(?P<prefix>.+-)(?P<digest>[A-Z2-7]{16})")
_NAMED = re.compile(r"(?P<kind>[a-z]+)-(?P<digest>[A-Z2-7]{8})-(?P<rest>.+/.+)")


def short_chain(name: str, width: int = 18) -> str:
    """A chain's name in about `width` cells, cut in the middle of its hash.

    `KUBE-SEP-7U6MWNJWNPUFBXUR` becomes `KUBE-SEP-7U6M…BXUR`: prefix, head and tail of the
    hash stay, for they tell chains apart. nftables mode writes the Service into the name,
    `service-ULMVA6XW-shop/web/tcp/http`: there the hash says nothing that the rest does not.
    A name without a hash stays whole.
    """
    if len(name) <= width:
        return name
    named = _NAMED.fullmatch(name)
    if named is not None:
        room = max(width - len(named["kind"]) - 3, 12)
        return f"{named['kind']}-…-{middle_cut(named['rest'], room)}"
    match = _HASHED.fullmatch(name)
    if match is None:
        return name
    room = max(width - len(match["prefix"]) - 1, 5)
    head = (room + 1) // 2
    return f"{match['prefix']}{match['digest'][:head]}…{match['digest'][head - room :]}"


def middle_cut(name: str, width: int) -> str:
    """A pod's name in at most `width` cells; its end stays, for it tells replicas apart."""
    if cell_len(name) <= width or width < 5:
        return fit(name, width)
    tail = min(3, width // 3)
    return f"{set_cell_size(name, width - tail - 1)}…{name[-tail:]}"


def wrap(spans: Sequence[Span], width: int) -> list[tuple[Span, ...]]:
    """Pieces broken into rows of at most `width` cells, at spaces where there are any."""
    rows: list[list[Span]] = [[]]
    used = 0
    for word, role in _words(spans):
        size = cell_len(word)
        if used + cell_len(word.rstrip()) > width and used:
            rows.append([])
            used = 0
            if not word.strip():
                continue
        for piece in _chopped(word, width):
            if used + cell_len(piece.rstrip()) > width and used:
                rows.append([])
                used = 0
            rows[-1].append((piece, role))
            used += cell_len(piece)
        if size == 0:
            continue
    return [_merged(row) for row in rows]


def _words(spans: Sequence[Span]) -> Iterable[Span]:
    """Words with the spaces behind them."""
    for text, role in spans:
        start = 0
        for i in range(1, len(text) + 1):
            if i == len(text) or (text[i - 1] == " " and text[i] != " "):
                yield text[start:i], role
                start = i


def _chopped(word: str, width: int) -> Iterable[str]:
    """A word in pieces no wider than a row."""
    while cell_len(word.rstrip()) > width > 1:
        head = set_cell_size(word, width).rstrip()
        yield head
        word = word[len(head) :]
    yield word


def joined(row: Iterable[Span]) -> list[Span]:
    """Neighbours of one role made one."""
    out: list[Span] = []
    for text, role in row:
        if out and out[-1][1] is role:
            out[-1] = (out[-1][0] + text, role)
        else:
            out.append((text, role))
    return out


def _merged(row: Sequence[Span]) -> tuple[Span, ...]:
    """Neighbours of one role joined, trailing space gone."""
    out = joined(row)
    if out:
        out[-1] = (out[-1][0].rstrip(), out[-1][1])
    return tuple(span for span in out if span[0])


def strip_of(line: Line, width: int, palette: Palette) -> Strip:
    """The line as Textual draws it, cut and filled to the pane's width.

    Every segment has a style: Textual's monochrome filter cannot do without one.
    """
    spans = cut_spans(line.spans, width)
    segments = [Segment(text, palette.style(role, lit=line.lit)) for text, role in spans]
    used = sum(cell_len(text) for text, _ in spans)
    if used < width:
        filler = palette.style(Role.PLAIN, lit=True) if line.lit else palette.base
        segments.append(Segment(" " * (width - used), filler))
    return Strip(segments, max(width, used))
