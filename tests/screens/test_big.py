"""A big cluster: what is drawn, what is counted, and how a count is opened."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from tests.bench.big_cluster import write
from tests.screens.explorer_pilot import screen
from tui.app import K8sNetApp
from tui.formats.cluster import load_cluster
from tui.screens.findable import devices_named, findable
from tui.sim.engine import Injection, World
from tui.sim.routing.network import Namespaces
from tui.widgets.topology_map import TopologyMap


@pytest.fixture
def big(tmp_path: Path) -> World:
    """Thirty nodes, three hundred pods, thirty Services: enough to be folded."""
    file = tmp_path / "big.json"
    write(file, nodes=30, pods=300, services=30)
    return World(load_cluster(str(file)).cluster)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The namespaces that are looked at, by name."""
    looked_at: set[str] = set()
    real = Namespaces.__getitem__

    def noted(self: Namespaces, name: str) -> object:
        looked_at.add(name)
        return real(self, name)

    monkeypatch.setattr(Namespaces, "__getitem__", noted)
    return looked_at


def options(pilot: Pilot[None]) -> list[str]:
    rows = pilot.app.screen.query_one(OptionList)
    return [str(rows.get_option_at_index(i).prompt) for i in range(rows.option_count)]


async def test_what_has_no_room_is_counted(big: World, built: set[str]) -> None:
    async with K8sNetApp(world=big).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        drawn = pilot.app.screen.query_one(TopologyMap).drawn
        nodes, pods = (sum(n.startswith(kind) for n in drawn) for kind in ("node/", "pod/"))
        title = str(pilot.app.screen.query_one(TopologyMap)._border_subtitle)
        assert f"{30 - nodes} more nodes · {300 - pods} more pods · 27 more Services" in title
        assert len(built) < 40, "to draw a dozen, nobody looks at hundreds"


async def test_a_count_that_is_clicked_lists_its_own_and_the_chosen_one_is_drawn(
    big: World,
) -> None:
    async with K8sNetApp(world=big).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        board = pilot.app.screen.query_one(TopologyMap)
        row = str(pilot.app.screen._compositor.render_strips()[board.region.bottom - 1].text)
        column = row.index("more pods")
        await pilot.click(offset=(column, board.region.bottom - 1))
        await pilot.pause()
        assert all(row.startswith("pod/") for row in options(pilot)[:50])
        pilot.app.screen.query_one(Input).value = "app-017-08"
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        place = "pod/team-01/app-017-08"
        assert place in board.drawn
        assert len(pilot.app.screen_stack) == 1, "it is drawn; nothing else opens"
        shown = screen(pilot)
        assert shown.session is not None
        to_service = Injection("pod/team-00/app-000-00", "svc/team-02/app-020:80")
        shown.session = shown.session.injected(to_service)
        await pilot.press("end")
        await pilot.pause()
        assert place in board.drawn, "whatever the packet touches"


async def test_counts_are_rows_of_find_that_open_by_key(big: World) -> None:
    async with K8sNetApp(world=big).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("slash")
        await pilot.pause()
        first = options(pilot)[:3]
        assert [row.split()[3] for row in first] == ["nodes", "pods", "Services"]
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        [place] = screen(pilot).chosen
        assert place.startswith("svc/")
        assert place in screen(pilot).query_one(TopologyMap).drawn


async def test_what_find_inspects_is_on_the_map_from_then_on(big: World) -> None:
    async with K8sNetApp(world=big).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("slash", *"node-029")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert len(pilot.app.screen_stack) == 2, "found by name, it is inspected"
        assert "node/node-029" in screen(pilot).query_one(TopologyMap).drawn


def test_finding_wires_nothing_that_was_not_named(big: World, built: set[str]) -> None:
    hints = findable(big)
    assert len(hints) == 30 + 300 + 30 + 300
    assert not built
    found = [hint.place for hint in devices_named(big, hints, "node-007 fla")]
    assert found == ["node/node-007 flannel.1"]
    assert [hint.place for hint in devices_named(big, hints, "app-003-05 eth")] == [
        "pod/team-00/app-003-05 eth0"
    ]
    assert not devices_named(big, hints, "eth0")
    assert len(built) < 5
