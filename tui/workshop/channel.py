"""The line between a session and its workshop: one socket, a message a line in each direction."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from tui.workshop.messages import LONGEST_LINE, Message, MessageError, line_of, message_of

UNREAD = 256
"""Messages that wait for a workshop that does not read; what comes then is dropped."""
_NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)
"""Sending to a workshop that is gone is an error, and no SIGPIPE that would end the session."""


class Channel:
    """A session's end of the line. Nothing that happens to the line stops the session."""

    def __init__(self, line: socket.socket) -> None:
        """Take the socket."""
        self._line = line
        self._line.setblocking(False)
        self._heard = b""
        self._is_too_long = False
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
        """Let go of the line; once more changes nothing."""
        if self._is_open and self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._line)
            self._loop.remove_writer(self._line)
        self._line.close()

    @property
    def _is_open(self) -> bool:
        return self._line.fileno() >= 0

    def _flush(self) -> None:
        while self._unsent:
            try:
                sent = self._line.send(self._unsent[0], _NO_SIGNAL)
            except BlockingIOError:
                break
            except OSError:
                self._unsent.clear()
                break
            rest = self._unsent[0][sent:]
            self._unsent[:1] = [rest] if rest else []
        self._write_later()

    def _write_later(self) -> None:
        if self._loop is None or self._loop.is_closed() or not self._is_open:
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
        for line in self._lines(data):
            # a line that is no message comes from another version of the program
            with suppress(MessageError):
                message = message_of(line)
                if self._listener is not None and self._is_open:
                    self._listener(message)

    def _lines(self, data: bytes) -> list[bytes]:
        """The lines that end in the data; one that grows too long is passed over up to its end."""
        *lines, self._heard = (self._heard + data).split(b"\n")
        if lines and self._is_too_long:
            del lines[0]
            self._is_too_long = False
        if len(self._heard) > LONGEST_LINE:
            self._heard, self._is_too_long = b"", True
        return lines
