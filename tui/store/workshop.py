"""What is remembered of a class, and what every store of it can do.

One host keeps it in SQLite (`tui.store.workshop_sqlite`); many hosts would share a database.
Times are seconds since the epoch and always arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from tui.sim.model.value import value
from tui.store.progress import Trouble
from tui.store.return_codes import ReturnCode
from tui.workshop.messages import FromLearner


class NameTaken(Exception):  # noqa: N818 - it is no failure of anything
    """Somebody else has the name, or the key."""


@value
class Attendee:
    """A learner."""

    id: str
    """Never changes, and says nothing."""
    name: str
    """As people read it."""
    number: int
    """The seat: 0 for the first one who came; from it come folder and user id."""


class WorkshopStore(Protocol):
    """Remembers who came and what they did."""

    trouble: Trouble | None
    """Set once the class is kept in memory only."""

    def by_name(self, name: str) -> Attendee | None:
        """The learner with a name, however it is written."""

    def by_key(self, fingerprint: str) -> Attendee | None:
        """The learner with a public key."""

    def add(
        self, name: str, at: float, *, key: str = "", code: ReturnCode | None = None
    ) -> Attendee:
        """A new learner with the next number. Raises NameTaken.

        The name is one of `tui.workshop.names.name_of`. The learner is known again by the
        fingerprint of a public key, `SHA256:...`, or by a code, whose digits are not kept.
        """

    def rename(self, attendee: Attendee, name: str) -> Attendee:
        """The learner under another name. Raises NameTaken."""

    def proves(self, attendee: Attendee, code: str) -> bool:
        """Whether a code is the learner's."""

    def attendees(self) -> tuple[Attendee, ...]:
        """Everybody, by number."""

    def record(self, attendee: str, message: FromLearner, at: float) -> None:
        """A learner, by id, has done something."""

    def events(self) -> Iterable[tuple[str, FromLearner, float]]:
        """All that was done, oldest first: who, what, when."""

    def close(self) -> None:
        """Let go of it."""
