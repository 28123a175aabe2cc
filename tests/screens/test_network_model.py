"""The rules of the network model on the screen, and the packets that they open."""

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from tests.snapshots.scenes import apart, demo_world
from tui.app import K8sNetApp
from tui.screens.explorer import ExplorerScreen
from tui.screens.network_model import NetworkModel
from tui.session import Session
from tui.sim.trace import ReasonCode


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


@pytest.mark.parametrize(("down", "source"), [(0, "pod/"), (1, "pod/"), (3, "node/")])
async def test_each_answer_opens_the_packet_behind_it(down: int, source: str) -> None:
    async with K8sNetApp(world=demo_world()).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, ExplorerScreen)
        screen.session = apart()
        await pilot.pause()
        await press(pilot, "R")
        assert isinstance(pilot.app.screen, NetworkModel)
        await press(pilot, *["down"] * down, "enter")
        assert len(pilot.app.screen_stack) == 1
        session: Session | None = screen.session
        assert session is not None
        assert session.injection is not None
        assert session.injection.source.startswith(source)
        assert session.trace is not None
        lost = session.trace.outcomes[0].request.end.reason.code
        assert (lost is ReasonCode.WORLD_NOBODY) is (down > 0)


@pytest.mark.slow
async def test_its_own_key_and_escape_leave_it() -> None:
    async with K8sNetApp(world=demo_world()).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for key in ("R", "escape", "ㄲ"):
            await press(pilot, "R")
            dialog = pilot.app.screen
            assert isinstance(dialog, NetworkModel)
            assert dialog.query_one(OptionList).option_count == 3
            await press(pilot, key)
            assert isinstance(pilot.app.screen, ExplorerScreen)
