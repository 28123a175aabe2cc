"""The rules of the Kubernetes network model, tried in the cluster at hand; each opens a packet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from tui.actions import action
from tui.comparison.model_report import RULES, how_many, in_parts, what_happened
from tui.comparison.network_model import Checked, Folded, Report, folded
from tui.screens.dialog import Dialog
from tui.sim.engine import Injection
from tui.theme import Role
from tui.widgets.line import wrap
from tui.words import Words

WIDTH = 88
"""Cells of a sentence, where there is room."""
MOST = 50
"""Kinds of breaches that are listed for a rule."""


class NetworkModel(Dialog[Injection]):
    """The rules with a sign each, and the pairs that do not keep them. Gives a packet to send."""

    DEFAULT_CSS = """
    NetworkModel > .box { width: 96; }
    NetworkModel OptionList { max-height: 18; text-wrap: wrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(action("model").all_keys), "leave", show=False),
    ]

    def __init__(self, report: Report, words: Words) -> None:
        """Take what was found."""
        super().__init__()
        self._report = report
        self._packets: list[Injection | None] = []
        self.words = words

    def compose(self) -> ComposeResult:
        """The plugin, and the rules."""
        words, report = self.words, self._report
        with Vertical(classes="box") as box:
            box.border_title = words("The rules of the network model")
            box.border_subtitle = words("enter the packet's way · esc back")
            yield Label(f"{report.cni}   {words.kube_proxy(report.mode)}", markup=False)
            yield Label("")
            yield OptionList(*self._options())

    def _options(self) -> Iterator[Option]:
        for checked in self._report.rules:
            yield self._option(self._rule(checked), checked.example)
            for alike in folded(checked.breaches)[:MOST]:
                yield self._option(self._alike(alike), alike.first.injection)

    def _option(self, text: Text, packet: Injection | None) -> Option:
        self._packets.append(packet)
        return Option(text, id=str(len(self._packets) - 1))

    def _rule(self, checked: Checked) -> Text:
        """The rule, and how much of it was tried."""
        sign, colour = ("✓", "text-success") if checked.holds else ("✗", "text-error")
        parts = in_parts(checked, self.words)
        return Text.assemble(
            (f"{sign} ", self._style(colour)),
            (self.words(RULES[checked.rule]), "bold"),
            (f"\n  {how_many(checked, self.words)}", "dim"),
            *((f"\n  {row}", "dim") for row in self._wrapped(parts)),
        )

    def _alike(self, alike: Folded) -> Text:
        first, words = alike.first, self.words
        more = words("and {count} more", count=alike.count - 1) if alike.count > 1 else ""
        ends = f"{first.injection.source} → {first.injection.destination}"
        return Text.assemble(
            ("    ✗ ", self._style("text-error")),
            ends,
            (f"   {more}", "dim"),
            *(f"\n      {row}" for row in self._wrapped(what_happened(first, words))),
        )

    def _style(self, variable: str) -> Style:
        """A colour of the theme, in bold."""
        return Style(color=self.app.theme_variables[variable], bold=True)

    def _wrapped(self, text: str) -> Iterator[str]:
        room = min(self.app.size.width - 14, WIDTH - 8)
        rows = wrap([(text, Role.PLAIN)], max(room, 20)) if text else []
        return ("".join(part for part, _ in row) for row in rows)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Send that packet."""
        packet = self._packets[int(event.option.id or 0)]
        if packet is not None:
            self.dismiss(packet)
