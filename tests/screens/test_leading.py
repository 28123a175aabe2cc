"""The instructor shows the class where they are; a second session arrives at the same moment."""

import asyncio

import pytest

from tests.screens.workshop import COURSE, Line, attending, header, notices, passed, place
from tui.course.catalogue import load_course
from tui.formats.edits import Delete, Scale, edited
from tui.screens.classroom import Classroom
from tui.sim.model.value import replace
from tui.workshop.messages import Hidden, Message, Said, Shown

pytestmark = pytest.mark.slow


def shown(found: list[Message]) -> list[Shown]:
    return [each for each in found if isinstance(each, Shown)]


async def paced() -> None:
    """Longer than the time between two things that are shown."""
    await asyncio.sleep(0.6)


async def test_nothing_is_shown_before_one_leads(line: Line) -> None:
    async with attending(line, instructor=True, at="service") as (pilot, screen):
        await pilot.press("escape", "n", "n")
        await paced()
        assert line.waiting() == []
        assert "[leading]" not in header(screen)


async def test_whoever_follows_arrives_at_the_same_moment(line: Line, other: Line) -> None:
    async with (
        attending(line, instructor=True, at="service:chains") as (teacher, shows),
        attending(other) as (pilot, follows),
    ):
        await pilot.press("P")
        await teacher.press("l", "escape")
        assert "[leading]" in header(shows)
        await teacher.press("enter", "right", "right", "right", "m", "2")
        await passed(teacher)
        await teacher.press("right", "right")
        await paced()
        for each in shown(line.waiting()):
            other.tell(each)
        await passed(pilot)
        assert place(follows) == place(shows) == ("service", "chains")
        assert shows.session is not None
        assert follows.session is not None
        assert shows.session.position > 0
        assert follows.session.moment == shows.session.moment
        assert follows.session.conntrack == shows.session.conntrack
        assert follows.session.world.proxy.mode is shows.session.world.proxy.mode


async def test_a_change_of_the_cluster_comes_along(line: Line, other: Line) -> None:
    async with (
        attending(line, instructor=True, at="service:chains") as (teacher, shows),
        attending(other) as (pilot, follows),
    ):
        await pilot.press("P")
        await teacher.press("l", "escape")
        assert shows.session is not None
        world = shows.session.world
        fewer = edited(world.written, Delete(("Pod", "shop", "web-1")))
        shows.session = shows.session.with_world(world.with_cluster(fewer))
        await paced()
        await teacher.press("enter", "right", "right")
        await passed(teacher)
        await paced()
        assert "[leading]" in header(shows)
        for each in shown(line.waiting()):
            other.tell(each)
        await passed(pilot)
        assert shows.session.injection is not None
        assert follows.session is not None
        assert follows.session.world.cluster == shows.session.world.cluster
        assert follows.session.moment == shows.session.moment
        assert "[following]" in header(follows)


async def test_of_many_steps_the_last_one_is_shown(line: Line) -> None:
    async with attending(line, instructor=True, at="service:chains") as (pilot, screen):
        await pilot.press("l", "escape", "enter")
        await passed(pilot)
        await paced()
        line.waiting()
        await pilot.press(*["right"] * 20)
        await paced()
        told = shown(line.waiting())
        assert screen.session is not None
        assert told[-1].position == screen.session.position == 20
        assert len(told) < 20
        await paced()
        assert line.waiting() == [], "who stands still shows nothing new"


async def test_the_end_of_leading_is_told(line: Line) -> None:
    async with attending(line, instructor=True, at="service") as (pilot, screen):
        await pilot.press("l")
        assert isinstance(line.heard(), Shown)
        await pilot.press("l")
        assert line.heard() == Hidden()
        await pilot.press("escape", "n")
        await paced()
        assert line.waiting() == []
        assert "[leading]" not in header(screen)


