"""A drawing board of cells: lines that join by themselves, boxes, and text on top.

Every cell remembers the arms of the lines that meet in it (up, right, down, left) with
their weight, so crossings and corners come out as the right box-drawing glyph whatever the
order of drawing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import IntEnum
from functools import cache

from rich.cells import cell_len

from tui.sim.model.value import value
from tui.theme import Role
from tui.widgets.line import Line, Span, fit

Arms = tuple[int, int, int, int]


class Weight(IntEnum):
    """How thick a line is."""

    NONE = 0
    LIGHT = 1
    HEAVY = 2
    DOUBLE = 3


class Dash(IntEnum):
    """Whether a straight line is broken."""

    SOLID = 0
    DOTTED = 1
    DASHED = 2


_JOINTS = (
    "0001╴ 0010╷ 0011╮ 0100╶ 0101─ 0110╭ 0111┬ 1000╵ 1001╯ 1010│ 1011┤ 1100╰ 1101┴ 1110├ 1111┼ "
    "0002╸ 0012┑ 0020╻ 0021┒ 0022┓ 0102╾ 0112┭ 0120┎ 0121┰ 0122┱ 0200╺ 0201╼ 0202━ 0210┍ 0211┮ "
    "0212┯ 0220┏ 0221┲ 0222┳ 1002┙ 1012┥ 1020╽ 1021┧ 1022┪ 1102┵ 1112┽ 1120┟ 1121╁ 1122╅ 1200┕ "
    "1201┶ 1202┷ 1210┝ 1211┾ 1212┿ 1220┢ 1221╆ 1222╈ 2000╹ 2001┚ 2002┛ 2010╿ 2011┦ 2012┩ 2020┃ "
    "2021┨ 2022┫ 2100┖ 2101┸ 2102┹ 2110┞ 2111╀ 2112╃ 2120┠ 2121╂ 2122╉ 2200┗ 2201┺ 2202┻ 2210┡ "
    "2211╄ 2212╇ 2220┣ 2221╊ 2222╋ 0303═ 3030║ 0003═ 0300═ 3000║ 0030║ 0330╔ 0033╗ 3300╚ 3003╝ "
    "3330╠ 3033╣ 0333╦ 3303╩ 3333╬ 0313╤ 1303╧ 1313╪ 3130╟ 3031╢ 3131╫ 1300╘ 1003╛ 0310╒ 0013╕"
)
_BARE: Arms = (0, 0, 0, 0)
"""What a cell that no line meets holds."""
_GLYPHS: dict[Arms, str] = {
    (int(j[0]), int(j[1]), int(j[2]), int(j[3])): j[4] for j in _JOINTS.split(" ")
}
_BROKEN: dict[tuple[Arms, Dash], str] = {
    ((0, 1, 0, 1), Dash.DOTTED): "┄",
    ((1, 0, 1, 0), Dash.DOTTED): "┊",
    ((0, 2, 0, 2), Dash.DASHED): "╍",
    ((2, 0, 2, 0), Dash.DASHED): "╏",
    ((0, 1, 0, 1), Dash.DASHED): "╌",
    ((1, 0, 1, 0), Dash.DASHED): "╎",
}


def joint(arms: Arms, dash: Dash = Dash.SOLID) -> str:
    """The glyph in which these arms meet; double lines that no glyph joins become heavy."""
    if dash is not Dash.SOLID and (arms, dash) in _BROKEN:
        return _BROKEN[(arms, dash)]
    if arms in _GLYPHS:
        return _GLYPHS[arms]
    north, east, south, west = (min(arm, Weight.HEAVY) for arm in arms)
    return _GLYPHS.get((north, east, south, west), " ")


@cache
def _both(one: Arms, other: Arms) -> Arms:
    north, east, south, west = (max(a, b) for a, b in zip(one, other, strict=True))
    return north, east, south, west


@cache
def _heaviest(arms: Arms) -> int:
    return max(arms)


@value
class Pen:
    """How a line is drawn."""

    weight: Weight = Weight.LIGHT
    role: Role = Role.LINE
    dash: Dash = Dash.SOLID


_PEN = Pen()


class Grid:
    """A board of `width` x `height` cells.

    A dotted branch ends before a heavy line that it meets: a joint has one colour, and the
    branch's own arm would show in it as if it had been walked.
    """

    def __init__(
        self, width: int, height: int, crossings: Collection[tuple[int, int]] = ()
    ) -> None:
        """An empty board. In a crossing a column passes over a row and does not join it."""
        self.width = width
        self.height = height
        self._crossings = frozenset(crossings)
        self._arms: list[list[Arms]] = [[_BARE] * width for _ in range(height)]
        self._dotted: list[list[Arms]] = [[_BARE] * width for _ in range(height)]
        self._pens: list[list[Pen]] = [[_PEN] * width for _ in range(height)]
        self._text: list[list[Span | None]] = [[None] * width for _ in range(height)]
        self._made: list[Line | None] = [None] * height

    def copy(self) -> Grid:
        """Another board with the same drawing on it; rows that stay so are not made again."""
        twin = object.__new__(Grid)
        twin.width, twin.height, twin._crossings = self.width, self.height, self._crossings
        twin._arms = [row[:] for row in self._arms]
        twin._dotted = [row[:] for row in self._dotted]
        twin._pens = [row[:] for row in self._pens]
        twin._text = [row[:] for row in self._text]
        twin._made = self._made[:]
        return twin

    def horizontal(self, y: int, x0: int, x1: int, pen: Pen) -> None:
        """A line along a row; it ends in the middle of its last cells."""
        low, high = sorted((x0, x1))
        for x in range(low, high + 1):
            self._join(
                x, y, (0, pen.weight if x < high else 0, 0, pen.weight if x > low else 0), pen
            )

    def vertical(self, x: int, y0: int, y1: int, pen: Pen) -> None:
        """A line along a column."""
        low, high = sorted((y0, y1))
        for y in range(low, high + 1):
            self._join(
                x, y, (pen.weight if y > low else 0, 0, pen.weight if y < high else 0, 0), pen
            )

    def box(self, x: int, y: int, width: int, height: int, pen: Pen) -> None:
        """A frame."""
        self.horizontal(y, x, x + width - 1, pen)
        self.horizontal(y + height - 1, x, x + width - 1, pen)
        self.vertical(x, y, y + height - 1, pen)
        self.vertical(x + width - 1, y, y + height - 1, pen)

    def write(self, x: int, y: int, text: str, role: Role, limit: int | None = None) -> int:
        """Text over whatever is there; gives the column after it."""
        if not 0 <= y < self.height:
            return x
        room = self.width - x if limit is None else min(limit, self.width - x)
        self._made[y] = None
        for letter in fit(text, room):
            size = cell_len(letter)
            if x < 0 or x + size > self.width:
                break
            self._text[y][x] = (letter, role)
            if size == 2:
                self._text[y][x + 1] = ("", role)
            x += size
        return x

    def recolour(self, x: int, y: int, role: Role) -> None:
        """Give another role to what stands in a cell."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return
        self._made[y] = None
        written = self._text[y][x]
        if written is not None:
            self._text[y][x] = (written[0], role)
        pen = self._pens[y][x]
        self._pens[y][x] = Pen(pen.weight, role, pen.dash)

    def _join(self, x: int, y: int, arms: Arms, pen: Pen) -> None:
        if not (0 <= x < self.width and 0 <= y < self.height):
            return
        if (x, y) in self._crossings and not arms[0] | arms[2]:
            return
        self._made[y] = None
        arms_here, dotted_here = self._arms[y][x], self._dotted[y][x]
        if _heaviest(arms_here) <= pen.weight and _heaviest(dotted_here) <= pen.weight:
            self._pens[y][x] = pen
        layer = self._dotted if pen.dash is Dash.DOTTED else self._arms
        layer[y][x] = _both(layer[y][x], arms)

    def lines(self) -> list[Line]:
        """The board as rows."""
        made = [line or Line(tuple(self._runs(y))) for y, line in enumerate(self._made)]
        self._made = [*made]
        return made

    def _runs(self, y: int) -> Iterator[Span]:
        """Neighbouring cells of one role together."""
        run, current = "", Role.PLAIN
        for x in range(self.width):
            glyph, role = self._cell(x, y)
            if role is not current and run:
                yield run, current
                run = ""
            run, current = run + glyph, role
        if run:
            yield run, current

    def _cell(self, x: int, y: int) -> Span:
        written = self._text[y][x]
        if written is not None:
            return written
        arms, dotted = self._arms[y][x], self._dotted[y][x]
        if arms is _BARE and dotted is _BARE:
            return " ", Role.PLAIN
        if _heaviest(arms) <= Weight.LIGHT:
            arms = _both(arms, dotted)
        pen = self._pens[y][x]
        return joint(arms, pen.dash), pen.role
