"""Progress by command: taken along as a line, brought back, erased; what is wrong is one line."""

import io
import json
from pathlib import Path

import pytest

from tui.cli import BAD_INPUT, DELIVERED, main
from tui.store import Place
from tui.store.sqlite import open_progress


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's own progress."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "mine"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    return tmp_path


def said(*arguments: str) -> int:
    return main(list(arguments))


def learnt() -> None:
    store = open_progress()
    store.finish(Place("service", "why"), 5.0)
    store.answer(Place("service", "hook"), "FORWARD", right=False, at=6.0)
    store.open_hint(Place("typo", "mend"), 2, 7.0)
    store.close()


def test_there_and_back(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    learnt()
    assert said("progress", "--export") == DELIVERED
    line = capsys.readouterr().out.strip()
    assert line.startswith("k8snet1:")
    monkeypatch.setenv("XDG_STATE_HOME", str(state / "other"))
    assert said("progress", "--import", line) == DELIVERED
    assert "1 steps and 1 answers" in capsys.readouterr().err
    assert open_progress().done("service") == {"why"}
    said("progress", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["answers"] == {"right": 0, "wrong": 1}
    assert found["hints"] == {"typo/mend": 2}


def test_by_a_file_and_by_stdin(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    learnt()
    file = state / "progress.txt"
    assert said("progress", "--export", str(file)) == DELIVERED
    for source in (str(file), "-"):
        monkeypatch.setenv("XDG_STATE_HOME", str(state / f"by-{len(source)}"))
        monkeypatch.setattr("sys.stdin", io.StringIO(file.read_text()))
        assert said("progress", "--import", source) == DELIVERED
        assert open_progress().done("service") == {"why"}
    capsys.readouterr()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("k8snet1:xyz", "the line is damaged"),
        ("k8snet9:xyz", "a newer version wrote it"),
        ("/no/such/file", "expected a line that begins with k8snet"),
    ],
)
def test_what_cannot_be_brought_in(
    given: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    learnt()
    assert said("progress", "--import", given) == BAD_INPUT
    error = capsys.readouterr().err
    assert expected in error
    assert error.count("\n") == 1
    assert open_progress().done("service") == {"why"}


def test_erasing_asks_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    learnt()
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert said("progress", "--forget") == BAD_INPUT
    assert open_progress().done("service") == {"why"}
    assert said("progress", "--forget", "--yes") == DELIVERED
    assert open_progress().done("service") == frozenset()
    capsys.readouterr()


def test_a_folder_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    learnt()
    assert said("progress", "--export", "/no/such/folder/file") == BAD_INPUT
    assert "cannot be written" in capsys.readouterr().err


def test_a_file_whose_name_begins_like_a_line(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    learnt()
    monkeypatch.chdir(state)
    assert said("progress", "--export", "k8snet-progress.txt") == DELIVERED
    assert said("progress", "--import", "k8snet-progress.txt") == DELIVERED
    capsys.readouterr()


def test_nothing_is_said_to_be_kept_that_is_not(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = state / "mine" / "k8snet-tui"
    folder.mkdir(parents=True)
    (folder / "progress.sqlite3").write_text("no database at all, and long enough to be read")
    for typed in (["--forget", "--yes"], ["--import", "k8snet1:eNoDAAAAAAE="]):
        assert said("progress", *typed) == BAD_INPUT
        error = capsys.readouterr().err
        assert "erased" not in error
        assert "brought in" not in error


def test_a_closed_stdin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert said("progress", "--import", "-") == BAD_INPUT
    assert said("progress", "--forget") == BAD_INPUT
    assert "Traceback" not in capsys.readouterr().err
