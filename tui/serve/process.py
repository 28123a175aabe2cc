"""A session's process as the front holds it: by a descriptor that no other process can get."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress


class SessionProcess:
    """One forked session; a grandchild, so its end shows at its descriptor."""

    def __init__(self, pid: int, handle: int) -> None:
        """Take the process id and a pidfd; inside a running event loop."""
        self.pid = pid
        self._handle = handle
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._code: asyncio.Future[int] = self._loop.create_future()
        self._loop.add_reader(handle, self._has_ended)

    def signal(self, number: int) -> None:
        """Send a signal, if the process is there."""
        if self._handle >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def exited(self, code: int) -> None:
        """The fork server has told how it ended: an exit code, or minus the signal's number."""
        if not self._code.done():
            self._code.set_result(code)

    async def ended(self) -> None:
        """Wait for its end."""
        await asyncio.shield(self._ended)

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._ended.done()

    async def code(self, within: float = 1.0) -> int | None:
        """How it ended; None where nobody can tell: whoever forked it is gone."""
        with suppress(TimeoutError):
            return await asyncio.wait_for(asyncio.shield(self._code), within)
        return None

    def _has_ended(self) -> None:
        self._loop.remove_reader(self._handle)
        self._adopted()
        os.close(self._handle)
        self._handle = -1
        if not self._ended.done():
            self._ended.set_result(None)

    def _adopted(self) -> None:
        """Reap it if it has become ours, since the fork server is gone."""
        with suppress(ChildProcessError):
            found = os.waitid(os.P_PIDFD, self._handle, os.WEXITED | os.WNOHANG)
            if found is not None:
                killed = found.si_code != os.CLD_EXITED
                self.exited(-found.si_status if killed else found.si_status)
