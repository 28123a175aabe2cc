"""What the class misses: its predictions, with the answer that most took in place of the right."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from tui.theme import Role
from tui.widgets.class_sheet import OfTheClass
from tui.widgets.line import Line, cut_spans
from tui.workshop.messages import Question


class MissedSheet(OfTheClass):
    """Two rows for each question, the most missed first."""

    def lines(self, width: int) -> list[Line]:
        """The questions; a sentence in place of none."""
        questions = self.view.questions if self.view is not None else ()
        missed = [question for question in questions if question.missed]
        if not missed:
            text = self.words("No prediction was missed yet.")
            return [Line(((f" {text}", Role.QUIET),))]
        room = max(cell_len(self._count(each)) for each in missed)
        return [line for each in missed for line in self._question(each, room, width)]

    def _count(self, question: Question) -> str:
        return self.words("{missed} of {asked}", missed=question.missed, asked=question.asked)

    def _question(self, question: Question, room: int, width: int) -> Iterator[Line]:
        named, count = self._names(question.lesson, question.step), self._count(question)
        left = " " * (1 + room - cell_len(count))
        spans = (
            (f"{left}{count}", Role.STRONG),
            (f"  {named.heading}", Role.PLAIN),
            (f"   {named.lesson} {named.number}", Role.QUIET),
        )
        yield Line(cut_spans(spans, width))
        if question.wrong:
            choice, took = question.wrong[0]
            label = named.choices.get(choice, choice)
            text = self.words("{count} took: {choice}", count=took, choice=label)
            yield Line(cut_spans(((f"{' ' * (room + 3)}{text}", Role.QUIET),), width))
