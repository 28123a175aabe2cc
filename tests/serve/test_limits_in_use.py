"""Over a limit: a sentence that says which, and nobody else notices."""

import asyncio
import contextlib
import re
import socket
import time

import asyncssh
import pytest

from tests.serve.workshop_server import JOIN_CODE, Learner, WorkshopServer, connected, learner

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]

LESSON = "lesson container --no-tour"
TITLE = "One namespace, many"


async def seated(server: WorkshopServer, name: str) -> Learner:
    one = await learner(server, JOIN_CODE, name, command=LESSON)
    await one.shows(TITLE)
    return one


async def has_told(server: WorkshopServer, words: str, within: float = 25.0) -> None:
    end = time.monotonic() + within
    while words not in server.told():
        assert time.monotonic() < end, server.told()
        await asyncio.sleep(0.1)


async def test_when_all_seats_are_taken_the_next_one_is_told() -> None:
    with WorkshopServer("--limit", "sessions=2", "--limit", "sessions_each=1") as server:
        first, second = await seated(server, "one"), await seated(server, "two")
        third = await learner(server, JOIN_CODE, "three", command=LESSON)
        assert await third.ended() == 75
        assert "all 2 seats are taken; try again when somebody has left" in third.text
        code = "".join(re.findall(r"\d", first.client.told[-1]))
        await second.leave()
        await has_told(server, "two: session ended")
        again = await learner(server, JOIN_CODE, "one", code, command=LESSON)
        assert await again.ended() == 75
        assert "limited to 1 for each learner" in " ".join(again.text.split())
        first.press("\x1b[C")
        await first.settled()
        assert not first.process.stdout.at_eof(), "who has a seat keeps it"
        await first.leave()


async def test_who_presses_nothing_is_warned_and_then_leaves() -> None:
    with WorkshopServer("--limit", "idle_seconds=6") as server:
        one = await seated(server, "asleep")
        one.press("\t")
        began = time.monotonic()
        assert await one.ended() is not None
        assert 5 < time.monotonic() - began < 12
        assert "no key was pressed for 6 seconds" in one.text
        assert "connect again" in one.text


async def test_a_session_ends_when_it_has_lasted_long_however_much_is_typed() -> None:
    with WorkshopServer("--limit", "session_seconds=7") as server:
        began = time.monotonic()
        one = await learner(
            server, JOIN_CODE, "long", command="lesson service --no-tour --step 2", size=(100, 40)
        )
        code = "".join(re.findall(r"\d", one.client.told[-1]))
        await one.shows("2 of", "This session has lasted long: it ends in")
        while time.monotonic() < began + 5:
            one.press("\t")
            await one.read()
        assert one.text.count("has lasted long") == 1, "a key changes nothing about it"
        assert await one.ended() is not None
        assert 6 < time.monotonic() - began < 13
        assert "a session lasts 7 seconds at most" in one.text
        assert "connect again" in one.text
        again = await learner(server, JOIN_CODE, "long", code)
        await again.comes_back_to("2 of")
        await again.leave()


async def test_those_who_start_together_are_told_their_place_at_once() -> None:
    with WorkshopServer("--limit", "starts=1") as server:
        logged_in = [await connected(server, JOIN_CODE, f"q{i}") for i in range(6)]
        began = time.monotonic()
        opened = await asyncio.gather(
            *(
                connection.create_process(
                    LESSON, term_type="xterm-256color", term_size=(80, 24), encoding=None
                )
                for connection, _ in logged_in
            )
        )
        all_ = [
            Learner(connection, process, client)
            for (connection, client), process in zip(logged_in, opened, strict=True)
        ]
        await asyncio.gather(*(each.read(5) for each in all_))
        assert time.monotonic() - began < 3
        queued = [each for each in all_ if b"in the queue" in each.raw]
        assert len(queued) >= 4
        await asyncio.gather(*(each.shows(TITLE, within=40) for each in all_))
        assert all("in the queue" not in each.text for each in all_)
        for each in all_:
            await each.leave()


async def test_a_huge_window_is_used_in_part(workshop: WorkshopServer) -> None:
    one = await learner(workshop, JOIN_CODE, "huge", command=LESSON, size=(5000, 5000))
    await one.read(5)
    for _ in range(8):
        await one.read()
    rows = [int(row) for row in re.findall(rb"\x1b\[(\d+);\d+H", bytes(one.raw))]
    assert rows
    assert max(rows) <= 100
    await one.leave()


async def test_a_client_that_never_reads_holds_up_nobody() -> None:
    with WorkshopServer("--limit", "unread_seconds=3", "--limit", "unsent_kib=16") as server:
        deaf = await learner(
            server, JOIN_CODE, "deaf", command=LESSON, size=(300, 100), window=4096
        )
        other = await seated(server, "other")
        other.press("\t")
        await other.settled()
        assert not other.process.stdout.at_eof()
        await has_told(server, "deaf: session ended")
        assert "has read nothing for 3 seconds" in server.told()
        deaf.connection.abort()
        await other.leave()


async def test_a_client_that_reads_slowly_gets_all_of_it() -> None:
    with WorkshopServer("--limit", "unread_seconds=2", "--limit", "unsent_kib=16") as server:
        size = (160, 48)
        slow = await learner(server, JOIN_CODE, "slow", command=LESSON, size=size, window=1024)
        began, screens = time.monotonic(), 0
        while time.monotonic() < began + 10:
            if screens < time.monotonic() - began < 8:
                screens += 1
                slow.press("?" if screens % 2 else "\x1b")
            await slow.read(most=256)
            await asyncio.sleep(0.1)
        assert not slow.process.stdout.at_eof(), server.told()
        await slow.shows(TITLE)
        assert "session ended" not in server.told()
        await slow.leave()


async def test_200_connections_that_say_nothing_keep_nobody_out() -> None:
    with WorkshopServer("--limit", "logins=20", "--limit", "login_seconds=5") as server:
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
        one = await seated(server, "patient")
        await one.leave()
        await asyncio.sleep(6)
        for each in silent:
            each.settimeout(5)
            said = b""
            while data := each.recv(4096):
                said += data
            assert said.startswith(b"SSH-2.0-")
            each.close()


async def test_what_is_no_ssh_is_cut_off_and_the_class_goes_on(workshop: WorkshopServer) -> None:
    one = await seated(workshop, "steady")
    for rubbish in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0" * 300_000,
        b"SSH-2.0-x\r\n" + b"\xff" * 100_000,
    ):
        # a TimeoutError would mean that it is kept
        raw = socket.create_connection(("127.0.0.1", workshop.port), timeout=15)
        with raw, contextlib.suppress(ConnectionError):
            raw.sendall(rubbish)
            while raw.recv(4096):
                pass
    one.press("\t")
    await one.settled()
    assert not one.process.stdout.at_eof()
    await one.leave()


async def test_an_oversized_paste_and_packet_do_no_harm(workshop: WorkshopServer) -> None:
    one = await seated(workshop, "paster")
    one.press("\x1b[200~" + "x" * 3_000_000 + "\x1b[201~")
    with contextlib.suppress(asyncssh.Error):
        await one.connection.run("lesson " + "y" * 200_000)
    other = await seated(workshop, "unharmed")
    await other.leave()
    one.connection.abort()
