"""The front's side of the fork server: starts it, asks it, and starts it again when it is gone."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tui.serve.process import SessionProcess
from tui.serve.spec import LARGEST, SessionSpec, spec_text

_LOG = logging.getLogger("k8snet-tui.serve")
_PATIENCE = 30.0
"""Seconds that it has to load the program."""
_REST = 1.0
"""Seconds between two starts of one that ends by itself."""


class ForkError(Exception):
    """No session can be opened; the text is one line."""


class ForkServer:
    """One fork server at a time, always the same way to ask it."""

    def __init__(self, command: Sequence[str], cache: Path) -> None:
        """Take the command that becomes a fork server; a descriptor's number is put behind it.

        What it reads from the course is kept in the cache, where its sessions find it.
        """
        self._command = command
        self._cache = cache
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._ready: asyncio.Event = asyncio.Event()
        self._asked: dict[int, asyncio.Future[SessionProcess]] = {}
        self._sessions: dict[int, SessionProcess] = {}
        self._started = 0.0
        self._closing = False
        self._again: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start it; `ready` tells when it can be asked."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        self._started = time.monotonic()
        with theirs:
            self._process = subprocess.Popen(
                [*self._command, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, "XDG_CACHE_HOME": str(self._cache), "TEXTUAL_FPS": "120"},
                umask=0o022,
            )
        self._line = ours
        asyncio.get_running_loop().add_reader(ours, self._read)

    async def ready(self, within: float = _PATIENCE) -> None:
        """Wait until it can be asked. Raises ForkError."""
        try:
            await asyncio.wait_for(self._ready.wait(), within)
        except TimeoutError:
            raise ForkError("the program could not be loaded; the server's log says why") from None

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._process.pid if self._process is not None else None

    async def fork(self, spec: SessionSpec, terminal: int, line: socket.socket) -> SessionProcess:
        """A session on this terminal, with this line to the workshop. Raises ForkError."""
        await self.ready()
        server = self._line
        assert server is not None
        answer: asyncio.Future[SessionProcess] = asyncio.get_running_loop().create_future()
        self._asked[spec.number] = answer
        try:
            socket.send_fds(server, [spec_text(spec)], [terminal, line.fileno()])
            return await asyncio.wait_for(answer, _PATIENCE)
        except (OSError, TimeoutError) as error:
            raise ForkError(f"no session could be opened: {error}") from None
        finally:
            self._asked.pop(spec.number, None)

    def close(self) -> None:
        """End it; sessions stay as they are."""
        self._closing = True
        if self._again is not None:
            self._again.cancel()
        self._gone()
        process = self._process
        if process is not None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)

    # ------------------------------------------------------------ what it says

    def _read(self) -> None:
        assert self._line is not None
        try:
            text, handles, _flags, _address = socket.recv_fds(self._line, LARGEST, 1)
        except BlockingIOError:
            return
        except OSError:
            text, handles = b"", []
        if not text:
            self._gone()
            self._start_again()
            return
        self._heard(json.loads(text), handles)

    def _heard(self, said: dict[str, Any], handles: list[int]) -> None:
        if "ready" in said:
            self._ready.set()
        elif "ended" in said:
            ended = self._sessions.pop(said["ended"], None)
            if ended is not None:
                ended.exited(said["code"])
        elif "pid" in said:
            self._forked(said["number"], SessionProcess(said["pid"], handles[0]))
        elif (answer := self._asked.get(said["number"])) is not None and not answer.done():
            answer.set_exception(ForkError(f"no session could be opened: {said['problem']}"))

    def _forked(self, number: int, process: SessionProcess) -> None:
        self._sessions[process.pid] = process
        answer = self._asked.get(number)
        if answer is not None and not answer.done():
            answer.set_result(process)
        else:
            process.signal(9)  # whoever asked for it is gone

    # ------------------------------------------------------------ when it is gone

    def _gone(self) -> None:
        if self._line is None:
            return
        asyncio.get_running_loop().remove_reader(self._line)
        self._line.close()
        self._line = None
        self._ready.clear()
        self._sessions.clear()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(ForkError("no session could be opened: try again"))

    def _start_again(self) -> None:
        if self._closing:
            return
        if self._process is not None:
            _LOG.warning(
                "the fork server has ended (%s) and is started again", self._process.wait()
            )
        rest = max(self._started + _REST - time.monotonic(), 0.0)
        self._again = asyncio.get_running_loop().call_later(rest, self.start)
