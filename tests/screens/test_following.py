"""Who follows goes where the instructor goes; who does not stays where they are."""

import time

import pytest

from tests.screens.workshop import COURSE, Line, attending, header, notices, passed, place
from tui.formats.edits import Delete, Edit, SetReady, edited
from tui.formats.patch import Patch
from tui.formats.story_text import Story, story_text
from tui.screens.explorer import ExplorerScreen
from tui.screens.lesson_player import LessonPlayer
from tui.screens.shown import Teller
from tui.store.progress import Place
from tui.store.reporting import ReportingProgress
from tui.store.sqlite import open_progress
from tui.widgets.lesson_pane import LessonPane
from tui.workshop.messages import Answered, Ending, Followed, Hidden, Said, Shown, Unkept

pytestmark = pytest.mark.slow

OUTSIDE = "The instructor shows something outside of your lessons."


def at(step: str, lesson: str = "service", mode: str = "iptables", packet: str = "") -> Shown:
    return Shown(lesson=lesson, step=step, mode=mode, plugin="flannel", packet=packet)


def with_packet(step: str, position: int) -> Shown:
    """What an instructor shows who has sent the packet of a page and walked on."""
    lesson = COURSE.lesson("service")
    assert lesson is not None
    player = LessonPlayer(COURSE, None, time.time)
    page, session = player.sent(*player.opened(lesson, step))
    return Teller().told(page, session.moved_to(position))


def position(screen: ExplorerScreen) -> int:
    assert screen.session is not None
    return screen.session.position


# ---------------------------------------------------------------- by choice


async def test_nobody_is_moved_who_does_not_follow(line: Line) -> None:
    async with attending(line) as (pilot, screen):
        before = place(screen)
        line.tell(at("hook"))
        await passed(pilot)
        assert place(screen) == before
        assert "[following]" not in header(screen)
        assert notices(pilot) == []


async def test_the_key_follows_at_once_and_ends_it(line: Line) -> None:
    async with attending(line) as (pilot, screen):
        line.tell(at("hook"))
        await passed(pilot)
        await pilot.press("P")
        assert line.heard() == Followed(on=True)
        assert place(screen) == ("service", "hook")
        assert "[following]" in header(screen)
        await pilot.press("ㅖ")
        assert line.heard() == Followed(on=False)
        assert "[following]" not in header(screen)
        line.tell(at("nobody"))
        await passed(pilot)
        assert place(screen) == ("service", "hook")


async def test_who_turns_a_page_stays_there_until_more_is_shown(line: Line) -> None:
    async with attending(line) as (pilot, screen):
        await pilot.press("f12")
        line.tell(at("why"))
        await passed(pilot)
        await pilot.press("n")
        await passed(pilot)
        assert place(screen) == ("service", "nowhere")
        line.tell(at("hook"))
        await passed(pilot)
        assert place(screen) == ("service", "hook")


async def test_the_end_of_leading_is_told_to_those_who_follow(line: Line) -> None:
    async with attending(line) as (pilot, screen):
        line.tell(Hidden())
        await passed(pilot)
        assert notices(pilot) == []
        await pilot.press("P")
        line.tell(at("hook"))
        line.tell(Hidden())
        await passed(pilot)
        assert notices(pilot)[-1] == "The instructor leads no longer."
        assert place(screen) == ("service", "hook"), "one stays where one is"


# ---------------------------------------------------------------- packets


async def test_the_packet_comes_along_and_walks(line: Line) -> None:
    async with attending(line) as (pilot, screen):
        await pilot.press("P")
        line.tell(shown := with_packet("chains", 7))
        await passed(pilot)
        assert position(screen) == 7
        assert screen.page is not None
        assert screen.page.sent
        trace = screen.session.trace if screen.session else None
        line.tell(shown.model_copy(update={"position": 12}))
        await passed(pilot)
        assert position(screen) == 12
        assert screen.session is not None
        assert screen.session.trace is trace, "it is the same packet, sent once"
        await pilot.press("right")
        assert position(screen) == 13
        line.tell(shown)
        await passed(pilot)
        assert position(screen) == 7


async def test_a_packet_of_ones_own_gives_way(line: Line) -> None:
    async with attending(line) as (pilot, screen):
        await pilot.press("P")
        line.tell(shown := with_packet("chains", 7))
        await passed(pilot)
        await pilot.press("m", "3", "u", "w")
        await passed(pilot)
        line.tell(shown.model_copy(update={"position": 8}))
        await passed(pilot)
        assert screen.session is not None
        assert screen.session.world.proxy.mode.value == "iptables"
        assert (position(screen), bool(screen.session.trace)) == (8, True)


async def test_an_answer_that_was_given_stays(line: Line) -> None:
    store = ReportingProgress(open_progress(), line.channel.tell)
    async with attending(line, at="service:hook", store=store) as (pilot, screen):
        await pilot.press("P", "2")
        await passed(pilot)
        assert screen.page is not None
        chosen = screen.page.chosen
        line.tell(shown := with_packet("hook", 3))
        await passed(pilot)
        assert position(screen) == 3
        assert screen.page.chosen == chosen, "on the same page it is there to be seen"
        line.tell(at("chains"))
        await passed(pilot)
        assert place(screen) == ("service", "chains")
        assert any(isinstance(each, Answered) for each in line.waiting())
        assert [each.chosen for each in store.all_answers()[Place("service", "hook")]] == [chosen]
        assert shown.step == "hook"