async def test_a_learner_cannot_lead(line: Line) -> None:
    async with attending(line) as (_pilot, screen):
        screen.lead(True)
        await paced()
        assert not screen.leads
        assert line.waiting() == []


async def test_a_change_that_is_too_long_stays_here_and_that_is_told(line: Line) -> None:
    async with attending(line, instructor=True, at="service:chains") as (pilot, screen):
        await pilot.press("escape", "enter")
        await passed(pilot)
        screen.lead(True)
        assert line.shown().packet
        assert screen.session is not None
        world = screen.session.world
        many = edited(world.written, Scale("shop", "web", 100))
        screen.session = screen.session.with_world(world.with_cluster(many))
        await paced()
        assert (line.shown().step, screen.page.step.id) == ("chains", "chains")  # type: ignore[union-attr]
        assert "[leading in part]" in header(screen)
        assert notices(pilot)[-1].startswith("Too much was changed here")
        await pilot.press("u")
        await paced()
        assert line.shown().packet
        assert "[leading]" in header(screen)


async def test_more_packets_than_are_told_are_too_many_and_that_is_told(line: Line) -> None:
    async with attending(line, instructor=True, at="service:chains") as (pilot, screen):
        screen.lead(True)
        await pilot.press("escape", "enter")
        await passed(pilot)
        await paced()
        assert line.shown().lacks == ""
        for _ in range(13):
            assert screen.session is not None
            injection, choices = screen.session.injection, screen.session.choices
            assert injection is not None
            screen.session = screen.session.injected(injection, choices)
        await paced()
        assert line.shown().lacks == "past"
        assert "[leading in part]" in header(screen)
        assert notices(pilot)[-1].startswith("More was done here than the class is told")


async def test_free_play_is_told_as_nothing_of_the_lessons(line: Line) -> None:
    async with attending(line, instructor=True, at="service") as (pilot, screen):
        screen.lead(True)
        await pilot.press("escape", "E")
        await paced()
        assert line.shown().lesson == ""
        assert "[leading in part]" in header(screen)
        assert notices(pilot)[-1] == "The class sees lessons only, and stays where it was."


async def test_a_lesson_whose_id_no_message_holds_is_not_shown(line: Line) -> None:
    async with attending(line, instructor=True, at="service") as (pilot, screen):
        assert screen.page is not None
        lesson = replace(screen.page.lesson, id="x" * 100)
        await pilot.press("escape")
        screen.page = replace(screen.page, lesson=lesson)
        screen.lead(True)
        await paced()
        assert line.shown().lesson == ""


async def test_the_instructor_speaks_to_the_class(line: Line) -> None:
    async with attending(line, instructor=True) as (pilot, _screen):
        await pilot.press("m", *"look", "enter")
        assert line.heard() == Said(text="look")
        assert notices(pilot)[-1].startswith("Said to")
        await pilot.press("m", *"  ", "enter")
        await pilot.press("m", *"mlP", "escape")
        assert isinstance(pilot.app.screen, Classroom), "escape leaves the line, and not the class"
        assert line.waiting() == [], "what was typed and left, or empty, is not said"


async def test_keys_of_the_class_under_an_input_method(line: Line) -> None:
    async with attending(line, instructor=True) as (pilot, _screen):
        await pilot.press("ㅣ")
        assert isinstance(line.heard(), Shown)
        await pilot.press("ㅡ", *"안녕", "enter")
        assert line.heard() == Said(text="안녕")
        await pilot.press("ㅖ")
        assert len(pilot.app.screen_stack) == 1, "the explorer"
        await pilot.press("f12")
        assert len(pilot.app.screen_stack) == 2


def test_courses_in_two_languages_have_the_same_ids() -> None:
    korean = load_course(None, "ko")
    ids = [(lesson.id, step.id) for lesson in COURSE.lessons for step in lesson.steps]
    assert ids == [(lesson.id, step.id) for lesson in korean.lessons for step in lesson.steps]
