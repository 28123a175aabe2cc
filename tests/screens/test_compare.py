"""The modes side by side on the screen, and the cost curve that comes point by point."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from tui.app import K8sNetApp
from tui.screens import compare
from tui.screens.compare import Compare
from tui.screens.explorer import ExplorerScreen
from tui.session import Session
from tui.sim.engine.cost import CostPoint, curve
from tui.sim.model.settings import ProxyMode
from tui.widgets.comparison_sheet import ComparisonSheet, CurveSheet
from tui.widgets.key_bar import KeyBar

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
    async with K8sNetApp(world=session.world).run_test(size=size) as pilot:
        await pilot.pause()
        assert isinstance(pilot.app.screen, ExplorerScreen)
        pilot.app.screen.session = session
        await pilot.pause()
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
        await pilot.press("tab")
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
        await pilot.press("2")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert any("4/6" in row for row in pilot.app.screen.query_one(CurveSheet).text_rows())


async def test_a_click_on_a_tab_and_a_digit_open_it(across: Session) -> None:
    async with opened(across) as pilot:
        await pilot.click("TabRow", offset=(20, 0))
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
            await pilot.press("2")
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
            assert len(pilot.app.screen.query_one(CurveSheet).points) == done
            await pilot.press("escape", "v")
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
    assert asked == [0, 2]
