"""Opening the program for a picture: one clock, no animation, a home of its own, any language."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich.cells import cell_len
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.pilot import Pilot
from textual.widgets import Input

from tests.snapshots.cuts import cut_texts
from tests.snapshots.hangul import HANGUL, write_catalogue, write_lessons
from tests.snapshots.scenes import SPOKEN, Scene, Size, demo_world
from tui.app import K8sNetApp
from tui.course.catalogue import load_course
from tui.course.lesson import Course
from tui.words import use
from tui.words.language import catalogue

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = (*SPOKEN, HANGUL)
"""The laws hold in all of them."""
DARK, LIGHT = "k8snet-dark", "k8snet-light"
PLAIN = "plain"
"""A look: NO_COLOR and --ascii together."""
BEHIND = "behind"
"""A look: dark, with the screen that a dialog stands before."""


@dataclass(frozen=True)
class Picture:
    """What stands on the screen, and how each piece of a row looks."""

    size: Size
    pieces: tuple[tuple[tuple[str, str], ...], ...]
    """Text and style of each piece, row by row."""
    cut: tuple[str, ...] = ()
    """Texts that are not there whole and have no sign that says so."""

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """The rows as text, each as wide as it was drawn."""
        return tuple("".join(text for text, _ in row) for row in self.pieces)

    @cached_property
    def cells(self) -> tuple[tuple[str, ...], ...]:
        """A glyph for each cell; the second cell of a wide one is empty."""
        return tuple(
            tuple(cell for glyph in row for cell in (glyph, "")[: cell_len(glyph)])
            for row in self.rows
        )


Album = Mapping[tuple[Size, str], Picture]
"""Pictures of one scene by size and look."""


# ---------------------------------------------------------------- languages


@lru_cache(maxsize=1)
def _made_up() -> Path:
    """A folder with the language that only tests speak; gone when they are."""
    folder = _made_up_folder()
    write_catalogue(ROOT / "tui", folder / "locale")
    write_lessons(ROOT / "lessons", folder / "lessons")
    return folder


def _made_up_folder() -> Path:
    keeper = tempfile.TemporaryDirectory(prefix="k8snet-hangul-")
    _KEPT.append(keeper)
    return Path(keeper.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


@lru_cache(maxsize=3)
def course_in(lang: str) -> Course:
    """The course in a language."""
    if lang == HANGUL:
        return load_course(_made_up() / "lessons", lang)
    return load_course(lang=lang)


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """The program finds the catalogue of a language beside its own ones."""
    found = catalogue if lang != HANGUL else partial(catalogue, folder=_made_up() / "locale")
    with patch("tui.words.words.catalogue", found):
        use.cache_clear()
        yield
    use.cache_clear()


@contextmanager
def surroundings(**environment: str) -> Iterator[None]:
    """Nobody's own files, settings or colours."""
    with tempfile.TemporaryDirectory(prefix="k8snet-home-") as home:
        kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES")}
        own = {f"XDG_{name}_HOME": f"{home}/{name}" for name in ("CACHE", "CONFIG", "DATA")}
        with patch.dict(os.environ, kept | own | environment, clear=True):
            yield


# ---------------------------------------------------------------- the program


@asynccontextmanager
async def opened(
    scene: Scene, lang: str, size: Size, *, theme: str = DARK, ascii: bool = False
) -> AsyncIterator[Pilot[None]]:
    """The program where a scene begins, played up to what it shows."""
    lesson, _, step = scene.at.partition(":")
    options: dict[str, Any] = {"lesson_id": lesson, "step": step} if lesson else {}
    if not lesson:
        options["world"] = demo_world()
    with speaking(lang), patch.object(Compositor, "render_update", _unseen):
        app = K8sNetApp(course=course_in(lang), lang=lang, ascii=ascii, theme=theme, **options)
        app.animation_level = "none"
        async with app.run_test(size=size, tooltips=False) as pilot:
            await pilot.pause()
            await scene.play(pilot)
            await settle(pilot)
            yield pilot


async def settle(pilot: Pilot[None]) -> None:
    """Wait until nothing moves any more."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    for each in pilot.app.screen.query(Input):
        each.cursor_blink = False
    # a pane learns at its first paint what is in view, and scrolls there
    pilot.app.screen._compositor.render_strips()
    await pilot.pause()


def picture(pilot: Pilot[None], *, behind: bool = False) -> Picture:
    """What stands on the screen at this moment; a dialog alone, or with what is behind it."""
    screen = pilot.app.screen
    screen.refresh()
    token = visible_screen_stack.set(pilot.app._background_screens if behind else [])
    try:
        strips = screen._compositor.render_strips()
    finally:
        visible_screen_stack.reset(token)
    size = (pilot.app.size.width, pilot.app.size.height)
    pieces = tuple(tuple((s.text, str(s.style or "")) for s in strip) for strip in strips)
    return Picture(size, pieces)


def _unseen(compositor: Compositor, **_: object) -> None:
    """Nothing is painted for a terminal that is not there."""
    compositor._dirty_regions.clear()


# ---------------------------------------------------------------- albums


@lru_cache(maxsize=256)
def album(scene: Scene, lang: str) -> Album:
    """A scene at each of its sizes in dark; a dialog also with what shines through behind it."""
    with surroundings():
        return asyncio.run(_pictures(scene, lang))


async def _pictures(scene: Scene, lang: str) -> Album:
    found: dict[tuple[Size, str], Picture] = {}
    async with opened(scene, lang, scene.sizes[0]) as pilot:
        for size in scene.sizes_in(lang):
            if size != scene.sizes[0]:
                await pilot.resize_terminal(*size)
                await settle(pilot)
            found[size, DARK] = replace(picture(pilot), cut=cut_texts(pilot))
            if pilot.app._background_screens:
                found[size, BEHIND] = picture(pilot, behind=True)
    return found


@lru_cache(maxsize=256)
def variant(scene: Scene, lang: str, look: str) -> Picture:
    """A scene at its first size in light, or without colour in ASCII (and in light, too)."""
    with surroundings(**({"NO_COLOR": "1"} if look == PLAIN else {})):
        return asyncio.run(_variant(scene, lang, ascii=look == PLAIN))


async def _variant(scene: Scene, lang: str, *, ascii: bool) -> Picture:
    async with opened(scene, lang, scene.sizes[0], theme=LIGHT, ascii=ascii) as pilot:
        return picture(pilot)
