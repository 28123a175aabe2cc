"""The workshop's server: what it is started with, and everything that it holds while it runs."""

from __future__ import annotations

import asyncio
import ctypes
import itertools
import logging
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import asyncssh

from tui.serve.attendance import Attendance
from tui.serve.connection import Connection
from tui.serve.failures import Failures
from tui.serve.fork_server import ForkServer
from tui.serve.gathering import PACE, Gathering
from tui.serve.limits import Limits
from tui.serve.queueing import StartQueue
from tui.serve.spec import SessionSpec
from tui.sim.model.value import value
from tui.store.return_codes import CodeStock
from tui.store.workshop import Attendee, WorkshopStore
from tui.words import Words, preferred, use
from tui.words.language import _
from tui.workshop.messages import LONGEST_LINE, Ending
from tui.workshop.names import name_of
from tui.workshop.unfit import UnfitName

_LOG = logging.getLogger("k8snet-tui.serve")
_SUBREAPER = 36
_PASSED_ON = re.compile(r"LANG|LANGUAGE|LC_[A-Z]{1,20}|COLORTERM|NO_COLOR")
"""Variables that a client may set."""
_CLEAN = re.compile(r"[\w.@:+-]{0,64}")
_UNITS = (
    (3600, (_("{count} hour"), _("{count} hours"))),
    (60, (_("{count} minute"), _("{count} minutes"))),
    (1, (_("{count} second"), _("{count} seconds"))),
)
_CIPHERS = (
    *(f"aes{bits}-gcm@openssh.com" for bits in (128, 256)),
    *(f"aes{bits}-ctr" for bits in (256, 192, 128)),
)
"""One call of `cryptography` for a packet, for clients of these ten years; chacha20 takes four."""
_CODES_AHEAD, _CODES_AT_A_TIME = 100, 10
_LAST_WORDS = 2.0
"""Seconds between saying that the workshop closes and ending its sessions."""


@value
class Settings:
    """What the server is started with."""

    folder: Path
    """Where everything is kept: keys, the class, each learner's progress."""
    address: str
    port: int
    limits: Limits
    join_code: str
    host_key: asyncssh.SSHKey
    learner_keys: Mapping[str, str]
    """Fingerprints of learners' keys, each with the comment that stands behind the key."""
    instructor_keys: Mapping[str, str]
    users: range | None
    """User ids of learners, where the server is root."""
    fork_command: Sequence[str]
    """The command that becomes a fork server."""
    language: str = ""
    """The language of sessions whose client names none, as in LANG."""


