"""The modes side by side on the screen, and the cost curve that comes point by point."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from tests.screens.explorer_pilot import explorer_at
from tui.screens import compare
from tui.screens.compare import Compare
from tui.screens.explorer import ExplorerScreen
from tui.session import Session
from tui.sim.engine.cost import CostPoint, curve
from tui.sim.model.settings import ProxyMode
from tui.widgets.comparison_sheet import ComparisonSheet, CurveSheet
from tui.widgets.key_bar import KeyBar
from tui.widgets.plugin_sheet import PluginSheet

SIZES = {"wide": (120, 40), "double": (80, 24), "single": (70, 22)}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "SIZES", (10, 100))
    monkeypatch.setattr(compare, "curve", lambda known: curve((10, 100), known=known))
    monkeypatch.setattr(Compare, "known", ())


@asynccontextmanager
async def opened(
    session: Session, size: tuple[int, int] = (120, 40), key: str = "v"
) -> AsyncIterator[Pilot[None]]:
    async with explorer_at(session, size) as pilot:
        await pilot.press(key)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        yield pilot


def sheet_rows(pilot: Pilot[None]) -> list[str]:
    return pilot.app.screen.query_one(ComparisonSheet).text_rows()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_every_mode_has_a_column_at_every_size(
    across: Session, size: tuple[int, int]
) -> None:
    async with opened(across, size) as pilot:
        assert isinstance(pilot.app.screen, Compare)
        rows = sheet_rows(pilot)
        head = next(row for row in rows if row.startswith("milestone"))
        assert head.split()[1:] == ["▸", "iptables", "nftables", "ipvs"]
        translated = next(row for row in rows if row.startswith("translated"))
        assert translated.count("10.244.1.5:8080") == 3
        sheet = pilot.app.screen.query_one(ComparisonSheet)
        assert sheet.size.height > size[1] // 2


async def test_where_columns_do_not_fit_the_modes_stand_one_under_the_other(
    across: Session,
) -> None:
    async with opened(across, (60, 20)) as pilot:
        rows = sheet_rows(pilot)
        heads = [row.strip() for row in rows if row.strip("▸ ") in ("iptables", "nftables", "ipvs")]
        assert heads == ["▸ iptables", "nftables", "ipvs"]
        assert sum("translated to 10.244.1.5:8080" in row for row in rows) == 3
        assert "…" not in "".join(rows)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_a_cell_that_is_too_long_for_its_column_takes_another_row(
    across: Session, size: tuple[int, int]
) -> None:
    async with opened(across, size) as pilot:
        text = " ".join(" ".join(sheet_rows(pilot)).split())
        assert "…" not in text
        assert "itself" in text


@pytest.mark.parametrize("key", ["v", "ㅍ"])
async def test_the_key_opens_and_escape_closes(across: Session, key: str) -> None:
    async with opened(across, key=key) as pilot:
        assert isinstance(pilot.app.screen, Compare)
        await pilot.press("escape")
        await pilot.pause()
        explorer = pilot.app.screen_stack[-1]
        assert isinstance(explorer, ExplorerScreen)
        assert explorer.session == across


async def test_the_column_of_the_mode_in_use_is_marked(across: Session) -> None:
    async with opened(across.with_mode(ProxyMode.IPVS)) as pilot:
        assert any("▸ ipvs" in row for row in sheet_rows(pilot))


async def test_before_the_first_packet_there_is_nothing_to_compare(fresh: Session) -> None:
    async with opened(fresh) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, ExplorerScreen)
        assert "compare" not in {each.id for each in screen.query_one(KeyBar).actions}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_the_curve_is_computed_when_it_is_looked_at(
    across: Session, size: tuple[int, int]
) -> None:
    async with opened(across, size) as pilot:
        sheet = pilot.app.screen.query_one(CurveSheet)
        assert sheet.points == ()
        await pilot.press("shift+tab")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert len(sheet.points) == 2 * len(ProxyMode)
        text = "\n".join(sheet.text_rows())
        assert "◆○" in text
        assert "Only the first packet" in text
        assert "/6" not in text
        assert len(Compare.known) == len(sheet.points)


async def test_while_points_come_the_sheet_says_how_far_it_is(
    across: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopping(known: tuple[CostPoint, ...]) -> Iterator[CostPoint]:
        yield from list(curve((10, 100)))[:4]

    monkeypatch.setattr(compare, "curve", stopping)
    async with opened(across) as pilot:
        await pilot.press("3")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert any("4/6" in row for row in pilot.app.screen.query_one(CurveSheet).text_rows())


async def test_a_click_on_a_tab_and_a_digit_open_it(across: Session) -> None:
    async with opened(across) as pilot:
        await pilot.click("TabRow", offset=(26, 0))
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, Compare)
        assert screen.tab == "curve"
        await pilot.press("1")
        assert screen.tab == "compared"
        await pilot.app.workers.wait_for_complete()


async def test_what_was_computed_before_the_dialog_closed_is_kept_and_gone_on_with(
    across: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def in_two_goes(known: tuple[CostPoint, ...]) -> Iterator[CostPoint]:
        asked.append(len(known))
        points = curve((10, 100), known=known)
        yield from points if known else list(points)[:2]

    monkeypatch.setattr(compare, "curve", in_two_goes)
    async with opened(across) as pilot:
        for done in (2, 2 * len(ProxyMode)):
            await pilot.press("3")
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
            assert len(pilot.app.screen.query_one(CurveSheet).points) == done
            await pilot.press("escape", "v")
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
    assert asked == [0, 2]


# ---------------------------------------------------------------- the plugins


def plugin_sheet(pilot: Pilot[None]) -> PluginSheet:
    return pilot.app.screen.query_one(PluginSheet)


async def test_the_plugins_are_compared_when_they_are_looked_at(across: Session) -> None:
    async with opened(across) as pilot:
        assert plugin_sheet(pilot).comparison is None
        await pilot.press("tab")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        found = plugin_sheet(pilot).comparison
        assert found is not None
        assert {way.name for way in found.ways} == set(across.world.plugins)
        assert found.ways[0].name == across.world.cni, "the one in use stands first"
        assert any("▸ flannel " in row for row in plugin_sheet(pilot).text_rows())


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_every_plugin_comes_into_view(across: Session, size: tuple[int, int]) -> None:
    async with opened(across, size) as pilot:
        await pilot.press("2")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        seen: set[str] = set()
        for _ in across.world.plugins:
            head = next(r for r in plugin_sheet(pilot).text_rows() if r.startswith("milestone"))
            seen |= set(head.split()[1:])
            await pilot.press("right")
            await pilot.pause()
        assert seen == {"▸", *across.world.plugins}
        last = plugin_sheet(pilot).first
        await pilot.press("right")
        assert plugin_sheet(pilot).first == last
        await pilot.press(*["left"] * (last + 2))
        assert plugin_sheet(pilot).first == 0


async def test_under_another_plugin_pods_keep_their_place(across: Session) -> None:
    async with opened(across.with_plugin("aws-vpc")) as pilot:
        await pilot.press("2")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        rows = plugin_sheet(pilot).text_rows()
        translated = next(row for row in rows if "translated to" in row)
        assert "192.168.10.12:8080" in translated
        assert "10.244.1.5:8080" in translated
