"""What is painted piece by piece is what one whole paint would be, letter and colour."""

import pyte
import pytest
from rich.console import Console
from textual._compositor import Compositor, CompositorUpdate
from textual.pilot import Pilot

from tests.screens.explorer_pilot import explorer_at, screen, to_service
from tui.session import Session
from tui.sim.model.settings import ProxyMode
from tui.widgets.ground import Column, Columns
from tui.widgets.pane import Pane

COLOURS = Console(color_system="truecolor", force_terminal=True)
SIZE = (120, 40)


class Glass:
    """A terminal without a program: what was written to it stands on it."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.Stream(self._screen)

    def take(self, update: object) -> None:
        """Write an update of Textual's."""
        if isinstance(update, CompositorUpdate):
            self._stream.feed(update.render_segments(COLOURS))

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        """Every cell with its colours."""
        columns, rows = SIZE
        return [[self._screen.buffer[y][x] for x in range(columns)] for y in range(rows)]


@pytest.fixture
def glass(monkeypatch: pytest.MonkeyPatch) -> Glass:
    """Takes every update that a compositor makes."""
    seen, render = Glass(), Compositor.render_update

    def rendered(self: Compositor, *given: object, **named: object) -> object:
        update = render(self, *given, **named)  # type: ignore[arg-type]
        seen.take(update)
        return update

    monkeypatch.setattr(Compositor, "render_update", rendered)
    return seen


def painted_anew(pilot: Pilot[None]) -> list[list[pyte.screens.Char]]:
    """The screen when nothing that was painted before is used."""
    for pane in pilot.app.screen.query(Pane):
        pane._painting.forget()
        pane._styles_cache.clear()
    whole = Glass()
    whole.take(pilot.app.screen._compositor.render_full_update())
    return whole.cells


KEYS = (
    *["right"] * 9,
    *["enter"] * 3,
    "left",
    *["right"] * 4,
    "tab",  # another pane has the focus, and its frame another colour
    "down",
    "down",
    "m",  # a menu above it
    "escape",
    "ctrl+t",
    "right",
    "end",
    "home",
    *["right"] * 5,
)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ProxyMode)
async def test_pieces_make_the_whole(fresh: Session, glass: Glass, mode: ProxyMode) -> None:
    async with explorer_at(fresh.with_mode(mode), SIZE) as pilot:
        await to_service(pilot)
        for key in KEYS:
            await pilot.press(key)
            await pilot.pause()
            assert glass.cells == painted_anew(pilot), key


async def test_containers_leave_no_cell_unpainted(fresh: Session) -> None:
    async with explorer_at(fresh, SIZE) as pilot:
        assert pilot.app.screen.query(Columns)
        for each in pilot.app.screen.query(Column):
            assert each.render_lines(each.region) == []
        strips = screen(pilot)._compositor.render_strips()
        assert [strip.cell_length for strip in strips] == [SIZE[0]] * SIZE[1]
