"""A session in a workshop: it follows, it leads, it shows the class, and saves nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tui.app import K8sNetApp
from tui.course.catalogue import load_course
from tui.screens.classroom import Classroom
from tui.screens.explorer import ExplorerScreen
from tui.widgets.class_sheet import ClassSheet
from tui.workshop.channel import Channel
from tui.workshop.hosting import Workshop
from tui.workshop.messages import (
    ClassView,
    Followed,
    Message,
    Question,
    Said,
    Seat,
    Shown,
    line_of,
    message_of,
)

pytestmark = pytest.mark.slow

COURSE = load_course()


class Line:
    """The workshop's end of a session's line."""

    def __init__(self) -> None:
        ours, self.theirs = socket.socketpair()
        ours.settimeout(5)
        self._ours = ours
        self._file = ours.makefile("rb")

    def tell(self, message: Message) -> None:
        self._ours.sendall(line_of(message))

    def heard(self) -> Message:
        return message_of(self._file.readline())

    def close(self) -> None:
        self._file.close()
        self._ours.close()
        self.theirs.close()


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


@pytest.fixture
def other() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


@asynccontextmanager
async def session(
    line: Line, *, instructor: bool = False, lesson: str = "container"
) -> AsyncIterator[tuple[Pilot[None], ExplorerScreen]]:
    workshop = Workshop(Channel(line.theirs), instructor=instructor, name="kim")
    app = K8sNetApp(course=COURSE, lesson_id=lesson, workshop=workshop)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = app.screen_stack[0]
        assert isinstance(screen, ExplorerScreen)
        yield pilot, screen


async def passed(pilot: Pilot[None]) -> None:
    """What was sent over a line has arrived and shows."""
    await asyncio.sleep(0.1)
    await pilot.pause()


def place(screen: ExplorerScreen) -> tuple[str, int]:
    assert screen.page is not None
    return screen.page.lesson.id, screen.page.number


def notices(pilot: Pilot[None]) -> list[str]:
    return [str(each.message) for each in pilot.app._notifications]


async def test_who_follows_goes_where_the_instructor_is_and_nobody_else(
    line: Line, other: Line
) -> None:
    async with session(other, instructor=True, lesson="service") as (teacher, shows):
        await teacher.press("escape")
        await teacher.press("enter")
        shows.lead(True)
        shows.action_lesson_next()
        await teacher.pause(0.6)
        while not isinstance(told := other.heard(), Shown) or told.step != shows.page.step.id:  # type: ignore[union-attr]
            pass
    async with session(line) as (pilot, screen):
        line.tell(told)
        await passed(pilot)
        assert place(screen) == ("container", 0)
        await pilot.press("P")
        assert line.heard() == Followed(on=True)
        assert place(screen) == place(shows), "at once, what was shown last"
        await pilot.press("P")
        assert line.heard() == Followed(on=False)
        line.tell(Shown(lesson="conntrack", step="", mode="iptables", plugin="flannel"))
        await passed(pilot)
        assert place(screen) == place(shows)


async def test_the_packet_stands_where_the_instructors_does(line: Line, other: Line) -> None:
    async with session(other, instructor=True, lesson="service") as (teacher, shows):
        await teacher.press("escape")
        asked = next(step.packet for step in COURSE.lesson("service").steps if step.packet)  # type: ignore[union-attr]
        assert shows.session is not None
        shows.session = shows.session.injected(asked.injection, asked.choices).moved_to(7)
        shows.lead(True)
        told = other.heard()
        moment = shows.session.moment
    async with session(line) as (pilot, screen):
        await pilot.press("P")
        line.tell(told)
        await passed(pilot)
        assert screen.session is not None
        assert screen.session.position == 7
        assert screen.session.moment == moment


async def test_a_broken_or_unknown_place_is_answered_in_words(line: Line) -> None:
    async with session(line) as (pilot, screen):
        await pilot.press("P")
        for wrong in (
            Shown(lesson="nowhere", step="", mode="iptables", plugin="flannel"),
            Shown(lesson="service", step="", mode="magic", plugin="flannel"),
            Shown(lesson="service", step="", mode="iptables", plugin="flannel", packet="{}"),
        ):
            line.tell(wrong)
        await passed(pilot)
        assert place(screen) == ("container", 0)
        assert len(notices(pilot)) == 4


async def test_what_the_instructor_says_is_text_and_no_markup(line: Line) -> None:
    async with session(line) as (pilot, _screen):
        line.tell(Said(text="[bold]look[/] at [@click=app.quit]this[/]"))
        await passed(pilot)
        assert notices(pilot) == ["[bold]look[/] at [@click=app.quit]this[/]"]
        assert not any(each.markup for each in pilot.app._notifications)


async def test_nothing_is_saved_on_the_workshops_machine(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    async with session(line, lesson="service") as (pilot, screen):
        await pilot.press("ctrl+s")
        screen.action_lesson_next()
        await pilot.press("enter", "Y", "s")
        await pilot.pause()
        assert "Nothing is saved" in notices(pilot)[0]
    assert list(tmp_path.rglob("*")) == []


async def test_without_a_workshop_there_is_no_class() -> None:
    app = K8sNetApp(course=COURSE)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, ExplorerScreen)
        assert not app.screen.works("class")
        await pilot.press("P")
        assert len(app.screen_stack) == 1


VIEW = ClassView(
    seats=(
        Seat(name="kim", here=True, lesson="service", step="", minutes=8.0, stuck=True, done=4),
        Seat(name="이서연", here=True, lesson="service", step="", minutes=1.0, follows=True),
        Seat(name="ana", here=False),
    ),
    questions=(
        Question(lesson="service", step="hook", asked=3, missed=2, wrong=(("FORWARD", 2),)),
    ),
)


async def test_the_instructor_sees_the_class_as_it_changes(line: Line) -> None:
    async with session(line, instructor=True) as (pilot, _screen):
        await pilot.pause()
        assert isinstance(pilot.app.screen, Classroom)
        sheet = pilot.app.screen.query_one(ClassSheet)
        assert "Nobody has come yet." in sheet.text_rows()[0]
        line.tell(VIEW)
        await passed(pilot)
        rows = sheet.text_rows()
        assert rows[0] == " 2 here   1 stuck   1 follow"
        assert rows[3].startswith(" ! kim")
        assert rows[4].startswith(" → 이서연")
        assert "away" in rows[5]
        assert any("2 of 3" in row and "Before the route" in row for row in rows)
        line.tell(ClassView(seats=VIEW.seats[1:], questions=()))
        await passed(pilot)
        assert sheet.text_rows()[0] == " 1 here   0 stuck   1 follow"


async def test_the_instructor_speaks_to_the_class(line: Line) -> None:
    async with session(line, instructor=True) as (pilot, _screen):
        await pilot.pause()
        await pilot.press("m", *"look", "enter")
        assert line.heard() == Said(text="look")
        await pilot.press("m", "x", "escape")
        assert isinstance(pilot.app.screen, Classroom)
        await pilot.press("l")
        assert isinstance(line.heard(), Shown), "what was typed and left was not sent"


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize("lang", ["en", "ko"])
async def test_the_class_fits_the_screen(line: Line, size: tuple[int, int], lang: str) -> None:
    workshop = Workshop(Channel(line.theirs), instructor=True, name="")
    app = K8sNetApp(course=load_course(None, lang), workshop=workshop)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        line.tell(VIEW)
        await passed(pilot)
        sheet = app.screen.query_one(ClassSheet)
        assert all(cell_len(made.text) <= sheet.room.width for made in sheet._lines)
