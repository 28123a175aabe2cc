"""All lessons by chapter, with what is done, to open one."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.course.lesson import Course, Lesson
from tui.screens.dialog import Dialog
from tui.words import Words


class Lessons(Dialog[str]):
    """A list of lessons; gives the id of the one to open."""

    DEFAULT_CSS = """
    Lessons OptionList { max-height: 26; }
    """

    def __init__(
        self, course: Course, done: dict[str, frozenset[str]], current: str, words: Words
    ) -> None:
        """Take the course, the steps done by lesson id, and the lesson that is open."""
        super().__init__()
        self._course = course
        self._done = done
        self._current = current
        self.words = words

    def compose(self) -> ComposeResult:
        """Chapters as headings, lessons under them."""
        with Vertical(classes="box") as box:
            box.border_title = self._course.title or self.words("Lessons")
            box.border_subtitle = self.words("enter open · esc back")
            yield OptionList(*self._options())

    def _options(self) -> list[Option]:
        rows: list[Option] = []
        for number, chapter in enumerate(self._course.chapters, 1):
            if rows:
                rows.append(Option("", disabled=True))
            rows.append(Option(Text(f"{number} {chapter.title}", "bold"), disabled=True))
            rows += [Option(self._text(lesson), id=lesson.id) for lesson in chapter.lessons]
        return rows

    def _text(self, lesson: Lesson) -> Text:
        total, done = len(lesson.steps), len(self._done.get(lesson.id, frozenset()))
        sign = "✓" if done >= total else "◐" if done else "○"
        here = "▶" if lesson.id == self._current else " "
        minutes = self.words("{count} min", count=lesson.minutes)
        level = f" · {self.words('level {level}', level=lesson.level)}" if lesson.level else ""
        return Text.assemble(
            f" {here} {sign} ",
            (lesson.title, "bold"),
            (f"  {min(done, total)}/{total} · {minutes}{level}", "dim"),
        )

    def on_mount(self) -> None:
        """Begin at the lesson that is open."""
        rows = self.query_one(OptionList)
        ids = [option.id for option in rows.options]
        first = next((i for i, name in enumerate(ids) if name), 0)
        rows.highlighted = ids.index(self._current) if self._current in ids else first

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)
