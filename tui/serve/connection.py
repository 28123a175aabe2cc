"""One SSH connection: who it is, and the sessions that it opens. Nothing else is to be had."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import asyncssh

from tui.serve.attendance import Attendance
from tui.serve.login import Challenge, Login, Refused, suggested_name
from tui.store.workshop import Attendee

if TYPE_CHECKING:
    from tui.serve.host import Host

_LOG = logging.getLogger("k8snet-tui.serve")
INSTRUCTOR = "instructor"
"""The user name of whoever leads the workshop."""
_GUESS = 1.0
"""Seconds that a wrong code costs."""
_MOST_TRIES = 4
"""Wrong codes in one connection."""
_Prompts = tuple[str, str, str, list[tuple[str, bool]]]


class Connection(asyncssh.SSHServer):
    """Logs somebody in."""

    def __init__(self, host: Host) -> None:
        """Take the workshop."""
        self._host = host
        self._conn: asyncssh.SSHServerConnection | None = None
        self._user = ""
        self._key: str | None = None
        self._comment = ""
        self._login: Login | None = None
        self._attendee: Attendee | None = None
        self._tries = 0
        self.address = ""
        self.has_spoken = False
        """Whether it has said a user name."""
        self.logged_in = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Somebody has connected, who may say nothing for ever."""
        self._conn = conn
        peer = conn.get_extra_info("peername") or ("",)
        self.address = str(peer[0])
        self._host.connected(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._host.disconnected(self)

    def refuse(self, sentence: str) -> None:
        """End the connection; OpenSSH's client shows the sentence."""
        if self._conn is not None:
            self._conn.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, sentence)

    # ------------------------------------------------------------ who it is

    def begin_auth(self, username: str) -> bool:
        """Somebody has said a user name, the first one or another."""
        self.has_spoken = True
        self._user, self._key, self._login, self._attendee = username, None, None, None
        self._refuse_guessers()
        return True

    def _refuse_guessers(self) -> bool:
        """Whether too many codes were wrong, of this address or of the name that it tries."""
        now = asyncio.get_running_loop().time()
        wait = self._host.failures.wait(self.address, now)
        where = "from here"  # in English: OpenSSH's client shows nothing else of a refusal
        if self._login is not None and self._login.claimed is not None:
            claimed = self._host.guesses.wait(self._login.claimed.id, now)
            wait, where = max((wait, where), (claimed, "for this name"))
        if not wait and self._tries < _MOST_TRIES:
            return False
        minutes = max(round(wait / 60), 1)
        self.refuse(f"too many wrong codes {where}; try again in {minutes} min")
        return True

    def public_key_auth_supported(self) -> bool:
        """Keys are good where some are known."""
        keys = self._host.instructor_keys if self._is_instructor else self._host.learner_keys
        return bool(keys)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether a key may log in; asyncssh checks its signature afterwards."""
        keys = self._host.instructor_keys if self._is_instructor else self._host.learner_keys
        fingerprint = key.get_fingerprint()
        if fingerprint not in keys:
            return False
        self._key, self._comment = fingerprint, keys[fingerprint]
        return True

    def kbdint_auth_supported(self) -> bool:
        """The join code is for learners."""
        return not self._is_instructor

    def password_auth_supported(self) -> bool:
        """There are no passwords."""
        return False

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> _Prompts:
        """The first questions."""
        host = self._host
        self._login = Login(host.store, host.codes, host.join_code, username, host.words)
        return _prompts(self._login.begin())

    async def validate_kbdint_response(
        self, username: str, responses: Sequence[str]
    ) -> _Prompts | bool:
        """More questions, or whether the answers were right."""
        if self._login is None or self._refuse_guessers():
            return False
        answer = self._login.respond([each[:100] for each in responses], self._host.now())
        if isinstance(answer, Challenge):
            return _prompts(answer)
        if isinstance(answer, Refused):
            return await self._failed(answer)
        self._attendee = answer
        return True

    async def _failed(self, why: Refused) -> bool:
        now = asyncio.get_running_loop().time()
        self._tries += 1
        self._host.failures.count(self.address, now)
        if self._login is not None and self._login.claimed is not None:
            self._host.guesses.count(self._login.claimed.id, now)
        _LOG.warning("%s: login failed: %s", self.address, why.name.lower().replace("_", " "))
        await asyncio.sleep(_GUESS)
        self._refuse_guessers()
        return False

    def auth_completed(self) -> None:
        """It has logged in, by its last key or by the answers it gave."""
        self.logged_in = True
        if self._attendee is None and self._key is not None and not self._is_instructor:
            name = suggested_name(self._user) or self._comment
            self._attendee = self._host.learner_by_key(self._key, name)
        who = self._attendee.name if self._attendee is not None else INSTRUCTOR
        _LOG.info("%s: logged in as %s", self.address, who)

    @property
    def _is_instructor(self) -> bool:
        return self._user == INSTRUCTOR

    # ------------------------------------------------------------ what it may do

    def session_requested(self) -> Attendance | bool:
        """A session; whoever is neither a learner nor the instructor gets none."""
        if self._attendee is None and not (self._is_instructor and self._key is not None):
            return False
        return Attendance(self._host, self._attendee, self.address)

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool:
        """No forwarding of ports (-L)."""
        return False

    def server_requested(self, listen_host: str, listen_port: int) -> bool:
        """Nor of the server's (-R)."""
        return False

    def unix_connection_requested(self, dest_path: str) -> bool:
        """Nor to sockets of the host."""
        return False

    def unix_server_requested(self, listen_path: str) -> bool:
        """Nor from them."""
        return False


def _prompts(challenge: Challenge) -> _Prompts:
    """The questions as SSH has them; OpenSSH's client shows only prompts as they are.

    Of an instruction it writes every letter that is not ASCII as octal numbers (log.c, 2026-11).
    """
    text, prompts = challenge.text, challenge.prompts
    if not text.isascii():
        text, prompts = "", (f"{text}\n{prompts[0]}", *prompts[1:])
    return "", text, "", [(prompt, True) for prompt in prompts]
