"""The explorer from key to screen: the main path at every size, and what goes wrong on the way."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from tests.sampling import one_in
from tests.screens.explorer_pilot import notices, press, screen, send, session, shown, to_service
from tui.actions import ACTIONS
from tui.app import K8sNetApp
from tui.screens.findable import findable
from tui.screens.help import Help, HelpSheet
from tui.screens.hints import destinations
from tui.screens.injector import Injector
from tui.screens.inspector import Inspector
from tui.screens.menu import Menu
from tui.screens.outcomes import Outcomes
from tui.session import Session
from tui.sim.cni import PLUGINS
from tui.sim.engine import World
from tui.sim.model.settings import ProxyMode
from tui.theme import LAYERS, VERDICTS
from tui.widgets.header_line import HeaderLine
from tui.widgets.journey import Journey
from tui.widgets.key_bar import KeyBar
from tui.widgets.topology_map import TopologyMap
from tui.widgets.transport import Transport
from tui.words import use

SIZES = {"wide": (120, 40), "double": (80, 24), "single": (70, 22)}
Open = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def explorer(world: World) -> Open:
    """Opens a sandbox in a terminal of a size."""

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (120, 40), **options: bool
    ) -> AsyncIterator[Pilot[None]]:
        async with K8sNetApp(world=world, **options).run_test(size=size) as pilot:  # type: ignore[arg-type]
            await pilot.pause()
            yield pilot

    return opened


# ---------------------------------------------------------------- the main path


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_send_walk_to_the_end_and_back(explorer: Open, size: tuple[int, int]) -> None:
    async with explorer(size) as pilot:
        await to_service(pilot)
        assert session(pilot).trace is not None
        assert session(pilot).position == 0
        await press(pilot, "right", "right", "l", "left")
        assert session(pilot).position == 2
        await press(pilot, "enter", "enter")
        moment = session(pilot).moment
        assert moment is not None
        assert moment.step.place is not None
        assert moment.step.place.hook == "PREROUTING"
        assert "PRE" in shown(pilot)
        await press(pilot, "end")
        assert session(pilot).at_end
        assert "✓" in shown(pilot)
        await press(pilot, "home")
        assert session(pilot).position == 0


async def test_every_pane_follows_every_step(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        while not session(pilot).at_end:
            await pilot.press("right")
            now = session(pilot)
            text = shown(pilot)
            assert f"step {now.position + 1}/{len(now.moments)}" in text
            assert now.moment is not None
            assert now.moment.hop.namespace in text


async def test_a_screen_that_is_too_small_says_so_and_recovers(explorer: Open) -> None:
    async with explorer((50, 15)) as pilot:
        assert "60 x 20" in shown(pilot)
        assert "node-a" not in shown(pilot)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert "node-a" in shown(pilot)
        assert "60 x 20" not in shown(pilot)


async def test_in_a_window_that_is_too_small_no_key_acts_unseen(
    explorer: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    async with explorer() as pilot:
        await to_service(pilot)
        await pilot.resize_terminal(50, 15)
        await pilot.pause()
        before = session(pilot), pilot.app.theme, screen(pilot).tab
        keys = ("right", "enter", "space", "u", "w", "2", "i", "slash", "question_mark", "tab")
        await press(pilot, *keys, "d", "ctrl+p", "ctrl+s", "m", "down")
        assert (session(pilot), pilot.app.theme, screen(pilot).tab) == before
        assert len(pilot.app.screen_stack) == 1
        assert list(tmp_path.iterdir()) == []
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        await press(pilot, "right")
        assert session(pilot).position == 1
        assert screen(pilot).focused is not None


@pytest.mark.slow
async def test_resizing_while_it_plays(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        await press(pilot, "plus", "plus", "space")
        assert screen(pilot).playing
        for size in ((80, 24), (59, 19), (70, 22), (200, 60), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause(0.1)
        assert session(pilot).position > 0
        await press(pilot, "space")
        assert not screen(pilot).playing


async def test_playing_stops_at_the_end(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        await press(pilot, "end", "left", "left", "plus", "plus", "space")
        for _ in range(100):
            if not screen(pilot).playing:
                break
            await pilot.pause(0.05)
        assert session(pilot).at_end
        assert not screen(pilot).playing


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_without_colour(
    explorer: Open, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with explorer(size) as pilot:
        assert pilot.app.no_color
        await to_service(pilot)
        await press(pilot, "enter", "1", "2", "3", "4", "5", "end", "question_mark", "escape", "a")
        assert "delivered" in shown(pilot)


async def test_in_ascii_nothing_else_is_drawn(explorer: Open) -> None:
    async with explorer(ascii=True) as pilot:
        await to_service(pilot)
        await press(pilot, "enter", "end", "t", "i")
        assert shown(pilot).isascii()
        assert "Send a packet" in shown(pilot)


# ---------------------------------------------------------------- what goes wrong


async def test_a_bad_place_is_said_in_the_dialog_and_can_be_mended(explorer: Open) -> None:
    async with explorer() as pilot:
        await send(pilot, "pod/default/nobody", "svc/default/web:80")
        assert isinstance(pilot.app.screen, Injector)
        assert "✗ pod/default/nobody" in shown(pilot)
        await press(pilot, "escape")
        assert session(pilot).trace is None
        await to_service(pilot)
        assert session(pilot).trace is not None


async def test_an_engine_that_fails_is_a_notice_and_the_session_goes_on(
    explorer: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        before = session(pilot)

        def broken(*_: object) -> Session:
            raise ZeroDivisionError("chance of nothing")

        monkeypatch.setattr(Session, "with_plugin", broken)
        await press(pilot, "c", "2")
        assert session(pilot) is before
        assert any("chance of nothing" in text for text in notices(pilot))


async def test_outcomes_that_cannot_be_listed_are_a_notice(
    explorer: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        monkeypatch.setattr(Session, "all_outcomes", property(lambda _: [][0]))
        await press(pilot, "a")
        assert any("IndexError" in text for text in notices(pilot))
        assert pilot.app.is_running


async def test_a_big_cluster_does_not_hold_up_the_screen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.sending.BIG", 0)
    async with K8sNetApp(world=world).run_test(size=(120, 40)) as pilot:
        for _ in range(50):
            if screen(pilot).session is not None:
                break
            await pilot.pause(0.02)
        await to_service(pilot)
        for _ in range(50):
            if session(pilot).trace is not None:
                break
            await pilot.pause(0.02)
        assert session(pilot).trace is not None
        assert not screen(pilot).busy


# ---------------------------------------------------------------- changing things


async def test_a_mode_that_is_not_built_is_never_faked(
    explorer: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.sending.BUILT_MODES", frozenset({ProxyMode.IPTABLES}))
    async with explorer() as pilot:
        await to_service(pilot)
        before = session(pilot)
        await press(pilot, "m")
        assert isinstance(pilot.app.screen, Menu)
        assert "not built yet" in shown(pilot)
        await press(pilot, "3")
        assert session(pilot) is before
        assert any("not built yet" in text for text in notices(pilot))


async def test_another_mode_keeps_the_endpoint_and_shows_its_own_rules(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        trace = session(pilot).trace
        assert trace is not None
        endpoint = trace.outcomes[0].destination
        await press(pilot, "m", "2")
        now = session(pilot)
        assert now.world.proxy.mode is ProxyMode.NFTABLES
        assert now.trace is not None
        assert now.trace.outcomes[0].destination == endpoint
        positions = [
            i
            for i, m in enumerate(now.moments)
            if m.step.place is not None and m.step.place.chain == "services"
        ]
        screen(pilot).session = now.moved_to(positions[0])
        await pilot.pause()
        assert "vmap @service-ips" in shown(pilot)


async def test_another_plugin_takes_the_packet_another_way(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        await press(pilot, "c", "2")
        assert session(pilot).world.cni == "bridge"
        assert session(pilot).trace is not None
        assert "vxlan" not in shown(pilot)
        await press(pilot, "u")
        assert session(pilot).world.cni == "flannel"


async def test_outcomes_are_listed_and_choosing_one_pins_it(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        await press(pilot, "a")
        assert isinstance(pilot.app.screen, Outcomes)
        text = shown(pilot)
        assert text.count("1/2") >= 2
        assert "10.244.0.5:8080" in text
        assert "10.244.1.5:8080" in text
        await press(pilot, "down", "enter")
        pinned = session(pilot).choices.pin
        assert pinned == "10.244.1.5:8080"
        trace = session(pilot).trace
        assert trace is not None
        assert trace.outcomes[0].destination == pinned
        await press(pilot, "p")
        assert session(pilot).choices.pin is None


async def test_undo_goes_back_to_before_the_packet(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        await press(pilot, "u")
        assert session(pilot).trace is None


async def test_waiting_lets_time_pass_and_says_where_the_packet_is(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        await press(pilot, "w")
        assert session(pilot).before.now == 60.0
        assert "A minute has passed: i sends a new packet." in shown(pilot)
        assert any("what is still remembered" in text for text in notices(pilot))
        await to_service(pilot)
        assert "A minute has passed" not in screen(pilot).query_one(Transport).text_rows()[0]


async def test_without_a_rewrite_left_the_packet_stays_and_the_screen_says_so(
    explorer: Open,
) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        seen = [session(pilot).position]
        for _ in range(20):
            await press(pilot, "x")
            seen.append(session(pilot).position)
        assert seen[-1] == seen[-2]
        assert not session(pilot).at_end
        assert "No rewrite is left on this way." in shown(pilot)
        await press(pilot, "left")
        assert "No rewrite" not in shown(pilot)


async def test_a_dialog_pauses_the_packet(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        await press(pilot, "space", "question_mark")
        assert not screen(pilot).playing


# ---------------------------------------------------------------- looking closer


async def test_conntrack_takes_the_place_of_the_chain(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        await press(pilot, "end", "t")
        assert "conntrack -L" in shown(pilot)
        await press(pilot, "t")
        assert "conntrack -L" not in shown(pilot)


async def test_a_click_on_a_pod_opens_the_inspector(explorer: Open) -> None:
    async with explorer() as pilot:
        pane = screen(pilot).query_one(TopologyMap)
        assert pane._layout is not None
        frame = next(f for f in pane._layout.frames if f.title == "web-2")
        await pilot.click(TopologyMap, offset=(frame.x + 2, frame.y + 2))
        await pilot.pause()
        assert isinstance(pilot.app.screen, Inspector)
        text = shown(pilot)
        assert "pod/default/web-2" in text
        assert "inet 10.244.1.5/24" in text
        assert "default via 10.244.1.1 dev eth0" in text
        await press(pilot, "escape")
        assert len(pilot.app.screen_stack) == 1


async def test_find_opens_what_was_found(explorer: Open) -> None:
    async with explorer() as pilot:
        await press(pilot, "slash", "w", "e", "b", "minus", "2", "enter")
        assert isinstance(pilot.app.screen, Inspector)
        assert "pod/default/web-2" in shown(pilot)


async def test_a_click_in_the_journey_goes_there(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        rows = screen(pilot).query_one(Journey).text_rows()
        row = next(i for i, text in enumerate(rows) if "hook  PREROUTING" in text)
        await pilot.click(Journey, offset=(8, row + 1))
        await pilot.pause()
        moment = session(pilot).moment
        assert moment is not None
        assert moment.step.kind.value == "hook-entered"


async def test_the_footer_shows_only_what_works(explorer: Open) -> None:
    async with explorer() as pilot:

        def keys() -> list[str]:
            return [action.id for action in screen(pilot).query_one(KeyBar).actions]

        assert "step" not in keys()
        assert "inject" in keys()
        await to_service(pilot)
        assert "step" in keys()
        assert "back" not in keys()
        await press(pilot, "end")
        assert "step" not in keys()
        assert "back" in keys()
        assert keys()[-1] == "help"


async def test_a_key_of_the_footer_can_be_clicked(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        bar = screen(pilot).query_one(KeyBar)
        column = bar.text_rows()[0].index("step")
        await pilot.click(KeyBar, offset=(column, 0))
        await pilot.pause()
        assert session(pilot).position == 1


async def test_the_modes_of_the_header_can_be_clicked(explorer: Open) -> None:
    async with explorer() as pilot:
        column = screen(pilot).query_one(HeaderLine).text_rows()[0].index("nftables")
        await pilot.click(HeaderLine, offset=(column, 0))
        await pilot.pause()
        assert session(pilot).world.proxy.mode is ProxyMode.NFTABLES


async def test_keys_work_with_a_korean_input_method_on(explorer: Open) -> None:
    async with explorer() as pilot:
        await to_service(pilot)
        await press(pilot, "ㅣ", "ㅣ", "ㅗ")
        assert session(pilot).position == 1
        await press(pilot, "ㅑ")
        assert isinstance(pilot.app.screen, Injector)


async def test_dark_and_light(explorer: Open) -> None:
    async with explorer() as pilot:
        seen = [pilot.app.theme]
        for _ in range(2):
            await press(pilot, "d")
            seen.append(pilot.app.theme)
        assert seen == ["k8snet-dark", "k8snet-light", "k8snet-dark"]


@pytest.mark.parametrize("theme", one_in(4, ["nord", "textual-light", "ansi-dark", "dracula"]))
async def test_built_in_themes_work_too(world: World, theme: str) -> None:
    async with K8sNetApp(world=world, theme=theme).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await to_service(pilot)
        await press(pilot, "enter", "end")
        assert pilot.app.theme == theme
        assert "delivered" in shown(pilot)


def commands(pilot: Pilot[None]) -> list[str]:
    return [each.title for each in pilot.app.get_system_commands(pilot.app.screen)]


async def test_the_palette_lists_what_works_and_nothing_that_is_not_ours(explorer: Open) -> None:
    async with explorer() as pilot:
        assert "inject" in commands(pilot)
        assert "step" not in commands(pilot)
        await to_service(pilot)
        assert "step" in commands(pilot)
        ours = {each.label for each in ACTIONS}
        assert set(commands(pilot)) <= ours
        await press(pilot, "question_mark")
        assert set(commands(pilot)) == {"dark/light", "screenshot", "quit"}


async def test_a_command_of_the_palette_is_done(explorer: Open) -> None:
    async with explorer() as pilot:
        await press(pilot, "ctrl+p", *"help")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        await press(pilot, "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Help)


async def test_a_screenshot_says_where_it_is(
    explorer: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    async with explorer() as pilot:
        await press(pilot, "ctrl+s")
        [file] = (tmp_path / "data" / "k8snet-tui").iterdir()
        assert file.read_text(encoding="utf-8").startswith("<svg")
        assert notices(pilot) == [f"Saved: {file}"]


async def test_a_screenshot_that_cannot_be_saved_says_so(
    explorer: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").write_text("in the way")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    async with explorer() as pilot:
        await press(pilot, "ctrl+s")
        [notice] = notices(pilot)
        assert notice.startswith("The picture cannot be saved: ")
        assert str(tmp_path) in notice


@pytest.mark.parametrize("width", [50, 56, 60, 72, 76, 96, 110])
def test_help_keeps_each_sign_with_its_words(width: int) -> None:
    rows = HelpSheet(use()).lines(width)
    assert max(row.width for row in rows) <= width
    legend = rows[next(i for i, row in enumerate(rows) if row.text == "Signs") + 1 :]
    signs = {look.glyph for look in (*VERDICTS.values(), *LAYERS.values())} | set("━╍═┄◆")
    assert all(row.text.split()[0] in signs for row in legend)
    assert not any(row.text[-1] in signs for row in legend)


def test_help_tells_of_digits_and_tabs() -> None:
    text = "\n".join(row.text for row in HelpSheet(use()).lines(76))
    assert "1-6" in text
    assert "tab" in text


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_a_long_error_is_shown_whole(explorer: Open, size: tuple[int, int]) -> None:
    async with explorer(size) as pilot:
        await send(pilot, "pod/default/client", "svc/default/nothing-of-this-name:80")
        label = pilot.app.screen.query_one("#error")
        assert label.region.height > 1
        assert pilot.app.screen.region.contains_region(label.region)
        assert " ".join(shown(pilot).replace("│", " ").split()).count("default/web") >= 1


async def test_find_says_when_nothing_is_called_that(explorer: Open) -> None:
    async with explorer() as pilot:
        await press(pilot, "slash", "z", "z", "z")
        assert "nothing is called that" in shown(pilot)
        await press(pilot, "enter")
        assert len(pilot.app.screen_stack) == 2


async def test_rows_of_find_do_not_wrap(world: World) -> None:
    web = next(s for s in world.cluster.services if s.name == "web")
    ips = ("10.96.31.7", "fd00:10:96::31:7777:8888:9999")
    named = replace(web, name="a-service-with-a-long-name", cluster_ips=ips)
    cluster = replace(world.cluster, services=(named,))
    async with K8sNetApp(world=world.with_cluster(cluster)).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await press(pilot, "slash", *"service")
        rows = pilot.app.screen.query_one(OptionList)
        assert rows.option_count == 1
        assert rows.virtual_size.height == 1
        assert "…" in shown(pilot)


async def test_an_outcome_has_its_second_line_under_its_receiver(explorer: Open) -> None:
    async with explorer((80, 24)) as pilot:
        await to_service(pilot)
        await press(pilot, "a")
        rows = shown(pilot).splitlines()
        first = next(i for i, row in enumerate(rows) if "10.244.0.5:8080" in row)
        assert "web-1 · connected" in rows[first + 1]
        assert "connected" not in rows[first]


async def test_each_plugin_says_what_it_is(explorer: Open) -> None:
    async with explorer((80, 24)) as pilot:
        await press(pilot, "c", "home")
        for name in PLUGINS:
            row = next(row for row in shown(pilot).splitlines() if re.search(f"[●○] {name} ", row))
            note = use().plugin(name).removeprefix(f"{name}: ")
            assert note.split(",")[0][:20] in row
            await press(pilot, "down")


def test_a_headless_service_is_called_so(world: World) -> None:
    web = next(s for s in world.cluster.services if s.name == "web")
    headless = replace(web, cluster_ips=("None",))
    cluster = replace(world.cluster, services=(headless,))
    hint = destinations(cluster)[0]
    assert (hint.place, hint.noted(use())) == ("svc/default/web:80", "TCP headless")
    found = {hint.place: hint for hint in findable(world.with_cluster(cluster))}
    assert found["svc/default/web"].noted(use()) == "headless"


async def test_the_inspector_tells_what_a_device_is_wired_to() -> None:
    from tui.cli.parser import parser
    from tui.cli.settings import world_of
    from tui.widgets.wiring import wires
    from tui.words import use

    network = world_of(parser().parse_args(["sandbox"])).network
    rows = wires(network, "node/node-a", "flannel.1", use())
    assert rows == [
        "flannel.1 ── flannel.1 · node/node-b   tunnel",
        "flannel.1 ── flannel.1 · node/node-c   tunnel",
    ]
    [pair] = wires(network, "pod/shop/client", "eth0", use())
    assert pair.startswith("eth0 ── veth")
    assert pair.endswith(" · node/node-a   veth pair")


async def test_the_inspector_ties_a_bridge_port_to_its_pod() -> None:
    from tui.cli.parser import parser
    from tui.cli.settings import world_of
    from tui.screens.inspector import Sheet
    from tui.screens.place_sections import network_blocks
    from tui.sim.routing.iproute2 import View
    from tui.widgets.wiring import wires
    from tui.words import use

    network = world_of(parser().parse_args(["sandbox"])).network
    node = network.namespace("node/node-a")
    port = next(d.name for d in node.devices if d.peer == ("pod/shop/web-1", "eth0"))
    blocks = list(network_blocks(View.of(node, network), port, use(), network))
    rows = [line.text.strip() for line in Sheet(blocks, use()).lines(100)]
    assert "# the other end is eth0 of pod shop/web-1" in rows
    ports = wires(network, "node/node-a", "cni0", use())
    assert f"cni0 ── {port}   port of the bridge: the other end is eth0 of pod shop/web-1" in ports
    everything = wires(network, "node/node-a", "", use())
    assert f"cni0 ── {port}" not in "".join(everything), "a link is told once"


async def test_the_inspector_lists_routes_in_the_kernels_order(world: World) -> None:
    from tui.screens.inspector import Sheet
    from tui.screens.place_sections import network_blocks
    from tui.sim.routing.iproute2 import View
    from tui.words import use

    node = world.network.namespace("node/node-a")
    rows = [
        line.text.strip()
        for line in Sheet(list(network_blocks(View.of(node), "", use())), use()).lines(100)
    ]
    start = rows.index("$ ip route")
    assert [row.split()[0] for row in rows[start + 1 : start + 5]] == [
        "default", "10.244.0.0/24", "10.244.1.0/24", "192.168.10.0/24",
    ]  # fmt: skip