async def test_a_question_that_is_open_moves_along(line: Line) -> None:
    async with attending(line, at="service:hook") as (pilot, screen):
        assert screen.page is not None
        assert screen.page.asks
        await pilot.press("P", "down")
        line.tell(at("nobody"))
        await passed(pilot)
        assert place(screen) == ("service", "nobody")


# ---------------------------------------------------------------- changes


def with_changes(lesson_id: str, step: str, *edits: Edit, sends: bool = False) -> Shown:
    """What an instructor shows who has changed the cluster, and may have sent the packet then."""
    lesson = COURSE.lesson(lesson_id)
    assert lesson is not None
    player = LessonPlayer(COURSE, None, time.time)
    page, session = player.opened(lesson, step)
    for edit in edits:
        world = session.world
        session = session.with_world(world.with_cluster(edited(world.written, edit)))
    if sends:
        page, session = player.sent(page, session)
    return Teller().told(page, session)


async def test_a_change_is_made_said_once_and_shown_on_the_map(line: Line) -> None:
    one, two = Delete(("Pod", "shop", "web-1")), SetReady("shop", "api-1", False)
    async with attending(line) as (pilot, screen):
        await pilot.press("P")
        line.tell(at("chains"))
        await passed(pilot)
        told = len(notices(pilot))
        line.tell(with_changes("service", "chains", one))
        await passed(pilot)
        (notice,) = notices(pilot)[told:]
        assert notice.startswith("The instructor has changed the cluster. Pod shop/web-1: gone.")
        assert "shop/web: 2 endpoints ready, was 3." in notice
        assert screen.session is not None
        assert screen.session.world.cluster.pod("shop", "web-1") is None
        assert "[following]" in header(screen)
        page = " ".join("".join(screen.query_one(LessonPane).text_rows()).split())
        assert "The instructor has changed the cluster that these" in page
        line.tell(shown := with_changes("service", "chains", one, sends=True))
        line.tell(shown.model_copy(update={"position": 4}))
        await passed(pilot)
        assert len(notices(pilot)) == told + 1
        assert position(screen) == 4
        line.tell(with_changes("service", "chains", one, two))
        await passed(pilot)
        assert "Pod shop/api-1" in notices(pilot)[told + 1]
        assert "pod/shop/api-1" in screen.sought
        line.tell(at("chains"))
        await passed(pilot)
        assert screen.session.world.cluster.pod("shop", "web-1") is not None


@pytest.mark.parametrize(
    "change", ["kind: Pod", "{", "kind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 0}]}"]
)
async def test_a_change_that_cannot_be_read_is_told_and_changes_nothing(
    line: Line, change: str
) -> None:
    async with attending(line) as (pilot, screen):
        await pilot.press("P")
        line.tell(at("chains"))
        await passed(pilot)
        told, before = len(notices(pilot)), screen.session
        line.tell(at("chains", packet=story_text(Story((Patch((), change),)))))
        await passed(pilot)
        assert len(notices(pilot)) == told + 1
        assert screen.session is before


async def test_what_the_instructor_has_mended_is_not_the_learners_doing(line: Line) -> None:
    lesson = COURSE.lesson("port-name")
    assert lesson is not None
    step = next(each for each in lesson.steps if each.task is not None)
    assert step.task is not None
    player = LessonPlayer(COURSE, None, time.time)
    page, session = player.opened(lesson, step.id)
    shown = Teller().told(page, player.solved(page, session))
    store = ReportingProgress(open_progress(), line.channel.tell)
    async with attending(line, store=store) as (pilot, screen):
        await pilot.press("P")
        line.tell(shown)
        await passed(pilot)
        assert screen.page is not None
        assert screen.page.mended
        await pilot.press("right", "P", "n")
        await passed(pilot)
        assert step.id not in store.done(lesson.id)
        screen.open_lesson(lesson.id, step.id)
        await passed(pilot)
        assert screen.page.mends
        assert screen.session is not None
        screen.session = player.solved(screen.page, screen.session)
        await passed(pilot)
        assert step.id in store.done(lesson.id)


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_a_small_screen_shows_what_has_moved(line: Line, size: tuple[int, int]) -> None:
    async with attending(line, size=size) as (pilot, screen):
        await pilot.press("P")
        line.tell(at("chains"))
        await passed(pilot)
        assert screen.tab == "lesson"
        line.tell(shown := with_packet("chains", 0))
        await passed(pilot)
        assert screen.tab == "map"
        await pilot.press("3")
        tab = screen.tab
        line.tell(shown.model_copy(update={"position": 5}))
        await passed(pilot)
        assert screen.tab == tab, "who looks at the chain goes on looking at it"
        assert "[following]" in header(screen)


