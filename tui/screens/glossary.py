"""The words of the field: those of the page first, then all, found by a piece of their name."""

from __future__ import annotations

from typing import ClassVar

from rich.markdown import Markdown
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.course.glossary import Term
from tui.screens.lookup import Lookup
from tui.words import Words


class Glossary(Lookup[None]):
    """A field, the words that match, and what the one under the cursor means."""

    DEFAULT_CSS = """
    Glossary OptionList { height: 9; max-height: 9; }
    Glossary VerticalScroll { height: 9; border-top: solid $border; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "scroll(1)", show=False),
        Binding("pageup", "scroll(-1)", show=False),
    ]

    def __init__(
        self, terms: tuple[Term, ...], here: tuple[Term, ...], words: Words, first: str = ""
    ) -> None:
        """Take all words, those that the page uses, and the id of the one to open."""
        super().__init__()
        self._terms = {term.id: term for term in terms}
        self._here = tuple(term.id for term in here)
        self._first = first
        self.words = words

    def compose(self) -> ComposeResult:
        """The field, the list, and the meaning."""
        words = self.words
        with Vertical(classes="box") as box:
            box.border_title = words("Glossary")
            box.border_subtitle = words("type to find · ↑ ↓ choose · esc back")
            yield from self.field_and_list(words("a word"))
            with VerticalScroll(can_focus=False):
                yield Static(id="meaning")

    def on_mount(self) -> None:
        """Begin with the words of the page."""
        self.query_one(Input).focus()
        self.fill("")
        rows = self.query_one(OptionList)
        ids = [option.id for option in rows.options]
        if self._first in ids:
            rows.highlighted = ids.index(self._first)

    def fill(self, text: str) -> None:
        """List the words that are spelt so in part, or those of the page and all others."""
        rows = self.query_one(OptionList)
        rows.clear_options()
        rows.add_options(self._options(text.strip()))
        first = next((i for i, each in enumerate(rows.options) if not each.disabled), None)
        rows.highlighted = first
        if first is None:
            self.query_one("#meaning", Static).update("")

    def _options(self, text: str) -> list[Option]:
        if text:
            found = [term for term in self._terms.values() if _matches(term, text)]
            nothing = self.words("there is no such word here")
            return [self._option(term) for term in found] or [_heading(nothing)]
        rest = [term for term in self._terms if term not in self._here]
        rows: list[Option] = []
        if self._here:
            rows.append(_heading(self.words("on this page")))
            rows += [self._option(self._terms[name]) for name in self._here]
            rows.append(_heading(self.words("all others")))
        return rows + [self._option(self._terms[name]) for name in rest]

    @staticmethod
    def _option(term: Term) -> Option:
        others = ", ".join(term.forms[1:])
        return Option(Text.assemble((term.word, "bold"), (f"  {others}", "dim")), id=term.id)

    @on(OptionList.OptionHighlighted)
    def _shown(self, event: OptionList.OptionHighlighted) -> None:
        term = self._terms.get(event.option.id or "")
        if term is not None:
            self.query_one("#meaning", Static).update(Markdown(term.body))
            self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_scroll(self, by: int) -> None:
        """A long meaning, a page on or back."""
        meaning = self.query_one(VerticalScroll)
        if by > 0:
            meaning.scroll_page_down(animate=False)
        else:
            meaning.scroll_page_up(animate=False)


def _heading(text: str) -> Option:
    return Option(Text(text, "dim"), disabled=True)


def _matches(term: Term, text: str) -> bool:
    return any(text.casefold() in form.casefold() for form in (term.id, *term.forms))
