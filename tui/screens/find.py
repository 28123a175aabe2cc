"""Finding a pod, a container, a node, a Service or a device by a piece of its name or address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.screens.dialog import Dialog
from tui.screens.hints import HEADLESS, Hint, matching
from tui.screens.places import seen_at
from tui.sim.engine.world import World
from tui.sim.routing.network import DeviceKind, Namespace
from tui.words import Words
from tui.words.language import _

MOST = 50
"""Rows that are listed; more are a count."""


def findable(world: World) -> list[Hint]:
    """Everything with a name: pods and nodes, Services, then devices, and containers."""
    spaces = [ns for ns in world.network.namespaces.values() if ns.node]
    hosts = [ns for ns in spaces if ns.name.startswith("node/")]
    pods = [ns for ns in spaces if not ns.name.startswith("node/")]
    return [
        *(_space(ns) for ns in spaces),
        *_services(world),
        *(hint for ns in (*hosts, *pods) for hint in _devices(ns)),
        *_containers(world),
    ]


def _space(ns: Namespace) -> Hint:
    return Hint(ns.name, ", ".join(str(a.ip) for a in ns.addresses if not a.ip.is_loopback))


def _services(world: World) -> Iterator[Hint]:
    for s in world.cluster.services:
        note = "" if s.headless else ", ".join(s.cluster_ips) or s.type
        yield Hint(f"svc/{s.namespace}/{s.name}", note, HEADLESS if s.headless else "")


def _devices(ns: Namespace) -> Iterator[Hint]:
    for device in ns.devices:
        if device.kind is not DeviceKind.LOOPBACK:
            yield Hint(f"{ns.name} {device.name}", ", ".join(str(a) for a in device.addresses))


def _containers(world: World) -> Iterator[Hint]:
    for pod in world.cluster.pods:
        name = f"pod/{pod.namespace}/{pod.name}"
        if seen_at(world, name)[0] in world.network.namespaces:
            for container in pod.containers:
                yield Hint(f"{name}/{container.name}", "", _("container"))


class Find(Dialog[str]):
    """A field and what matches; gives `PLACE`, `PLACE DEVICE` or a container."""

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
        found = matching(self._hints, text)
        rows.clear_options()
        rows.add_options([Option(self._row(hint), id=hint.place) for hint in found[:MOST]])
        if len(found) > MOST:
            more = self.words("{count} more: type some of the name", count=len(found) - MOST)
            rows.add_option(Option(Text(more, "dim"), disabled=True))
        if not found:
            rows.add_option(Option(self.words("nothing is called that"), disabled=True))
        rows.highlighted = 0 if found else None

    def _row(self, hint: Hint) -> Text:
        return Text.assemble((f"{hint.place:<40}", "bold"), (f" {hint.noted(self.words)}", "dim"))

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
