"""Progress in one SQLite file, which several sessions may have open (WAL).

A file that cannot be written never stops anybody: what it says is read if it can be, and
from then on progress lives in memory; `trouble` tells why.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from tui.store.database import connected, kept_in_memory, prepared
from tui.store.progress import Answer, History, Place, Trouble

_STEPS = (
    """
    CREATE TABLE IF NOT EXISTS place (
        only INTEGER PRIMARY KEY CHECK (only = 1), lesson TEXT, step TEXT, at REAL);
    CREATE TABLE IF NOT EXISTS done (
        lesson TEXT, step TEXT, at REAL, PRIMARY KEY (lesson, step));
    CREATE TABLE IF NOT EXISTS answer (
        lesson TEXT, step TEXT, chosen TEXT, was_right INTEGER, at REAL);
    """,
    "CREATE TABLE IF NOT EXISTS seen (what TEXT PRIMARY KEY, at REAL);",
    """
    CREATE TABLE IF NOT EXISTS hint (
        lesson TEXT, step TEXT, count INTEGER, at REAL, PRIMARY KEY (lesson, step));
    """,
)
"""What makes each format out of the one before it, the first out of an empty file."""
VERSION = len(_STEPS)
"""Format of the file, kept in `PRAGMA user_version`."""
_KEPT = ("place", "done", "answer", "seen", "hint")
_OLDEST = ("place", "done", "answer")
"""Tables of the first format."""

_HINT = """
INSERT INTO hint VALUES (?, ?, ?, ?) ON CONFLICT (lesson, step) DO UPDATE
    SET count = excluded.count, at = excluded.at WHERE excluded.count > count
