"""All keys by section, and what the signs mean; read from the registry of actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.actions import Group, in_group, key_text
from tui.screens.dialog import Dialog
from tui.theme import LAYERS, VERDICTS, Role
from tui.widgets.line import BLANK, Line, Span, pad, spread, wrap
from tui.widgets.pane import Pane
from tui.words import Words
from tui.words.language import _

BESIDES: Mapping[Group, tuple[tuple[str, str], ...]] = {
    Group.LOOK: (
        ("1-6", _("A pane by its number; while a question is open, its answer.")),
        ("tab", _("The next pane; shift+tab the one before.")),
        ("esc", _("Back to the lesson, or to the map.")),
    )
}
"""Keys that are no actions of their own, by section."""

TWO_COLUMNS = 96
"""Cells from which on two columns fit."""


class HelpSheet(Pane):
    """The rows of the help."""

    DEFAULT_CSS = """
    HelpSheet { height: auto; max-height: 100%; }
    """

    def __init__(self, words: Words) -> None:
        """Take the language."""
        super().__init__(classes="box")
        self.words = words

    def lines(self, width: int) -> list[Line]:
        """Sections of keys, in two columns where there is room, then the legend."""
        if width < TWO_COLUMNS:
            rows = [row for group in Group for row in (*self._section(group, width), BLANK)]
            return [*rows, *self._legend(width)]
        half = width // 2
        left = [*self._section(Group.WALK, half), BLANK, *self._section(Group.LESSON, half)]
        right = [*self._section(Group.SEND, half), BLANK, *self._section(Group.LOOK, half)]
        below = self._section(Group.PROGRAM, half)
        if len(left) <= len(right):
            left += [BLANK, *below]
        else:
            right += [BLANK, *below]
        pairs = zip_longest(left, right, fillvalue=BLANK)
        joined = [
            spread([*a.spans, (" " * (half - a.width), Role.PLAIN), *b.spans], [], width)
            for a, b in pairs
        ]
        return [*joined, BLANK, *self._legend(width)]

    def _section(self, group: Group, width: int) -> list[Line]:
        """One section: its name, then a row per action."""
        words = self.words
        rows = [Line.of((words(group.value), Role.TITLE))]
        told = [(" ".join(map(key_text, each.keys)), each.help) for each in in_group(group)]
        for keys, text in (*told, *BESIDES.get(group, ())):
            pieces = wrap([(words(text), Role.PLAIN)], max(width - 15, 10))
            rows.append(Line(((f"  {pad(keys, 11)}", Role.KEY), *pieces[0])))
            rows += [Line(piece).indented(13) for piece in pieces[1:]]
        return rows

    def _legend(self, width: int) -> list[Line]:
        words = self.words
        rows = [Line.of((words("Signs"), Role.TITLE))]
        looks = [*VERDICTS.values(), *LAYERS.values()]
        rows += _signs(((f"{look.glyph} ", look.role, words(look.word)) for look in looks), width)
        ways = (
            ("━ ", Role.WALKED, words("walked")),
            ("╍ ", Role.REPLY, words("the answer")),
            ("═ ", Role.TUNNEL, words("inside a tunnel")),
            ("┄ ", Role.FAINT, words("not walked")),
            ("◆ ", Role.CHANGED, words("rewritten")),
        )
        return rows + _signs(ways, width)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As high as its rows."""
        return len(self.lines(width))


def _signs(signs: Iterable[tuple[str, Role, str]], width: int) -> list[Line]:
    """Signs with their words, as many to a row as fit; none is broken from its words."""
    rows: list[Line] = []
    for glyph, role, text in signs:
        piece: list[Span] = [(glyph, role), (text, Role.PLAIN)]
        size = 3 + cell_len(glyph + text)
        if rows and rows[-1].width + size < width:
            rows[-1] = Line((*rows[-1].spans, ("   ", Role.PLAIN), *piece))
        else:
            rows.append(Line.of("  ", *piece))
    return rows


class Help(Dialog[None]):
    """All keys."""

    DEFAULT_CSS = """
    Help > .box { width: 112; }
    """
    AUTO_FOCUS = "HelpSheet"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q,ㅂ,f1", "leave", show=False),
    ]

    def __init__(self, words: Words) -> None:
        """Take the language."""
        super().__init__()
        self.words = words

    def compose(self) -> ComposeResult:
        """One sheet."""
        sheet = HelpSheet(self.words)
        sheet.border_title = self.words("Keys and signs")
        sheet.border_subtitle = self.words("↑ ↓ scroll · esc back")
        yield sheet
