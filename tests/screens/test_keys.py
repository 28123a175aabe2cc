"""Every key that help tells of does what help says, and nothing needs a mouse or an arrow key."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import cast
from unittest.mock import Mock, patch

import pytest
from textual.pilot import Pilot

from tests.screens.explorer_pilot import page, session
from tests.snapshots.scenes import (
    CLIENT,
    WEB,
    Play,
    Scene,
    demo_world,
    explorer,
    in_chain,
    keys,
    packet,
    press,
    walk,
)
from tests.snapshots.stage import DARK, opened
from tui.actions import ACTIONS, action
from tui.app import K8sNetApp
from tui.screens.walking import SPEEDS
from tui.session import Session, Unit
from tui.sim.engine import Injection
from tui.widgets.lesson_page import Enter
from tui.widgets.topology_map import TopologyMap
from tui.workshop.channel import Channel
from tui.workshop.hosting import Part, Workshop

pytestmark = pytest.mark.slow

Effect = Callable[[Pilot[None]], bool]

UNCOMPOSED = frozenset(
    ("space", "enter", "tab", "shift+tab", "left", "right", "up", "down", "home", "end", "escape",
     "backspace", "pageup", "pagedown", "slash", "question_mark", "colon",
     *(f"f{n}" for n in range(1, 13)), *map(str, range(10)))
)  # fmt: skip
"""Keys that no input method holds back to compose a syllable."""


@dataclass(frozen=True)
class Case:
    """A state in which an action works, and how one sees that it did."""

    play: Play
    effect: Effect
    at: str = ""


def notice(pilot: Pilot[None]) -> str:
    return next((each.message for each in pilot.app._notifications), "")


def moved_to(position: int) -> Effect:
    return lambda pilot: session(pilot).position == position


def moved_by(unit: Unit, start: int, direction: int) -> Effect:
    wanted = packet().moved_to(start).moved(unit, direction).position
    assert wanted not in (start, start + direction), "a step would do the same"
    return moved_to(wanted)


async def sent_again(pilot: Pilot[None]) -> None:
    """A packet that the dialog sent, so that it can be sent again."""
    screen = explorer(pilot)
    screen.session = packet()
    screen.remember(Injection(CLIENT, WEB))


def on_top(name: str) -> Effect:
    return lambda pilot: type(pilot.app.screen).__name__ == name


def step_of(kind: str) -> Effect:
    def reached(pilot: Pilot[None]) -> bool:
        moment = session(pilot).moment
        return moment is not None and moment.step.kind.value == kind

    return reached


def rewrites(pilot: Pilot[None]) -> bool:
    moment = session(pilot).moment
    return moment is not None and bool(moment.step.changes)


async def in_class(pilot: Pilot[None]) -> None:
    """A session of a workshop that says nothing."""
    screen, app = explorer(pilot), pilot.app
    assert isinstance(app, K8sNetApp)
    if app.workshop is None:
        line, other = socket.socketpair()
        other.close()
        app.workshop = Workshop(Channel(line), instructor=False, name="kim")
        screen.attend()
    screen.part = Part.OWN_WAY


def walked(steps: int) -> Play:
    """A packet that has walked some steps."""
    return walk(packet, lambda _, i: i == steps, "")


LAST = len(packet().moments) - 1
LESSON = "service:chains"
CASES: dict[str, Case] = {
    "back": Case(walked(5), moved_to(4)),
    "step": Case(walked(5), moved_to(6)),
    "next_hook": Case(walked(5), lambda p: session(p).position > 6),
    "previous_hook": Case(walked(40), lambda p: session(p).position < 39),
    "play": Case(walked(5), lambda p: explorer(p).playing),
    "faster": Case(walked(5), lambda p: explorer(p).speed == SPEEDS[3]),
    "slower": Case(walked(5), lambda p: explorer(p).speed == SPEEDS[1]),
    "next_chain": Case(walked(7), moved_by(Unit.CHAIN, 7, 1)),
    "previous_chain": Case(walked(18), moved_by(Unit.CHAIN, 18, -1)),
    "next_hop": Case(walked(6), moved_by(Unit.HOP, 6, 1)),
    "previous_hop": Case(walked(40), moved_by(Unit.HOP, 40, -1)),
    "start": Case(walked(5), moved_to(0)),
    "end": Case(walked(5), moved_to(LAST)),
    "next_rewrite": Case(walked(0), rewrites),
    "previous_rewrite": Case(walked(LAST), rewrites),
    "inject": Case(keys(), on_top("Injector")),
    "mode": Case(keys(), on_top("Menu")),
    "plugin": Case(keys(), on_top("Menu")),
    "edit": Case(keys(), on_top("Menu")),
    "again": Case(sent_again, lambda p: session(p).after.sent > 1),
    "pin": Case(walked(5), lambda p: session(p).choices.pin is None),
    "undo": Case(walked(5), lambda p: session(p).trace is None),
    "wait": Case(walked(5), lambda p: session(p).before.now > 0),
    "conntrack": Case(walked(5), lambda p: explorer(p).lower == "conntrack"),
    "outcomes": Case(walked(5), on_top("Outcomes")),
    "compare": Case(walked(5), on_top("Compare")),
    "model": Case(keys(), on_top("NetworkModel")),
    "journey": Case(keys("n"), lambda p: explorer(p).left == "journey", LESSON),
    "inspect": Case(walked(5), on_top("Inspector")),
    "owner": Case(walk(packet, in_chain("KUBE-SVC-"), ""), on_top("Inspector")),
    "find": Case(keys(), on_top("Find")),
    "copy": Case(walked(5), lambda p: "Copied" in notice(p)),
    "export": Case(walked(5), lambda p: type(p.app.screen).__name__ not in ("ExplorerScreen",)),
    "pick": Case(keys(), lambda p: explorer(p).query_one(TopologyMap).picked is not None),
    "lesson_next": Case(keys(), lambda p: page(p).number == 4, LESSON),
    "lesson_back": Case(keys(), lambda p: page(p).number == 2, LESSON),
    "lessons": Case(keys(), on_top("Lessons"), LESSON),
    "hint": Case(keys(), lambda p: page(p).hints > 0, "typo:mend"),
    "reset": Case(keys(), lambda p: session(p).previous is not None, "typo:mend"),
    "recall": Case(keys(), lambda p: "Nothing is due" in notice(p), LESSON),
    "glossary": Case(keys(), on_top("Glossary"), LESSON),
    "sandbox": Case(keys(), lambda p: explorer(p).page is None, LESSON),
    "palette": Case(keys(), on_top("CommandPalette")),
    "theme": Case(keys(), lambda p: p.app.theme == "k8snet-light"),
    "screenshot": Case(keys(), lambda p: "Saved" in notice(p)),
    "class": Case(in_class, lambda p: explorer(p).follows),
    "tour": Case(keys(), on_top("Tour")),
    "language": Case(keys(), on_top("Menu")),
    "help": Case(keys(), on_top("Help")),
    "quit": Case(keys(), lambda p: cast(Mock, p.app.exit).called),
}
"""By the id of the action."""

WIDE = (120, 40)


def test_every_action_is_tried() -> None:
    assert list(CASES) == [each.id for each in ACTIONS]


@pytest.mark.parametrize("name", [each.id for each in ACTIONS])
async def test_each_key_and_the_palette_do_what_help_says(name: str) -> None:
    case = CASES[name]
    async with opened(Scene(name, case.play, case.at), "en", WIDE) as pilot:
        with patch.object(pilot.app, "exit"):
            for key in action(name).all_keys:
                await _tried(case, pilot, partial(pilot.press, key), key)
            if name != "palette":
                await _tried(case, pilot, partial(_chosen, pilot, name), "palette")


async def _tried(
    case: Case, pilot: Pilot[None], do: Callable[[], Awaitable[None]], how: str
) -> None:
    """Do it, see its effect, and put all back as it was."""
    assert not case.effect(pilot), f"the effect must be that of {how}"
    await do()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    assert case.effect(pilot), how
    await _start_again(case, pilot)


async def _chosen(pilot: Pilot[None], name: str) -> None:
    """The action by its name in the palette."""
    commands = pilot.app.get_system_commands(pilot.app.screen)
    next(each for each in commands if each.title == action(name).label).callback()
    await pilot.pause()


async def _start_again(case: Case, pilot: Pilot[None]) -> None:
    screen = explorer(pilot)
    while pilot.app.screen is not screen:
        await pilot.app.pop_screen()
    pilot.app.clear_notifications()
    pilot.app.theme = DARK
    cast(Mock, pilot.app.exit).reset_mock()
    screen.playing, screen.speed, screen.lower = False, 4.0, "chain"
    screen.query_one(TopologyMap).action_pick_leave()
    if case.at:
        screen.open_lesson(*case.at.split(":"))
    else:
        screen.session = Session(demo_world())
    await pilot.pause()
    await case.play(pilot)


def test_the_palette_opens_without_letters() -> None:
    assert all(len(key) > 1 for key in action("palette").keys)


# ---------------------------------------------------------------- other keys of the help


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_digits_open_panes(size: tuple[int, int]) -> None:
    async with opened(Scene("digits", walked(5)), "en", size) as pilot:
        for number, tab in enumerate(("map", "chain", "packet", "conntrack", "journey"), 1):
            await press(pilot, str(number))
            assert explorer(pilot).tab == tab
            assert explorer(pilot).focused is explorer(pilot).query_one(f"#{tab}")


async def test_tab_and_escape_go_round_and_home() -> None:
    async with opened(Scene("tab", walked(5)), "en", (80, 24)) as pilot:
        await press(pilot, "tab")
        assert explorer(pilot).tab == "chain"
        await press(pilot, "shift+tab", "shift+tab")
        assert explorer(pilot).tab == "journey"
        await press(pilot, "escape")
        assert explorer(pilot).tab == "map"


# ---------------------------------------------------------------- with an input method on


ON = {Enter.CHOOSE: "1", Enter.WALK: "end"}
"""What one presses to get on where it is not the enter key."""
NEEDED = ("back", "step", "next_hook", "previous_hook", "play", "start", "end", "find", "help")
"""What one does in a lesson besides answering and turning pages."""


@pytest.mark.parametrize("name", NEEDED)
def test_what_a_lesson_needs_is_on_keys_that_are_never_composed(name: str) -> None:
    assert UNCOMPOSED & set(action(name).keys)


@pytest.mark.parametrize("lesson", ["container", "pod", "service", "external"])
async def test_a_lesson_is_played_without_a_letter(lesson: str) -> None:
    async with opened(Scene("play", keys(), f"{lesson}:"), "en", (80, 24)) as pilot:
        for _ in range(60):
            if page(pilot).lesson.id != lesson or len(pilot.app.screen_stack) > 1:
                break
            await pilot.press(ON.get(page(pilot).enter, "enter"))
            await pilot.app.workers.wait_for_complete()
        assert page(pilot).lesson.id != lesson or on_top("Lessons")(pilot)
