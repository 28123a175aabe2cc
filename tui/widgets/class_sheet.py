"""The class as a table: who is where, and who needs somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field

from rich.cells import cell_len
from textual.reactive import reactive

from tui.sim.model.value import value
from tui.theme import Role
from tui.widgets.line import Line, Span, pad
from tui.widgets.pane import Pane
from tui.words import Words
from tui.words.language import _
from tui.workshop.messages import ClassView, Seat

STUCK, FOLLOWS = "!", "→"
"""Signs in front of a name."""
_COLUMNS = (_("min"), _("done"), _("missed"), _("hints"))
_COUNTS = (4, 6, 8, 7)
"""Cells of these columns."""
_KEPT = (0, 2)
"""Those of them that are kept where there is no room for all."""
_NAME, _SHORT_NAME, _STATE, _STEP = 25, 13, 6, 6
_WIDE = 90
"""Cells from which on a name is shown whole."""
_NARROW = 66
"""Cells below which some columns are left out."""


@value
class Named:
    """What a step is called in the language of the screen."""

    lesson: str
    """The lesson's title; its id where there is no such lesson here."""
    number: str = ""
    """The step's number and how many there are, `2/9`."""
    heading: str = ""
    """The step's."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """What the answers to its question say, by what is told of them."""


Names = Callable[[str, str], Named]
"""From ids of a lesson and a step to what they are called."""


class ClassHead(Pane):
    """How many are here, and what the columns under it are."""

    DEFAULT_CSS = "ClassHead { height: 2; scrollbar-gutter: stable; }"

    view: reactive[ClassView | None] = reactive(None, repaint=False)
    """What is counted."""
    leads: reactive[bool] = reactive(False, repaint=False)
    """Whether the class is shown what the instructor does."""

    def __init__(self, words: Words) -> None:
        """Take the language."""
        super().__init__()
        self.words = words

    def watch_view(self) -> None:
        """Count again."""
        self.renew()

    def watch_leads(self) -> None:
        """Say so."""
        self.renew()

    def lines(self, width: int) -> list[Line]:
        """The counts; the heads of the columns, once there are rows."""
        counts = Line(tuple(self._counts()))
        if self.view is None or not self.view.seats:
            return [counts]
        where, *heads = (self.words(head) for head in (_("where"), *_COLUMNS))
        cells = (self.words("name"), self.words("state"), where, self.words("step"), *heads)
        return [counts, Line(((_row("   ", cells, width), Role.TITLE),))]

    def _counts(self) -> Iterator[Span]:
        words, seats = self.words, self.view.seats if self.view is not None else ()
        stuck = sum(seat.stuck for seat in seats)
        follow = sum(seat.follows for seat in seats)
        here = sum(seat.here for seat in seats)
        yield f" {words('{count} here', count=here)}", Role.STRONG
        yield "    ", Role.PLAIN
        text = f"{STUCK} {words('{count} stuck', count=stuck)}"
        yield text, Role.DROPPED if stuck else Role.QUIET
        yield f"    {FOLLOWS} {words('{count} follow', count=follow)}", Role.QUIET
        if self.leads:
            yield "    ", Role.PLAIN
            yield f" {words('you lead')} ", Role.NOW


class OfTheClass(Pane, can_focus=True):
    """Shows something of a class, with lessons and steps by their names."""

    view: reactive[ClassView | None] = reactive(None, repaint=False)
    """What is shown."""

    def __init__(self, words: Words, names: Names) -> None:
        """Take the language, and what lessons and steps are called in it."""
        super().__init__()
        self.words = words
        self._names = names

    def watch_view(self) -> None:
        """Show the class as it is now."""
        self.renew()


class ClassSheet(OfTheClass):
    """A row for each learner, those who are stuck first."""

    DEFAULT_CSS = "ClassSheet { scrollbar-gutter: stable; }"

    def lines(self, width: int) -> list[Line]:
        """The rows; a sentence in place of none."""
        if self.view is None or not self.view.seats:
            return [Line(((f" {self.words('Nobody has come yet.')}", Role.QUIET),))]
        return [self._seat(seat, width) for seat in self.view.seats]

    def _seat(self, seat: Seat, width: int) -> Line:
        named = self._names(seat.lesson, seat.step)
        signs = f"{STUCK if seat.stuck else ' '}{FOLLOWS if seat.follows else ' '} "
        state, role = self._state(seat)
        minutes = f"{seat.minutes:.0f}" if seat.here else ""
        counts = (str(seat.done), str(seat.missed), str(seat.hints))
        cells = (seat.name, state, named.lesson, named.number, minutes, *counts)
        return Line(((_row(signs, cells, width), role),))

    def _state(self, seat: Seat) -> tuple[str, Role]:
        if seat.stuck:
            return self.words("stuck"), Role.DROPPED
        if seat.here:
            return self.words("here"), Role.PLAIN
        return self.words("away"), Role.FAINT


def _row(signs: str, cells: tuple[str, ...], width: int) -> str:
    """Name, state, place, step and counts in their columns; the place takes what is left."""
    name, state, where, step, *counts = cells
    first = _NAME if width >= _WIDE else _SHORT_NAME
    kept = range(len(counts)) if width >= _NARROW else _KEPT
    tail = "".join(_right(counts[i], _COUNTS[i]) for i in kept)
    head = f" {signs}{pad(name, first)} {pad(state, _STATE)}"
    room = max(width - cell_len(head) - cell_len(tail) - _STEP - 3, 6)
    return f"{head} {pad(where, room)} {pad(step, _STEP)}{tail}"


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text
