"""The class while the workshop runs: lines to every session, what they tell, what they are told."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from contextlib import suppress

from tui.store.workshop import Attendee, WorkshopStore
from tui.workshop.classroom import Classroom
from tui.workshop.messages import (
    LONGEST_LINE,
    LONGEST_TEXT,
    ClassView,
    FromLearner,
    Hidden,
    Message,
    MessageError,
    Said,
    Shown,
    Unkept,
    line_of,
    message_of,
)

_LOG = logging.getLogger("k8snet-tui.serve")
_BURST, _RATE = 200, 2.0
"""Messages that a session may tell at once, and a second in the long run; more are not heard."""
_UNSENT = 1 << 20
"""Bytes that wait for a session which does not read; more is not sent to it."""
PACE = 1.0
"""Seconds between two views of the class for the instructor."""


class Member:
    """A session's line, as the class sees it."""

    def __init__(self, attendee: Attendee | None, writer: asyncio.StreamWriter) -> None:
        """A learner's, or the instructor's where there is no attendee."""
        self.attendee = attendee
        self._writer = writer
        self.viewed: ClassView | None = None
        self.warned: Unkept | None = None
        self._credit, self._counted = float(_BURST), time.monotonic()

    def may_tell(self) -> bool:
        """Whether it is heard: whoever breaks out of the explorer must not fill the disk."""
        now = time.monotonic()
        self._credit = min(self._credit + (now - self._counted) * _RATE, _BURST)
        self._counted = now
        if self._credit < 1:
            return False
        self._credit -= 1
        return True

    def tell(self, message: Message) -> None:
        """Send a message, if the session reads."""
        transport = self._writer.transport
        if not transport.is_closing() and transport.get_write_buffer_size() < _UNSENT:
            self._writer.write(line_of(message))


class Gathering:
    """Everybody who is here."""

    def __init__(self, store: WorkshopStore, room: Classroom) -> None:
        """Take what is kept, and the class as it was when the server ended last."""
        self._store = store
        self.room = room
        self._members: set[Member] = set()
        self._shown: Shown | None = None
        self._unkept: Unkept | None = None

    async def attend(
        self, attendee: Attendee | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Hear a session until its line ends."""
        member = Member(attendee, writer)
        self._members.add(member)
        if attendee is not None:
            self.room.know(attendee.id, attendee.name)
            self.room.enter(attendee.id, time.time())
        self._greet(member)
        try:
            while line := await reader.readline():
                self._hear_line(member, line)
        except (ConnectionError, ValueError):
            _LOG.warning("%s: its line to the class was cut", _name(member))
        finally:
            self._members.discard(member)
            if attendee is not None:
                self.room.leave(attendee.id)
            elif self._shown is not None and not self._has_instructor():
                self._lead(None)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def _greet(self, member: Member) -> None:
        """What was shown to the class before somebody came."""
        if member.attendee is None:
            return
        if self._shown is not None:
            member.tell(self._shown)

    def _hear_line(self, member: Member, line: bytes) -> None:
        try:
            message = message_of(line)
        except MessageError as problem:
            _LOG.warning("%s: %s", _name(member), problem)
            return
        if member.attendee is None:
            self._instructed(message)
        elif isinstance(message, FromLearner) and member.may_tell():
            now = time.time()
            self.room.hear(member.attendee.id, message, now)
            self._store.record(member.attendee.id, message, now)

    def _instructed(self, message: Message) -> None:
        match message:
            case Said():
                self.tell_learners(message)
            case Shown():
                self._lead(message)
            case Hidden():
                self._lead(None)

    def _lead(self, shown: Shown | None) -> None:
        self._shown = shown
        self.room.leads = shown is not None
        self.tell_learners(shown if shown is not None else Hidden())

    def _has_instructor(self) -> bool:
        return any(member.attendee is None for member in self._members)

    def tell_learners(self, message: Message) -> None:
        """Tell it to every learner who is here."""
        for member in self._members:
            if member.attendee is not None:
                member.tell(message)

    def tell(self, attendee: Attendee, message: Message) -> None:
        """Tell it to the sessions of one learner."""
        for member in self._members:
            if member.attendee == attendee:
                member.tell(message)

    def show_class(self) -> None:
        """Tell the instructors how the class stands, if that has changed."""
        self._look_after_store()
        watching = [member for member in self._members if member.attendee is None]
        if not watching:
            return
        view = self.room.view(time.time())
        for member in watching:
            if member.viewed != view:
                member.viewed = view
                member.tell(view)
            if self._unkept is not None and member.warned != self._unkept:
                member.warned = self._unkept
                member.tell(self._unkept)

    def _look_after_store(self) -> None:
        """The class is kept in memory from some moment on, which never passes."""
        trouble = self._store.trouble
        if trouble is not None and self._unkept is None:
            self._unkept = Unkept(problem=trouble.detail[:LONGEST_TEXT])
            _LOG.warning("the class is kept in memory only: %s: %s", trouble.file, trouble.detail)


def _name(member: Member) -> str:
    return member.attendee.name if member.attendee is not None else "the instructor"


async def line_to(
    gathering: Gathering, attendee: Attendee | None, line: socket.socket
) -> asyncio.Task[None]:
    """Begin to hear a session on the class's end of its line."""
    reader, writer = await asyncio.open_connection(sock=line, limit=LONGEST_LINE)
    return asyncio.create_task(gathering.attend(attendee, reader, writer))
