"""What is configured in a namespace, as the real commands would print it."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult

from tui.screens.dialog import Dialog
from tui.sim.model.value import replace
from tui.sim.routing.network import Device, Namespace, Network, RouteKind
from tui.sim.routing.text import (
    in_order,
    print_device,
    print_fdb,
    print_neighbour,
    print_route,
    route_command,
)
from tui.theme import Role
from tui.widgets.line import BLANK, Line, wrap
from tui.widgets.pane import Pane
from tui.widgets.wiring import other_end, wires
from tui.words import Words

MOST_ADDRESSES = 8
"""Addresses of one device that are listed among other devices."""

MOST_ADDRESSES_ALONE = 200
"""Those that are listed where the device itself was asked for."""


class Sheet(Pane):
    """The rows of the inspector."""

    DEFAULT_CSS = """
    Sheet { height: auto; max-height: 100%; }
    """

    def __init__(
        self, namespace: Namespace, device: str, words: Words, network: Network | None = None
    ) -> None:
        """Take what to show; a device is marked. A network tells what it is wired to."""
        super().__init__(classes="box")
        self._wires = wires(network, namespace.name, device, words) if network else []
        self._namespace = namespace
        self._device = device
        self.words = words

    def lines(self, width: int) -> list[Line]:
        """Sections, each under its command."""
        rows: list[Line] = []
        for command, texts in self._sections():
            if rows:
                rows.append(BLANK)
            sign = "" if command.startswith("#") else "$ "
            rows.append(Line.of((sign, Role.FAINT), (command, Role.CODE)))
            for text in texts:
                lit = bool(self._device) and self._device in text.replace(":", " ").split()
                rows += [
                    Line(row, lit=lit).indented(2)
                    for row in wrap(
                        [(text, Role.STRONG if lit else Role.PLAIN)], max(width - 3, 10)
                    )
                ]
            if not texts:
                rows.append(Line.of((f"  {self.words('(nothing)')}", Role.FAINT)))
        return rows

    def _sections(self) -> Iterator[tuple[str, list[str]]]:
        ns = self._namespace
        devices = ns.devices
        if self._device:
            devices = tuple(d for d in devices if d.name == self._device)
        index = {device.name: i + 1 for i, device in enumerate(ns.devices)}
        most = MOST_ADDRESSES_ALONE if self._device else MOST_ADDRESSES
        yield "ip addr", [line for d in devices for line in self._shown(index[d.name], d, most)]
        yield from self._routes()
        yield "ip neigh", [print_neighbour(n) for n in ns.neighbours]
        if self._wires:
            yield f"# {self.words('wired to')}", self._wires
        if ns.fdb:
            yield "bridge fdb", [print_fdb(e) for e in ns.fdb]

    def _routes(self) -> Iterator[tuple[str, list[str]]]:
        """The table main of each IP version that there is."""
        main = in_order(r for r in self._namespace.routes if r.kind is not RouteKind.LOCAL)
        for version in (4, 6):
            texts = [print_route(r) for r in main if r.destination.version == version]
            if texts or version == 4:
                yield route_command(version, RouteKind.UNICAST), texts

    def _shown(self, index: int, device: Device, most: int) -> Iterator[str]:
        """A device with so many of its addresses; kube-ipvs0 bears those of all Services."""
        left = len(device.addresses) - most
        if left <= 1:
            yield from print_device(index, device)
        else:
            yield from print_device(index, replace(device, addresses=device.addresses[:most]))
            yield f"    … {self.words('{count} more addresses', count=left)}"
        if device.peer is not None:
            yield f"    # {other_end(device.peer, self.words)}"

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As high as its rows."""
        return len(self.lines(width))


class Inspector(Dialog[None]):
    """Shows one namespace."""

    DEFAULT_CSS = """
    Inspector > .box { width: 96; }
    """
    AUTO_FOCUS = "Sheet"

    def __init__(
        self, namespace: Namespace, device: str, words: Words, network: Network | None = None
    ) -> None:
        """Take the namespace, and the device that was asked for, or nothing."""
        super().__init__()
        self._network = network
        self._namespace = namespace
        self._device = device
        self.words = words

    def compose(self) -> ComposeResult:
        """One sheet."""
        sheet = Sheet(self._namespace, self._device, self.words, self._network)
        device = f" · {self._device}" if self._device else ""
        sheet.border_title = f"{self._namespace.name}{device}"
        sheet.border_subtitle = self.words("↑ ↓ scroll · esc back")
        yield sheet
