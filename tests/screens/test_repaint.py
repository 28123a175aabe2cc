"""What a key costs: only the rows that it changes are painted, and nothing is laid out again."""

import pathlib

import pytest
from textual._compositor import ChopsUpdate, Compositor
from textual.screen import Screen

from tests.bench.big_cluster import write
from tui.app import K8sNetApp
from tui.formats.cluster import load_cluster
from tui.screens.explorer import ExplorerScreen
from tui.sim.engine import Injection, World
from tui.widgets.grid import Grid
from tui.widgets.map_board import Layout
from tui.widgets.map_drawing import Ground, draw
from tui.widgets.map_path import Path

pytestmark = pytest.mark.slow

WHOLE = 120 * 40


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Cells of every paint, the whole screen for one that is laid out anew."""
    cells: list[int] = []
    render, lay_out = Compositor.render_update, Screen._refresh_layout

    def rendered(self: Compositor, *given: object, **named: object) -> object:
        update = render(self, *given, **named)  # type: ignore[arg-type]
        if isinstance(update, ChopsUpdate):
            cells.append(sum(end - start for _y, start, end in update.spans))
        elif update is not None:
            cells.append(WHOLE)
        return update

    def laid_out(self: Screen[object], *given: object, **named: object) -> None:
        cells.append(WHOLE)
        lay_out(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Compositor, "render_update", rendered)
    monkeypatch.setattr(Screen, "_refresh_layout", laid_out)
    return cells


@pytest.fixture
def big(tmp_path: pathlib.Path) -> World:
    file = tmp_path / "big.json"
    write(file, nodes=12, pods=60, services=6)
    return World(load_cluster(str(file)).cluster)


async def test_a_step_paints_less_than_half_of_the_screen(big: World, painted: list[int]) -> None:
    async with K8sNetApp(world=big).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, ExplorerScreen)
        assert screen.session is not None
        asked = Injection("pod/team-00/app-000-00", "svc/team-00/app-003:80")
        screen.session = screen.session.injected(asked)
        await pilot.pause()
        paints = []
        for _ in range(12):
            painted.clear()
            await pilot.press("right")
            await pilot.pause()
            paints.append(sum(painted))
        assert sum(paints) / len(paints) < WHOLE / 2
        assert all(paints), "something changes at every step"


async def test_what_changed_while_a_pane_was_hidden_is_painted_when_it_returns(big: World) -> None:
    async with K8sNetApp(world=big).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, ExplorerScreen)
        assert screen.session is not None
        asked = Injection("pod/team-00/app-000-00", "svc/team-00/app-003:80")
        screen.session = screen.session.injected(asked)
        await pilot.pause()
        for tab in ("chain", "map", "conntrack", "journey", "chain"):
            screen.open_tab(tab)
            await pilot.pause()
            await pilot.press(*["right"] * 7)
            await pilot.pause()
            pane = screen.query_one(f"#{tab}")
            strips = screen._compositor.render_strips()
            region = pane.scrollable_content_region
            shown = [strip.crop(region.x, region.right).text.rstrip() for strip in strips]
            visible = [row.rstrip() for row in pane.text_rows()]  # type: ignore[attr-defined]
            top = pane.scroll_offset.y
            wanted = visible[top : top + region.height]
            assert shown[region.y : region.y + len(wanted)] == wanted


async def test_the_map_is_drawn_for_other_places_only(
    big: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Layout] = []

    def noted(layout: Layout, path: Path, word: str, kept: dict[Ground, Grid]) -> Grid:
        drawn.append(layout)
        return draw(layout, path, word, kept)

    monkeypatch.setattr("tui.widgets.topology_map.draw", noted)
    async with K8sNetApp(world=big).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, ExplorerScreen)
        assert screen.session is not None
        asked = Injection("pod/team-00/app-000-00", "svc/team-00/app-003:80")
        screen.session = screen.session.injected(asked)
        await pilot.pause()
        drawn.clear()
        await pilot.press(*["right"] * (len(screen.session.moments) - 1))
        await pilot.pause()
        assert 0 < len(drawn) < len(screen.session.moments) / 2
