"""Looks for garbage when nobody waits: between two steps it would be felt.

Each switch and each edit leaves worlds behind that undo may still need, and the collector would
walk all of them just when the next picture is due.
"""

from __future__ import annotations

from textual.timer import Timer

from tui.sim.model.collection import collect_all, leave_the_old_alone
from tui.widgets.ground import Ground

QUIET = 3.0
"""Seconds without a step, a switch or an edit."""


class Tidying(Ground):
    """A screen that puts garbage off while somebody is at it."""

    _tidying: Timer | None = None

    def put_off_tidying(self) -> None:
        """Somebody is at it: the old is looked through once there is a pause."""
        if self._tidying is not None:
            self._tidying.reset()
        elif self.is_attached:
            leave_the_old_alone()
            self._tidying = self.set_timer(QUIET, self._tidy)

    def _tidy(self) -> None:
        self._tidying = None
        collect_all()
