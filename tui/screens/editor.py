"""The dialogs of an edit: what to change, to what, and what came of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.formats.edits import Edit, Rewrite, edited, text_of
from tui.formats.errors import FormatError, Path
from tui.formats.yaml_lines import line_of
from tui.screens.change_notice import new_misfits, node_of, places_changed, what_changed
from tui.screens.find import Find, Found
from tui.screens.forms import Ask, Fault, Write
from tui.screens.knobs import Knob, Turn, knobs_of
from tui.screens.menu import Entry, Menu
from tui.screens.places import seen_at
from tui.screens.sending import is_big
from tui.session import Session
from tui.sim.engine.world import World

if TYPE_CHECKING:
    from tui.screens.editing import Editing

_SECONDS = 8
"""For how long a notice says what an edit did."""
_MISFITS = 2
"""Most warnings after one edit."""


class Editor:
    """One edit of the cluster that a screen shows."""

    def __init__(self, screen: Editing, session: Session) -> None:
        """Take the screen, and the session whose cluster is to change."""
        self._screen = screen
        self._session = session
        self._cluster = session.world.written
        self._place = ""
        self.words = screen.words

    def open(self, place: str) -> None:
        """Choose what to change about a place."""
        self._place, words = place, self.words
        knobs = knobs_of(self._cluster, place)
        entries = [
            Entry(str(i), words(knob.label), knob.now or words(knob.hint))
            for i, knob in enumerate(knobs)
        ]
        title = words("Change {place}", place=place) if place else words("Change the cluster")

        def chosen(number: str | None) -> None:
            if number is not None:
                self._turn(knobs[int(number)])

        self._screen.app.push_screen(Menu(title, entries), chosen)

    def _turn(self, knob: Knob) -> None:
        """Ask for the value of a knob in the knob's own way."""
        match knob.turn:
            case Turn.CHOOSE:
                self._choose(knob)
            case Turn.TYPE:
                self._ask(knob)
            case Turn.DO:
                self._make(knob.edit_for(""))
            case Turn.WRITE:
                self._write(knob)
            case Turn.GO:
                self.open(knob.now)
            case Turn.FIND:
                self._find()

    # ------------------------------------------------------------ forms

    def _choose(self, knob: Knob) -> None:
        def chosen(text: str | None) -> None:
            if text is not None:
                self._make(knob.edit_for(text))

        entries = [Entry(each, each, self.words(note)) for each, note in knob.choices]
        self._screen.app.push_screen(Menu(self.words(knob.label), entries, knob.now), chosen)

    def _ask(self, knob: Knob) -> None:
        async def attempt(text: str) -> Fault | None:
            try:
                edit = knob.edit_for(text)
            except ValueError as error:
                return Fault(str(error))
            return await self._attempted(edit)

        title, hint = self.words(knob.label), self.words(knob.hint)
        form = Ask(title, knob.now, hint, self.words, attempt)
        self._screen.app.push_screen(form, self._left)

    def _write(self, knob: Knob) -> None:
        async def attempt(text: str) -> Fault | None:
            return await self._attempted(Rewrite(knob.keys, text))

        text = text_of(self._cluster, knob.keys)
        form = Write(self.words("Objects as YAML"), text, self.words, attempt)
        self._screen.app.push_screen(form, self._left)

    def _left(self, taken: bool | None) -> None:
        """A form is closed."""
        if taken:
            self._screen.edited(self._place)
            self._tell()

    def _find(self) -> None:
        def chosen(found: Found | None) -> None:
            if found is not None:
                self.open(seen_at(self._session.world, found.place)[0])

        self._screen.app.push_screen(Find(self._session.world, self.words), chosen)

    # ------------------------------------------------------------ the edit

    def _after(self, edit: Edit) -> Session:
        """The session around the edited cluster; itself where the edit changes nothing."""
        cluster = edited(self._cluster, edit)
        if cluster == self._cluster:
            return self._session
        return self._session.with_world(self._session.world.with_cluster(cluster))

    async def _attempted(self, edit: Edit) -> Fault | None:
        """Make the edit and keep it aside, or say what is wrong and in which line."""
        paths: list[Path] = []

        def made() -> Session:
            try:
                return self._after(edit)
            except FormatError as error:
                paths.append(error.path)
                raise

        problem = await self._screen.attempted(made)
        if not problem:
            return None
        path = paths[0] if paths else ()
        return Fault(problem, line_of(edit.text, path) if isinstance(edit, Rewrite) else None)

    def _make(self, edit: Edit) -> None:
        """An edit that nothing can be wrong with but that it does not fit the cluster."""
        self._screen.run_worker(self._made(edit), exclusive=True, group="session")

    async def _made(self, edit: Edit) -> None:
        fault = await self._attempted(edit)
        if fault is None:
            self._left(True)
        else:
            self._screen.notify(fault.text, severity="error", markup=False)

    # ------------------------------------------------------------ what came of it

    def _tell(self) -> None:
        after = self._screen.session
        if after is None or after is self._session:
            self._screen.notify(self.words("Nothing that is simulated has changed."), timeout=3)
        else:
            self._screen.run_worker(self._told(after.world), group="told")

    async def _told(self, after: World) -> None:
        """Say what changed; a big cluster's rules are compared outside of the screen's time."""
        before, screen = self._session.world, self._screen
        node = node_of(self._session, after)

        def found() -> tuple[str, tuple[str, ...], tuple[str, ...]]:
            changed = what_changed(self.words, before, after, node)
            misfits = new_misfits(self.words, before, after)
            return changed, misfits, places_changed(before.cluster, after.cluster)

        try:
            text, misfits, places = await asyncio.to_thread(found) if is_big(after) else found()
        except Exception as error:
            screen.complain(error)
            return
        screen.show_changed(places)
        if screen.send_works("again"):
            text = f"{text} {self.words('r sends the last packet again.')}"
        screen.notify(text, timeout=_SECONDS, markup=False)
        for misfit in misfits[:_MISFITS]:
            screen.notify(misfit, severity="warning", timeout=_SECONDS, markup=False)
