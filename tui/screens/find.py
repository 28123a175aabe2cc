"""Finding a pod, a node, a Service or a device by a piece of its name or address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.screens.dialog import Dialog
from tui.screens.hints import Hint, matching
from tui.sim.engine.world import World
from tui.words import Words


def findable(world: World) -> list[Hint]:
    """Everything with a name: namespaces, Services, and the devices of nodes."""
    found = [
        Hint(name, ", ".join(str(a.ip) for a in ns.addresses if not a.ip.is_loopback))
        for name, ns in world.network.namespaces.items()
        if ns.node
    ]
    found += [
        Hint(f"svc/{s.namespace}/{s.name}", ", ".join(s.cluster_ips) or s.type)
        for s in world.cluster.services
    ]
    found += [
        Hint(f"{name} {device.name}", ", ".join(str(a) for a in device.addresses))
        for name, ns in world.network.namespaces.items()
        if name.startswith("node/")
        for device in ns.devices
        if device.name != "lo"
    ]
    return found


class Find(Dialog[str]):
    """A field and what matches; gives `NAMESPACE`, `NAMESPACE DEVICE` or `svc/NS/NAME`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    def __init__(self, hints: Sequence[Hint], words: Words) -> None:
        """Take what can be found."""
        super().__init__()
        self._hints = hints
        self.words = words

    def compose(self) -> ComposeResult:
        """The field and the list."""
        with Vertical(classes="box") as box:
            box.border_title = self.words("Find")
            box.border_subtitle = self.words("enter open · ↑ ↓ choose · esc back")
            yield Input(placeholder=self.words("name or address"), compact=True)
            yield OptionList(compact=True)

    def on_mount(self) -> None:
        """Begin with everything."""
        self.query_one(Input).focus()
        self._fill("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._fill(event.value)

    def _fill(self, text: str) -> None:
        rows = self.query_one(OptionList)
        rows.clear_options()
        rows.add_options(
            [
                Option(
                    Text.assemble((f"{hint.place:<40}", "bold"), (f" {hint.note}", "dim")),
                    id=hint.place,
                )
                for hint in matching(self._hints, text)
            ]
        )
        rows.highlighted = 0 if rows.option_count else None

    def action_move(self, by: int) -> None:
        """Up and down while the field keeps the focus."""
        rows = self.query_one(OptionList)
        if by > 0:
            rows.action_cursor_down()
        else:
            rows.action_cursor_up()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.query_one(OptionList).action_select()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)