"""


def progress_file(environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Path:
    """The file's place by the XDG base directory specification."""
    state = Path(environment.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():
        state = (home if home is not None else Path.home()) / ".local" / "state"
    return state / "k8snet-tui" / "progress.sqlite3"


def open_progress(file: Path | None = None) -> SqliteProgress:
    """The learner's progress; never fails."""
    return SqliteProgress(file if file is not None else progress_file())


class SqliteProgress:
    """A `ProgressStore` on one file, or in memory where the file cannot be used."""

    def __init__(self, file: Path) -> None:
        """Open or make the file."""
        self.file = file
        self.trouble: Trouble | None = None
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = prepared(connected(file), _STEPS)
        except (OSError, sqlite3.Error) as error:
            self._db = self._in_memory(error)

    def place(self) -> Place | None:
        """Where the learner was last."""
        rows = self._read("SELECT lesson, step FROM place")
        return Place(*rows[0]) if rows else None

    def visit(self, place: Place, at: float) -> None:
        """The learner has opened a step."""
        self._write(
            "INSERT OR REPLACE INTO place VALUES (1, ?, ?, ?)", place.lesson, place.step, at
        )

    def finish(self, place: Place, at: float) -> None:
        """The learner has done a step."""
        self._write("INSERT OR IGNORE INTO done VALUES (?, ?, ?)", place.lesson, place.step, at)

    def answer(self, place: Place, chosen: str, right: bool, at: float) -> None:
        """The learner has answered a prediction."""
        self._write(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?)",
            place.lesson,
            place.step,
            chosen,
            int(right),
            at,
        )

    def done(self, lesson: str) -> frozenset[str]:
        """Ids of the steps of a lesson that are done."""
        rows = self._read("SELECT step FROM done WHERE lesson = ?", lesson)
        return frozenset(str(step) for (step,) in rows)

    def answers(self, lesson: str) -> Mapping[str, tuple[Answer, ...]]:
        """Answers by step id, oldest first."""
        found: dict[str, tuple[Answer, ...]] = {}
        for step, chosen, right, at in self._read(
            "SELECT step, chosen, was_right, at FROM answer WHERE lesson = ? ORDER BY at, rowid",
            lesson,
        ):
            answer = Answer(chosen, bool(right), float(at))
            found[step] = (*found.get(step, ()), answer)
        return found

    def all_answers(self) -> Mapping[Place, tuple[Answer, ...]]:
        """Answers to every prediction, oldest first."""
        found: dict[Place, list[Answer]] = {}
        for place, answer in self.history().answers:
            found.setdefault(place, []).append(answer)
        return {place: tuple(given) for place, given in found.items()}

    def open_hint(self, place: Place, count: int, at: float) -> None:
        """The learner has opened so many hints of a challenge."""
        self._write(_HINT, place.lesson, place.step, count, at)

    def hints(self, place: Place) -> int:
        """How many hints of a challenge the learner has opened."""
        rows = self._read(
            "SELECT count FROM hint WHERE lesson = ? AND step = ?", place.lesson, place.step
        )
        return int(rows[0][0]) if rows else 0

    def seen(self, what: str) -> bool:
        """Whether the learner has been shown it."""
        return bool(self._read("SELECT what FROM seen WHERE what = ?", what))

    def see(self, what: str, at: float) -> None:
        """The learner has been shown it."""
        self._write("INSERT OR IGNORE INTO seen VALUES (?, ?)", what, at)

    def history(self) -> History:
        """Everything."""
        read = self._read
        return History(
            next((_placed(row) for row in read("SELECT lesson, step, at FROM place")), None),
            tuple(_placed(row) for row in read("SELECT lesson, step, at FROM done ORDER BY at")),
            tuple(
                (Place(lesson, step), Answer(chosen, bool(right), float(at)))
                for lesson, step, chosen, right, at in read(
                    "SELECT * FROM answer ORDER BY at, rowid"
                )
            ),
            tuple(
                (Place(lesson, step), int(count), float(at))
                for lesson, step, count, at in read("SELECT * FROM hint ORDER BY at")
            ),
            tuple((what, float(at)) for what, at in read("SELECT what, at FROM seen ORDER BY at")),
        )

    def merge(self, history: History) -> None:
        """Remember what somebody else remembers, too; all of it, or nothing."""
        try:
            self._merge(history)
        except sqlite3.Error as error:
            self._db = self._in_memory(error)
            self._merge(history)

    def _merge(self, history: History) -> None:
        execute = self._db.execute
        execute("BEGIN IMMEDIATE")
        mine = self.history()
        known = frozenset(mine.answers)
        for place, at in history.done:
            execute("INSERT OR IGNORE INTO done VALUES (?, ?, ?)", (*_ids(place), at))
        for place, answer in history.answers:
            if (place, answer) not in known:
                given = (answer.chosen, int(answer.right), answer.at)
                execute("INSERT INTO answer VALUES (?, ?, ?, ?, ?)", (*_ids(place), *given))
        for place, count, at in history.hints:
            execute(_HINT, (*_ids(place), count, at))
        execute_all = self._db.executemany
        execute_all("INSERT OR IGNORE INTO seen VALUES (?, ?)", history.seen)
        if history.place is not None and (mine.place is None or history.place[1] > mine.place[1]):
            place, at = history.place
            execute("INSERT OR REPLACE INTO place VALUES (1, ?, ?, ?)", (*_ids(place), at))
        execute("COMMIT")

    def forget(self) -> None:
        """Erase everything."""
        script = "".join(f"DELETE FROM {table};" for table in _KEPT)
        try:
            self._db.executescript(f"BEGIN IMMEDIATE; {script} COMMIT;")
        except sqlite3.Error as error:
            self._db = self._in_memory(error)
            self._db.executescript(script)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _read(self, query: str, *values: object) -> list[tuple[str, ...]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self._db = self._in_memory(error)
            return self._db.execute(query, values).fetchall()

    def _write(self, statement: str, *values: object) -> None:
        try:
            self._db.execute(statement, values)
        except sqlite3.Error as error:
            self._db = self._in_memory(error)
            self._db.execute(statement, values)

    def _in_memory(self, error: Exception) -> sqlite3.Connection:
        """A database in memory that begins with what the file still tells."""
        memory, self.trouble = kept_in_memory(
            self.file, _STEPS, _OLDEST, error, in_use=hasattr(self, "_db")
        )
        return memory


def _placed(row: tuple[str, ...]) -> tuple[Place, float]:
    lesson, step, at = row
    return Place(lesson, step), float(at)


def _ids(place: Place) -> tuple[str, str]:
    return place.lesson, place.step
