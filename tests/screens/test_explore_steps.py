"""Every step of every lesson that asks for something on the map can be done, by key and mouse."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from tests.screens.explorer_pilot import page, screen, session
from tui.app import K8sNetApp
from tui.course.catalogue import load_course
from tui.course.lesson import Activity, Lesson, LessonStep, Sight
from tui.screens.findable import findable
from tui.screens.hints import matching
from tui.screens.places import seen_at
from tui.sim.engine.world import World
from tui.widgets.key_bar import KeyBar
from tui.widgets.map_drawing import POD_HEIGHT
from tui.widgets.topology_map import TopologyMap

pytestmark = pytest.mark.slow

COURSE = load_course()
STEPS = [
    pytest.param(lesson, step, id=f"{lesson.id}-{step.id}")
    for lesson in COURSE.lessons
    for step in lesson.steps
    if step.kind is Activity.EXPLORE and step.find is not None
]


@asynccontextmanager
async def opened(
    lesson: Lesson, step: LessonStep, size: tuple[int, int]
) -> AsyncIterator[Pilot[None]]:
    app = K8sNetApp(course=COURSE, lesson_id=lesson.id, step=step.id)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


def world(pilot: Pilot[None]) -> World:
    return session(pilot).world


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press({" ": "space", "-": "minus", ".": "full_stop"}.get(key, key))
        await pilot.pause()


def named(sight: Sight) -> str:
    """What a learner types who has read the page."""
    name = (sight.service or sight.namespace).rsplit("/", 1)[-1]
    return f"{name} {sight.device}".strip()


def spot(pane: TopologyMap, sight: Sight) -> tuple[int, int]:
    """The cell of the map to click on."""
    layout = pane._layout
    assert layout is not None
    if sight.service:
        names = [name for name, _ in layout.services]
        return 4, layout.service_row + names.index(sight.service.rsplit("/", 1)[-1])
    for label in layout.labels:
        if label.spot == (sight.namespace, sight.device):
            return label.x + 1, label.y
    frame = next(f for f in layout.frames if f.spot == (sight.namespace, ""))
    return frame.x + 2, frame.y + (1 if frame.height == POD_HEIGHT else 0)


@pytest.mark.parametrize(("lesson", "step"), STEPS)
async def test_it_can_be_done_by_keyboard_on_a_small_screen(
    lesson: Lesson, step: LessonStep
) -> None:
    assert step.find is not None
    async with opened(lesson, step, (80, 24)) as pilot:
        assert page(pilot).seeks
        assert screen(pilot).query_one(KeyBar).text_rows()[0].startswith(" / find")
        await press(pilot, "slash", *named(step.find), "enter")
        assert page(pilot).found
        await press(pilot, "escape", "enter")
        assert page(pilot).number == lesson.steps.index(step) + 1


@pytest.mark.parametrize(("lesson", "step"), STEPS)
async def test_it_can_be_done_by_mouse_on_a_wide_screen(lesson: Lesson, step: LessonStep) -> None:
    assert step.find is not None
    async with opened(lesson, step, (120, 40)) as pilot:
        pane = screen(pilot).query_one(TopologyMap)
        await pilot.click(TopologyMap, offset=_inside(pane, spot(pane, step.find)))
        await pilot.pause()
        assert page(pilot).found


def _inside(pane: TopologyMap, cell: tuple[int, int]) -> tuple[int, int]:
    """A cell of the pane's content, counted from the corner of its border."""
    corner = pane.content_region.offset - pane.region.offset
    return cell[0] + corner.x, cell[1] + corner.y


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.parametrize(("lesson", "step"), STEPS)
async def test_it_is_on_the_map(lesson: Lesson, step: LessonStep, size: tuple[int, int]) -> None:
    assert step.find is not None
    async with opened(lesson, step, size) as pilot:
        screen(pilot).open_tab("map")
        await pilot.pause()
        assert spot(screen(pilot).query_one(TopologyMap), step.find)


async def test_both_ends_of_a_page_s_packet_are_on_the_map_before_it_is_sent() -> None:
    lesson = next(lesson for lesson in COURSE.lessons if lesson.id == "container")
    step = next(step for step in lesson.steps if step.id == "open-door")
    async with opened(lesson, step, (120, 40)) as pilot:
        layout = screen(pilot).query_one(TopologyMap)._layout
        assert layout is not None
        assert {"client", "cart"} <= {frame.title for frame in layout.frames}


async def test_a_device_that_is_not_the_one_is_not_taken_for_it() -> None:
    lesson = next(lesson for lesson in COURSE.lessons if lesson.id == "pod")
    step = next(step for step in lesson.steps if step.id == "wires")
    async with opened(lesson, step, (120, 40)) as pilot:
        for place, device in (
            ("node/node-a", ""),
            ("node/node-a", "eth0"),
            ("node/node-b", "cni0"),
        ):
            screen(pilot).looked_at(place, device)
            assert page(pilot).seeks


# ---------------------------------------------------------------- what find offers


@pytest.fixture(scope="module")
def demo() -> World:
    from tui.course.play import lesson_world

    return lesson_world(COURSE.lessons[0])


def offered(world: World, text: str) -> list[str]:
    return [hint.place for hint in matching(findable(world), text)]


def test_find_offers_devices_of_pods_and_containers(demo: World) -> None:
    assert offered(demo, "cart") == [
        "pod/shop/cart",
        "pod/shop/cart eth0",
        "pod/shop/cart/app",
        "pod/shop/cart/metrics",
    ]
    assert offered(demo, "frontend")[0] == "svc/shop/frontend", "its very name comes first"
    assert offered(demo, "node-a")[0] == "node/node-a"


def test_a_container_is_where_its_pod_is(demo: World) -> None:
    assert seen_at(demo, "pod/shop/cart/app") == ("pod/shop/cart", "")
    assert seen_at(demo, "pod/shop/cart eth0") == ("pod/shop/cart", "eth0")
    [api] = offered(demo, "kube-apiserver")
    assert seen_at(demo, api) == ("node/node-a", "")
