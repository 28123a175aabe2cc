"""A terminal driver that has no terminal at first: an explorer is mounted before it has one."""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size


class LateTerminal(LinuxDriver):
    """Draws nothing and reads nothing until it takes standard input and output."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Touch neither streams nor signals: they are those of another process."""
        Driver.__init__(self, app, debug=debug, mouse=mouse, size=size)
        self._has_terminal = False

    @property
    def is_headless(self) -> bool:
        """Whether there is no terminal yet."""
        return not self._has_terminal

    def take(self, *, mouse: bool) -> None:
        """Take the terminal; the program hears of its size before anything that is posted later."""
        self._has_terminal = True
        LinuxDriver.__init__(self, self._app, debug=self._debug, mouse=mouse)
        size = Size(*self._get_terminal_size())
        # without a size the program takes the new one at once, and not in its next frame
        self._app._size = None
        self._app.post_message(events.Resize(size, size))
        self.start_application_mode()

    def start_application_mode(self) -> None:
        """Start, or say how large the terminal is thought to be."""
        if self._has_terminal:
            super().start_application_mode()  # type: ignore[no-untyped-call]
        elif self._size is not None:
            size = Size(*self._size)
            self._app.post_message(events.Resize(size, size))

    def write(self, data: str) -> None:
        """Write to the terminal, if there is one."""
        if self._has_terminal:
            super().write(data)
