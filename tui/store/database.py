"""SQLite files that several processes may have open: opened, and brought to the format in use.

Where a file cannot be used, its content goes on in memory.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from tui.store.progress import Trouble, TroubleCode

WAIT = 2.0
"""Seconds to wait for another process's write."""


class NewerError(sqlite3.DatabaseError):
    """The file's format is newer than this program."""


def connected(file: Path | str, uri: bool = False) -> sqlite3.Connection:
    """A connection in which every statement holds at once. Raises sqlite3.Error."""
    return sqlite3.connect(file, timeout=WAIT, isolation_level=None, uri=uri)


def prepared(db: sqlite3.Connection, steps: Sequence[str]) -> sqlite3.Connection:
    """The connection, once it is sure that it can be written. Raises sqlite3.Error.

    The steps make each format out of the one before it, the first out of an empty file; how many
    were made is kept in `PRAGMA user_version`.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(steps):
        db.close()
        raise NewerError(f"format {version}, this program knows {len(steps)}")
    _switch_to_wal(db)
    db.execute("PRAGMA synchronous = NORMAL")
    _migrate(db, version, steps)
    db.execute(f"PRAGMA user_version = {len(steps)}")  # whether it can be written shows here
    return db


def _switch_to_wal(db: sqlite3.Connection) -> None:
    """SQLite does not wait here for another process that does the same at this moment."""
    end = time.monotonic() + WAIT
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(db: sqlite3.Connection, version: int, steps: Sequence[str]) -> None:
    """From an older format to this one, a step at a time; each holds as a whole or not at all."""
    # another process may do the same: a step that is done already changes nothing
    for number, script in enumerate(steps[version:], start=version + 1):
        db.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")


def kept_in_memory(
    file: Path, steps: Sequence[str], oldest: Sequence[str], error: Exception, *, in_use: bool
) -> tuple[sqlite3.Connection, Trouble]:
    """A database in memory that begins with what the file still tells, and why it is needed.

    It begins empty without the tables of the `oldest` format, or where a newer program wrote the
    file. `in_use` says whether the file was written before.
    """
    newer = isinstance(error, NewerError)
    saved = None if newer else _copied(file, steps, oldest)
    if newer:
        code = TroubleCode.NEWER
    elif saved is None:
        code = TroubleCode.BROKEN
    else:
        code = TroubleCode.LOST if in_use else TroubleCode.READ_ONLY
    memory = saved if saved is not None else prepared(connected(":memory:"), steps)
    return memory, Trouble(code, str(file), str(error))


def _copied(file: Path, steps: Sequence[str], oldest: Sequence[str]) -> sqlite3.Connection | None:
    """The file's content in memory; None if it cannot be read."""
    for how in ("mode=ro", "mode=ro&immutable=1"):
        memory = connected(":memory:")
        try:
            source = connected(f"{file.absolute().as_uri()}?{how}", uri=True)
            source.backup(memory)
            source.close()
            for table in oldest:
                memory.execute(f"SELECT * FROM {table}").fetchone()
            for script in steps:  # an older file lacks some
                memory.executescript(script)
        except sqlite3.Error:
            memory.close()
        else:
            return memory
    return None
