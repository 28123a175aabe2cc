"""Everything about one thing: sections behind tabs, text to find, and links to other things."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from tui.screens.clipboard import copy
from tui.screens.dialog import Dialog
from tui.screens.sections import Block, Inspected, Row
from tui.theme import Role
from tui.widgets.counted import counted
from tui.widgets.line import BLANK, Line, wrap
from tui.widgets.pane import Pane
from tui.widgets.tab_row import TabRow
from tui.words import Words
from tui.words.language import _

BACK = "back"
"""What the inspector gives to get to what was shown before."""
_CONTINUED = 6
"""Cells by which what did not fit into a row is moved to the right below it."""


class Sheet(Pane):
    """The rows of one section."""

    DEFAULT_CSS = """
    Sheet { height: 1fr; }
    """

    @dataclass
    class Followed(Message):
        """A row that leads somewhere was clicked."""

        target: str
        """Where."""

    def __init__(self, blocks: Sequence[Block], words: Words) -> None:
        """Take what to show."""
        super().__init__()
        self._blocks = tuple(blocks)
        self._sought = ""
        self._found: list[int] = []
        self._at = -1
        self.words = words

    def show(self, blocks: Sequence[Block]) -> None:
        """Show other blocks, from the top."""
        self._blocks, self._sought = tuple(blocks), ""
        self.scroll_to(y=0, animate=False)
        self.renew()

    @property
    def content(self) -> str:
        """All blocks as text."""
        return "\n".join(block.text for block in self._blocks)

    def lines(self, width: int) -> list[Line]:
        """Blocks, each under its command."""
        rows: list[Line] = []
        self._found = []
        for block in self._blocks:
            if rows:
                rows.append(BLANK)
            sign = "" if block.heading.startswith("#") else "$ "
            heading = wrap([(sign, Role.FAINT), (block.heading, Role.CODE)], max(width, 10))
            rows += [Line(piece) for piece in heading]
            for row in block.rows:
                if self._holds(row.text):
                    self._found.append(len(rows))
                rows += self._row(row, max(width - 3, 10))
            if not block.rows:
                rows.append(Line.of((f"  {self.words('(nothing)')}", Role.FAINT)))
        return rows

    def _row(self, row: Row, width: int) -> list[Line]:
        lit = row.lit or self._holds(row.text)
        role = Role.STRONG if lit else Role.SERVICE if row.target else Role.PLAIN
        first, *more = wrap([(row.text, role)], width) or [()]
        if more:
            rest = row.text[len(Line(first).text) :].lstrip()
            more = wrap([(rest, role)], max(width - _CONTINUED, 10))
        return [
            Line(first, lit=lit, target=row.target).indented(2),
            *(Line(p, lit=lit, target=row.target).indented(2 + _CONTINUED) for p in more),
        ]

    def _holds(self, text: str) -> bool:
        return bool(self._sought) and self._sought in text.lower()

    def clicked(self, line: Line, column: int) -> None:
        """Follow the row."""
        if line.target:
            self.post_message(self.Followed(line.target))

    # ------------------------------------------------------------ finding

    def seek(self, text: str) -> int:
        """Light every row that holds a text and go to the first; how many there are."""
        self._sought = text.lower().strip()
        self.renew()
        self._at = -1
        return self.seek_next()

    def seek_next(self) -> int:
        """On to the next row that holds the text, round and round; how many there are."""
        found = self._found
        if found:
            self._at = next((row for row in found if row > self._at), found[0])
            self._keep_in_view(self._at)
        return len(found)


class Inspector(Dialog[str]):
    """Shows one thing; gives where to go from it."""

    DEFAULT_CSS = """
    Inspector > .box { width: 104; max-width: 100%; height: 92%; }
    Inspector TabRow { height: 1; }
    Inspector Input { display: none; }
    Inspector.-seeking Input { display: block; }
    """
    AUTO_FOCUS = "Sheet"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(i), f"open({i})", show=False) for i in range(1, 10)),
        Binding("tab,right,l,ㅣ", "turn(1)", show=False),
        Binding("shift+tab,left,h,ㅗ", "turn(-1)", show=False),
        Binding("slash,f,ㄹ", "find", show=False),
        Binding("n,ㅜ", "find_next", show=False),
        Binding("y,ㅛ", "copy", show=False),
        Binding("Y", "save", show=False),
        Binding("enter", "follow", show=False),
        Binding("backspace", "back", show=False),
        Binding("home", "top", show=False),
        Binding("end", "bottom", show=False),
    ]

    def __init__(
        self, inspected: Inspected, words: Words, *, big: bool = False, back: bool = False
    ) -> None:
        """Take what there is to know; in a big cluster the screen waits for none of it.

        With `back` something else was shown before, and one can go back to it.
        """
        super().__init__()
        self._big = big
        self._has_back = back
        self._inspected = inspected
        self._made: dict[int, tuple[Block, ...]] = {}
        self._current = 0
        self.words = words

    def compose(self) -> ComposeResult:
        """Tabs, a sheet, and a field that comes when something is to be found."""
        with Vertical(classes="box") as box:
            box.border_title = self._inspected.title
            box.border_subtitle = self._keys()
            yield TabRow()
            yield Sheet(self._blocks(), self.words)
            yield Input(placeholder=self.words("text to find"), compact=True)

    def on_mount(self) -> None:
        """Name the tabs."""
        row = self.query_one(TabRow)
        row.can_focus = False
        sections = self._inspected.sections
        row.tabs = tuple((str(i), each.label) for i, each in enumerate(sections))
        row.active = "0"

    def _keys(self) -> str:
        back = self.words("bksp back · ") if self._has_back else ""
        follow = self.words("enter go to · ") if self._inspected.links else ""
        return back + follow + self.words("←→ section · / find · y copy · Y save · esc")

    def _blocks(self) -> tuple[Block, ...]:
        """The blocks of the section in use, made once."""
        number = self._current
        if number not in self._made:
            self._made[number] = self._made_of(number)
        return self._made[number]

    def _made_of(self, number: int) -> tuple[Block, ...]:
        """The blocks of a section. What the simulator raises is said, and takes no screen along."""
        try:
            return tuple(self._inspected.sections[number].make())
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            return (Block(f"# {self.words('The simulator failed on this')}", (Row(text),)),)

    # ------------------------------------------------------------ sections

    def action_open(self, number: int) -> None:
        """A section by its digit."""
        if number <= len(self._inspected.sections):
            self._current = number - 1
            self.query_one(TabRow).active = str(self._current)
            if self._big and self._current not in self._made:
                self.run_worker(self._make(self._current), exclusive=True)
            else:
                self.query_one(Sheet).show(self._blocks())

    async def _make(self, number: int) -> None:
        """Make a section beside the screen, and show it if it is still wanted."""
        sheet = self.query_one(Sheet)
        sheet.show([Block(f"# {self.words('one moment …')}", (Row(""),))])
        self._made[number] = await asyncio.to_thread(self._made_of, number)
        if self._current == number:
            sheet.show(self._made[number])

    def action_turn(self, by: int) -> None:
        """The next section, or the one before."""
        count = len(self._inspected.sections)
        self.action_open((self._current + by) % count + 1)

    def action_top(self) -> None:
        """To the first row."""
        self.query_one(Sheet).scroll_home(animate=False)

    def action_bottom(self) -> None:
        """To the last row."""
        self.query_one(Sheet).scroll_end(animate=False)

    @on(TabRow.TabChosen)
    def _chosen(self, event: TabRow.TabChosen) -> None:
        self.action_open(int(event.tab) + 1)

    # ------------------------------------------------------------ finding

    def action_find(self) -> None:
        """Ask for a text."""
        self.add_class("-seeking")
        self.query_one(Input).focus()

    def action_find_next(self) -> None:
        """On to the next row that holds it."""
        self.query_one(Sheet).seek_next()

    def action_leave(self) -> None:
        """Out of the field, or out of the dialog."""
        if self.has_class("-seeking"):
            self._end_find()
        else:
            self.dismiss(None)

    def _end_find(self) -> None:
        self.query_one(".box", Vertical).border_subtitle = self._keys()
        self.remove_class("-seeking")
        self.query_one(Sheet).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        count = self.query_one(Sheet).seek(event.value)
        box = self.query_one(".box")
        found = counted(self.words, count, _("{count} row"), _("{count} rows"))
        keys = self.words("enter keep · n next · esc")
        box.border_subtitle = f"{found} · {keys}" if event.value else self._keys()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self._end_find()

    # ------------------------------------------------------------ taking away, going on

    def action_copy(self) -> None:
        """Copy the section."""
        label = f"{self._inspected.title} {self._label}"
        copy(self, self.query_one(Sheet).content, label, self.words)

    def action_save(self) -> None:
        """Save the section."""
        from tui.screens.saving import save

        ending = f"-{self._inspected.title}-{self._label}.txt"
        save(self, self.query_one(Sheet).content.encode(), ending, self.words)

    @property
    def _label(self) -> str:
        return self._inspected.sections[self._current].label

    def action_follow(self) -> None:
        """Choose where to go."""
        links = self._inspected.links
        if not links:
            return
        from tui.screens.menu import Entry, Menu

        entries = [Entry(link.target, link.label, link.note) for link in links]
        self.app.push_screen(Menu(self.words("Go to"), entries), self._follow)

    def action_back(self) -> None:
        """To what was shown before a link led here."""
        if self._has_back:
            self.dismiss(BACK)

    def _follow(self, target: str | None) -> None:
        if target:
            self.dismiss(target)

    @on(Sheet.Followed)
    def _followed(self, event: Sheet.Followed) -> None:
        self.dismiss(event.target)
