"""A challenge on the screen: what is false about each flow, hints, any right fix, a new start."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.screens.explorer_pilot import page, screen
from tui.app import K8sNetApp
from tui.course.catalogue import load_course
from tui.course.changes import changed
from tui.formats.edits import SetField, edited
from tui.screens.glossary import Glossary
from tui.store.progress import Place
from tui.store.sqlite import SqliteProgress, open_progress
from tui.widgets.lesson_page import Enter
from tui.widgets.lesson_pane import LessonPane

pytestmark = pytest.mark.slow

COURSE = load_course()


@pytest.fixture
def store(tmp_path: Path) -> SqliteProgress:
    return open_progress(tmp_path / "progress.sqlite3")


async def opened(store: SqliteProgress, lesson: str, step: str) -> AsyncIterator[Pilot[None]]:
    app = K8sNetApp(course=COURSE, lesson_id=lesson, step=step, store=store)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        yield pilot


@pytest.fixture
async def typo(store: SqliteProgress) -> AsyncIterator[Pilot[None]]:
    """The first challenge, at the page on which something is to be mended."""
    async for pilot in opened(store, "typo", "mend"):
        yield pilot


@pytest.fixture
async def odds(store: SqliteProgress) -> AsyncIterator[Pilot[None]]:
    """A prediction."""
    async for pilot in opened(store, "service", "odds"):
        yield pilot


def words(pilot: Pilot[None]) -> str:
    return " ".join(" ".join(screen(pilot).query_one(LessonPane).text_rows()).split())


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
        await pilot.pause()


async def mend(pilot: Pilot[None]) -> None:
    """The selector put right, by an edit."""
    here = screen(pilot)
    session = here.session
    assert session is not None
    edit = SetField(("Service", "shop", "broken"), ("spec", "selector"), {"app": "web"})
    here.session = session.with_world(
        session.world.with_cluster(edited(session.world.written, edit))
    )
    await pilot.pause()


async def test_what_is_false_is_told_flow_by_flow(typo: Pilot[None]) -> None:
    said = words(typo)
    assert "Flows: 1 of 2 come out right" in said
    assert "1 ✗ client reaches a web pod" in said
    assert "refused at node-a, filter" in said
    assert "2 ✓ client still reaches web:80" in said
    assert page(typo).enter is Enter.TRY


async def test_enter_sends_the_flow_that_is_false(typo: Pilot[None]) -> None:
    await press(typo, "enter")
    session = screen(typo).session
    assert session is not None
    assert session.injection is not None
    assert session.injection.destination == "svc/shop/broken:80"
    assert page(typo).enter is Enter.WALK
    await press(typo, "2")
    session = screen(typo).session
    assert session is not None
    assert session.injection is not None
    assert session.injection.destination == "svc/shop/web:80"


async def test_any_right_fix_passes_at_once_and_is_kept(
    typo: Pilot[None], store: SqliteProgress
) -> None:
    await mend(typo)
    assert page(typo).mended
    assert "Solved." in words(typo)
    assert "mend" in store.done("typo")
    await press(typo, "enter")
    assert page(typo).step.id == "debrief"
    assert not page(typo).strays


async def test_undo_breaks_it_again(typo: Pilot[None]) -> None:
    await mend(typo)
    await press(typo, "u")
    assert page(typo).mends
    assert "Flows: 1 of 2" in words(typo)


async def test_hints_one_by_one_then_the_solution_then_its_change(
    typo: Pilot[None], store: SqliteProgress
) -> None:
    for count in (1, 2, 3):
        await press(typo, "exclamation_mark")
        assert f"Hint {count}" in words(typo)
        assert "Solution" not in words(typo)
    assert store.hints(Place("typo", "mend")) == 3
    await press(typo, "f9")
    assert "Solution" in words(typo)
    assert page(typo).mends
    await press(typo, "exclamation_mark")
    assert page(typo).mended


async def test_a_usual_mistake_is_talked_to(typo: Pilot[None]) -> None:
    here = screen(typo)
    session, task = here.session, page(typo).step.task
    assert session is not None
    assert task is not None
    world, _state = changed((session.world, session.after), task.mistakes[0].change)
    here.session = session.with_world(world)
    await typo.pause()
    assert "Not yet." in words(typo)
    assert "The ports were not what was wrong" in words(typo)


async def test_start_over(typo: Pilot[None]) -> None:
    await mend(typo)
    await press(typo, "0")
    assert page(typo).mends
    await press(typo, "u")
    assert page(typo).mended


async def test_skipping_does_not_solve(typo: Pilot[None], store: SqliteProgress) -> None:
    await press(typo, "n")
    assert page(typo).step.id == "debrief"
    assert "mend" not in store.done("typo")


# ---------------------------------------------------------------- beside the lesson


async def test_a_wrong_answer_replays_the_packet_to_where_it_is_decided(odds: Pilot[None]) -> None:
    await press(odds, "1")
    session = screen(odds).session
    assert session is not None
    assert session.moment is not None
    assert session.moment.step.chance is not None
    told = f"Step {session.position + 1} decides this: the packet was brought there."
    assert told in " ".join(words(odds).split())
    await press(odds, "left")
    assert told in " ".join(words(odds).split()), "it is so wherever the packet is taken"
    await press(odds, "m", "2")
    assert "decides this" not in words(odds), "another mode has other steps"


async def test_a_right_answer_leaves_the_walk_to_the_learner(odds: Pilot[None]) -> None:
    await press(odds, "2")
    session = screen(odds).session
    assert session is not None
    assert session.position == 0
    assert "The packet stands where" not in words(odds)


async def test_a_missed_prediction_comes_back_and_leads_back(
    odds: Pilot[None], store: SqliteProgress
) -> None:
    await press(odds, "T")
    assert not page(odds).again
    store.answer(Place("pod", "no-nat"), "10.244.0.1", right=False, at=1.0)
    await press(odds, "T")
    assert page(odds).again
    assert page(odds).lesson.id == "pod"
    assert page(odds).step.id == "no-nat"
    place = store.place()
    assert place is not None
    assert place.lesson == "service"
    await press(odds, "1", "n")
    assert not page(odds).again
    assert (page(odds).lesson.id, page(odds).step.id) == ("service", "odds")


async def test_a_sandbox_from_the_lesson_and_back(odds: Pilot[None]) -> None:
    await press(odds, "E")
    assert screen(odds).page is None
    session = screen(odds).session
    assert session is not None
    assert session.world.cluster.service("shop", "web") is not None
    await press(odds, "E")
    assert page(odds).step.id == "odds"


async def test_the_glossary_begins_with_the_words_of_the_page(odds: Pilot[None]) -> None:
    await press(odds, "W")
    found = odds.app.screen
    assert isinstance(found, Glossary)
    await press(odds, *"masq")
    await press(odds, "escape")
    assert page(odds).step.id == "odds"


async def test_another_language_at_once(
    odds: Pilot[None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    await press(odds, "1")
    before = screen(odds).session
    await press(odds, "at", "down", "enter")
    await odds.pause(0.3)
    assert "확률은 얼마입니까?" in words(odds)
    assert page(odds).chosen == "1/2"
    after = screen(odds).session
    assert before is not None
    assert after is not None
    assert after.position == before.position
    assert (tmp_path / "k8snet-tui" / "language").read_text() == "ko\n"
    await press(odds, "at", "up", "enter")
    await odds.pause(0.3)
    assert "What are the odds?" in words(odds)