async def test_a_dialog_that_is_open_stays_open(line: Line) -> None:
    async with attending(line) as (pilot, screen):
        await pilot.press("P", "question_mark")
        line.tell(with_packet("chains", 7))
        await passed(pilot)
        assert len(pilot.app.screen_stack) == 2
        assert place(screen) == ("service", "chains")


async def test_from_free_play_one_is_led_back_into_a_lesson(line: Line) -> None:
    async with attending(line) as (pilot, screen):
        await pilot.press("P", "E")
        assert screen.page is None
        line.tell(at("hook"))
        await passed(pilot)
        assert place(screen) == ("service", "hook")
        assert "A Service and its address" in header(screen)


# ---------------------------------------------------------------- what cannot be shown


async def test_what_is_outside_of_the_lessons_is_told_once(line: Line) -> None:
    async with attending(line) as (pilot, screen):
        await pilot.press("P")
        before, told = place(screen), len(notices(pilot))
        for mode in ("iptables", "nftables", "ipvs"):
            line.tell(at("", lesson="", mode=mode))
        await passed(pilot)
        assert place(screen) == before
        assert notices(pilot)[told:] == [OUTSIDE]
        line.tell(at("hook"))
        line.tell(at("", lesson=""))
        await passed(pilot)
        assert notices(pilot)[told:] == [OUTSIDE, OUTSIDE]


@pytest.mark.parametrize(
    "wrong",
    [
        at("x", lesson="nowhere"),
        at("nothing-of-that-name"),
        at("hook", mode="magic"),
        at("hook", packet="{}"),
        at("hook", packet="[" * 5000),
        Shown(lesson="service", step="hook", mode="iptables", plugin="magic"),
    ],
)
async def test_what_is_not_there_is_answered_in_words(line: Line, wrong: Shown) -> None:
    async with attending(line) as (pilot, screen):
        await pilot.press("P")
        before, told = place(screen), len(notices(pilot))
        line.tell(wrong)
        line.tell(wrong.model_copy(update={"position": 1}))
        await passed(pilot)
        assert len(notices(pilot)) == told + 1
        assert place(screen) == before


async def test_what_the_instructor_has_beside_it_is_told_once_and_stays_in_the_header(
    line: Line,
) -> None:
    async with attending(line) as (pilot, screen):
        await pilot.press("P")
        told = len(notices(pilot))
        shown = with_packet("chains", 3).model_copy(update={"lacks": "past"})
        for step in (3, 4, 5):
            line.tell(shown.model_copy(update={"position": step}))
        await passed(pilot)
        (notice,) = notices(pilot)[told:]
        assert notice.startswith("More was done there before")
        assert "[following in part]" in header(screen)
        assert position(screen) == 5
        line.tell(at("chains").model_copy(update={"lacks": "change"}))
        await passed(pilot)
        assert notices(pilot)[-1].startswith("Too much was changed there")
        line.tell(at("hook"))
        await passed(pilot)
        assert "[following]" in header(screen)
        await pilot.press("P")
        assert "following" not in header(screen)


# ---------------------------------------------------------------- what is said

HOSTILE = "[bold]look[/] at [@click=app.quit]this[/] \x1b[2J\x07 \u202e[link=http://a]b"


async def test_what_the_instructor_says_is_text_and_nothing_that_a_terminal_obeys(
    line: Line,
) -> None:
    async with attending(line, toasts=True) as (pilot, screen):
        line.tell(Said(text=HOSTILE))
        await passed(pilot)
        (said,) = pilot.app._notifications
        assert not said.markup
        assert said.timeout >= 20
        assert str(said.message).startswith("[bold]look[/] at [@click=app.quit]this[/] ")
        assert str(said.message).isprintable()
        rows = [strip.text for strip in pilot.app.screen._compositor.render_strips()]
        assert any("[bold]look[/]" in row for row in rows)
        assert all(row.isprintable() for row in rows)
        assert place(screen)[0] == "container"


async def test_the_end_of_the_session_is_told_with_its_reason(line: Line) -> None:
    async with attending(line) as (pilot, _screen):
        line.tell(Ending(why="idle", seconds=60))
        line.tell(Ending(why="closing", seconds=2))
        await passed(pilot)
        first, second = pilot.app._notifications
        assert "60 seconds" in str(first.message)
        assert "workshop ends" in str(second.message)
        assert (first.severity, second.severity) == ("warning", "warning")


async def test_what_keeps_the_class_from_being_kept_is_told(line: Line) -> None:
    async with attending(line) as (pilot, _screen):
        line.tell(Unkept(problem="disk full\x1b[2J [bold]"))
        await passed(pilot)
        (notice,) = pilot.app._notifications
        assert "kept until the server ends: disk full" in str(notice.message)
        assert str(notice.message).isprintable()
        assert notice.severity == "error"


async def test_another_language_changes_nothing_about_it(line: Line) -> None:
    async with attending(line) as (pilot, screen):
        await pilot.press("P")
        pilot.app.speak("ko")  # type: ignore[attr-defined]
        await passed(pilot)
        assert "[따라가는 중]" in header(screen)
        line.tell(with_packet("chains", 7))
        await passed(pilot)
        assert (place(screen), position(screen)) == (("service", "chains"), 7)
