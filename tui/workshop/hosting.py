"""What an explorer knows of the workshop that it is part of."""

from __future__ import annotations

from tui.sim.model.value import value
from tui.workshop.channel import Channel


@value
class Workshop:
    """A session's place in a workshop."""

    channel: Channel
    """Its line to the class."""
    instructor: bool
    """Whether it is the instructor's."""
    name: str
    """The learner's."""
