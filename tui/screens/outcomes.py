"""All that could have become of the packet, with probabilities; choosing one pins it."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from tui.screens.dialog import Dialog
from tui.session import Session
from tui.sim.trace import Outcome, Trace
from tui.theme import look_of
from tui.widgets.line import pad
from tui.words import Words, share

BAR = 12
"""Cells of the bar that shows a probability."""
FREE = "free"
"""What the dialog gives where chance shall decide again."""


class Outcomes(Dialog[str]):
    """One row per outcome. Gives the endpoint to pin, or `free`."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, session: Session, trace: Trace, words: Words) -> None:
        """Take the session whose packet is meant, and all that could become of it."""
        super().__init__()
        self._session = session
        self._trace = trace
        self.words = words

    def compose(self) -> ComposeResult:
        """A heading and the rows."""
        words, trace = self.words, self._trace
        with Vertical(classes="box") as box:
            box.border_title = words("All outcomes")
            box.border_subtitle = words("enter pin this one · esc back")
            yield Label(f"{trace.flow.source} → {trace.flow.destination}", markup=False)
            yield Label("")
            yield OptionList(*self._options(trace.outcomes))

    def _options(self, outcomes: tuple[Outcome, ...]) -> list[Option]:
        rows = [
            Option(self._text(outcome), id=f"{i}:{outcome.destination or ''}")
            for i, outcome in enumerate(outcomes)
        ]
        if self._session.choices.pin:
            note = self.words("Let chance decide again")
            rows.append(Option(Text(f"↻ {note}", "bold"), id=f"-:{FREE}"))
        return rows

    def _text(self, outcome: Outcome) -> Text:
        """How likely it is and who gets the packet; under it what more there is to know."""
        look = look_of(outcome.request.end)
        full = round(outcome.probability * BAR)
        pinned = "●" if self._session.choices.pin == outcome.destination else " "
        return Text.assemble(
            (f"{pinned} {share(outcome.probability):>6} ", "bold"),
            ("━" * full, "bold"),
            ("─" * (BAR - full), "dim"),
            f"  {look.glyph} {pad(self.words(look.word), 10)} ",
            (outcome.destination or "", "bold"),
            (f"\n{'':{BAR + 11}}{self._more(outcome)}", "dim"),
        )

    def _more(self, outcome: Outcome) -> str:
        source = f"{self.words('source')} {outcome.snat}" if outcome.snat else ""
        felt = self.words.felt(outcome)
        return " · ".join(text for text in (self._pod(outcome), source, felt) if text)

    def _pod(self, outcome: Outcome) -> str:
        pods = self._session.world.network.pods
        address = (outcome.destination or "").rsplit(":", 1)[0].strip("[]")
        names = [name.rsplit("/", 1)[-1] for ip, name in pods.items() if str(ip) == address]
        return names[0] if names else ""

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Pin it."""
        self.dismiss((event.option.id or ":").split(":", 1)[1])
