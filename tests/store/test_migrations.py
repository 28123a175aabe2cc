"""Files of every older format are read, and become files of this one, step by step."""

import sqlite3
from pathlib import Path

import pytest

from tui.store import Place
from tui.store.sqlite import VERSION, SqliteProgress

FIRST = """
CREATE TABLE place (
    only INTEGER PRIMARY KEY CHECK (only = 1), lesson TEXT, step TEXT, at REAL);
CREATE TABLE done (lesson TEXT, step TEXT, at REAL, PRIMARY KEY (lesson, step));
CREATE TABLE answer (lesson TEXT, step TEXT, chosen TEXT, was_right INTEGER, at REAL);
INSERT INTO place VALUES (1, 'service', 'odds', 10.0);
INSERT INTO done VALUES ('service', 'why', 9.0);
INSERT INTO answer VALUES ('service', 'odds', '1/2', 0, 10.0);
"""
SECOND = FIRST + "CREATE TABLE seen (what TEXT PRIMARY KEY, at REAL);"


def file_of(folder: Path, script: str, version: int) -> Path:
    """A file as an older program left it."""
    file = folder / "progress.sqlite3"
    with sqlite3.connect(file) as db:
        db.executescript(f"{script} PRAGMA user_version = {version};")
    return file


@pytest.mark.parametrize(("script", "version"), [(FIRST, 1), (SECOND, 2)])
def test_an_older_file_is_taken_over(tmp_path: Path, script: str, version: int) -> None:
    file = file_of(tmp_path, script, version)
    store = SqliteProgress(file)
    assert store.trouble is None
    assert store.place() == Place("service", "odds")
    assert store.done("service") == {"why"}
    store.open_hint(Place("typo", "mend"), 1, 11.0)
    store.see("tour", 11.0)
    store.close()
    with sqlite3.connect(file) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert SqliteProgress(file).hints(Place("typo", "mend")) == 1


def test_a_file_between_two_formats_is_finished(tmp_path: Path) -> None:
    # the tables of the second are there, and the number of the first: the program was killed
    store = SqliteProgress(file_of(tmp_path, SECOND, 1))
    assert store.trouble is None
    assert store.done("service") == {"why"}
    assert not store.seen("tour")