class Host:
    """Holds connections, sessions and the class."""

    def __init__(self, settings: Settings, store: WorkshopStore, gathering: Gathering) -> None:
        """Inside a running event loop."""
        self._settings = settings
        self.limits = settings.limits
        self.store = store
        self.gathering = gathering
        self.codes = CodeStock()
        self.join_code = settings.join_code
        self.learner_keys = settings.learner_keys
        self.instructor_keys = settings.instructor_keys
        self.failures = Failures(self.limits.failures, self.limits.failure_minutes)
        self.guesses = Failures(self.limits.guesses, self.limits.failure_minutes)
        self.queue = StartQueue(self.limits.starts)
        self.forks = ForkServer(settings.fork_command, settings.folder / "cache")
        self.words = self.words_for({})
        """The workshop's language: while they log in, clients do not say theirs."""
        self.newcomers: set[str] = set()
        """Ids of learners who came by key and have not been asked for a name yet."""
        self.attendances: set[Attendance] = set()
        self._connections: dict[Connection, None] = {}
        self._numbers = itertools.count(1)

    @staticmethod
    def now() -> float:
        """The time of day, seconds since the epoch."""
        return time.time()

    # ------------------------------------------------------------ connections

    def connected(self, connection: Connection) -> None:
        """Make room for a connection among those that log in, or refuse it.

        Who has said nothing gives way to who comes: a port scanner must not keep a class out.
        """
        self._connections[connection] = None
        waiting = [each for each in self._connections if not each.logged_in]
        if len(waiting) <= self.limits.logins:
            return
        silent = next((each for each in waiting if not each.has_spoken), connection)
        silent.refuse(
            f"{self.limits.logins} people are logging in at this moment; try again in a minute"
        )
        self._connections.pop(silent, None)

    def disconnected(self, connection: Connection) -> None:
        """A connection is gone."""
        self._connections.pop(connection, None)

    def learner_by_key(self, fingerprint: str, wanted: str) -> Attendee:
        """The learner with a key; one who comes for the first time gets a name."""
        known = self.store.by_key(fingerprint)
        return known if known is not None else self._added(fingerprint, wanted)

    def _added(self, fingerprint: str, wanted: str) -> Attendee:
        try:
            wanted = name_of(wanted)
        except UnfitName:
            wanted = "learner"
        for name in itertools.chain((wanted,), (f"learner-{n}" for n in itertools.count(2))):
            if self.store.by_name(name) is None:
                added = self.store.add(name, self.now(), key=fingerprint)
                self.newcomers.add(added.id)
                return added
        raise AssertionError("there is always another number")

    # ------------------------------------------------------------ sessions

    def full(self, asking: Attendance) -> str:
        """Why there is no room for another session, if so."""
        limits = self.limits
        if len(self.attendances) > limits.sessions:
            return asking.words(
                "all {count} seats are taken; try again when somebody has left",
                count=limits.sessions,
            )
        own = [each for each in self.attendances if each.attendee == asking.attendee]
        if len(own) > limits.sessions_each:
            return asking.words(
                "sessions open at once are limited to {count} for each learner; close one, or "
                "try again in a minute",
                count=limits.sessions_each,
            )
        return ""

    def spec(
        self,
        attendee: Attendee | None,
        words: tuple[str, ...],
        term: str,
        asked: Mapping[str, str],
    ) -> SessionSpec:
        """What a session of somebody is. Raises OSError where there can be no folder for it."""
        seat = attendee.number + 1 if attendee is not None else 0
        users = self._settings.users
        user = users[seat % len(users)] if users is not None else None
        home = self._home(seat, user)
        return SessionSpec(
            number=next(self._numbers),
            name=attendee.name if attendee is not None else "",
            instructor=attendee is None,
            words=words,
            environment=self._environment(home, term, asked),
            home=str(home),
            user=user,
            memory=self.limits.memory_mib << 20,
        )

    def _home(self, seat: int, user: int | None) -> Path:
        """The folder of one learner, who alone can look into it."""
        homes = self._settings.folder / "homes"
        homes.mkdir(exist_ok=True)
        homes.chmod(0o711)
        home = homes / f"{seat:04d}"
        home.mkdir(mode=0o700, exist_ok=True)
        if user is not None:
            os.chown(home, user, user)
        return home

    def words_for(self, asked: Mapping[str, str]) -> Words:
        """The language that a client's environment asks for, else the workshop's."""
        return use(preferred({"LANG": self._settings.language, **_passed(asked)}))

    def _environment(self, home: Path, term: str, asked: Mapping[str, str]) -> dict[str, str]:
        return {
            # OpenSSH's client does not say that its terminal can do better
            "COLORTERM": "truecolor",
            "LANG": self._settings.language or "C.UTF-8",
            **_passed(asked),
            "TERM": term if _CLEAN.fullmatch(term) else "xterm-256color",
            "HOME": str(home),
            "XDG_STATE_HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "XDG_DATA_HOME": str(home),
            # filled by the fork server; sessions can read it and not write it
            "XDG_CACHE_HOME": str(self._settings.folder / "cache"),
            "PATH": "/usr/bin:/bin",
            "TEXTUAL_FPS": "120",
        }

    async def watch(self) -> None:
        """End what has to end, and show queue and class where they stand, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(PACE)
            for attendance in [*self.attendances]:
                self._judge(attendance, loop.time())
            self.queue.tell()
            self.gathering.show_class()
            if all(each.logged_in for each in self._connections):
                await self.make_codes(_CODES_AT_A_TIME)

    async def make_codes(self, most: int) -> None:
        """Fill the stock of return codes, or part of it: a class may come at any moment."""
        missing = min(self.limits.logins, _CODES_AHEAD) - len(self.codes)
        if missing > 0:
            await asyncio.to_thread(self.codes.make, min(missing, most))

    def _judge(self, attendance: Attendance, now: float) -> None:
        limits, words = self.limits, attendance.words
        idle, long = limits.idle_seconds, limits.session_seconds
        if attendance.unread(now) > limits.unread_seconds:
            unread = span(limits.unread_seconds, words)
            attendance.end(words("your terminal has read nothing for {time}", time=unread))
        elif attendance.attendee is not None and now - attendance.stirred > idle:
            # an instructor watches the class without a key
            attendance.end(words("no key was pressed for {time}", time=span(idle, words)))
        elif now - attendance.opened > long:
            attendance.end(words("a session lasts {time} at most", time=span(long, words)))
        else:
            self._warn(attendance, idle - (now - attendance.stirred), "idle")
            self._warn(attendance, long - (now - attendance.opened), "long")

    def _warn(self, attendance: Attendance, left: float, why: Literal["idle", "long"]) -> None:
        if left <= 60 and attendance.attendee is not None and why not in attendance.warned:
            attendance.warned.add(why)
            ending = Ending(why=why, seconds=max(int(left), 0))
            self.gathering.tell(attendance.attendee, ending)

    async def close(self) -> None:
        """Say goodbye and end every session."""
        if self.attendances:
            self.gathering.tell_learners(Ending(why="closing", seconds=int(_LAST_WORDS)))
            await asyncio.sleep(_LAST_WORDS)
        for attendance in [*self.attendances]:
            attendance.end(attendance.words("the workshop has ended"))
        for _tenth in range(60):
            if not self.attendances:
                break
            await asyncio.sleep(0.1)
        self.forks.close()


def _passed(asked: Mapping[str, str]) -> dict[str, str]:
    """What a session takes over of a client's environment."""
    return {
        name: given
        for name, given in asked.items()
        if _PASSED_ON.fullmatch(name) and _CLEAN.fullmatch(given)
    }


