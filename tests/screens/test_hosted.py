"""On a workshop's machine nothing is saved, and where its files lie is nobody's business."""

from pathlib import Path

import pytest

from tests.screens.workshop import COURSE, Line, attending, notices, passed
from tui.app import K8sNetApp
from tui.formats.errors import FormatError
from tui.screens.clipboard import LARGEST, copy
from tui.screens.discretion import without_folders
from tui.screens.explorer import ExplorerScreen
from tui.store.progress import Trouble, TroubleCode
from tui.store.sqlite import open_progress

pytestmark = pytest.mark.slow

REFUSED = "Nothing is saved on the workshop's machine; y copies to your own clipboard."


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("instructor", [False, True])
async def test_no_picture_is_saved(line: Line, data: Path, instructor: bool) -> None:
    async with attending(line, instructor=instructor) as (pilot, _screen):
        await pilot.press("escape", "ctrl+s")
        assert notices(pilot) == [REFUSED]
    assert list(data.rglob("*")) == []


async def test_nothing_is_saved_and_copying_works(line: Line, data: Path) -> None:
    async with attending(line, at="service:chains") as (pilot, _screen):
        await pilot.press("enter")
        await passed(pilot)
        await pilot.press("Y")
        assert "s save" not in str(pilot.app.screen.query_one(".box").border_subtitle)
        await pilot.press("s")
        await passed(pilot)
        assert notices(pilot)[-1] == REFUSED
        await pilot.press("y")
        assert notices(pilot)[-1].startswith("Copied")
        assert pilot.app.clipboard
    assert list(data.rglob("*")) == []


async def test_what_no_clipboard_takes_is_not_offered(line: Line) -> None:
    async with attending(line, at="service:chains") as (pilot, screen):
        await pilot.press("enter")
        await passed(pilot)
        await pilot.press("Y")
        from textual.widgets import OptionList

        options = pilot.app.screen.query_one(OptionList).options
        assert not any("save only" in str(option.prompt) for option in options)
        await pilot.press("escape")
        copy(screen, "x" * (LARGEST + 1), "much", screen.words)
        await pilot.pause()
        assert "Too big to copy" in notices(pilot)[-1]
        assert "Save it" not in notices(pilot)[-1]


async def test_errors_name_files_without_their_folders(line: Line) -> None:
    async with attending(line) as (pilot, screen):
        screen.complain(FormatError("/srv/workshop/lessons/x/cluster.yaml", "pods", "is missing"))
        screen.complain(OSError(2, "No such file", "/var/lib/k8snet/homes/0007/x.db"))
        await pilot.pause()
        assert all("/" not in text for text in notices(pilot))
        assert "cluster.yaml" in notices(pilot)[0]
        assert "x.db" in notices(pilot)[1]


async def test_progress_that_is_not_kept_is_told_without_its_folder(line: Line) -> None:
    store = open_progress()
    file = "/var/lib/k8snet/homes/0007/progress.db"
    store.trouble = Trouble(TroubleCode.LOST, file, "disk full")
    async with attending(line, store=store) as (pilot, _screen):
        (text,) = notices(pilot)
        assert "progress.db could not be written (disk full)" in text
        assert "/var" not in text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/a/b/c.yaml: bad", "c.yaml: bad"),
        ("OSError: 'No such file: '/var/lib/x y'", "OSError: 'No such file: 'x y'"),
        ("(~/k8snet/x.db)", "(x.db)"),
        ("10.244.0.0/16 and fd00::/64", "10.244.0.0/16 and fd00::/64"),
        ("pod/shop/client, svc/shop/web:80", "pod/shop/client, svc/shop/web:80"),
        ("/ and /proc", "/ and /proc"),
        ("http://a/b/c", "http://a/b/c"),
    ],
)
def test_folders_go_and_nothing_else(text: str, left: str) -> None:
    assert without_folders(text) == left


async def test_without_a_workshop_all_is_as_it_was(data: Path) -> None:
    app = K8sNetApp(COURSE)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, ExplorerScreen)
        assert not screen.works("class")
        await pilot.press("P", "f12")
        assert len(app.screen_stack) == 1
        screen.follow(True)
        screen.lead(True)
        assert not screen.follows
        assert not screen.leads
        assert screen.guarded("/a/b/c") == "/a/b/c"
        await pilot.press("ctrl+s")
    assert [file.suffix for file in data.rglob("*.svg")] == [".svg"]
