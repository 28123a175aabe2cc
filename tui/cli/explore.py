"""The commands that open the explorer; without a terminal they answer in words."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from functools import partial

from tui.cli import BAD_INPUT, DELIVERED, UsageError
from tui.cli.config import config
from tui.cli.settings import course_of, language_of, world_of
from tui.cli.streams import ascii_asked_for, complain, draws_signs, put
from tui.course.lesson import Course, Lesson
from tui.course.play import lesson_world, state_before
from tui.sim import engine
from tui.sim.engine import World
from tui.sim.model.shown import shown, some_of
from tui.words import Words

_NO_TERMINAL = "this screen needs a terminal; try `k8snet-tui trace` for text"
_DUMB = "TERM=dumb cannot draw the explorer; try `k8snet-tui trace` for text"


def course(asked: Namespace) -> int:
    """The course where the learner left off; the first lesson's trace without a terminal."""
    found = course_of(asked)
    if _cannot_draw() is not None:
        return _as_text(found, Words(language_of(asked)), ascii=asked.ascii)
    return _open(asked, found)


def lesson(asked: Namespace) -> int:
    """One lesson, at one of its steps."""
    found = course_of(asked)
    chosen = found.lesson(asked.lesson)
    if chosen is None:
        known = some_of((one.id for one in found.lessons), len(found.lessons))
        problem = f"there is no such lesson; there are: {known}"
        raise UsageError(f"lesson {shown(asked.lesson)}: {problem}")
    step = _step_id(chosen, asked.step)
    return _refused() or _open(asked, found, chosen.id, step)


def sandbox(asked: Namespace) -> int:
    """Free play on a cluster."""
    world = world_of(asked)
    if asked.cluster == "-":
        _keys_from_terminal()
    return _refused() or _open(asked, course_of(asked), world=world)


def _keys_from_terminal() -> None:
    """The cluster came through standard input; the keys come from the terminal itself."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return
    os.dup2(terminal, 0)
    os.close(terminal)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as we


def _step_id(chosen: Lesson, given: str | None) -> str | None:
    if given is None or chosen.step(given) is not None:
        return given
    for number, step in enumerate(chosen.steps, start=1):
        if given == str(number):
            return step.id
    count = len(chosen.steps)
    known = some_of((step.id for step in chosen.steps), count)
    raise UsageError(f"--step {shown(given)}: lesson {chosen.id} has steps 1 to {count}: {known}")


def _cannot_draw() -> str | None:
    """Why no screen can be opened here, if so."""
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _NO_TERMINAL
    return _DUMB if os.environ.get("TERM", "") in ("dumb", "") else None


def _refused() -> int:
    why = _cannot_draw()
    if why is None:
        return 0
    complain(why)
    return BAD_INPUT


def _as_text(found: Course, words: Words, *, ascii: bool) -> int:
    """The first packet of the first lesson, and how to see more."""
    from tui.words.transcript import transcript

    for first in found.lessons:
        for step in first.steps:
            if step.packet is not None:
                world = lesson_world(first)
                state = state_before(world, first, step.packet)
                trace, _ = engine.send(world, state, step.packet.injection, step.packet.choices)
                lines = (
                    f"{first.title}: {step.heading}\n",
                    *transcript(trace, words),
                    "\nOpen the explorer with `k8snet-tui` in a terminal.",
                )
                put("\n".join(lines), ascii=ascii)
                return DELIVERED
    raise UsageError("no lesson could be read; `k8snet-tui check` says why")


def _open(
    asked: Namespace,
    found: Course,
    lesson_id: str | None = None,
    step: str | None = None,
    world: World | None = None,
) -> int:
    # a paint that follows another, where a scrollbar comes or goes, waits for the next frame
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from tui.app import K8sNetApp
    from tui.cli.guard import run
    from tui.store.progress import TOUR, ProgressStore
    from tui.store.sqlite import open_progress

    store: ProgressStore = open_progress()
    own, workshop = config(), getattr(asked, "workshop", None)
    if workshop is not None:
        from tui.store.reporting import ReportingProgress

        store = ReportingProgress(store, workshop.channel.tell)
    plain = ascii_asked_for(option=asked.ascii or own.ascii) or not draws_signs(sys.stdout)
    theme, mouse = asked.theme or own.theme, own.mouse and not asked.no_mouse
    toured = asked.no_tour or not own.tour or os.environ.get("K8SNET_NO_TOUR") == "1"
    tour = not (toured or store.seen(TOUR) or (workshop is not None and workshop.instructor))
    for waiting in getattr(asked, "waiting", ()):
        if world is None and waiting.fits(found, plain=plain):
            begin = partial(
                waiting.app.begin_for,
                store, lesson_id, step, theme=theme, tour=tour, workshop=workshop,
            )  # fmt: skip
            return run(waiting.app, partial(waiting.go_on, begin, mouse=mouse))
    app = K8sNetApp(
        course=found,
        lesson_id=lesson_id,
        step=step,
        world=world,
        store=store,
        ascii=plain,
        theme=theme,
        tour=tour,
        workshop=workshop,
    )
    return run(app, mouse=mouse)
