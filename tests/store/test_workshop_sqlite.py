"""A class survives a restart of its server, and nothing about its file ever stops it."""

import os
import sqlite3
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from tui.store import TroubleCode, workshop_sqlite
from tui.store.return_codes import return_code
from tui.store.workshop import Attendee, NameTaken, WorkshopStore
from tui.store.workshop_sqlite import VERSION, SqliteWorkshop, open_workshop
from tui.workshop.messages import Answered, Followed, Visited

MODEL = Visited(lesson="pod", step="model")
MISSED = Answered(lesson="service", step="odds", chosen="1/2", right=False)
KEY = "SHA256:rE3fTq"
CHILD = str(Path(__file__).with_name("attending_child.py"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "class" / "workshop.sqlite3"


def filled(file: Path) -> SqliteWorkshop:
    """A store in which a class is remembered."""
    store = SqliteWorkshop(file)
    ada = store.add("Ada", 1.0, code=return_code("123456"))
    kim = store.add("김철수", 2.0, key=KEY)
    store.record(ada.id, MODEL, 3.0)
    store.record(kim.id, MISSED, 4.0)
    store.record(ada.id, Followed(on=True), 5.0)
    return store


def remembers(store: WorkshopStore) -> bool:
    """Whether a store remembers what `filled` put in."""
    ada, kim = store.attendees()[:2]
    return (
        (ada.name, ada.number, kim.name, kim.number) == ("Ada", 0, "김철수", 1)
        and store.by_name("ADA") == ada
        and store.by_key(KEY) == kim
        and store.proves(ada, "123456")
        and list(store.events())[:3]
        == [(ada.id, MODEL, 3.0), (kim.id, MISSED, 4.0), (ada.id, Followed(on=True), 5.0)]
    )


# ---------------------------------------------------------------- who came


def test_a_learner_may_take_another_name_that_nobody_has(file: Path) -> None:
    store = filled(file)
    kim = store.by_key(KEY)
    assert kim is not None
    with pytest.raises(NameTaken):
        store.rename(kim, "ADA")
    renamed = store.rename(kim, "Eun")
    assert (renamed.id, renamed.number) == (kim.id, kim.number)
    assert open_workshop(file).by_key(KEY) == store.by_name("eun") == renamed
    assert store.by_name(kim.name) is None


def test_an_empty_class(file: Path) -> None:
    store = open_workshop(file)
    assert store.attendees() == ()
    assert list(store.events()) == []
    assert store.by_name("Ada") is None
    assert store.by_key(KEY) is None
    assert store.by_key("") is None
    assert store.trouble is None


def test_a_class_survives_a_restart(file: Path) -> None:
    before = filled(file)
    attendees = before.attendees()
    before.close()
    again = SqliteWorkshop(file)
    assert remembers(again)
    assert again.attendees() == attendees
    assert again.trouble is None


def test_numbers_go_up_and_ids_say_nothing(file: Path) -> None:
    store = SqliteWorkshop(file)
    added = [store.add(f"learner {number}", 1.0) for number in range(20)]
    assert [each.number for each in added] == list(range(20))
    assert store.attendees() == tuple(added)
    assert len({each.id for each in added}) == 20
    assert all(len(each.id) == 16 and each.id.isalnum() for each in added)


@pytest.mark.parametrize("name", ["Ada", "ADA", "ａｄａ"])
def test_a_name_is_taken_however_it_is_written(file: Path, name: str) -> None:
    store = filled(file)
    with pytest.raises(NameTaken):
        store.add(name, 9.0, code=return_code("1"))
    assert len(store.attendees()) == 2
    assert store.trouble is None


def test_a_name_is_found_however_it_is_encoded(file: Path) -> None:
    store = filled(file)
    assert store.by_name(unicodedata.normalize("NFD", "김철수")) == store.attendees()[1]


def test_a_key_is_one_learners(file: Path) -> None:
    store = filled(file)
    with pytest.raises(NameTaken):
        store.add("Bo", 9.0, key=KEY)
    assert store.by_name("Bo") is None


def test_a_code_is_proof_for_its_learner_alone(file: Path) -> None:
    store = filled(file)
    ada, kim = store.attendees()
    bo = store.add("Bo", 9.0, code=return_code("654321"))
    assert store.proves(ada, "123456")
    assert not store.proves(bo, "123456")
    for wrong in ("123457", "12345", "1234567", "", "\ud800", "１２３４５６"):
        assert not store.proves(ada, wrong)
    for anything in ("", "123456", "None"):
        assert not store.proves(kim, anything)
    assert not store.proves(Attendee("stranger", "Ada", 0), "123456")


def test_a_code_is_not_in_the_file(file: Path) -> None:
    store = filled(file)
    store.add("Bo", 9.0, code=return_code("123456"))
    store.close()
    assert b"123456" not in file.read_bytes()
    with sqlite3.connect(file) as db:
        kept = db.execute("SELECT code FROM attendee WHERE code IS NOT NULL").fetchall()
    db.close()
    assert len(set(kept)) == 2


def test_only_the_owner_can_read_the_files(file: Path) -> None:
    before = os.umask(0)
    try:
        store = filled(file)
        modes = {each.name: each.stat().st_mode & 0o777 for each in file.parent.iterdir()}
    finally:
        os.umask(before)
    store.close()
    assert modes == {f"workshop.sqlite3{ending}": 0o600 for ending in ("", "-wal", "-shm")}


def test_a_file_that_others_could_read_is_made_private(file: Path) -> None:
    filled(file).close()
    file.chmod(0o644)
    store = SqliteWorkshop(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert remembers(store)


# ---------------------------------------------------------------- what they did


def test_what_another_version_recorded_is_passed_over(file: Path) -> None:
    store = filled(file)
    ada = store.attendees()[0]
    odd = [b'{"kind":"danced"}', b"", b"\xff", "text", 7, b'{"kind":"hidden"}']
    for line in odd:
        store._db.execute("INSERT INTO event (attendee, message, at) VALUES (?, ?, 1)", ("x", line))
    store.record(ada.id, MISSED, 9.0)
    assert remembers(store)
    assert list(store.events())[3:] == [(ada.id, MISSED, 9.0)]
    assert store.trouble is None


def test_events_are_in_the_order_in_which_they_came(file: Path) -> None:
    store = SqliteWorkshop(file)
    for at in (5.0, 3.0, 4.0):  # a clock that was set back
        store.record("a", MODEL, at)
    assert [at for _, _, at in store.events()] == [5.0, 3.0, 4.0]


def test_processes_share_a_class(file: Path) -> None:
    commands = [[sys.executable, CHILD, str(file), prefix, "40"] for prefix in ("one", "two")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    children = [
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        for command in commands
    ]
    said = [child.communicate(timeout=60) for child in children]
    assert [errors for _, errors in said] == ["", ""]
    names = [line for printed, _ in said for line in printed.splitlines()]
    store = SqliteWorkshop(file)
    attendees = store.attendees()
    assert sorted(names) == sorted(each.name for each in attendees)
    assert len(attendees) == 20 + 20 + 20
    assert [each.number for each in attendees] == list(range(60))
    assert {who for who, _, _ in store.events()} == {each.id for each in attendees}


def test_another_process_reads_what_was_just_recorded(file: Path) -> None:
    one, two = filled(file), SqliteWorkshop(file)
    assert remembers(two)
    one.add("Bo", 9.0)
    assert two.by_name("bo") is not None
    with pytest.raises(NameTaken):
        two.add("BO", 9.0)
    assert one._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert one._db.execute("PRAGMA synchronous").fetchone() == (1,)


# ---------------------------------------------------------------- formats


def test_the_file_carries_its_format(file: Path) -> None:
    SqliteWorkshop(file).close()
    assert sqlite3.connect(file).execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_a_file_of_an_older_format_is_brought_up_to_date(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(file).close()
    later = (*workshop_sqlite._STEPS, "ALTER TABLE attendee ADD COLUMN hand_up INTEGER DEFAULT 0;")
    monkeypatch.setattr(workshop_sqlite, "_STEPS", later)
    store = SqliteWorkshop(file)
    assert store.trouble is None
    assert remembers(store)
    assert store._db.execute("SELECT sum(hand_up) FROM attendee").fetchone() == (0,)
    assert store._db.execute("PRAGMA user_version").fetchone() == (VERSION + 1,)


def test_a_file_that_was_begun_is_finished(file: Path) -> None:
    # the tables are there, and not the number: the program was killed
    filled(file).close()
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 0")
    db.close()
    store = SqliteWorkshop(file)
    assert store.trouble is None
    assert remembers(store)


def test_a_newer_file_is_left_alone(file: Path) -> None:
    filled(file).close()
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    store = SqliteWorkshop(file)
    assert trouble_of(store) is TroubleCode.NEWER
    store.add("Bo", 1.0)
    assert [each.name for each in store.attendees()] == ["Bo"]
    assert sqlite3.connect(file).execute("SELECT count(*) FROM attendee").fetchone() == (2,)


# ---------------------------------------------------------------- trouble


def trouble_of(store: WorkshopStore) -> TroubleCode | None:
    """Why the class is kept in memory, if it is."""
    return store.trouble.code if store.trouble is not None else None


def goes_on(store: WorkshopStore) -> bool:
    """Whether somebody new can come, do something and be known again."""
    bo = store.add("Bo", 20.0, code=return_code("777777"))
    store.record(bo.id, MODEL, 21.0)
    return (
        store.by_name("bo") == bo
        and store.proves(bo, "777777")
        and list(store.events())[-1] == (bo.id, MODEL, 21.0)
    )


def test_a_broken_file_is_left_alone(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"this is not a database, it is a note to myself" * 20)
    before = file.read_bytes()
    store = filled(file)
    assert remembers(store)
    assert trouble_of(store) is TroubleCode.BROKEN
    assert goes_on(store)
    assert file.read_bytes() == before


def test_a_database_of_something_else_is_no_end(file: Path) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE attendee (number INTEGER PRIMARY KEY, rank TEXT)")
        db.execute("CREATE TABLE event (what TEXT)")
    db.close()
    store = filled(file)
    assert remembers(store)
    assert store.trouble is not None
    assert goes_on(store)


def test_a_folder_that_cannot_be_made_is_no_end(tmp_path: Path) -> None:
    (tmp_path / "class").write_text("a file where a folder should be")
    store = filled(tmp_path / "class" / "workshop.sqlite3")
    assert remembers(store)
    assert trouble_of(store) is TroubleCode.BROKEN


def read_only(file: Path | str, uri: bool = False) -> sqlite3.Connection:
    """A connection as one gets it to a file that cannot be written."""
    if file == ":memory:" or uri:
        return sqlite3.connect(file, uri=uri, isolation_level=None)
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)


def test_a_read_only_file_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(file).close()
    monkeypatch.setattr(workshop_sqlite, "connected", read_only)
    store = SqliteWorkshop(file)
    assert remembers(store)
    assert trouble_of(store) is TroubleCode.READ_ONLY
    assert goes_on(store)


def test_a_disk_that_fills_up_loses_nothing(file: Path) -> None:
    store = filled(file)
    store._db.execute("PRAGMA query_only = 1")
    ada = store.attendees()[0]
    store.record(ada.id, MISSED, 10.0)
    assert trouble_of(store) is TroubleCode.LOST
    assert remembers(store)
    assert list(store.events())[-1] == (ada.id, MISSED, 10.0)
    assert goes_on(store)


def test_a_file_that_can_grow_no_further(file: Path) -> None:
    store = filled(file)
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    ada = store.attendees()[0]
    for number in range(1_000):
        store.record(ada.id, MODEL, 100.0 + number)
    assert store.trouble is not None
    assert "full" in store.trouble.detail
    assert remembers(store)
    assert [at for _, _, at in store.events()][3:] == [100.0 + number for number in range(1_000)]


def test_a_disk_that_is_full_when_somebody_comes(file: Path) -> None:
    store = filled(file)
    store._db.execute("PRAGMA query_only = 1")
    assert goes_on(store)
    assert trouble_of(store) is TroubleCode.LOST
    assert remembers(store)


def test_a_file_that_breaks_later_is_no_end(file: Path) -> None:
    store = filled(file)
    with sqlite3.connect(file) as other:
        other.execute("DROP TABLE event")
    other.close()
    store.record("a", MODEL, 10.0)
    assert store.trouble is not None
    assert list(store.events()) == [("a", MODEL, 10.0)]
    assert goes_on(store)
