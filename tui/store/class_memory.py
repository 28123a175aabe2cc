"""The class as it was when its server ended last, made of what the store remembers."""

from __future__ import annotations

from tui.store.workshop import WorkshopStore
from tui.workshop.classroom import STUCK, Classroom
from tui.workshop.messages import Followed


def remembered(store: WorkshopStore, stuck: float = STUCK) -> Classroom:
    """Everybody who came and what they did; nobody is here, and nobody follows."""
    room = Classroom(stuck)
    for attendee in store.attendees():
        room.know(attendee.id, attendee.name)
    for attendee_id, message, at in store.events():
        if not room.knows(attendee_id):
            continue
        if isinstance(message, Followed):
            room.stirred(attendee_id, at)
        else:
            room.hear(attendee_id, message, at)
    return room
