"""The tour: what is where, in a few words beside each pane. Enter goes on, escape ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.sim.model.value import value
from tui.words import Words
from tui.words.language import _


@value
class Stop:
    """One thing to look at."""

    name: str
    """Id of the pane that it is about."""
    title: str
    """What it is called."""
    text: str
    """Two or three short sentences."""


_MAP = Stop(
    "map", _("Map"),
    _("Nodes, their pods, and the devices between them. The way that a packet has walked is "
      "heavy, and its place is lit. A click on anything, or / and a name, opens what is in it."),
)  # fmt: skip
_CHAIN = Stop(
    "chain", _("Chain"),
    _("The rules that the packet meets, one step at a time, and under each why it matched or "
      "not. Routes and neighbours are shown here too. y copies the rule, O opens its Service."),
)  # fmt: skip
_PACKET = Stop(
    "packet", _("Packet"),
    _("Its headers before and after the step, what happened and why, and what comes next. "
      "The card comes with the first packet."),
)  # fmt: skip
_KEYS = Stop(
    "keys", _("Keys"),
    _("The last line shows the keys that work at the moment. ← and → walk with the packet, enter "
      "goes on, and ? lists every key."),
)  # fmt: skip
_LESSON = Stop(
    "lesson", _("Lesson"),
    _("Read, predict, then send the packet and see. Enter turns the page, o lists all lessons. "
      "F2 gives this tour again."),
)  # fmt: skip
_JOURNEY = Stop(
    "journey", _("Journey"),
    _("Every step of the way. i sends a packet from anywhere to anywhere. F2 gives this tour "
      "again."),
)  # fmt: skip


def stops(*, learning: bool) -> tuple[Stop, ...]:
    """What there is to see, in a lesson or in the sandbox."""
    return (_MAP, _CHAIN, _PACKET, _KEYS, _LESSON if learning else _JOURNEY)


class Tour(ModalScreen[None]):
    """One stop after the other, in a box that leaves what it is about in view."""

    DEFAULT_CSS = """
    Tour { background: $background 0%; align: center bottom; }
    Tour > .box {
        width: 62; max-width: 100%; height: auto; margin: 1 2;
        border: heavy $accent; background: $surface; padding: 0 1;
        border-title-color: $accent; border-title-style: bold;
        border-subtitle-color: $foreground 72%;
    }
    Tour.-above { align: center top; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right,space,l,ㅣ,n,ㅜ", "turn(1)", show=False),
        Binding("left,backspace,h,ㅗ,b,ㅠ", "turn(-1)", show=False),
        Binding("escape,q,ㅂ", "leave", show=False),
    ]

    def __init__(self, point_at: Callable[[str], Widget], words: Words, learning: bool) -> None:
        """Take what brings a pane into view, and whether a lesson is open."""
        super().__init__()
        self._point_at = point_at
        self._stops = stops(learning=learning)
        self._at = 0
        self.words = words

    def compose(self) -> ComposeResult:
        """A box with a text."""
        with Vertical(classes="box"):
            yield Static(markup=False)

    def on_mount(self) -> None:
        """The first stop."""
        self._show()

    def on_resize(self, event: Resize) -> None:
        """What is pointed at may be elsewhere."""
        self.call_after_refresh(self._keep_clear)

    def _show(self) -> None:
        stop, words, total = self._stops[self._at], self.words, len(self._stops)
        self._target = self._point_at(stop.name)
        box = self.query_one(".box", Vertical)
        box.border_title = f"{words(stop.title)} · {self._at + 1}/{total}"
        keys = _("enter next · ← back · esc skip") if self._at < total - 1 else _("enter done")
        box.border_subtitle = words(keys)
        self.query_one(Static).update(words(stop.text))
        self.call_after_refresh(self._keep_clear)

    def _keep_clear(self) -> None:
        """Stand where the pane is not: above what is low on the screen, below what is high.

        Below is above the last line, which is the keys'.
        """
        region = self._target.region
        below, above = self.size.height - region.bottom, region.y
        self.set_class(region.height > 1 and above > below, "-above")

    def action_turn(self, by: int) -> None:
        """The next stop, or the one before; after the last it is over."""
        self._at = max(self._at + by, 0)
        if self._at >= len(self._stops):
            self.dismiss(None)
        else:
            self._show()

    def action_leave(self) -> None:
        """Enough seen."""
        self.dismiss(None)
