"""Progress survives a restart, and nothing about its file ever stops the program."""

import sqlite3
from pathlib import Path

import pytest

from tui.store import Answer, Place, ProgressStore, Trouble, TroubleCode, sqlite
from tui.store.sqlite import SqliteProgress, open_progress, progress_file
from tui.words import use

HERE = Place("service", "odds")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "progress.sqlite3"


def filled(file: Path) -> SqliteProgress:
    """A store in which something is remembered."""
    store = SqliteProgress(file)
    store.visit(HERE, at=10.0)
    store.finish(Place("service", "why"), at=11.0)
    store.answer(HERE, "1/2", right=False, at=12.0)
    store.answer(HERE, "1/3", right=True, at=13.0)
    return store


def remembers(store: ProgressStore) -> bool:
    """Whether a store remembers what `filled` put in."""
    return (
        store.place() == HERE
        and store.done("service") == {"why"}
        and store.answers("service")
        == {"odds": (Answer("1/2", False, 12.0), Answer("1/3", True, 13.0))}
    )


def test_an_empty_store_remembers_nothing(file: Path) -> None:
    store = SqliteProgress(file)
    assert store.place() is None
    assert store.done("service") == frozenset()
    assert store.answers("service") == {}
    assert store.trouble is None


def test_progress_survives_a_restart(file: Path) -> None:
    filled(file).close()
    again = SqliteProgress(file)
    assert remembers(again)
    assert again.trouble is None


def test_the_last_place_replaces_the_one_before(file: Path) -> None:
    store = filled(file)
    store.visit(Place("external", "out"), at=20.0)
    assert store.place() == Place("external", "out")


def test_a_step_can_be_done_twice(file: Path) -> None:
    store = filled(file)
    store.finish(Place("service", "why"), at=99.0)
    assert store.done("service") == {"why"}


def test_starting_over_erases_everything(file: Path) -> None:
    store = filled(file)
    store.forget()
    store.close()
    again = SqliteProgress(file)
    assert again.place() is None
    assert again.done("service") == frozenset()
    assert again.answers("service") == {}


def test_what_is_shown_once_is_remembered_until_all_is_forgotten(file: Path) -> None:
    store = SqliteProgress(file)
    assert not store.seen("tour")
    store.see("tour", at=1.0)
    store.see("tour", at=2.0)
    assert SqliteProgress(file).seen("tour")
    store.forget()
    assert not store.seen("tour")


def older(file: Path) -> None:
    """The file as a version before wrote it, which showed nothing once."""
    filled(file).close()
    with sqlite3.connect(file) as db:
        db.execute("DROP TABLE seen")
        db.execute("PRAGMA user_version = 1")


def test_an_older_file_is_read_and_brought_up_to_date(file: Path) -> None:
    older(file)
    store = SqliteProgress(file)
    assert remembers(store)
    assert store.trouble is None
    store.see("tour", at=1.0)
    assert store.seen("tour")


def test_an_older_file_that_cannot_be_written_is_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(file)
    monkeypatch.setattr(sqlite, "connected", read_only)
    store = SqliteProgress(file)
    assert remembers(store)
    store.see("tour", at=1.0)
    assert store.seen("tour")


def test_two_sessions_share_a_file(file: Path) -> None:
    one, two = SqliteProgress(file), SqliteProgress(file)
    one.finish(Place("pod", "model"), at=1.0)
    two.finish(Place("pod", "wires"), at=2.0)
    assert one.done("pod") == two.done("pod") == {"model", "wires"}
    mode = sqlite3.connect(file).execute("PRAGMA journal_mode").fetchone()
    assert mode == ("wal",)


def test_the_file_carries_its_format(file: Path) -> None:
    SqliteProgress(file).close()
    assert sqlite3.connect(file).execute("PRAGMA user_version").fetchone() == (sqlite.VERSION,)


def test_a_broken_file_is_left_alone(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"this is not a database, it is a note to myself" * 20)
    before = file.read_bytes()
    store = filled(file)
    assert remembers(store)
    assert store.trouble is not None
    assert store.trouble.code is TroubleCode.BROKEN
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_no_end(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    store = filled(tmp_path / "state" / "progress.sqlite3")
    assert remembers(store)
    assert store.trouble is not None


def test_a_newer_file_is_left_alone(file: Path) -> None:
    filled(file).close()
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 99")
    store = SqliteProgress(file)
    assert store.trouble is not None
    assert store.trouble.code is TroubleCode.NEWER
    store.visit(Place("pod", "model"), at=1.0)
    assert sqlite3.connect(file).execute("SELECT lesson FROM place").fetchone() == ("service",)


def read_only(file: Path | str, uri: bool = False) -> sqlite3.Connection:
    """A connection as one gets it to a file that cannot be written."""
    if file == ":memory:" or uri:
        return sqlite3.connect(file, uri=uri, isolation_level=None)
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)


def test_a_read_only_file_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(file).close()
    monkeypatch.setattr(sqlite, "connected", read_only)
    store = SqliteProgress(file)
    assert remembers(store)
    assert store.trouble is not None
    assert store.trouble.code is TroubleCode.READ_ONLY
    store.finish(Place("service", "odds"), at=14.0)
    assert store.done("service") == {"why", "odds"}


def test_a_file_that_breaks_later_is_no_end(file: Path) -> None:
    store = filled(file)
    with sqlite3.connect(file) as other:
        other.execute("DROP TABLE done")
    store.finish(Place("service", "odds"), at=14.0)
    assert store.trouble is not None
    assert store.done("service") == {"odds"}


def test_a_disk_that_fills_up_loses_nothing(file: Path) -> None:
    store = filled(file)
    store._db.execute("PRAGMA query_only = 1")
    store.finish(Place("service", "odds"), at=14.0)
    assert store.trouble is not None
    assert store.trouble.code is TroubleCode.LOST
    assert store.done("service") == {"why", "odds"}
    assert store.place() == HERE


@pytest.mark.parametrize("code", TroubleCode)
def test_trouble_is_said_in_one_sentence(code: TroubleCode) -> None:
    said = use().trouble(Trouble(code, "/home/me/progress.sqlite3", "disk full"))
    assert "/home/me/progress.sqlite3" in said
    assert "(disk full)." in said
    assert said.count(". ") == 0


def test_the_file_lies_where_xdg_says(tmp_path: Path) -> None:
    at_home = tmp_path / ".local/state/k8snet-tui/progress.sqlite3"
    assert progress_file({}, home=tmp_path) == at_home
    assert progress_file({"XDG_STATE_HOME": "relative"}, home=tmp_path) == at_home
    assert progress_file({"XDG_STATE_HOME": "/var/x"}, home=tmp_path) == Path(
        "/var/x/k8snet-tui/progress.sqlite3"
    )


def test_opening_takes_a_file(file: Path) -> None:
    assert open_progress(file).file == file
