"""The class as a table: who is where and needs somebody, and what the class misses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from textual.reactive import reactive

from tui.theme import Role
from tui.widgets.line import BLANK, Line, Span, pad
from tui.widgets.pane import Pane
from tui.words import Words
from tui.words.language import _
from tui.workshop.messages import ClassView, Question, Seat

Named = Callable[[str, str], tuple[str, str, str]]
"""From ids of a lesson and a step: the lesson's title, the step's number of all, its heading."""
_HEADS = (_("name"), _("where"), _("step"), _("min"), _("done"), _("missed"), _("hints"))
_NAME, _SHORT_NAME, _STEP, _COUNT = 26, 14, 6, 7
_WIDE = 90
"""Cells from which on a name is shown whole."""


class ClassSheet(Pane, can_focus=True):
    """Seats, then questions."""

    view: reactive[ClassView | None] = reactive(None, repaint=False)
    """What is shown."""

    def __init__(self, words: Words, named: Named, *, id: str | None = None) -> None:
        """Take the language, and what lessons and steps are called in it."""
        super().__init__(id=id)
        self.words = words
        self._named = named

    def watch_view(self) -> None:
        """Show the class as it is now."""
        self.renew()

    def lines(self, width: int) -> list[Line]:
        """A row for each learner, those who are stuck first; then the most missed questions."""
        view = self.view
        if view is None or not view.seats:
            return [Line(((f" {self.words('Nobody has come yet.')}", Role.QUIET),))]
        return [
            Line(tuple(self._counts(view))),
            BLANK,
            self._row([self.words(head) for head in _HEADS], width, Role.TITLE),
            *(self._seat(seat, width) for seat in view.seats),
            *self._questions(view.questions, width),
        ]

    def _counts(self, view: ClassView) -> Iterator[Span]:
        here = sum(seat.here for seat in view.seats)
        stuck = sum(seat.stuck for seat in view.seats)
        follow = sum(seat.follows for seat in view.seats)
        words = self.words
        yield f" {words('{count} here', count=here)}", Role.STRONG
        yield "   ", Role.PLAIN
        yield words("{count} stuck", count=stuck), Role.DROPPED if stuck else Role.QUIET
        yield "   ", Role.PLAIN
        yield words("{count} follow", count=follow), Role.QUIET
        if view.leads:
            yield "   ", Role.PLAIN
            yield f" {words('you lead')} ", Role.NOW

    def _seat(self, seat: Seat, width: int) -> Line:
        title, step, _heading = self._named(seat.lesson, seat.step)
        sign = "!" if seat.stuck else "→" if seat.follows else " "
        where = title if seat.here else self.words("away")
        minutes = f"{seat.minutes:.0f}" if seat.here else ""
        role = Role.DROPPED if seat.stuck else Role.PLAIN if seat.here else Role.FAINT
        counts = (str(seat.done), str(seat.missed), str(seat.hints))
        return self._row([f"{sign} {seat.name}", where, step, minutes, *counts], width, role)

    def _row(self, cells: list[str], width: int, role: Role) -> Line:
        name, where, step, *counts = cells
        first = _NAME if width >= _WIDE else _SHORT_NAME
        room = max(width - first - _STEP - _COUNT * len(counts) - 3, 8)
        text = f" {pad(name, first)} {pad(where, room)} {pad(step, _STEP)}"
        return Line(((text, role), *((pad(count, _COUNT), role) for count in counts)))

    def _questions(self, questions: tuple[Question, ...], width: int) -> Iterator[Line]:
        missed = [question for question in questions if question.missed]
        if not missed:
            return
        yield BLANK
        yield Line(((f" {self.words('Missed most')}", Role.TITLE),))
        for question in missed:
            title, step, heading = self._named(question.lesson, question.step)
            count = self.words("{missed} of {asked}", missed=question.missed, asked=question.asked)
            first = question.wrong[0] if question.wrong else ("", 0)
            took = self.words("{count} took {choice}", count=first[1], choice=first[0])
            text = f" {pad(count, 9)} {title} · {step} · {heading}"
            yield Line(((pad(text, width - 1), Role.PLAIN),))
            yield Line(((f" {'':9} {took}", Role.QUIET),))