def span(seconds: int, words: Words) -> str:
    """A span of time as people say it, in the largest unit that divides it."""
    size, unit = next(
        (size, unit) for size, unit in _UNITS if seconds % size == 0 and seconds >= size
    )
    count = seconds // size
    return words(unit[count != 1], count=count)


# ---------------------------------------------------------------- running


async def serve(settings: Settings, store: WorkshopStore, gathering: Gathering) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError where the address cannot be had."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    host = Host(settings, store, gathering)
    listener = await _listening(settings, host)
    local = await _local_dashboard(settings.folder, gathering)
    host.forks.start()
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, over.set)
    watching = loop.create_task(host.watch())
    try:
        await host.make_codes(_CODES_AHEAD)
        await host.forks.ready()
        _announce(settings, listener.get_port())
        await over.wait()
    finally:
        watching.cancel()
        listener.close()
        local.close()
        await host.close()
        with suppress(OSError):
            (settings.folder / "dashboard").unlink()


async def _listening(settings: Settings, host: Host) -> asyncssh.SSHAcceptor:
    return await asyncssh.listen(
        settings.address,
        settings.port,
        server_factory=lambda: Connection(host),
        server_host_keys=[settings.host_key],
        server_version="k8snet",
        encryption_algs=_CIPHERS,
        compression_algs=("none",),
        encoding=None,
        line_editor=False,
        agent_forwarding=False,
        x11_forwarding=False,
        allow_scp=False,
        login_timeout=settings.limits.login_seconds,
        keepalive_interval=30,
        keepalive_count_max=4,
        backlog=256,
        reuse_address=True,
    )


async def _local_dashboard(folder: Path, gathering: Gathering) -> asyncio.Server:
    """A socket on which an instructor's explorer on this machine finds the class."""
    file = folder / "dashboard"
    file.unlink(missing_ok=True)

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gathering.attend(None, reader, writer)

    before = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(attend, file, limit=LONGEST_LINE)
    finally:
        os.umask(before)


def _announce(settings: Settings, port: int) -> None:
    """What goes on the slide."""
    anywhere = settings.address in ("0.0.0.0", "::")
    name = socket.gethostname() if anywhere else settings.address
    option = "" if port == 22 else f" -p {port}"
    lines = [
        f"k8snet-tui workshop on {settings.address}, port {port}",
        "",
        f"  learners     ssh{option} class@{name}",
        f"  join code    {settings.join_code}",
        f"  host key     {settings.host_key.get_fingerprint()} (ED25519)",
    ]
    if settings.instructor_keys:
        lines.append(f"  instructor   ssh{option} instructor@{name}")
    lines += [f"  kept in      {settings.folder}", "", "ctrl+c ends it", ""]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()
