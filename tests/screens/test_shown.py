"""Whoever is shown a session arrives at the same moment, with the same connections remembered."""

import time

import pytest

from tests.screens.workshop import COURSE
from tui.course.lesson import Lesson
from tui.formats.edits import Delete, Edit, Scale, SetField, edited, objects_of
from tui.screens.lesson_player import LessonPlayer
from tui.screens.shown import Teller, arrived, story
from tui.session import Session
from tui.sim.engine import Choices, Injection, PlaceError
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.widgets.lesson_page import Page

PAGES = [
    pytest.param(lesson, step.id, id=f"{lesson.id}-{step.id}")
    for lesson in COURSE.lessons
    for step in lesson.steps
    if step.packet is not None
]
TASKS = [
    pytest.param(lesson, step.id, id=f"{lesson.id}-{step.id}")
    for lesson in COURSE.lessons
    for step in lesson.steps
    if step.task is not None
]


def stand(lesson: Lesson, step: str = "") -> tuple[LessonPlayer, Page, Session]:
    player = LessonPlayer(COURSE, None, time.time)
    return player, *player.opened(lesson, step)


def seen_by_another(page: Page, session: Session) -> Session:
    """What a follower makes of it."""
    shown = Teller().told(page, session)
    _, _, start = stand(page.lesson)
    return arrived(start, shown).at(shown)


def assert_same(here: Session, there: Session) -> None:
    assert there.moment == here.moment
    assert there.moments == here.moments
    assert (there.before, there.after) == (here.before, here.after)
    assert there.position == here.position


