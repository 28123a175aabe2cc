"""Showing who is new around: each stop of the tour brings its pane into view and marks it."""

from __future__ import annotations

import time

from textual.widget import Widget

from tui.course.lesson import Course
from tui.screens.editing import Editing
from tui.store.progress import TOUR, ProgressStore
from tui.words import Words

POINTED = "-pointed"
"""The class of the pane that a stop is about."""


class Touring(Editing):
    """Leads the tour, and remembers that it was led."""

    def __init__(self, words: Words, course: Course | None, store: ProgressStore | None) -> None:
        """Take the language, the course, and the store that remembers."""
        super().__init__(words, course, store)
        self._store = store
        self._troubled = False

    def keep_in(self, store: ProgressStore) -> None:
        """The learner's progress, which was not known before."""
        super().keep_in(store)
        self._store = store

    def watch_page(self) -> None:
        """What the page has written down may not have been kept."""
        super().watch_page()
        trouble = self._store.trouble if self._store is not None else None
        if trouble is not None and not self._troubled:
            self._troubled = True
            text = self.guarded(self.words.trouble(trouble))
            self.notify(text, severity="warning", timeout=15, markup=False)

    def guarded(self, text: str) -> str:
        """As much of a sentence as people here may read; for screens that have guests."""
        return text

    def open_tab(self, tab: str) -> None:
        """Bring a pane into view; for screens that have some."""

    def action_tour(self) -> None:
        """The stops, one after the other."""
        from tui.screens.tour import Tour

        self.app.push_screen(Tour(self.point_at, self.words, self.page is not None), self._toured)

    def point_at(self, name: str) -> Widget:
        """Bring what a stop is about into view, mark it, and give it."""
        self._unmark()
        found = self.query_one(f"#{name}")
        if found.has_class("pane"):
            self.open_tab(name)
        found.add_class(POINTED)
        return found

    def _toured(self, _result: None) -> None:
        self._unmark()
        self.action_home()
        if self._store is not None:
            self._store.see(TOUR, time.time())

    def action_home(self) -> None:
        """Back to where one was; for screens that have such a place."""

    def _unmark(self) -> None:
        for widget in self.query(f".{POINTED}"):
            widget.remove_class(POINTED)
