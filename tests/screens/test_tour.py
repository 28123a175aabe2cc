"""The tour points at what it speaks of, by keyboard, at every size, and is remembered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.screens.explorer_pilot import press
from tui.app import K8sNetApp
from tui.course.catalogue import load_course
from tui.screens.explorer import ExplorerScreen
from tui.screens.tour import Tour, stops
from tui.sim.engine import World
from tui.store.sqlite import SqliteProgress

SIZES = [(120, 40), (80, 24), (60, 20)]


@pytest.fixture
def store(tmp_path: Path) -> SqliteProgress:
    return SqliteProgress(tmp_path / "progress.sqlite3")


@asynccontextmanager
async def toured(
    store: SqliteProgress, world: World | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[None]]:
    """The explorer with its tour: in the sandbox, or in the course."""
    course = load_course() if world is None else None
    app = K8sNetApp(course=course, world=world, store=store, tour=True)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        yield pilot


def title(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one(".box").border_title)


def marked(pilot: Pilot[None]) -> list[str | None]:
    return [widget.id for widget in pilot.app.screen_stack[0].query(".-pointed")]


@pytest.mark.parametrize("size", SIZES)
async def test_each_stop_brings_its_pane_into_view_and_stands_beside_the_keys(
    store: SqliteProgress, size: tuple[int, int]
) -> None:
    async with toured(store, size=size) as pilot:
        for number, stop in enumerate(stops(learning=True), 1):
            assert title(pilot) == f"{stop.title} · {number}/5"
            assert marked(pilot) == [stop.name]
            await pilot.pause()
            box, screen = pilot.app.screen.query_one(".box").region, pilot.app.screen.region
            assert screen.contains_region(box)
            keys = pilot.app.screen_stack[0].query_one("#keys").region
            assert not box.overlaps(keys)
            if stop.name not in ("packet", "keys"):
                assert pilot.app.screen_stack[0].query_one(f"#{stop.name}").region.area
            await press(pilot, "enter")
        assert isinstance(pilot.app.screen, ExplorerScreen)
        assert marked(pilot) == []
        assert pilot.app.screen.tab == "lesson"
        assert store.seen("tour")


async def test_it_goes_back_and_can_be_skipped_and_comes_again(
    store: SqliteProgress, world: World
) -> None:
    async with toured(store, world) as pilot:
        await press(pilot, "left")
        assert title(pilot) == "Map · 1/5"
        await press(pilot, "right", "space", "left")
        assert title(pilot) == "Chain · 2/5"
        assert not store.seen("tour")
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, ExplorerScreen)
        assert store.seen("tour")
        await press(pilot, "f2", "enter", "enter", "enter", "enter")
        assert title(pilot) == "Journey · 5/5"


async def test_nobody_who_did_not_ask_gets_it(world: World) -> None:
    async with K8sNetApp(world=world).run_test() as pilot:
        await pilot.pause()
        assert not isinstance(pilot.app.screen, Tour)
        labels = [each.title for each in pilot.app.get_system_commands(pilot.app.screen)]
        assert "tour" in labels


async def test_a_window_that_is_too_small_has_no_tour(store: SqliteProgress) -> None:
    async with toured(store, size=(50, 15)) as pilot:
        assert isinstance(pilot.app.screen, ExplorerScreen)
        assert not store.seen("tour")
