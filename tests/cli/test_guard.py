"""What is said of a crash: where its log is to those whose machine it is, and to no guest."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.app import K8sNetApp
from tui.cli.guard import CRASHED, run
from tui.workshop.channel import Channel
from tui.workshop.hosting import Workshop


class Broken(K8sNetApp):
    """An explorer that does not get far."""

    def run(self, *_: object, **__: object) -> None:
        raise ZeroDivisionError("in /srv/k8snet/tui")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def test_the_log_is_named_in_full(state: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(Broken()) == CRASHED
    [log] = state.rglob("crash-*.log")
    assert str(log) in capfd.readouterr().err


@pytest.fixture
def guest() -> Iterator[Broken]:
    line, other = socket.socketpair()
    with line, other:
        yield Broken(workshop=Workshop(Channel(line), instructor=False, name="kim"))


def test_a_guest_learns_no_folder(
    guest: Broken, state: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(guest) == CRASHED
    [log] = state.rglob("crash-*.log")
    said = capfd.readouterr().err
    assert log.name in said
    assert str(state) not in said
    assert "/srv" not in said


def test_nor_where_no_log_can_be_written(
    guest: Broken,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert run(guest) == CRASHED
    said = capfd.readouterr().err
    assert "tell the instructor" in said
    assert str(tmp_path) not in said
