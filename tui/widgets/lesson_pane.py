"""The lesson: one page of words, a prediction before anything is revealed, and what to press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from tui.course.lesson import Choice
from tui.theme import Role
from tui.widgets.lesson_page import Enter, Page
from tui.widgets.line import BLANK, Line, Span, spread, wrap
from tui.widgets.pane import Pane
from tui.widgets.prose import prose, spans_of
from tui.widgets.task_block import task_lines
from tui.words import Words, use
from tui.words.language import _

ENTER_LABELS: Mapping[Enter, str] = {
    Enter.CHOOSE: _("answer"),
    Enter.ANSWER: _("answer"),
    Enter.SEND: _("send"),
    Enter.TRY: _("try"),
    Enter.WALK: _("next hook"),
    Enter.TURN: _("next page"),
    Enter.ONWARD: _("go on"),
    Enter.FINISH: _("finish the lesson"),
}
"""What the enter key does, in a word or two."""


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

    @dataclass
    class Answered(Message):
        """An answer to the prediction was chosen."""

        value: str
        """Value of the choice."""

    @dataclass
    class Marked(Message):
        """The highlight is to move to another answer."""

        by: int
        """How far down; up if negative."""

    @dataclass
    class FlowTried(Message):
        """A flow of a challenge is to be sent."""

        number: int
        """Its digit, from 1."""

    @dataclass
    class Wanted(Message):
        """An action of the registry is wanted."""

        name: str
        """Its id."""

    @dataclass
    class WordAsked(Message):
        """A word of the page was clicked: the glossary may know it."""

        word: str
        """The word, and those beside it."""

    class FindAsked(Message):
        """The learner wants to find what the page is about by its name."""

    class GoneOn(Message):
        """The learner wants to go on, whatever that means on this page."""

    def __init__(
        self, words: Words | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """An empty pane."""
        super().__init__(id=id, classes=classes)
        self.words = words or use()

    def watch_page(self, before: Page | None, after: Page | None) -> None:
        """Show the page; another one from its beginning."""
        same = (
            before is not None
            and after is not None
            and (before.lesson is after.lesson and before.number == after.number)
        )
        if not same:
            self.scroll_to(y=0, animate=False)
        self.renew()
        if same and before is not None and after is not None:
            if after.strays and not before.strays:
                self.scroll_to(y=0, animate=False)
            elif _says_more(before, after):
                self.call_after_refresh(self.scroll_end, animate=False)
        self._retitle()

    def _retitle(self) -> None:
        page = self.page
        if page is None:
            return
        if page.again:
            title = self.words("Asked again · {lesson}", lesson=page.lesson.title)
            self.entitle(title=title, subtitle="")
            return
        total = len(page.lesson.steps)
        title = self.words("Lesson · {number} of {total}", number=page.number + 1, total=total)
        dots = (
            "◐" if i == page.number else "●" if step.id in page.done else "○"
            for i, step in enumerate(page.lesson.steps)
        )
        self.entitle(title=title, subtitle="" if total > 18 else " ".join(dots))

    # ------------------------------------------------------------ drawing

    def lines(self, width: int) -> list[Line]:
        """Heading, words, what is asked, and what to press."""
        page = self.page
        if page is None:
            return []
        inner = width - 2
        rows = [Line(row) for row in wrap([(page.step.heading, Role.TITLE)], inner)]
        if page.strays:
            rows += [Line(row) for row in wrap([(self._strays(page), Role.REJECTED)], inner)]
        rows += [BLANK, *prose(page.step.body, inner)]
        if page.step.choices:
            rows += [BLANK, *self._choices(page, inner)]
        if page.chosen is not None:
            rows += [BLANK, *self._judged(page, inner)]
        if page.step.task is not None:
            rows += task_lines(page, page.step.task, self.words, inner)
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
        lit = page.asks and i == page.cursor
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
        if page.decided:
            text = self.words(
                "Step {step} decides this: the packet was brought there.", step=page.decided
            )
            rows += [BLANK, *(Line(row) for row in wrap([(text, Role.NOW_TEXT)], width))]
        if page.step.because:
            rows += [BLANK, *prose(page.step.because, width)]
        return rows

    @staticmethod
    def _label(page: Page, value: str | None) -> str:
        label = next((c.label for c in page.step.choices if c.value == value), value or "?")
        return label.replace("`", "").replace("**", "").rstrip(".")

    def _strays(self, page: Page) -> str:
        """That the words are about another cluster or setting, and which keys lead back."""
        yours = _("You have changed the cluster that these words are about: u to go back.")
        led = _("The instructor has changed the cluster that these words are about: 0 to go back.")
        texts = [self.words(led if page.led else yours)] if page.changed else []
        if page.strays_in_mode or page.strays_in_plugin:
            texts.append(self._strays_in_setting(page))
        return " ".join(texts)

    def _strays_in_setting(self, page: Page) -> str:
        lesson, words = page.lesson, self.words
        modes, plugins = ", ".join(lesson.modes), ", ".join(lesson.plugins)
        if page.strays_in_mode and page.strays_in_plugin:
            text = _(
                "These words are about {modes} and {plugins}; you are in {mode} with {plugin}: "
                "m and c to go back."
            )
        elif page.strays_in_mode:
            text = _("These words are about {modes}; you are in {mode}: m to go back.")
        else:
            text = _("These words are about {plugins}; you are with {plugin}: c to go back.")
        return words(text, modes=modes, plugins=plugins, mode=page.mode or "", plugin=page.plugin)

    def _prompt(self, page: Page, width: int) -> list[Line]:
        """What to press, and what it does; first what the page is about."""
        rows: list[Line] = []
        if page.seeks:
            rows += self._key("/", self.words("find it, or click it on the map"), width, "find")
        if page.mends:
            rows += self._task_keys(page, width)
        key = "enter"
        if page.enter is Enter.CHOOSE:
            key = "" if page.urged or page.strays else f"1-{len(page.step.choices)}"
        quiet = page.seeks or page.mends
        rows += self._key(key, self._does(page), width, "go-on", quiet=quiet)
        if page.enter is Enter.WALK:
            rows += self._key("→", self.words("one step"), width, "", quiet=True)
            rows += self._key("n", self.words("next page, without walking"), width, "", quiet=True)
        return rows

    def _task_keys(self, page: Page, width: int) -> list[Line]:
        """How to change something, and where help is."""
        words, task = self.words, page.step.task
        total = len(task.hints) if task is not None else 0
        rows = self._key("e", words("change the cluster"), width, "action:edit")
        if page.shows_solution:
            text = words("make this change for me")
        elif page.hints == total:
            text = words("show the solution")
        else:
            text = words("hint {number} of {total}", number=page.hints + 1, total=total)
        return rows + self._key("!", text, width, "action:hint", quiet=True)

    @staticmethod
    def _key(key: str, text: str, width: int, target: str, *, quiet: bool = False) -> list[Line]:
        """A key and what it does; without a key, what is waited for."""
        looks = (Role.KEY, Role.QUIET) if quiet else (Role.NOW, Role.NOW_TEXT)
        badge: list[Span] = [(f" {key} ", looks[0])] if key else []
        pieces: list[Span] = [*badge, (f" {text}", looks[1])]
        return [Line(row, target=target) for row in wrap(pieces, width)]

    def _does(self, page: Page) -> str:
        """What the enter key does, or what it waits for."""
        words, packet = self.words, page.step.packet
        match page.enter:
            case Enter.CHOOSE if page.strays:
                return words("the answers wait until you are back")
            case Enter.CHOOSE if page.urged:
                count = len(page.step.choices)
                return words("choose an answer first: 1-{count}, or ↑ ↓ and enter", count=count)
            case Enter.CHOOSE:
                return words("choose an answer")
            case Enter.ANSWER:
                return words("give answer {number}", number=page.cursor + 1)
            case Enter.SEND if packet is not None:
                asked = packet.injection
                return words(
                    "send {source} → {destination}",
                    source=asked.source,
                    destination=asked.destination,
                )
            case Enter.TRY if page.open_flow is not None:
                number = page.results.index(page.open_flow) + 1
                return words("send flow {number} and see", number=number)
        return words(ENTER_LABELS[page.enter])

    # ------------------------------------------------------------ doing

    def action_up(self) -> None:
        """The answer above, or scroll."""
        if self.page is not None and self.page.asks:
            self.post_message(self.Marked(-1))
        else:
            self.action_scroll_up()

    def action_down(self) -> None:
        """The answer below, or scroll."""
        if self.page is not None and self.page.asks:
            self.post_message(self.Marked(1))
        else:
            self.action_scroll_down()

    def action_go_on(self) -> None:
        """On, whatever that means on this page."""
        self.post_message(self.GoneOn())

    def clicked(self, line: Line, column: int) -> None:
        """A click on an answer takes it."""
        kind, _, value = line.target.partition(":")
        if kind == "choice" and self.page is not None and self.page.asks:
            self.post_message(self.Answered(value))
        elif kind == "flow":
            self.post_message(self.FlowTried(int(value)))
        elif kind == "action":
            self.post_message(self.Wanted(value))
        elif kind == "go-on":
            self.action_go_on()
        elif kind == "find":
            self.post_message(self.FindAsked())
        else:
            self.post_message(self.WordAsked(word_at(line.text, column)))


def word_at(text: str, column: int) -> str:
    """The word at a column of a row, with the one on either side: terms may be of several."""
    at = 0
    words = text.split(" ")
    for index, word in enumerate(words):
        at += cell_len(word) + 1
        if column < at:
            return " ".join(words[max(index - 1, 0) : index + 2])
    return ""


def _says_more(before: Page, after: Page) -> bool:
    """Whether a page has grown at its end: it is judged, found, or says what it waits for."""
    return (
        (after.chosen is not None and before.chosen is None)
        or (after.found and not before.found)
        or (after.urged and not before.urged)
        or after.hints > before.hints
        or (after.mended and not before.mended)
        or (bool(after.mistake) and not before.mistake)
    )
