"""The explorer before it is anybody's: mounted, and nothing opened yet."""

from __future__ import annotations

from tui.screens.explorer import ExplorerScreen
from tui.store.progress import ProgressStore


class WaitingExplorer(ExplorerScreen):
    """Begins once it is told whose it is, and then does what any explorer does."""

    def begin(self) -> None:
        """Not yet."""

    def begin_for(self, store: ProgressStore, lesson: str | None, step: str | None) -> None:
        """Open what this learner asked for."""
        self.keep_in(store)
        self._start = (lesson, step or "")
        super().begin()
        # nothing of what was arranged before is on this terminal
        self.refresh()
