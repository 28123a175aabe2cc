"""Choosing on the map by arrow keys: every device can be reached, opened and sent from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.screens.explorer_pilot import press
from tui.app import K8sNetApp
from tui.screens.injector import Injector
from tui.sim.engine import World
from tui.widgets.map_picking import Target, beside
from tui.widgets.topology_map import TopologyMap

pytestmark = pytest.mark.slow

A, B = Target("pod/a", "", 2, 1, 5), Target("pod/b", "", 20, 1, 5)
BRIDGE, SERVICE = Target("node/n", "cni0", 4, 5, 4), Target("svc/x/y", "", 2, 9, 6)
KNOWN = (A, B, BRIDGE, SERVICE)


@pytest.mark.parametrize(
    ("start", "dx", "dy", "end"),
    [
        (A, 1, 0, B), (B, -1, 0, A), (B, 1, 0, B), (A, 0, 1, BRIDGE), (B, 0, 1, BRIDGE),
        (BRIDGE, 0, 1, SERVICE), (BRIDGE, 0, -1, A), (SERVICE, 0, 1, SERVICE),
        (BRIDGE, 1, 0, BRIDGE),
    ],
)  # fmt: skip
def test_the_nearest_in_a_direction(start: Target, dx: int, dy: int, end: Target) -> None:
    assert beside(KNOWN, start, dx, dy) == end


@asynccontextmanager
async def opened(world: World, size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
    async with K8sNetApp(world=world).run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


def of(pilot: Pilot[None]) -> TopologyMap:
    return pilot.app.screen_stack[0].query_one(TopologyMap)


async def reached(pilot: Pilot[None]) -> set[tuple[str, str]]:
    """Everything that arrow keys come to, by trying all from wherever they lead."""
    board = of(pilot)
    waiting, found = [board.picked], {board.picked}
    while waiting:
        start = waiting.pop()
        for key in ("left", "right", "up", "down"):
            board._pick(start)
            await pilot.press(key)
            if board.picked not in found:
                found.add(board.picked)
                waiting.append(board.picked)
    return {(t.place, t.device) for t in found if t is not None}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_everything_on_the_map_can_be_chosen(world: World, size: tuple[int, int]) -> None:
    async with opened(world, size) as pilot:
        await press(pilot, "g")
        board = of(pilot)
        assert board.picked is not None
        everything = {(t.place, t.device) for t in board._targets()}
        assert ("node/node-a", "cni0") in everything
        assert await reached(pilot) == everything


async def test_what_is_chosen_is_named_lit_and_opened(world: World) -> None:
    async with opened(world, (120, 40)) as pilot:
        await press(pilot, "g", "down", "down")
        chosen = of(pilot).picked
        assert chosen is not None
        assert chosen.device.startswith("veth")
        assert f"node/node-a {chosen.device}" in str(of(pilot).border_title)
        await press(pilot, "enter")
        assert len(pilot.app.screen_stack) == 2
        await press(pilot, "escape")
        assert of(pilot).picked == chosen
        await press(pilot, "escape")
        assert of(pilot).picked is None
        assert str(of(pilot).border_title) == "Map"


async def test_a_packet_is_sent_from_what_is_chosen(world: World) -> None:
    async with opened(world, (120, 40)) as pilot:
        await press(pilot, "g", "i")
        dialog = pilot.app.screen
        assert isinstance(dialog, Injector)
        chosen = of(pilot).picked
        assert chosen is not None
        assert dialog.query_one("#source", Input).value == chosen.place


async def test_arrows_step_once_more_when_another_pane_is_used(world: World) -> None:
    async with opened(world, (120, 40)) as pilot:
        await press(pilot, "g")
        await press(pilot, "tab")
        assert of(pilot).picked is None
