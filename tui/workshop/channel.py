"""The line between a session and its workshop: one socket, a message a line in each direction."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from tui.workshop.messages import LONGEST_LINE, Message, MessageError, line_of, message_of

UNREAD = 256
"""Messages that wait for a workshop that does not read; what comes then is dropped."""


class Channel:
    """A session's end of the line. Nothing that happens to the line stops the session."""

    def __init__(self, line: socket.socket) -> None:
        """Take the socket."""
        self._line = line
        self._line.setblocking(False)
        self._heard = b""
        self._unsent: list[bytes] = []
        self._listener: Callable[[Message], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def listen(self, listener: Callable[[Message], None]) -> None:
        """Hand every message that comes to a listener; inside a running event loop."""
        self._listener = listener
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._line, self._read)
            self._flush()

    def tell(self, message: Message) -> None:
        """Send a message; it never waits."""
        if len(self._unsent) < UNREAD:
            self._unsent.append(line_of(message))
        self._flush()

    def close(self) -> None:
        """Let go of the line."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._line)
            self._loop.remove_writer(self._line)
        self._line.close()

    def _flush(self) -> None:
        while self._unsent:
            try:
                sent = self._line.send(self._unsent[0])
            except BlockingIOError:
                break
            except OSError:
                self._unsent.clear()
                break
            rest = self._unsent[0][sent:]
            self._unsent[:1] = [rest] if rest else []
        self._write_later()

    def _write_later(self) -> None:
        if self._loop is None or self._loop.is_closed() or self._line.fileno() < 0:
            return
        if self._unsent:
            self._loop.add_writer(self._line, self._flush)
        else:
            self._loop.remove_writer(self._line)

    def _read(self) -> None:
        try:
            data = self._line.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        *lines, self._heard = (self._heard + data).split(b"\n")
        if len(self._heard) > LONGEST_LINE:
            self._heard = b""
        for line in lines:
            # a line that is no message comes from another version of the program
            with suppress(MessageError):
                if self._listener is not None:
                    self._listener(message_of(line))
