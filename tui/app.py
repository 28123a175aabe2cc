"""The program on the screen: themes, the palette and the first screen; no logic."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen
from textual.worker import WorkerFailed

from tui.actions import ACTIONS, action
from tui.course.catalogue import load_course
from tui.course.lesson import Course
from tui.screens.explorer import ExplorerScreen
from tui.screens.saving import is_refused
from tui.screens.standing import standing
from tui.sim.engine import World
from tui.sim.model.collection import keep_for_good
from tui.store.preference import choose_language
from tui.store.progress import ProgressStore
from tui.store.screenshots import save_screenshot
from tui.theme import DARK, LIGHT, THEMES, AsciiTwins, WithoutColour
from tui.words import ENGLISH, Words, languages, use
from tui.words.language import _
from tui.workshop.hosting import Workshop

OWN = {
    "theme": "toggle_theme",
    "palette": "command_palette",
    "screenshot": "screenshot",
    "language": "language",
    "quit": "quit",
}
"""Actions of the program itself rather than of the explorer, as Textual calls them."""


OWN_NAME = _("English")
"""What a language calls itself: its translation of this word."""


class K8sNetApp(App[None]):
    """The explorer in a terminal. Give it a course to learn from, or a world to play in."""

    CSS_PATH = "screens/explorer.tcss"
    TITLE = "k8snet-tui"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(action("quit").all_keys), "quit", "quit", show=False, priority=False),
        Binding(",".join(action("theme").all_keys), "toggle_theme", show=False),
        Binding(",".join(action("palette").all_keys), "command_palette", show=False),
        Binding(",".join(action("screenshot").all_keys), "screenshot", show=False),
        Binding(",".join(action("language").all_keys), "language", show=False),
    ]

    def __init__(
        self,
        course: Course | None = None,
        lesson_id: str | None = None,
        step: str | None = None,
        world: World | None = None,
        store: ProgressStore | None = None,
        ascii: bool = False,
        theme: str | None = None,
        lang: str | None = None,
        tour: bool = False,
        workshop: Workshop | None = None,
        waits: bool = False,
    ) -> None:
        """Take a course, and a lesson and step to open in it; or a world for free play.

        The tour of the screen comes first where it is asked for. One that waits opens nothing
        before `begin_for`.
        """
        super().__init__()
        self._opening = (course, lesson_id, step, world, store)
        self._tour = tour
        self._waits = waits
        self.workshop = workshop
        """The workshop that this session is part of, if it is."""
        self._ascii = AsciiTwins(enabled=ascii)
        self.failure: BaseException | None = None
        """What ended the program before its time."""
        self.scene: dict[str, str] = {}
        """Where the learner stood then."""
        self._colourless = WithoutColour()
        self.words: Words = use(lang or (course.lang if course else ENGLISH))
        for each in THEMES:
            self.register_theme(each)
        self.theme = theme if theme in self.available_themes else DARK.name

    def get_default_screen(self) -> Screen[None]:
        """The explorer is the first screen and the last."""
        course, lesson_id, step, world, store = self._opening
        if self._waits:
            from tui.screens.waiting import WaitingExplorer

            return WaitingExplorer(self.words, course)
        return ExplorerScreen(self.words, course, store, world, lesson_id, step)

    def begin_for(
        self,
        store: ProgressStore,
        lesson_id: str | None,
        step: str | None,
        *,
        theme: str | None = None,
        tour: bool = False,
        workshop: Workshop | None = None,
    ) -> None:
        """Be somebody's from now on, where the explorer has waited for that."""
        from tui.screens.waiting import WaitingExplorer

        screen = self.screen
        assert isinstance(screen, WaitingExplorer)
        self.workshop = workshop
        if theme in self.available_themes and theme != self.theme:
            self.theme = theme
        # a terminal of another size comes first: the screen hears of it before this
        screen.call_later(screen.begin_for, store, lesson_id, step)
        if tour:
            screen.call_later(self.call_after_refresh, screen.run_action, "tour")

    # ------------------------------------------------------------ language

    def action_language(self) -> None:
        """Choose the language of words and lessons, and stay where one is."""
        if not isinstance(self.screen, ExplorerScreen):
            return
        from tui.screens.menu import Entry, Menu

        entries = [Entry(lang, use(lang)(OWN_NAME), lang) for lang in languages()]
        title = self.words("Language")
        self.push_screen(Menu(title, entries, self.words.lang), self._chosen_language)

    def _chosen_language(self, lang: str | None) -> None:
        if lang is not None and lang != self.words.lang:
            self.speak(lang)
            choose_language(lang)

    def speak(self, lang: str) -> None:
        """Say everything in another language from now on; lesson, packet and panes stay."""
        screen, course = self.screen, self._opening[0]
        self.words = use(lang)
        if isinstance(screen, ExplorerScreen):
            in_it = load_course(course.root, lang) if course is not None else None
            # it binds its widgets to itself, so it has to compose in its own turn
            screen.call_next(screen.speak, self.words, in_it)

    # ------------------------------------------------------------ endings

    def leave(self, code: int) -> bool:
        """End with an exit code as soon as possible, from a signal's handler, too.

        False where nothing is there to end, because it has not begun.
        """
        loop = self._loop
        if loop is None:
            return False
        loop.call_soon_threadsafe(self.exit, None, code)
        return True

    def fail(self, error: Exception) -> None:
        """Remember the first error that nobody handled, and where the learner stood."""
        if self.failure is not None:
            return
        self.failure = error.error if isinstance(error, WorkerFailed) else error
        with suppress(Exception):
            self.scene = dict(self._standing())

    def _standing(self) -> Iterator[tuple[str, str]]:
        width, height = self.size
        yield "size", f"{width} x {height}"
        yield "theme", self.theme
        yield "screens", ", ".join(type(each).__name__ for each in self.screen_stack)
        for screen in self.screen_stack:
            if isinstance(screen, ExplorerScreen):
                yield from standing(screen)

    def _handle_exception(self, error: Exception) -> None:
        """An error ends the program in order; whoever runs it tells of it."""
        self.fail(error)
        if self._exception is None:
            # what runs the program in a test raises it there
            self._exception = error
            self._exception_event.set()
        self._return_code = 1
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """The thread that reads the terminal has failed."""
        self.fail(OSError("the terminal cannot be read"))
        self._return_code = 1
        self._close_messages_no_wait()

    # ------------------------------------------------------------ looks

    def on_ready(self) -> None:
        """Once the first picture is painted, garbage is worth looking for again.

        What a start makes is none: it would be looked through while somebody waits for a key.
        """
        self.call_after_refresh(keep_for_good)
        self.call_after_refresh(gc.enable)
        if self._tour and isinstance(self.screen, ExplorerScreen):
            self.call_after_refresh(self.screen.run_action, "tour")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Draw without colours, and with ASCII, where that was asked for.

        Our themes have no colours of the terminal's own, so nothing has to look for them.
        """
        own = [*([self._colourless] if self.no_color else []), self._ascii]
        usual = [f for f in super().get_line_filters() if not isinstance(f, ANSIToTruecolor)]
        return [*usual, *(each for each in own if each.enabled)]

    def action_command_palette(self) -> None:
        """Every command by its name."""
        if not isinstance(self.screen, CommandPalette):
            hint = self.words("type some of a command's name")
            self.push_screen(CommandPalette(placeholder=hint, id="--command-palette"))

    def action_toggle_theme(self) -> None:
        """Between dark and light."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Save the screen as a picture, and say where, or why not."""
        if is_refused(self.screen, self.words):
            return
        try:
            file = save_screenshot(self.export_screenshot(), time.time())
        except (OSError, RuntimeError) as error:
            text = self.words("The picture cannot be saved: {error}", error=str(error))
            self.notify(text, severity="error", markup=False)
        else:
            self.notify(self.words("Saved: {file}", file=str(file)), markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a window that is too small to show it, nothing is done but to leave."""
        screen = self.screen
        if isinstance(screen, ExplorerScreen) and screen.is_too_small:
            return action not in OWN.values() or action == "quit"
        return super().check_action(action, parameters)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action by name that works on this screen; on a dialog, the program's own."""
        for each in ACTIONS:
            in_a_dialog = each.id in OWN and each.id != "language"
            works = screen.works(each.id) if isinstance(screen, ExplorerScreen) else in_a_dialog
            if works and each.id != "palette":
                yield SystemCommand(
                    self.words(each.label),
                    self.words(each.help),
                    lambda name=each.id: self._run(screen, name),
                )

    def _run(self, screen: Screen[object], name: str) -> None:
        """Run an action of the registry where it belongs, once the palette is gone."""
        target = f"app.{OWN[name]}" if name in OWN else f"screen.{name}"
        self.call_after_refresh(screen.run_action, target)
