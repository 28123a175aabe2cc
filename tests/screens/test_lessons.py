"""Lessons on the screen: predict, then see; send, walk, go on; progress is kept."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from tests.screens.explorer_pilot import page, press, screen, shown
from tui.app import K8sNetApp
from tui.course.catalogue import load_course
from tui.course.lesson import Activity, Course, Lesson
from tui.course.play import right_answer
from tui.screens.inspector import Inspector
from tui.screens.lessons import Lessons
from tui.store.sqlite import open_progress
from tui.widgets.key_bar import KeyBar
from tui.widgets.lesson_pane import LessonPane
from tui.widgets.tab_row import TabRow

pytestmark = pytest.mark.slow

Open = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course()


@pytest.fixture
def learner(course: Course, tmp_path: Path) -> Open:
    """Opens the course with its own progress file; the file stays between openings."""

    @asynccontextmanager
    async def opened(
        lesson: str | None = None, step: str | None = None, size: tuple[int, int] = (120, 40)
    ) -> AsyncIterator[Pilot[None]]:
        store = open_progress(tmp_path / "progress.sqlite3")
        app = K8sNetApp(course=course, lesson_id=lesson, step=step, store=store)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield pilot
        store.close()

    return opened


def first(course: Course, kind: Activity) -> tuple[Lesson, str]:
    """The first step of a kind in the course."""
    return next(
        (lesson, step.id)
        for lesson in course.lessons
        for step in lesson.steps
        if step.kind is kind and (step.packet or kind is not Activity.EXPLORE)
    )


async def test_the_course_opens_at_its_first_page(learner: Open, course: Course) -> None:
    async with learner() as pilot:
        assert page(pilot).lesson is course.lessons[0]
        assert page(pilot).step.heading in shown(pilot)


async def test_it_opens_where_the_learner_left_off(learner: Open) -> None:
    async with learner("service") as pilot:
        await press(pilot, "n", "n")
        left = page(pilot).step.id
    async with learner() as pilot:
        assert page(pilot).lesson.id == "service"
        assert page(pilot).step.id == left
        assert len(page(pilot).done) == 2


async def test_a_prediction_reveals_nothing_before_it_is_answered(
    learner: Open, course: Course
) -> None:
    lesson, step = first(course, Activity.PREDICT)
    async with learner(lesson.id, step) as pilot:
        assert page(pilot).asks
        current = screen(pilot).session
        assert current is not None
        assert current.trace is None
        assert "✓" not in shown(pilot).split("╮╭")[0]


@pytest.mark.parametrize("right", [True, False])
async def test_an_answer_is_judged_by_the_simulator(
    learner: Open, course: Course, right: bool
) -> None:
    lesson, step_id = first(course, Activity.PREDICT)
    async with learner(lesson.id, step_id) as pilot:
        current = screen(pilot).session
        assert current is not None
        truth = right_answer(current.world, lesson, page(pilot).step)
        values = [choice.value for choice in page(pilot).step.choices]
        number = next(i for i, v in enumerate(values, 1) if (v == truth) is right)
        await press(pilot, str(number))
        assert page(pilot).was_right is right
        assert ("Right." if right else "Not quite") in shown(pilot)
        walked = screen(pilot).session
        assert walked is not None
        assert walked.trace is not None, "now the packet may be walked with"


async def test_arrows_and_enter_answer_too(learner: Open, course: Course) -> None:
    lesson, step_id = first(course, Activity.PREDICT)
    async with learner(lesson.id, step_id) as pilot:
        await press(pilot, "down", "enter")
        assert page(pilot).chosen == page(pilot).step.choices[1].value


async def test_enter_plays_a_lesson_to_its_end(learner: Open, course: Course) -> None:
    lesson = course.lessons[0]
    async with learner(lesson.id) as pilot:
        for _ in range(400):
            if page(pilot).lesson is not lesson:
                break
            if page(pilot).asks:
                await press(pilot, "up")
            await press(pilot, "enter")
        assert page(pilot).lesson is course.lessons[1]


async def test_a_page_sends_its_packet_once_it_is_asked(learner: Open, course: Course) -> None:
    lesson, step = first(course, Activity.INJECT)
    async with learner(lesson.id, step) as pilot:
        assert page(pilot).sends
        await press(pilot, "enter")
        current = screen(pilot).session
        assert current is not None
        assert current.trace is not None
        assert not page(pilot).sends


async def test_something_to_find_is_found_by_looking_at_it(learner: Open) -> None:
    async with learner("service", "nowhere") as pilot:
        assert page(pilot).seeks
        await press(pilot, "slash", *"svc", "space", *"shop", "slash", *"web")
        await press(pilot, "enter")
        assert page(pilot).found
        assert isinstance(pilot.app.screen, Inspector)
        assert "10.96.31.7" in shown(pilot)
        await press(pilot, "escape")
        assert "Found." in shown(pilot)


async def test_lessons_are_listed_with_what_is_done(learner: Open, course: Course) -> None:
    async with learner("service") as pilot:
        await press(pilot, "n", "n", "o")
        assert isinstance(pilot.app.screen, Lessons)
        assert "2/10" in shown(pilot)
        rows = pilot.app.screen.query_one(OptionList).options
        listed = [option.id for option in rows if option.id]
        assert listed == [lesson.id for lesson in course.lessons]
        before = listed[listed.index("service") - 1]
        await press(pilot, "up", "enter")
        assert page(pilot).lesson.id == before


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_every_page_of_every_lesson_draws(
    learner: Open, course: Course, size: tuple[int, int]
) -> None:
    for lesson in course.lessons:
        async with learner(lesson.id, lesson.steps[0].id, size) as pilot:
            for step in lesson.steps:
                assert page(pilot).step.id == step.id
                await press(pilot, "n")


async def test_a_lesson_whose_files_are_gone_is_a_notice(course: Course, tmp_path: Path) -> None:
    lesson = course.lessons[0]
    gone = replace(lesson, world=replace(lesson.world, cluster=tmp_path / "gone.yaml"))
    chapter = replace(course.chapters[0], lessons=(gone,))
    broken = replace(course, chapters=(chapter,))
    async with K8sNetApp(course=broken).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert any("gone.yaml" in notice.message for notice in pilot.app._notifications)


async def test_an_engine_that_fails_at_an_answer_is_a_notice(
    learner: Open, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise AttributeError("no such rule")

    monkeypatch.setattr("tui.screens.lesson_player.right_answer", broken)
    lesson, step = first(course, Activity.PREDICT)
    async with learner(lesson.id, step) as pilot:
        await press(pilot, "1")
        assert page(pilot).asks
        assert any("no such rule" in notice.message for notice in pilot.app._notifications)


# ---------------------------------------------------------------- what enter does


def footer(pilot: Pilot[None]) -> str:
    return screen(pilot).query_one(KeyBar).text_rows()[0]


def lesson_rows(pilot: Pilot[None]) -> str:
    return " ".join(" ".join(screen(pilot).query_one(LessonPane).text_rows()).split())


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_enter_gives_no_answer_that_nobody_chose(
    learner: Open, size: tuple[int, int]
) -> None:
    async with learner("service", "hook", size) as pilot:
        assert "1-3 answer" in footer(pilot)
        await press(pilot, "enter")
        assert page(pilot).asks
        assert "choose an answer first: 1-3, or ↑ ↓ and enter" in lesson_rows(pilot)
        await press(pilot, "down")
        assert "enter answer" in footer(pilot)
        assert "enter give answer 2" in lesson_rows(pilot)
        await press(pilot, "up", "enter")
        assert page(pilot).chosen == page(pilot).step.choices[0].value


async def test_enter_on_another_tab_brings_the_question_into_view(learner: Open) -> None:
    async with learner("service", "hook", (80, 24)) as pilot:
        screen(pilot).open_tab("map")
        await pilot.pause()
        await press(pilot, "enter")
        assert screen(pilot).tab == "lesson"
        assert "choose an answer first" in shown(pilot)


async def test_tabs_have_no_digits_while_digits_answer(learner: Open) -> None:
    async with learner("service", "hook", (80, 24)) as pilot:
        row = screen(pilot).query_one(TabRow)
        assert row.text_rows()[0].split()[:2] == ["lesson", "map"]
        await press(pilot, "tab")
        assert screen(pilot).tab == "map"
        assert row.text_rows()[0].split()[:4] == ["1", "lesson", "2", "map"]
        await press(pilot, "shift+tab")
        assert screen(pilot).tab == "lesson"
        await press(pilot, "1")
        assert page(pilot).chosen is not None
        assert row.text_rows()[0].split()[0] == "1"


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_page_and_footer_say_what_enter_does(learner: Open, size: tuple[int, int]) -> None:
    async with learner("service", "chains", size) as pilot:
        assert "enter send" in footer(pilot)
        await press(pilot, "enter")
        for _ in range(60):
            current = screen(pilot).session
            assert current is not None
            if current.at_end:
                break
            screen(pilot).open_tab("lesson")
            await pilot.pause()
            assert "enter next hook" in footer(pilot)
            assert "enter next hook → one step" in lesson_rows(pilot)
            await press(pilot, "enter")
            moved = screen(pilot).session
            assert moved is not None
            assert moved.position > current.position
        screen(pilot).open_tab("lesson")
        await pilot.pause()
        assert "enter next page" in footer(pilot)
        assert lesson_rows(pilot).endswith("enter next page"), "nothing is left to walk"
        await press(pilot, "enter")
        assert page(pilot).step.id == "odds"


async def test_a_packet_left_behind_does_not_keep_the_next_page(learner: Open) -> None:
    async with learner("service", "chains") as pilot:
        await press(pilot, "enter", "n", "n", "n", "n")
        assert page(pilot).step.id == "nobody"
        await press(pilot, "1", "n")
        assert page(pilot).step.id == "modes"
        assert "enter next page" in footer(pilot)


async def test_after_undo_the_page_offers_its_packet_again(learner: Open) -> None:
    async with learner("service", "chains") as pilot:
        await press(pilot, "enter", "u")
        assert page(pilot).sends
        assert "→" not in footer(pilot)
        assert "enter send pod/shop/client" in lesson_rows(pilot)


# ---------------------------------------------------------------- another setting


async def test_a_page_says_for_as_long_as_it_is_true_that_its_words_are_about_another_setting(
    learner: Open,
) -> None:
    async with learner("service", "nowhere") as pilot:
        assert "These words are about" not in lesson_rows(pilot)
        await press(pilot, "m", "3")
        assert "These words are about iptables; you are in ipvs: m to go back." in lesson_rows(
            pilot
        )
        await press(pilot, "c", "2")
        assert "about iptables and flannel; you are in ipvs with bridge" in lesson_rows(pilot)
        await press(pilot, "n")
        assert "about iptables and flannel; you are in ipvs with bridge" in lesson_rows(pilot)
        await press(pilot, "m", "1", "c", "1")
        assert "These words are about" not in lesson_rows(pilot)


async def test_a_prediction_waits_until_the_lessons_setting_is_back(learner: Open) -> None:
    async with learner("service", "hook") as pilot:
        await press(pilot, "m", "2", "1", "down", "enter")
        assert page(pilot).asks
        assert "the answers wait until you are back" in lesson_rows(pilot)
        assert "answer" not in footer(pilot)
        await press(pilot, "m", "1", "1")
        assert page(pilot).was_right
