"""Nothing that happens to the line between a session and its workshop stops the session."""

import asyncio
import signal
import socket
from collections.abc import Iterator

import pytest

from tui.workshop.channel import UNREAD, Channel
from tui.workshop.messages import (
    LONGEST_LINE,
    Finished,
    Hidden,
    Message,
    Said,
    Visited,
    line_of,
    message_of,
)

HERE = Visited(lesson="pod", step="model")
Ends = tuple[Channel, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """A session's channel, and the other end of its line."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    theirs.settimeout(5)
    yield channel, theirs
    channel.close()
    theirs.close()


async def heard_until(heard: list[Message], count: int) -> list[Message]:
    """What was heard once there are so many."""
    async with asyncio.timeout(5):
        while len(heard) < count:
            await asyncio.sleep(0.001)
    return heard


async def turns(count: int = 5) -> None:
    """Let the event loop do what is due."""
    for _ in range(count):
        await asyncio.sleep(0)


def lines_of(theirs: socket.socket) -> list[bytes]:
    """All lines that came so far."""
    theirs.setblocking(False)
    data = b""
    try:
        while more := theirs.recv(1 << 16):
            data += more
    except BlockingIOError:
        pass
    return data.splitlines()


def test_what_is_told_arrives(ends: Ends) -> None:
    channel, theirs = ends
    channel.tell(HERE)
    channel.tell(Finished(lesson="pod", step="model"))
    told = [message_of(line) for line in lines_of(theirs)]
    assert told == [HERE, Finished(lesson="pod", step="model")]


async def test_what_came_before_somebody_listens_is_heard(ends: Ends) -> None:
    channel, theirs = ends
    theirs.sendall(line_of(Hidden()))
    heard: list[Message] = []
    channel.listen(heard.append)
    assert await heard_until(heard, 1) == [Hidden()]


async def test_a_message_may_come_in_parts(ends: Ends) -> None:
    channel, theirs = ends
    heard: list[Message] = []
    channel.listen(heard.append)
    said = Said(text="점심은 12시")
    for byte in line_of(said):
        theirs.sendall(bytes([byte]))
        await turns(2)
    theirs.sendall(line_of(Hidden()) + line_of(said)[:5])
    assert await heard_until(heard, 2) == [said, Hidden()]
    theirs.sendall(line_of(said)[5:])
    assert await heard_until(heard, 3) == [said, Hidden(), said]


async def test_garbage_between_messages_is_passed_over(ends: Ends) -> None:
    channel, theirs = ends
    heard: list[Message] = []
    channel.listen(heard.append)
    garbage = b'\n\xff\xfe\n{"kind":"later version"}\n' + b"[" * 5000 + b"\n"
    theirs.sendall(garbage + line_of(Hidden()) + garbage + line_of(Said(text="on")))
    assert await heard_until(heard, 2) == [Hidden(), Said(text="on")]


async def test_a_line_without_end_is_forgotten(ends: Ends) -> None:
    channel, theirs = ends
    heard: list[Message] = []
    channel.listen(heard.append)
    theirs.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(theirs, b"x" * (4 * LONGEST_LINE) + b" ")
    await turns(20)
    assert len(channel._heard) <= LONGEST_LINE
    await loop.sock_sendall(theirs, line_of(Said(text="end")) + line_of(Hidden()))
    assert await heard_until(heard, 1) == [Hidden()]


def test_a_workshop_that_never_reads_holds_nobody_up(ends: Ends) -> None:
    channel, _ = ends
    said = Said(text="x" * 400)
    for _ in range(10_000):
        channel.tell(said)
    assert len(channel._unsent) == UNREAD


async def test_what_waits_is_sent_once_the_workshop_reads(ends: Ends) -> None:
    channel, theirs = ends
    channel.listen(lambda _: None)
    for number in range(2_000):
        channel.tell(Visited(lesson="pod", step=str(number)))
    assert channel._unsent
    lines: list[bytes] = []
    async with asyncio.timeout(5):
        while channel._unsent:
            lines += lines_of(theirs)
            await asyncio.sleep(0.001)
    lines += lines_of(theirs)
    assert lines[0] == line_of(Visited(lesson="pod", step="0")).strip()
    assert all(isinstance(message_of(line), Visited) for line in lines)


def test_telling_a_workshop_that_is_gone(ends: Ends) -> None:
    channel, theirs = ends
    theirs.close()
    # as a session has it, where Python's own start would have it ignored
    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        channel.tell(HERE)
        channel.tell(HERE)
    finally:
        signal.signal(signal.SIGPIPE, before)
    assert not channel._unsent


async def test_a_workshop_that_goes_is_heard_no_longer(ends: Ends) -> None:
    channel, theirs = ends
    heard: list[Message] = []
    channel.listen(heard.append)
    theirs.sendall(line_of(Hidden()))
    theirs.close()
    assert await heard_until(heard, 1) == [Hidden()]
    await turns()
    channel.tell(HERE)
    channel.close()
    channel.close()


async def test_a_listener_may_let_go_of_the_line(ends: Ends) -> None:
    channel, theirs = ends
    heard: list[Message] = []

    def last(message: Message) -> None:
        heard.append(message)
        channel.close()

    channel.listen(last)
    theirs.sendall(line_of(Hidden()) * 3)
    await heard_until(heard, 1)
    await turns()
    assert heard == [Hidden()]
