"""One SSH session: from a request for a shell to the end of the explorer that answers it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncssh

from tui.serve.fork_server import ForkError
from tui.serve.gathering import line_to
from tui.serve.naming import Question, named
from tui.serve.process import SessionProcess
from tui.serve.requests import RefusedError, words_of
from tui.serve.terminal import RESET, open_terminal, resize
from tui.store.workshop import Attendee

if TYPE_CHECKING:
    from tui.serve.host import Host

_LOG = logging.getLogger("k8snet-tui.serve")
_STARTED = 8 * 1024
"""Bytes of output from which on a session has started: its first screen is on the way."""
_START_SECONDS = 10.0
_PATIENCE = 5.0
"""Seconds that a session has to end in order."""
_CHUNK = 32 * 1024
_UNTYPED = 256 * 1024
"""Bytes typed or pasted that wait for a session which does not read."""
NO_TERMINAL, REFUSED, BUSY, FAILED = 2, 126, 75, 71
"""Exit codes."""


class Attendance(asyncssh.SSHServerSession[bytes]):
    """Joins an SSH channel to a session of one's own."""

    def __init__(self, host: Host, attendee: Attendee | None, address: str) -> None:
        """A learner's, or the instructor's where there is no attendee."""
        self.attendee = attendee
        self._host = host
        self._address = address
        self._loop = asyncio.get_running_loop()
        self._chan: asyncssh.SSHServerChannel[bytes] | None = None
        self._size: tuple[int, int] | None = None
        self._term = ""
        self._command: str | None = None
        self._terminal = -1
        self._question: Question | None = None
        self._has_typed_all = False
        self._typed = bytearray()
        self._written = 0
        self._started = asyncio.Event()
        self._process: SessionProcess | None = None
        self._task: asyncio.Task[None] | None = None
        self._why = ""
        self._unread_since: float | None = None
        self._unread = 0
        self.words = host.words
        """The language of the client's terminal, as far as the client says."""
        self.opened = self.stirred = self._loop.time()
        self.warned: set[str] = set()
        """Ends that were announced."""

    # ------------------------------------------------------------ what the client asks for

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """A channel was opened."""
        self._chan = chan
        chan.set_write_buffer_limits(high=self._host.limits.unsent_kib * 1024)

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object
    ) -> bool:
        """The client has a terminal."""
        self._term, self._size = term_type[:40], term_size[:2]
        return True

    def shell_requested(self) -> bool:
        """The course."""
        return True

    def exec_requested(self, command: str) -> bool:
        """A place in the program; what else it may be is answered in words."""
        self._command = command
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        """No sftp, nor anything else."""
        return False

    def session_started(self) -> None:
        """Open the session."""
        self.words = self._host.words_for(self._environment())
        self._task = self._loop.create_task(self._attend())
        self._host.attendances.add(self)

    def _environment(self) -> Mapping[str, str]:
        return self._chan.get_environment() if self._chan is not None else {}

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._chan = None
        self.end("")

    def eof_received(self) -> bool:
        """The client will type no more; the session goes on."""
        self._has_typed_all = True
        if self._question is not None:
            self._question.close()
        return True

    # ------------------------------------------------------------ what goes through

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Keys, the mouse, and what the client's terminal answers."""
        self.stirred = self._loop.time()
        self.warned.discard("idle")
        if self._question is not None:
            self._question.take(data)
        if self._terminal < 0 or len(self._typed) > _UNTYPED:
            return
        self._typed += data
        self._type()

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """The client's window has another size."""
        self._size = (width, height)
        if self._terminal >= 0:
            resize(self._terminal, width, height, self._host.limits)

    def pause_writing(self) -> None:
        """The client does not keep up: the session waits, too."""
        self._unread_since = self._loop.time()
        if self._terminal >= 0:
            self._loop.remove_reader(self._terminal)

    def resume_writing(self) -> None:
        """It reads on."""
        self._unread_since = None
        if self._terminal >= 0:
            self._loop.add_reader(self._terminal, self._draw)

    def _type(self) -> None:
        """Hand what was typed to the session, as much as it takes."""
        try:
            while self._typed:
                del self._typed[: os.write(self._terminal, self._typed[:_CHUNK])]
        except BlockingIOError:
            self._loop.add_writer(self._terminal, self._type)
            return
        except OSError:
            self._typed.clear()
        self._loop.remove_writer(self._terminal)

    def _draw(self) -> bool:
        """Hand what the session draws to the client; whether there was anything."""
        data = self._drawn()
        if not data:
            return False
        self._written += len(data)
        if self._written >= _STARTED:
            self._started.set()
        self._write(data)
        return True

    def _drawn(self) -> bytes:
        """What there is to read, at most a chunk: a terminal gives it in small pieces."""
        found = bytearray()
        try:
            while len(found) < _CHUNK:
                piece = os.read(self._terminal, _CHUNK - len(found))
                if not piece:
                    raise EOFError
                found += piece
        except BlockingIOError:
            pass
        except (EOFError, OSError):
            if not found:
                self._loop.remove_reader(self._terminal)
        return bytes(found)

    def _write(self, data: bytes) -> None:
        if self._chan is not None:
            with suppress(BrokenPipeError, OSError):
                self._chan.write(data)

    # ------------------------------------------------------------ from start to end

    async def _attend(self) -> None:
        code = FAILED
        try:
            code = await self._opened()
        except ForkError as problem:
            _LOG.warning("%s: %s", self.name, problem)
            self._complain(self.words("the session could not be opened; try again"))
        except RefusedError as problem:
            code = REFUSED
            self._complain(problem.sentence(self.words))
        except Exception:
            _LOG.exception("%s: the session failed", self.name)
            self._complain(self.words("the session could not be opened; the server's log says why"))
        finally:
            self._host.attendances.discard(self)
            self._close(code)

    async def _opened(self) -> int:
        words = words_of(self._command)
        if self._size is None:
            self._complain(self.words("the explorer needs a terminal: use `ssh -t`"))
            return NO_TERMINAL
        busy = self._host.full(self)
        if busy:
            self._complain(busy)
            return BUSY
        await self._introduce()
        _LOG.info("%s from %s: session opened", self.name, self._address)
        await self._host.queue.enter(self._queued)
        try:
            hearing = await self._start(words)
        except BaseException:
            self._host.queue.leave()
            raise
        try:
            await self._has_started()
        finally:
            self._host.queue.leave()
        return await self._until_end(hearing)

    async def _introduce(self) -> None:
        """Who has come by key for the first time picks a name."""
        newcomers = self._host.newcomers
        if self.attendee is not None and self.attendee.id in newcomers:
            self.attendee = await named(self._host.store, self.attendee, self._ask, self.words)
            newcomers.discard(self.attendee.id)

    async def _ask(self, text: str) -> str:
        self._question = Question(text, self._write)
        if self._has_typed_all:
            self._question.close()
        try:
            return await self._question.answer()
        finally:
            self._question = None

    def _queued(self, place: int) -> None:
        text = self.words("Your session starts as number {place} in the queue ... ", place=place)
        self._write(f"\r{text}".encode())

    async def _start(self, words: tuple[str, ...]) -> asyncio.Task[None]:
        assert self._size is not None
        spec = self._host.spec(self.attendee, words, self._term, self._environment())
        ours, theirs = socket.socketpair()
        self._terminal, terminal = open_terminal(*self._size, self._host.limits)
        try:
            self._process = await self._host.forks.fork(spec, terminal, theirs)
        except BaseException:
            ours.close()
            raise
        finally:
            os.close(terminal)
            theirs.close()
        if self._unread_since is None:
            self._loop.add_reader(self._terminal, self._draw)
        if self._chan is None:
            self.end("")
        return await line_to(self._host.gathering, self.attendee, ours)

    async def _has_started(self) -> None:
        """Wait until the first screen is on its way, or there will be none."""
        assert self._process is not None
        ended = self._loop.create_task(self._process.ended())
        started = self._loop.create_task(self._started.wait())
        await asyncio.wait(
            (ended, started), timeout=_START_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        ended.cancel()
        started.cancel()

    async def _until_end(self, hearing: asyncio.Task[None]) -> int:
        assert self._process is not None
        await self._process.ended()
        while self._draw():
            await asyncio.sleep(0)
        with suppress(TimeoutError):
            await asyncio.wait_for(hearing, _PATIENCE)
        code = await self._process.code()
        _LOG.info("%s: session ended (%s)", self.name, self._why or code)
        return self._told(code)

    def _told(self, code: int | None) -> int:
        """Leave the client's terminal as it was, with a word where the end was not asked for."""
        killed = code is None or code < 0
        if killed:
            self._write(RESET.encode())
        if self._why:
            self._complain(self._why)
        elif killed:
            self._complain(self.words("the session was ended from outside"))
        if self._why or killed:
            self._complain(self.words("connect again, and you are where you were"))
        return code if code is not None and code >= 0 else 128 - (code or 0)

    def _complain(self, sentence: str) -> None:
        self._write(f"k8snet-tui: {sentence}\r\n".encode())

    def end(self, why: str) -> None:
        """End the session in order, and by force where that takes too long."""
        self._why = self._why or why
        if self._process is None or self._process.is_over:
            if self._task is not None and self._process is None:
                self._task.cancel()
            return
        self._process.signal(signal.SIGHUP)
        self._loop.call_later(_PATIENCE, self._process.signal, signal.SIGKILL)

    def _close(self, code: int) -> None:
        if self._terminal >= 0:
            self._loop.remove_reader(self._terminal)
            self._loop.remove_writer(self._terminal)
            os.close(self._terminal)
            self._terminal = -1
        if self._chan is not None:
            self._chan.exit(code)
            self._loop.call_later(_PATIENCE, self._abort, self._chan)

    @staticmethod
    def _abort(chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """A client that reads nothing is not waited for."""
        with suppress(OSError):
            chan.abort()

    # ------------------------------------------------------------ limits

    @property
    def name(self) -> str:
        """The learner's name, for the log."""
        return self.attendee.name if self.attendee is not None else "instructor"

    def unread(self, now: float) -> float:
        """Seconds for which the client has taken nothing of what waits for it."""
        if self._unread_since is None or self._chan is None:
            return 0.0
        before, self._unread = self._unread, self._chan.get_write_buffer_size()
        if self._unread < before:
            self._unread_since = now
        return now - self._unread_since
