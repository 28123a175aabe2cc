"""Finding a pod, a container, a node, a Service or a device by a piece of its name or address.

What the map has no room for is found here, too: each of its counts is a list of its own, and
what is chosen there is drawn from then on.
"""

from __future__ import annotations

from collections.abc import Collection

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.screens.findable import devices_named, findable, has_many
from tui.screens.hints import Hint, matching
from tui.screens.lookup import Lookup
from tui.sim.engine.world import World
from tui.sim.model.value import value
from tui.widgets.counted import counted
from tui.widgets.topology_map import REST, Rest
from tui.words import Words

MOST = 50
"""Rows that are listed; more are a count."""
_REST = "rest:"
"""How the ids of rows begin that open a list of what the map does not show."""


@value
class Found:
    """What was chosen."""

    place: str
    """`PLACE`, `PLACE DEVICE` or a container."""
    to_draw: bool = False
    """It was chosen from what the map does not show, to be shown there."""


class Find(Lookup[Found]):
    """A field and what matches."""

    def __init__(
        self, world: World, words: Words, drawn: Collection[str] = (), rest: Rest | None = None
    ) -> None:
        """Take where to look, what the map shows, and which of the rest is asked for."""
        super().__init__()
        self._world = world
        self._all = findable(world)
        self._drawn = frozenset(drawn)
        self._rest = rest
        self._many = has_many(world)
        self.words = words

    def compose(self) -> ComposeResult:
        """The field and the list."""
        with Vertical(classes="box"):
            yield from self.field_and_list(self.words("name or address"))

    def on_mount(self) -> None:
        """Begin with everything."""
        self.query_one(Input).focus()
        self._look_in(self._rest)

    def _look_in(self, rest: Rest | None) -> None:
        """List everything, or what the map shows not."""
        self._rest = rest
        self._hints = self._all if rest is None else self._left_out(rest)
        box, words = self.query_one(".box"), self.words
        if rest is None:
            box.border_title = words("Find")
            box.border_subtitle = words("enter open · ↑ ↓ choose · esc back")
        else:
            box.border_title = counted(words, len(self._hints), *REST[rest])
            box.border_subtitle = words("enter draw it on the map · ↑ ↓ choose · esc back")
        self.fill("")

    def _left_out(self, rest: Rest) -> list[Hint]:
        """The nodes, pods or Services that the map shows not."""
        spaces, service = self._world.network.namespaces, rest is Rest.SERVICES
        return [
            hint
            for hint in self._all
            if hint.place.startswith(rest.value)
            and hint.place not in self._drawn
            and (service or hint.place in spaces)
        ]

    def fill(self, text: str) -> None:
        """List what is called that, or has that address."""
        rows = self.query_one(OptionList)
        found = matching(self._hints, text)
        if self._many and self._rest is None and text.strip():
            found += devices_named(self._world, self._hints, text)
        rows.clear_options()
        rows.add_options([*self._lists(text), *(self._option(hint) for hint in found[:MOST])])
        if len(found) > MOST:
            more = self.words("{count} more: type some of the name", count=len(found) - MOST)
            rows.add_option(Option(Text(more, "dim"), disabled=True))
        if not found:
            rows.add_option(Option(self._nothing(), disabled=True))
        rows.highlighted = 0 if found else None

    def _lists(self, text: str) -> list[Option]:
        """Before anything is typed, and where not all is in view: what the map shows not."""
        if self._rest is not None or text.strip() or len(self._hints) <= MOST:
            return []
        counts = {rest: len(self._left_out(rest)) for rest in Rest}
        return [
            Option(
                Text.assemble(
                    ("▸ ", "bold"),
                    counted(self.words, count, *REST[rest]),
                    (f"  {self.words('not on the map')}", "dim"),
                ),
                id=f"{_REST}{rest.value}",
            )
            for rest, count in counts.items()
            if count
        ]

    def _nothing(self) -> str:
        if self._many and self._rest is None:
            return self.words("nothing is called that; devices: type their node or pod first")
        return self.words("nothing is called that")

    def _option(self, hint: Hint) -> Option:
        text = ((f"{hint.place:<40}", "bold"), (f" {hint.noted(self.words)}", "dim"))
        return Option(Text.assemble(*text), id=hint.place)

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.query_one(OptionList).action_select()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        name = event.option.id or ""
        if name.startswith(_REST):
            self._look_in(Rest(name.removeprefix(_REST)))
        else:
            self.dismiss(Found(name, to_draw=self._rest is not None))