@pytest.mark.slow
@pytest.mark.parametrize(("lesson", "step"), PAGES)
def test_the_packet_of_every_page(lesson: Lesson, step: str) -> None:
    player, page, session = stand(lesson, step)
    page, session = player.sent(page, session)
    half = session.moved_to(len(session.moments) // 2)
    assert_same(half, seen_by_another(page, half))


def service() -> Lesson:
    lesson = COURSE.lesson("service")
    assert lesson is not None
    return lesson


def test_the_second_packet_of_a_connection_meets_the_first() -> None:
    player, page, session = stand(service(), "chains")
    _, once = player.sent(page, session)
    assert once.injection is not None
    twice = once.injected(once.injection, once.choices)
    assert len(story(service(), twice).events) == 2
    assert_same(twice, seen_by_another(page, twice))


@pytest.mark.slow
@pytest.mark.parametrize(("lesson", "step"), TASKS)
def test_the_flows_of_every_challenge(lesson: Lesson, step: str) -> None:
    player, page, session = stand(lesson, step)
    assert page.step.task is not None
    for goal in page.step.task.goals:
        try:
            tried = player.tried(page, session, goal)
        except PlaceError:
            continue  # that it cannot be sent is what is to be mended
        assert_same(tried, seen_by_another(page, tried))


def test_another_mode_and_another_plugin() -> None:
    player, page, session = stand(service(), "chains")
    _, sent = player.sent(page, session)
    for here in (
        sent.with_mode(ProxyMode.NFTABLES),
        sent.with_mode(ProxyMode.IPVS).with_plugin("calico"),
        sent.with_plugin("cilium"),
        session.with_plugin("cilium"),
        session.with_plugin("cilium").injected(Injection("pod/shop/client", "svc/shop/web:80")),
    ):
        there = seen_by_another(page, here)
        assert there.world.proxy.mode is here.world.proxy.mode
        assert there.world.cni == here.world.cni
        assert_same(here, there)


def test_a_story_has_an_end_however_often_a_packet_goes() -> None:
    _, page, session = stand(service(), "chains")
    for _ in range(20):
        session = session.injected(Injection("pod/shop/client", "svc/shop/web:80"))
    there = seen_by_another(page, session)
    assert there.injection == session.injection
    assert len(there.conntrack) < 20
    assert Teller().told(page, session).lacks == "past"


def test_time_passes_for_others_too() -> None:
    player, page, session = stand(service(), "chains")
    _, sent = player.sent(page, session)
    assert sent.injection is not None
    for here in (
        session.waited(60),
        sent.waited(60),
        sent.waited(60).waited(400_000).injected(sent.injection, sent.choices),
        sent.waited(500_000).injected(sent.injection, sent.choices).waited(1),
        session.waited(60).with_mode(ProxyMode.NFTABLES),
    ):
        there = seen_by_another(page, here)
        assert (there.before, there.after) == (here.before, here.after)
        assert there.conntrack == here.conntrack
        assert there.moments == here.moments
        assert Teller().told(page, here).lacks == ""


def test_each_packet_goes_under_the_mode_and_the_plugin_that_it_went_under() -> None:
    player, page, session = stand(service(), "chains")
    _, sent = player.sent(page, session)
    assert sent.injection is not None
    twice = sent.injected(sent.injection, sent.choices)
    for here in (
        twice.with_mode(ProxyMode.IPVS),
        twice.with_mode(ProxyMode.NFTABLES).injected(sent.injection),
        twice.with_plugin("calico").injected(sent.injection).with_mode(ProxyMode.IPVS),
    ):
        assert_same(here, seen_by_another(page, here))
        assert Teller().told(page, here).lacks == ""


# ---------------------------------------------------------------- changes


def after(session: Session, *edits: Edit) -> Session:
    for edit in edits:
        world = session.world
        session = session.with_world(world.with_cluster(edited(world.written, edit)))
    return session


def test_a_change_of_the_cluster_comes_along() -> None:
    player, page, session = stand(service(), "chains")
    _, sent = player.sent(page, session)
    injection = sent.injection
    assert injection is not None
    gone, none = Delete(("Pod", "shop", "web-1")), Scale("shop", "web", 0)
    moved = after(sent, SetField(("Service", "shop", "web"), ("spec", "ports", 0, "port"), 8088))
    for here in (
        after(session, gone),
        after(sent, gone),
        after(sent, none).injected(injection),
        after(after(sent, none).injected(injection), Scale("shop", "web", 4)).injected(injection),
        after(sent, gone).with_mode(ProxyMode.NFTABLES).injected(injection),
        after(sent, gone).waited(30).with_plugin("cilium").injected(injection),
        moved.injected(replace(injection, destination="svc/shop/web:8088")),
        player.sent(page, after(sent, gone))[1],
    ):
        shown = Teller().told(page, here)
        assert shown.lacks == ""
        there = seen_by_another(page, here)
        assert objects_of(there.world.written) == objects_of(here.world.written)
        assert_same(here, there)


def test_stale_entries_go_there_as_they_went_here() -> None:
    lesson = COURSE.lesson("service")
    assert lesson is not None
    _, page, session = stand(lesson)
    dns = Injection("pod/shop/client", "svc/kube-system/kube-dns:53", protocol=Protocol.UDP)
    sent = session.injected(dns, Choices(pin="10.244.0.2:53"))
    assert sent.trace is not None
    assert sent.trace.outcomes[0].destination == "10.244.0.2:53"
    here = after(sent, Delete(("Pod", "kube-system", "coredns-1")))
    assert here.after != sent.after, "kube-proxy has deleted an entry"
    assert_same(here.injected(dns), seen_by_another(page, here.injected(dns)))


def test_a_change_too_long_for_a_message_stays_here_and_so_does_its_packet() -> None:
    player, page, session = stand(service(), "chains")
    _, sent = player.sent(page, session)
    assert sent.injection is not None
    here = after(sent, Scale("shop", "web", 100)).injected(sent.injection)
    shown = Teller().told(page, here.moved_to(5))
    assert (shown.step, shown.packet, shown.position) == ("chains", "", 0)
    assert shown.lacks == "change"


def test_a_story_that_goes_on_is_not_begun_anew() -> None:
    player, page, session = stand(service(), "chains")
    _, sent = player.sent(page, session)
    assert sent.injection is not None
    changed = after(sent, Scale("shop", "web", 1)).injected(sent.injection)
    teller = Teller()
    first = teller.told(page, changed)
    _, _, start = stand(page.lesson)
    there = arrived(start, first)
    again = changed.injected(sent.injection)
    second = teller.told(page, again)
    further = arrived(start, second, there)
    assert further.session.world is there.session.world
    assert_same(again, further.at(second))
    other = teller.told(page, sent)
    assert_same(sent, arrived(start, other, further).at(other))


def test_beside_the_lessons_nothing_is_told_but_that() -> None:
    _, _, session = stand(service())
    shown = Teller().told(None, session)
    assert (shown.lesson, shown.step, shown.packet) == ("", "", "")


def test_the_text_of_a_packet_is_made_once() -> None:
    player, page, session = stand(service(), "chains")
    _, sent = player.sent(page, session)
    teller = Teller()
    first = teller.told(page, sent).packet
    assert teller.told(page, sent.moved_to(9)).packet is first
