"""What an explorer knows of the workshop that it is part of.

Most explorers are part of none, and load nothing of one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from tui.sim.model.value import value

if TYPE_CHECKING:
    from tui.workshop.channel import Channel


class Part(StrEnum):
    """What a session does in its class at this moment."""

    OWN_WAY = "own-way"
    FOLLOWS = "follows"
    FOLLOWS_IN_PART = "follows-in-part"
    """It follows, and the instructor has something that it is not shown."""
    LEADS = "leads"
    LEADS_IN_PART = "leads-in-part"
    """It leads, and stands where it cannot show everything."""


@value
class Workshop:
    """A session's place in a workshop."""

    channel: Channel
    """Its line to the class."""
    instructor: bool
    """Whether it is the instructor's."""
    name: str
    """The learner's."""
