"""The lesson: one page of words, a prediction before anything is revealed, and what to press."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from tui.course.lesson import Choice
from tui.theme import Role
from tui.widgets.lesson_page import Page
from tui.widgets.line import BLANK, Line, Span, spread, wrap
from tui.widgets.pane import Pane
from tui.widgets.prose import prose, spans_of
from tui.words import Words, use


class LessonPane(Pane, inherit_bindings=False):
    """One step of a lesson."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k,ㅏ", "up", "up", show=False),
        Binding("down", "down", "down", show=False),
        Binding("pageup", "page_up", "page up", show=False),
        Binding("pagedown", "page_down", "page down", show=False),
        Binding("enter", "go_on", "next", show=False),
    ]

    page: reactive[Page | None] = reactive(None, repaint=False)
    """What is shown."""
    choice: reactive[int] = reactive(0, repaint=False)
    """Index of the answer under the cursor."""

    @dataclass
    class Answered(Message):
        """An answer to the prediction was chosen."""

        value: str
        """Value of the choice."""

    class GoneOn(Message):
        """The learner wants to go on: send the packet, or see the next page."""

    def __init__(
        self, words: Words | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """An empty pane."""
        super().__init__(id=id, classes=classes)
        self.words = words or use()
        self._foot = 0

    def watch_page(self, before: Page | None, after: Page | None) -> None:
        """Show the page; another one from its beginning."""
        same = (
            before is not None
            and after is not None
            and (before.lesson is after.lesson and before.number == after.number)
        )
        if not same:
            self.choice = 0
            self.scroll_to(y=0, animate=False)
        self.renew()
        if same and after is not None and (after.chosen or after.found):
            self.call_after_refresh(self.scroll_end, animate=False)
        self._retitle()

    def watch_choice(self) -> None:
        """Mark another answer."""
        self.renew()

    def _retitle(self) -> None:
        page = self.page
        if page is None:
            return
        total = len(page.lesson.steps)
        self.border_title = self.words(
            "Lesson · {number} of {total}", number=page.number + 1, total=total
        )
        self.border_subtitle = (
            ""
            if total > 18
            else " ".join(
                "◐" if i == page.number else "●" if step.id in page.done else "○"
                for i, step in enumerate(page.lesson.steps)
            )
        )

    # ------------------------------------------------------------ drawing

    def lines(self, width: int) -> list[Line]:
        """Heading, words, what is asked, and what to press."""
        page = self.page
        if page is None:
            return []
        inner = width - 2
        rows = [Line(row) for row in wrap([(page.step.heading, Role.TITLE)], inner)]
        rows += [BLANK, *prose(page.step.body, inner)]
        if page.step.choices:
            rows += [BLANK, *self._choices(page, inner)]
        if page.chosen is not None:
            rows += [BLANK, *self._judged(page, inner)]
        if page.step.find is not None and page.found:
            rows += [
                BLANK,
                Line.of(("✓ ", Role.DELIVERED), (self.words("Found."), Role.DELIVERED)),
            ]
        rows += [BLANK, *self._prompt(page, inner)]
        return [row.indented(1) for row in rows]

    def _choices(self, page: Page, width: int) -> list[Line]:
        """The answers on offer; once one is given, which was right."""
        title = self.words("Predict") if page.asks else self.words("Predicted")
        rows = [Line.of(("▌ ", Role.NOW_TEXT), (title, Role.NOW_TEXT))]
        for i, choice in enumerate(page.step.choices):
            rows += self._choice(page, i, choice, width)
        return rows

    def _choice(self, page: Page, i: int, choice: Choice, width: int) -> list[Line]:
        lit = page.asks and i == self.choice
        role, sign = self._judgement(page, choice)
        pieces = wrap(
            [(span, role if r is Role.PLAIN else r) for span, r in spans_of(choice.label)],
            width - 6 - len(sign),
        )
        bar: Span = ("▌", Role.NOW_TEXT)
        rows = []
        for j, piece in enumerate(pieces):
            number: Span = (
                f" {i + 1} " if j == 0 else "   ",
                Role.NOW if lit and j == 0 else Role.KEY,
            )
            right: list[Span] = [(sign, role)] if sign and j == 0 else []
            rows.append(
                spread(
                    [bar, number, (" ", Role.PLAIN), *piece],
                    right,
                    width,
                    lit=lit,
                    target=f"choice:{choice.value}",
                )
            )
        return rows

    def _judgement(self, page: Page, choice: Choice) -> tuple[Role, str]:
        if page.chosen is None:
            return Role.PLAIN, ""
        mine, right = choice.value == page.chosen, choice.value == page.right
        you = self.words("you")
        if right:
            return Role.DELIVERED, f"✓ {you}" if mine else "✓"
        return (Role.DROPPED, f"✗ {you}") if mine else (Role.QUIET, "")

    def _judged(self, page: Page, width: int) -> list[Line]:
        """Right or wrong, the reply to this answer, and why."""
        picked = next((c for c in page.step.choices if c.value == page.chosen), None)
        if page.was_right:
            head: Span = (f"✓ {self.words('Right.')} ", Role.DELIVERED)
        else:
            text = self.words("Not quite: {answer}.", answer=self._label(page, page.right))
            head = (f"✗ {text} ", Role.DROPPED)
        reply = picked.reply if picked else ""
        rows = [Line(row) for row in wrap([head, *spans_of(" ".join(reply.split()))], width)]
        if page.step.because:
            rows += [BLANK, *prose(page.step.because, width)]
        return rows

    @staticmethod
    def _label(page: Page, value: str | None) -> str:
        label = next((c.label for c in page.step.choices if c.value == value), value or "?")
        return label.replace("`", "").replace("**", "").rstrip(".")

    def _prompt(self, page: Page, width: int) -> list[Line]:
        """What to press, and what it does."""
        words = self.words
        if page.asks:
            keys, text = f"1-{len(page.step.choices)}", words("choose an answer")
        elif page.sends and page.step.packet is not None:
            injection = page.step.packet.injection
            keys = "enter"
            text = words(
                "send {source} → {destination}",
                source=injection.source,
                destination=injection.destination,
            )
        elif page.seeks:
            keys, text = "/", words("find it, or click it on the map")
        elif page.is_last:
            keys, text = "enter", words("finish the lesson")
        else:
            keys, text = "enter", words("next page")
        rows = [
            Line((*row,), target="go-on")
            for row in wrap([(f" {keys} ", Role.NOW), (f" {text}", Role.NOW_TEXT)], width)
        ]
        if page.sent and not page.asks:
            rows += [
                Line(row)
                for row in wrap(
                    [(" → ", Role.KEY), (words("walk with the packet first"), Role.QUIET)], width
                )
            ]
        return rows

    # ------------------------------------------------------------ doing

    def action_up(self) -> None:
        """The answer above, or scroll."""
        if self.page is not None and self.page.asks:
            self.choice = max(self.choice - 1, 0)
        else:
            self.action_scroll_up()

    def action_down(self) -> None:
        """The answer below, or scroll."""
        if self.page is not None and self.page.asks:
            self.choice = min(self.choice + 1, len(self.page.step.choices) - 1)
        else:
            self.action_scroll_down()

    def action_go_on(self) -> None:
        """Take the answer under the cursor, or go on."""
        page = self.page
        if page is not None and page.asks:
            self.post_message(self.Answered(page.step.choices[self.choice].value))
        else:
            self.post_message(self.GoneOn())

    def clicked(self, line: Line, column: int) -> None:
        """A click on an answer takes it."""
        kind, _, value = line.target.partition(":")
        if kind == "choice" and self.page is not None and self.page.asks:
            self.post_message(self.Answered(value))
        elif kind == "go-on":
            self.action_go_on()
