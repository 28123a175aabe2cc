"""Editing the cluster in place, by keyboard at 80 x 24."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Label, OptionList, TextArea

from tests.screens.explorer_pilot import notices, press, screen, session, shown, to_service
from tui.app import K8sNetApp
from tui.course.catalogue import load_course
from tui.screens.explorer import ExplorerScreen
from tui.screens.forms import Ask, Write
from tui.screens.menu import Menu
from tui.sim.engine import World
from tui.sim.model.cluster import Pod, Service
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.widgets.lesson_page import Enter
from tui.widgets.topology_map import TopologyMap

pytestmark = pytest.mark.slow

Open = Callable[..., AbstractAsyncContextManager[Pilot[None]]]
SIZES = {"double": (80, 24), "wide": (120, 40), "single": (60, 20)}


@pytest.fixture
def explorer(world: World) -> Open:
    """Opens a sandbox with a packet on its way to the Service."""

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (80, 24), send: bool = True
    ) -> AsyncIterator[Pilot[None]]:
        async with K8sNetApp(world=world).run_test(size=size) as pilot:
            await pilot.pause()
            if send:
                await to_service(pilot)
            yield pilot

    return opened


async def pick(pilot: Pilot[None], label: str) -> None:
    """Move down a menu to a line and choose it."""
    menu = pilot.app.screen
    assert isinstance(menu, Menu)
    rows = menu.query_one(OptionList)
    for _ in range(rows.option_count):
        assert rows.highlighted is not None
        words = str(rows.get_option_at_index(rows.highlighted).prompt)
        if label in words:
            break
        await press(pilot, "down")
    else:
        raise AssertionError(f"the menu has no {label}")
    await press(pilot, "enter")
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def typed(pilot: Pilot[None], text: str) -> None:
    """Type over what a form begins with."""
    form = pilot.app.screen
    assert isinstance(form, Ask)
    await press(pilot, "delete", *text, "enter")
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def service(pilot: Pilot[None]) -> Service:
    found = session(pilot).world.cluster.service("default", "web")
    assert found is not None
    return found


def pod(pilot: Pilot[None], name: str) -> Pod:
    found = session(pilot).world.cluster.pod("default", name)
    assert found is not None
    return found


def said(pilot: Pilot[None], name: str = "error") -> str:
    return str(pilot.app.screen.query_one(f"#{name}", Label).render())


async def write(pilot: Pilot[None], text: str) -> None:
    form = pilot.app.screen
    assert isinstance(form, Write)
    form.query_one(TextArea).text = text
    await press(pilot, "ctrl+s")
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


# ---------------------------------------------------------------- the main path


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_scale_send_again_and_undo(explorer: Open, size: tuple[int, int]) -> None:
    async with explorer(size) as pilot:
        before = session(pilot)
        await press(pilot, "e")
        assert "Change svc/default/web" in shown(pilot)
        await pick(pilot, "number of pods")
        await typed(pilot, "4")
        assert len(session(pilot).world.cluster.pods) == 5
        assert session(pilot).trace is None
        (notice,) = notices(pilot)
        assert "Pod default/web-3: new." in notice
        assert "default/web: 4 endpoints ready, was 2." in notice
        assert "kube-proxy on node-a: 7 rules new, 1 gone." in notice
        await press(pilot, "r")
        trace = session(pilot).trace
        assert trace is not None
        every = session(pilot).all_outcomes
        assert every is not None
        assert len(every.outcomes) == 4
        await press(pilot, "u", "u")
        assert session(pilot) is before


async def test_the_injector_offers_the_last_packet_after_an_edit(explorer: Open) -> None:
    async with explorer() as pilot:
        await press(pilot, "e")
        await pick(pilot, "type")
        await pick(pilot, "NodePort")
        assert service(pilot).ports[0].node_port == 30000
        assert "r sends the last packet again" in screen(pilot).status
        await press(pilot, "i")
        assert pilot.app.screen.query_one("#destination", Input).value == "svc/default/web:80"


async def test_the_map_brings_forward_what_was_changed(explorer: Open) -> None:
    async with explorer(send=False) as pilot:
        await press(pilot, "e")
        await pick(pilot, "svc/default/web")
        await pick(pilot, "number of pods")
        await typed(pilot, "3")
        board = screen(pilot).query_one(TopologyMap)
        assert board.sought == ("pod/default/web-3",)
        assert "web-3" in shown(pilot)


async def test_a_pod_of_the_service_is_made_unready(explorer: Open) -> None:
    async with explorer() as pilot:
        await press(pilot, "e")
        await pick(pilot, "pod/default/web-1")
        assert "Change pod/default/web-1" in shown(pilot)
        await pick(pilot, "ready")
        await pick(pilot, "false")
        assert not pod(pilot, "web-1").ready
        assert "ready false, was true" in notices(pilot)[0]


async def test_what_was_looked_at_is_what_e_changes(explorer: Open) -> None:
    async with explorer() as pilot:
        screen(pilot).inspect("pod/default/web-2", "")
        await pilot.pause()
        await press(pilot, "escape", "e")
        assert "Change pod/default/web-2" in shown(pilot)
        await pick(pilot, "delete")
        assert session(pilot).world.cluster.pod("default", "web-2") is None
        await press(pilot, "u", "e")
        assert "Change pod/default/web-2" in shown(pilot)


async def test_what_is_chosen_on_the_map_is_what_e_changes(explorer: Open) -> None:
    async with explorer() as pilot:
        await press(pilot, "g")
        board = screen(pilot).query_one(TopologyMap)
        assert board.picked is not None
        assert board.picked.place == "pod/default/client"
        await press(pilot, "e")
        assert "Change pod/default/client" in shown(pilot)


async def test_another_object_is_found_by_name(explorer: Open) -> None:
    async with explorer() as pilot:
        await press(pilot, "e")
        await pick(pilot, "something else")
        await press(pilot, *"node-b", "enter")
        assert "Change node/node-b" in shown(pilot)


async def test_the_mouse_does_it_too(explorer: Open) -> None:
    async with explorer() as pilot:
        await press(pilot, "e")
        await pilot.click(OptionList, offset=(5, 3))
        await pilot.pause()
        await pilot.click(OptionList, offset=(5, 1))
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert service(pilot).type == "NodePort"


@pytest.mark.parametrize("mode", list(ProxyMode))
async def test_the_notice_counts_in_every_mode(explorer: Open, mode: ProxyMode) -> None:
    async with explorer() as pilot:
        screen(pilot).session = session(pilot).with_mode(mode)
        await press(pilot, "e")
        await pick(pilot, "sessionAffinity")
        await pick(pilot, "ClientIP")
        assert "sessionAffinity ClientIP, was None" in notices(pilot)[0]
        assert "kube-proxy on node-a" in notices(pilot)[0]
        assert "no rule changed" not in notices(pilot)[0]


# ---------------------------------------------------------------- what is typed wrong


@pytest.mark.parametrize(
    ("label", "text", "error"),
    [
        ("number of pods", "many", '"many" is not a number of pods'),
        ("number of pods", "5000", "5000 is not a number of pods (0 to 1000)"),
        ("port ", "0", "0 is not a port number (1 to 65535)"),
        ("port ", "http", '"http" is not a whole number'),
        ("port ", "", "is missing"),
        ("targetPort", "a b", "is not a port number"),
        ("selector", "app", '"app" is not a label, as app=web is'),
    ],
)
async def test_a_mistake_is_said_and_nothing_is_lost(
    explorer: Open, label: str, text: str, error: str
) -> None:
    async with explorer() as pilot:
        before = session(pilot)
        await press(pilot, "e")
        await pick(pilot, label)
        keys = ["space" if key == " " else key for key in text]
        await press(pilot, "delete", *keys, "enter")
        await pilot.app.workers.wait_for_complete()
        assert error in said(pilot)
        assert pilot.app.screen.query_one(Input).value == text
        await press(pilot, "escape")
        assert session(pilot) is before
        assert not notices(pilot)


async def test_the_same_value_again_is_no_change(explorer: Open) -> None:
    async with explorer() as pilot:
        before = session(pilot)
        await press(pilot, "e")
        await pick(pilot, "number of pods")
        await press(pilot, "enter")
        await pilot.app.workers.wait_for_complete()
        assert session(pilot) is before
        assert notices(pilot) == ["Nothing that is simulated has changed."]


async def test_a_node_port_of_another_is_warned_of(explorer: Open) -> None:
    other = "{kind: Service, metadata: {name: more}, spec: {type: NodePort, ports: [{port: 80}]}}"
    async with explorer() as pilot:
        await press(pilot, "e")
        await pick(pilot, "a new object")
        await write(pilot, other.replace("port: 80", "port: 80, nodePort: 31000"))
        screen(pilot).inspect("svc/default/web", "")
        await press(pilot, "escape", "e")
        await pick(pilot, "type")
        await pick(pilot, "NodePort")
        await press(pilot, "e")
        await pick(pilot, "nodePort")
        await typed(pilot, "31000")
        assert any("node port 31000/TCP belongs to" in each for each in notices(pilot))


async def test_the_last_packet_may_have_no_place_left(explorer: Open) -> None:
    async with explorer() as pilot:
        screen(pilot).inspect("pod/default/client", "")
        await pilot.pause()
        await press(pilot, "escape", "e")
        await pick(pilot, "delete")
        before = session(pilot)
        await press(pilot, "r")
        await pilot.app.workers.wait_for_complete()
        assert session(pilot) is before
        assert "client" in notices(pilot)[-1]
        assert "failed" not in notices(pilot)[-1]


async def test_an_object_that_others_need_is_not_deleted(explorer: Open) -> None:
    async with explorer() as pilot:
        before = session(pilot)
        screen(pilot).inspect("node/node-b", "")
        await pilot.pause()
        await press(pilot, "escape", "e")
        await pick(pilot, "as YAML")
        await write(pilot, "")
        assert 'no Node "node-b"' in said(pilot, "said")
        await press(pilot, "escape", "escape")
        assert session(pilot) is before


# ---------------------------------------------------------------- YAML


async def test_objects_are_edited_as_yaml_and_the_views_follow(explorer: Open) -> None:
    async with explorer((120, 40)) as pilot:
        await press(pilot, "e")
        await pick(pilot, "as YAML")
        text = pilot.app.screen.query_one(TextArea).text
        assert text.startswith("apiVersion: v1\nkind: Service\n")
        assert "kind: EndpointSlice" in text
        await write(pilot, text.replace("port: 80\n", "port: 8888\n", 1))
        assert service(pilot).ports[0].port == 8888
        assert "10.96.31.7:8888" in shown(pilot), "the map"
        assert "--dport 8888" in shown(pilot), "the rules"


async def test_a_mistake_in_yaml_names_its_line_and_keeps_the_text(explorer: Open) -> None:
    async with explorer() as pilot:
        before = session(pilot)
        await press(pilot, "e")
        await pick(pilot, "as YAML")
        wrong = pilot.app.screen.query_one(TextArea).text.replace("port: 80\n", "port: 80000\n", 1)
        await write(pilot, wrong)
        line = wrong.splitlines().index("    port: 80000") + 1
        assert f"line {line}: " in said(pilot, "said")
        assert "spec.ports[0].port: 80000 is not a port number" in said(pilot, "said")
        area = pilot.app.screen.query_one(TextArea)
        assert area.text == wrong
        assert area.cursor_location == (line - 1, 0)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, Write), "what was written is not lost by one key"
        assert "esc once more" in said(pilot, "said")
        await press(pilot, "escape")
        assert session(pilot) is before


@pytest.mark.parametrize(
    "text", ["a: [", "kind: Deployment", "hello", "kind: Pod\n---\n: :", "\t", "- 1", "{}"]
)
async def test_any_text_is_answered_in_words(explorer: Open, text: str) -> None:
    async with explorer() as pilot:
        await press(pilot, "e")
        await pick(pilot, "a new object")
        await write(pilot, text)
        if isinstance(pilot.app.screen, Write):
            assert said(pilot, "said").startswith("✗")
            assert "failed" not in said(pilot, "said")
        else:
            assert notices(pilot) == ["Nothing that is simulated has changed."]


async def test_leaving_without_a_word_takes_one_key(explorer: Open) -> None:
    async with explorer() as pilot:
        await press(pilot, "e")
        await pick(pilot, "as YAML")
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, ExplorerScreen)


# ---------------------------------------------------------------- in a lesson


async def test_a_lesson_says_that_its_cluster_was_changed() -> None:
    app = K8sNetApp(course=load_course(), lesson_id="service")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        here = screen(pilot)
        course = load_course()
        lesson = course.lesson("service")
        assert lesson is not None
        asking = next(i for i, step in enumerate(lesson.steps) if step.choices)
        for _ in range(asking):
            await press(pilot, "n")
        assert here.page is not None
        assert here.page.asks
        changed = session(pilot).world.cluster
        cluster = replace(changed, pods=changed.pods[:-1])
        here.session = session(pilot).with_world(session(pilot).world.with_cluster(cluster))
        await pilot.pause()
        assert "You have changed the cluster" in shown(pilot)
        assert here.page.enter is Enter.CHOOSE
        await press(pilot, "1")
        assert here.page.chosen is None, "the answers are about the lesson's cluster"
        await press(pilot, "u")
        assert "You have changed the cluster" not in shown(pilot)
