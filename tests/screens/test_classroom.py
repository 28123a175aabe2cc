"""The instructor's view of the class: who is where and stuck, what is missed, as it changes."""

import pytest
from rich.cells import cell_len

from tests.screens.workshop import Line, attending, passed
from tui.screens.classroom import Classroom
from tui.screens.explorer import ExplorerScreen
from tui.widgets.class_sheet import ClassHead, ClassSheet
from tui.widgets.missed_sheet import MissedSheet
from tui.workshop.messages import ClassView, Question, Seat

pytestmark = pytest.mark.slow

SIZES = [(60, 20), (80, 24), (120, 40), (200, 60)]
VIEW = ClassView(
    seats=(
        Seat(name="kim", here=True, lesson="service", step="hook", minutes=8.4, stuck=True, done=4),
        Seat(name="이서연", here=True, lesson="service", step="why", minutes=1.0, follows=True),
        Seat(name="[b]ana", here=False, lesson="gone", step="away", missed=2, hints=1),
    ),
    questions=(
        Question(lesson="service", step="hook", asked=3, missed=2, wrong=(("FORWARD", 2),)),
        Question(lesson="gone", step="what", asked=12, missed=1, wrong=(("odd", 1),)),
        Question(lesson="service", step="odds", asked=3, missed=0),
    ),
)


def classroom(screen: ExplorerScreen) -> Classroom:
    found = next(each for each in screen.app.screen_stack if isinstance(each, Classroom))
    assert isinstance(found, Classroom)
    return found


async def test_before_anybody_comes(line: Line) -> None:
    async with attending(line, instructor=True) as (pilot, screen):
        assert isinstance(pilot.app.screen, Classroom), "it opens first"
        assert classroom(screen).query_one(ClassSheet).text_rows() == [" Nobody has come yet."]
        rows = classroom(screen).query_one(MissedSheet).text_rows()
        assert rows == [" No prediction was missed yet."]


async def test_who_is_where_and_who_is_stuck_in_words(line: Line) -> None:
    async with attending(line, instructor=True) as (pilot, screen):
        line.tell(VIEW)
        await passed(pilot)
        counts, heads = classroom(screen).query_one(ClassHead).text_rows()
        assert counts == " 2 here    ! 1 stuck    → 1 follow"
        assert heads.split() == ["name", "state", "where", "step", "min", "done", "missed", "hints"]
        stuck, follows, away = classroom(screen).query_one(ClassSheet).text_rows()
        assert stuck.startswith(" !  kim ")
        for text in (" stuck ", "A Service and its address", " 3/10 ", " 8 "):
            assert text in stuck
        assert follows.startswith("  → 이서연 ")
        assert away.startswith("    [b]ana")
        assert away.split()[1:] == ["away", "gone", "0", "2", "1"]


async def test_heads_stand_over_their_columns(line: Line) -> None:
    async with attending(line, instructor=True, size=(80, 24)) as (pilot, screen):
        seats = tuple(VIEW.seats[0].model_copy(update={"name": f"n{i}"}) for i in range(40))
        line.tell(ClassView(seats=seats, questions=()))
        await passed(pilot)
        head = classroom(screen).query_one(ClassHead).text_rows()[1]
        row = classroom(screen).query_one(ClassSheet).text_rows()[0]
        assert head.index("step") == row.index("3/10")
        assert head.index("where") == row.index("A Service")
        assert len(head) == len(row), "a scrollbar moves no column"


async def test_what_is_missed_and_what_is_taken_instead(line: Line) -> None:
    async with attending(line, instructor=True) as (pilot, screen):
        line.tell(VIEW)
        await passed(pilot)
        rows = classroom(screen).query_one(MissedSheet).text_rows()
        assert len(rows) == 4, "what nobody missed is left out"
        assert rows[0].startswith("  2 of 3  ")
        assert "A Service and its address 3/10" in rows[0]
        assert rows[1].strip().startswith("2 took: ")
        assert rows[2].startswith(" 1 of 12  what")


async def test_the_class_changes_before_ones_eyes(line: Line) -> None:
    async with attending(line, instructor=True) as (pilot, screen):
        line.tell(VIEW)
        await passed(pilot)
        line.tell(ClassView(seats=VIEW.seats[1:], questions=()))
        await passed(pilot)
        head = classroom(screen).query_one(ClassHead).text_rows()[0]
        assert head == " 1 here    ! 0 stuck    → 1 follow"
        assert len(classroom(screen).query_one(ClassSheet).text_rows()) == 2


async def test_a_class_that_changed_meanwhile_is_there_on_return(line: Line) -> None:
    async with attending(line, instructor=True) as (pilot, screen):
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, ExplorerScreen)
        line.tell(VIEW)
        await passed(pilot)
        await pilot.press("P")
        assert len(classroom(screen).query_one(ClassSheet).text_rows()) == 3
        await pilot.press("P")
        assert isinstance(pilot.app.screen, ExplorerScreen)


async def test_the_view_goes_on_under_the_palette(line: Line) -> None:
    async with attending(line, instructor=True) as (pilot, screen):
        await pilot.press("ctrl+p")
        line.tell(VIEW)
        await passed(pilot)
        assert classroom(screen).view == VIEW


async def test_leading_is_shown_at_once(line: Line) -> None:
    async with attending(line, instructor=True) as (pilot, screen):
        await pilot.press("l")
        assert "you lead" in classroom(screen).query_one(ClassHead).text_rows()[0]
        await pilot.press("escape", "P")
        assert "you lead" in classroom(screen).query_one(ClassHead).text_rows()[0]
        await pilot.press("l")
        assert "you lead" not in classroom(screen).query_one(ClassHead).text_rows()[0]


async def test_it_is_dark_or_light_and_can_be_left_for_good(line: Line) -> None:
    async with attending(line, instructor=True) as (pilot, _screen):
        was = pilot.app.theme
        await pilot.press("d")
        assert pilot.app.theme != was
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert pilot.app._exit


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ko"])
async def test_the_class_fits_the_screen(line: Line, size: tuple[int, int], lang: str) -> None:
    many = tuple(VIEW.seats[i % 3].model_copy(update={"name": "가" * 12}) for i in range(200))
    async with attending(line, instructor=True, size=size, lang=lang) as (pilot, screen):
        line.tell(ClassView(seats=many, questions=VIEW.questions))
        await passed(pilot)
        for kind in (ClassHead, ClassSheet, MissedSheet):
            sheet = classroom(screen).query_one(kind)
            assert sheet.size.height > 0
            assert all(cell_len(row) <= sheet.room.width for row in sheet.text_rows())


async def test_both_sheets_scroll(line: Line) -> None:
    async with attending(line, instructor=True, size=(80, 24)) as (pilot, screen):
        seats = tuple(VIEW.seats[0].model_copy(update={"name": f"n{i}"}) for i in range(60))
        line.tell(ClassView(seats=seats, questions=VIEW.questions[:1] * 12))
        await passed(pilot)
        await pilot.press("pagedown")
        assert classroom(screen).query_one(ClassSheet).scroll_offset.y > 0
        await pilot.press("tab", "pagedown")
        assert classroom(screen).query_one(MissedSheet).scroll_offset.y > 0
