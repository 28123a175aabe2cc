"""What the cache gives back is what was put in, and nothing else is ever run."""

import os
import pickle
from ipaddress import ip_address
from pathlib import Path

import pytest

from tui.course.catalogue import load_course
from tui.course.play import lesson_world
from tui.sim.model.cluster import Node
from tui.store import cache
from tui.store.cache import cache_folder, keep_in_memory, remembered

NODE = Node("node-a", (ip_address("192.168.10.1"),))


def never() -> Node:
    raise AssertionError("it should have been remembered")


def test_a_value_is_remembered_by_its_content() -> None:
    assert remembered("cluster", [b"one"], lambda: NODE) == NODE
    assert remembered("cluster", [b"one"], never) == NODE
    with pytest.raises(AssertionError):
        remembered("cluster", [b"two"], never)


def test_what_stays_in_memory_needs_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_STAYS", [])
    monkeypatch.setattr(cache, "_IN_MEMORY", {})
    keep_in_memory()
    remembered("cluster", [b"kept"], lambda: NODE)
    for file in cache_folder().iterdir():
        file.unlink()
    assert remembered("cluster", [b"kept"], never) is NODE


def test_contents_do_not_run_into_each_other() -> None:
    remembered("cluster", [b"ab", b"c"], lambda: NODE)
    with pytest.raises(AssertionError):
        remembered("cluster", [b"a", b"bc"], never)


def test_other_code_reads_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered("cluster", [b"one"], lambda: NODE)
    monkeypatch.setattr("tui.store.cache._READERS", ("course",))
    with pytest.raises(AssertionError):
        remembered("cluster", [b"one"], never)


@pytest.mark.parametrize("written", [b"", b"noise", b"\x80\x05."])
def test_a_broken_file_costs_time_only(written: bytes) -> None:
    remembered("cluster", [b"one"], lambda: NODE)
    for file in cache_folder().iterdir():
        file.write_bytes(written)
    assert remembered("cluster", [b"one"], lambda: NODE) == NODE


class Harm:
    """What a hostile file would hold."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("harm",)


def test_nothing_in_a_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    remembered("cluster", [b"one"], lambda: NODE)
    for file in cache_folder().iterdir():
        file.write_bytes(pickle.dumps(Harm()))
    assert remembered("cluster", [b"one"], lambda: NODE) == NODE
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert remembered("cluster", [b"one"], lambda: NODE) == NODE


def test_errors_pass_through_and_are_not_kept() -> None:
    def broken() -> Node:
        raise ValueError("no node")

    for _ in range(2):
        with pytest.raises(ValueError, match="no node"):
            remembered("cluster", [b"bad"], broken)


def test_the_course_and_its_worlds_come_back_the_same() -> None:
    first, again = load_course(), load_course()
    assert first == again
    for one, other in zip(first.lessons, again.lessons, strict=True):
        assert lesson_world(one) == lesson_world(other)
