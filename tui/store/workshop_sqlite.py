"""A class in one SQLite file on the host.

Nothing that happens to the file stops the class: from then on it is kept in memory, and
`trouble` tells why.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tui.store.database import connected, kept_in_memory, prepared
from tui.store.progress import Trouble
from tui.store.return_codes import ReturnCode, hashed
from tui.store.workshop import Attendee, NameTaken
from tui.workshop.messages import FromLearner, MessageError, line_of, message_of
from tui.workshop.names import key_of

_STEPS = (
    """
    CREATE TABLE IF NOT EXISTS attendee (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
        name_key TEXT NOT NULL UNIQUE, public_key TEXT UNIQUE, salt BLOB, code BLOB, at REAL);
    CREATE TABLE IF NOT EXISTS event (
        number INTEGER PRIMARY KEY, attendee TEXT NOT NULL, message BLOB NOT NULL,
        at REAL NOT NULL);
    """,
)
"""What makes each format out of the one before it, the first out of an empty file."""
VERSION = len(_STEPS)
"""Format of the file, kept in `PRAGMA user_version`."""
_OLDEST = ("attendee", "event")
"""Tables of the first format."""
_ADD = """
INSERT INTO attendee (number, id, name, name_key, public_key, salt, code, at)
    SELECT coalesce(max(number) + 1, 0), ?, ?, ?, ?, ?, ?, ? FROM attendee
"""
_RENAME = "UPDATE attendee SET name = ?, name_key = ? WHERE id = ?"


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
            _make_private(file)
            self._db = prepared(connected(file), _STEPS)
        except (OSError, sqlite3.Error) as error:
            self._db = self._in_memory(error)

    def by_name(self, name: str) -> Attendee | None:
        """The learner with a name, however it is written."""
        return self._one("name_key", key_of(name))

    def by_key(self, fingerprint: str) -> Attendee | None:
        """The learner with a public key."""
        return self._one("public_key", fingerprint)

    def add(
        self, name: str, at: float, *, key: str = "", code: ReturnCode | None = None
    ) -> Attendee:
        """A new learner. Raises NameTaken."""
        known_by = secrets.token_hex(8)
        proof = (code.salt, code.kept) if code is not None else (None, None)
        try:
            self._rows(_ADD, known_by, name, key_of(name), key or None, *proof, at)
        except sqlite3.IntegrityError:
            raise NameTaken(name) from None
        added = self._one("id", known_by)
        assert added is not None
        return added

    def rename(self, attendee: Attendee, name: str) -> Attendee:
        """The learner under another name. Raises NameTaken."""
        try:
            self._rows(_RENAME, name, key_of(name), attendee.id)
        except sqlite3.IntegrityError:
            raise NameTaken(name) from None
        return Attendee(attendee.id, name, attendee.number)

    def proves(self, attendee: Attendee, code: str) -> bool:
        """Whether a code is the learner's."""
        rows = self._rows(
            "SELECT salt, code FROM attendee WHERE id = ? AND code IS NOT NULL", attendee.id
        )
        return any(hmac.compare_digest(hashed(code, salt), kept) for salt, kept in rows)

    def attendees(self) -> tuple[Attendee, ...]:
        """Everybody, by number."""
        rows = self._rows("SELECT id, name, number FROM attendee ORDER BY number")
        return tuple(Attendee(*row) for row in rows)

    def record(self, attendee: str, message: FromLearner, at: float) -> None:
        """A learner, by id, has done something."""
        self._rows(
            "INSERT INTO event (attendee, message, at) VALUES (?, ?, ?)",
            attendee,
            line_of(message),
            at,
        )

    def events(self) -> Iterator[tuple[str, FromLearner, float]]:
        """All that was done, oldest first."""
        for attendee, line, at in self._rows(
            "SELECT attendee, CAST(message AS BLOB), CAST(at AS REAL) FROM event ORDER BY number"
        ):
            # another version of the program may say other things
            with suppress(MessageError):
                message = message_of(line)
                if isinstance(message, FromLearner):
                    yield attendee, message, at

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _one(self, column: str, given: str) -> Attendee | None:
        rows = self._rows(f"SELECT id, name, number FROM attendee WHERE {column} = ?", given)
        return Attendee(*rows[0]) if rows else None

    def _rows(self, statement: str, *given: object) -> list[tuple[Any, ...]]:
        """What a statement gives. Raises IntegrityError where it contradicts what is kept."""
        try:
            return self._db.execute(statement, given).fetchall()
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            self._db = self._in_memory(error)
        try:
            return self._db.execute(statement, given).fetchall()
        except sqlite3.OperationalError:  # what was saved from the file is no class
            self._db = prepared(connected(":memory:"), _STEPS)
            return self._db.execute(statement, given).fetchall()

    def _in_memory(self, error: Exception) -> sqlite3.Connection:
        memory, self.trouble = kept_in_memory(
            self.file, _STEPS, _OLDEST, error, in_use=hasattr(self, "_db")
        )
        return memory


def _make_private(file: Path) -> None:
    """Only the owner may read the file, and what SQLite lays beside it. Raises OSError."""
    file.touch(mode=0o600)
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)
