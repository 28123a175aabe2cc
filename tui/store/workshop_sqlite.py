"""A class in one SQLite file on the host.

Nothing that happens to the file stops the class: from then on it is kept in memory, and
`trouble` tells why.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tui.store.database import NewerError, connected, copied, prepared
from tui.store.progress import Trouble, TroubleCode
from tui.store.workshop import Attendee, NameTaken
from tui.workshop.messages import FromLearner, MessageError, line_of, message_of
from tui.workshop.names import key_of

_STEPS = (
    """
    CREATE TABLE IF NOT EXISTS attendee (
        number INTEGER PRIMARY KEY, id TEXT UNIQUE, name TEXT, name_key TEXT UNIQUE,
        public_key TEXT, salt BLOB, code BLOB, at REAL);
    CREATE UNIQUE INDEX IF NOT EXISTS by_public_key ON attendee (public_key)
        WHERE public_key <> '';
    CREATE TABLE IF NOT EXISTS event (attendee TEXT, message BLOB, at REAL);
    """,
)
_TABLES = ("attendee", "event")
_FIELDS = "id, name, number"


def open_workshop(file: Path) -> SqliteWorkshop:
    """The class that a file keeps; never fails."""
    return SqliteWorkshop(file)


class SqliteWorkshop:
    """A `WorkshopStore` on one file, or in memory where the file cannot be used."""

    def __init__(self, file: Path) -> None:
        """Open or make the file."""
        self.file = file
        self.trouble: Trouble | None = None
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = prepared(connected(file), _STEPS)
        except (OSError, sqlite3.Error) as error:
            self._db = self._in_memory(error)

    def by_name(self, name: str) -> Attendee | None:
        """The learner with a name, however it is written."""
        return self._one("name_key = ?", key_of(name))

    def by_key(self, fingerprint: str) -> Attendee | None:
        """The learner with a public key."""
        return self._one("public_key = ? AND public_key <> ''", fingerprint)

    def add(self, name: str, at: float, *, key: str = "", code: str = "") -> Attendee:
        """A new learner. Raises NameTaken."""
        if self.by_name(name) is not None:
            raise NameTaken(name)
        salt = secrets.token_bytes(16)
        attendee_id = secrets.token_hex(8)
        self._do(
            "INSERT INTO attendee (number, id, name, name_key, public_key, salt, code, at) "
            "SELECT coalesce(max(number) + 1, 0), ?, ?, ?, ?, ?, ?, ? FROM attendee",
            attendee_id, name, key_of(name), key, salt, _hashed(code, salt) if code else b"", at,
        )  # fmt: skip
        added = self._one("id = ?", attendee_id)
        if added is None:
            raise NameTaken(name)
        return added

    def proves(self, attendee: Attendee, code: str) -> bool:
        """Whether a code is the learner's."""
        rows = self._do("SELECT salt, code FROM attendee WHERE id = ?", attendee.id)
        salt, known = rows[0] if rows else (b"", b"")
        return hmac.compare_digest(_hashed(code, salt), known) if known else False

    def attendees(self) -> tuple[Attendee, ...]:
        """Everybody, by number."""
        rows = self._do(f"SELECT {_FIELDS} FROM attendee ORDER BY number")
        return tuple(Attendee(*row) for row in rows)

    def record(self, attendee: str, message: FromLearner, at: float) -> None:
        """A learner, by id, has done something."""
        self._do("INSERT INTO event VALUES (?, ?, ?)", attendee, line_of(message), at)

    def events(self) -> Iterable[tuple[str, FromLearner, float]]:
        """All that was done, oldest first."""
        for attendee, text, at in self._do("SELECT * FROM event ORDER BY rowid"):
            with suppress(MessageError):  # another version of the program may say other things
                message = message_of(text)
                if isinstance(message, FromLearner):
                    yield attendee, message, at

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _one(self, where: str, given: str) -> Attendee | None:
        rows = self._do(f"SELECT {_FIELDS} FROM attendee WHERE {where}", given)
        return Attendee(*rows[0]) if rows else None

    def _do(self, statement: str, *given: object) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(statement, given).fetchall()
        except sqlite3.IntegrityError:
            return []
        except sqlite3.Error as error:
            self._db = self._in_memory(error)
            return self._db.execute(statement, given).fetchall()

    def _in_memory(self, error: Exception) -> sqlite3.Connection:
        """A database in memory that begins with what the file still tells."""
        saved = None if isinstance(error, NewerError) else copied(self.file, _STEPS, _TABLES)
        if isinstance(error, NewerError):
            code = TroubleCode.NEWER
        elif saved is None:
            code = TroubleCode.BROKEN
        else:
            code = TroubleCode.LOST if hasattr(self, "_db") else TroubleCode.READ_ONLY
        self.trouble = Trouble(code, str(self.file), str(error))
        return saved if saved is not None else prepared(connected(":memory:"), _STEPS)


def _hashed(code: str, salt: bytes) -> bytes:
    """A code as it is kept; guessing it is what the limit of failures prevents."""
    return hashlib.scrypt(code.encode(), salt=salt, n=1 << 12, r=8, p=1)
