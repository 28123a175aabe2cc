"""The dialog that sends a packet: from where, to where, with places to choose from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from tui.screens.dialog import Dialog
from tui.screens.hints import Hint, destinations, matching, sources
from tui.sim.engine.injection import Injection
from tui.sim.model.cluster import Cluster
from tui.sim.model.packet import SENDABLE, Protocol
from tui.words import Words

MOST = 50
"""Places that are listed; typing narrows them."""

Check = Callable[[Injection], Awaitable[str]]
"""Tries an injection; gives what is wrong with it, or nothing."""


class Injector(Dialog[Injection]):
    """Asks for a packet. What is wrong with it is said in the dialog."""

    DEFAULT_CSS = """
    Injector .field { height: 1; margin-bottom: 1; }
    Injector .field Label { width: 14; color: $foreground 72%; }
    Injector .field Input { width: 1fr; }
    Injector #protocol, Injector #port { width: 14; }
    Injector #error { color: $error; width: 100%; height: auto; margin-bottom: 0; }
    Injector #list-title { color: $primary; text-style: bold; height: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "into_list", show=False),
        Binding("ctrl+s,f5", "send", "send", show=False),
    ]

    def __init__(
        self,
        cluster: Cluster,
        recent: Sequence[Injection],
        words: Words,
        check: Check,
        ends: tuple[str, str] = ("", ""),
    ) -> None:
        """Take the cluster for its places, the packets sent before, and a way to try one.

        `ends` are where from and where to, as far as they are known.
        """
        super().__init__()
        self._hints = {"source": sources(cluster), "destination": destinations(cluster)}
        self._recent = tuple(recent)
        self.words = words
        self._check = check
        self._field = "source"
        self._ends = ends

    def compose(self) -> ComposeResult:
        """Four fields, an error line, and a list of places."""
        last = self._recent[0] if self._recent else None
        words = self.words
        with Vertical(classes="box") as box:
            box.border_title = words("Send a packet")
            box.border_subtitle = words("enter next field, then send · ↓ choose · esc back")
            source, destination = self._ends
            yield self._row("source", words("from"), source or (last.source if last else ""))
            target = destination or (last.destination if last else "")
            yield self._row("destination", words("to"), target)
            with Horizontal(classes="field"):
                yield Label(words("protocol"))
                yield Input(
                    last.protocol.value if last else "TCP",
                    id="protocol",
                    compact=True,
                    suggester=SuggestFromList([p.value for p in SENDABLE], case_sensitive=False),
                )
                yield Label(f"  {words('port')}")
                yield Input(
                    str(last.dport) if last and last.dport else "",
                    id="port",
                    placeholder=words("if none above"),
                    compact=True,
                    type="integer",
                )
            yield Label("", id="error", markup=False)
            yield Label("", id="list-title", markup=False)
            yield OptionList(id="places", compact=True)

    def _row(self, name: str, label: str, value: str) -> Horizontal:
        places = [hint.place for hint in self._hints[name]]
        return Horizontal(
            Label(label),
            Input(
                value,
                id=name,
                compact=True,
                select_on_focus=True,
                suggester=SuggestFromList(places, case_sensitive=False),
                placeholder="pod/NS/NAME · node/NAME · external/IP · IP"
                if name == "source"
                else "svc/NS/NAME:PORT · pod/NS/NAME:PORT · IP:PORT · name",
            ),
            classes="field",
        )

    def on_mount(self) -> None:
        """Begin with the source."""
        self.query_one("#source", Input).focus()

    # ------------------------------------------------------------ the list

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """Narrow the list to what was typed."""
        self._say("")
        if event.input.id in self._hints and event.input.has_focus:
            self._fill(event.value)

    def on_descendant_focus(self) -> None:
        """The list belongs to the field in use."""
        focused = self.focused
        if isinstance(focused, Input) and focused.id in self._hints:
            self._field = focused.id
            self._fill("" if focused.selected_text else focused.value)

    def _fill(self, text: str) -> None:
        places = self.query_one("#places", OptionList)
        places.clear_options()
        hints = matching(self._hints[self._field], text)[:MOST]
        recent = self._recent if self._field == "source" and not text.strip() else ()
        title = self.words("Where from") if self._field == "source" else self.words("Where to")
        self.query_one("#list-title", Label).update(title)
        places.add_options([self._recent_option(i, each) for i, each in enumerate(recent[:3])])
        places.add_options([self._option(hint) for hint in hints])

    def _option(self, hint: Hint) -> Option:
        return Option(
            Text.assemble((f"{hint.place:<38}", "bold"), (f" {hint.noted(self.words)}", "dim")),
            id=f"place:{hint.place}",
        )

    def _recent_option(self, i: int, each: Injection) -> Option:
        text = f"{each.source} → {each.destination} {each.protocol.value}"
        return Option(
            Text.assemble(("↻ ", "bold"), (text, ""), (f"  {self.words('again')}", "dim")),
            id=f"recent:{i}",
        )

    def action_into_list(self) -> None:
        """From a field down into its list."""
        places = self.query_one("#places", OptionList)
        if isinstance(self.focused, Input) and places.option_count:
            places.focus()
            places.highlighted = 0

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        kind, _, value = (event.option.id or "").partition(":")
        if kind == "recent":
            self._try(self._recent[int(value)])
            return
        field = self.query_one(f"#{self._field}", Input)
        field.value = value
        self._go_on(field)

    # ------------------------------------------------------------ sending

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        self._go_on(event.input)

    def _go_on(self, field: Input) -> None:
        """From the source to the destination; from anywhere else, send."""
        if field.id == "source":
            self.set_focus(self.query_one("#destination", Input))
        else:
            self.action_send()

    def action_send(self) -> None:
        """Send what the fields say."""
        source, destination, protocol, port = (
            self.query_one(f"#{name}", Input).value.strip()
            for name in ("source", "destination", "protocol", "port")
        )
        if not source or not destination:
            self._say(self.words("Say where from and where to."))
            return
        if protocol.upper() not in [p.value for p in SENDABLE]:
            self._say(self.words("{found}: expected TCP, UDP, SCTP or ICMP.", found=protocol))
            return
        self._try(
            Injection(
                source,
                destination,
                Protocol(protocol.upper()),
                int(port) if port.isdigit() else None,
            )
        )

    def _try(self, injection: Injection) -> None:
        self.run_worker(self._tried(injection), exclusive=True)

    async def _tried(self, injection: Injection) -> None:
        """Leave with the packet if it can be sent, else say what is wrong with it."""
        problem = await self._check(injection)
        if problem:
            self._say(problem)
        else:
            self.dismiss(injection)

    def _say(self, text: str) -> None:
        self.query_one("#error", Label).update(f"✗ {text}" if text else "")
