"""What breaks takes nobody with it, and nothing is left behind."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import asyncssh
import pytest

from tests.serve.test_limits_in_use import LESSON, TITLE, has_told, seated
from tests.serve.workshop_server import JOIN_CODE, WorkshopServer, connected, learner, processes

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]


async def test_without_its_fork_server_the_class_goes_on_and_another_one_starts() -> None:
    with WorkshopServer() as server:
        one = await seated(server, "one")
        gone = server.fork_server
        os.kill(gone, signal.SIGKILL)
        await has_told(server, "is started again")
        two = await learner(server, JOIN_CODE, "two", command=LESSON)
        await two.shows(TITLE, within=40)
        assert server.fork_server != gone
        one.press("\r")
        await one.shows("2 of")
        one.press("q")
        assert await one.ended() == 0, "how it ended is known, although its parent is gone"
        await two.leave()


async def test_after_a_restart_of_the_server_all_are_where_they_were() -> None:
    with WorkshopServer() as server:
        one = await learner(server, JOIN_CODE, "one", command="lesson service --no-tour --step 2")
        code = "".join(re.findall(r"\d", one.client.told[-1]))
        await one.shows("2 of")
        key = re.search(r"SHA256:\S+", server.announced)
        assert server.stop() == 0
        while await one.read(2):
            pass
        assert b"the workshop has ended" in one.raw
        await one.leave()
        server.start()
        assert key is not None
        assert key[0] in server.announced, "the host key stays"
        again = await learner(server, JOIN_CODE, "one", code)
        await again.comes_back_to("2 of")
        await again.leave()


async def test_sessions_of_a_server_that_was_killed_end_and_it_can_start_again() -> None:
    with WorkshopServer() as server:
        one = await seated(server, "one")
        left = [*server.sessions(), server.fork_server]
        server.stop(signal.SIGKILL)
        end = time.monotonic() + 12
        while any(Path(f"/proc/{pid}").exists() for pid in left):
            assert time.monotonic() < end, "sessions without a server live on"
            await asyncio.sleep(0.1)
        one.connection.abort()
        server.start()
        await (await seated(server, "two")).leave()


async def test_nothing_is_left_of_many_short_sessions() -> None:
    with WorkshopServer("--limit", "sessions_each=8") as server:
        assert server.process is not None
        await (await seated(server, "first")).leave()
        await has_told(server, "first: session ended")
        front, forks = server.process.pid, server.fork_server
        before = (_files(front), _files(forks))
        connection, _ = await connected(server, JOIN_CODE, "many")
        for _ in range(75):
            opened = [
                await connection.create_process(
                    LESSON, term_type="xterm", term_size=(80, 24), encoding=None
                )
                for _ in range(4)
            ]
            for each in opened:
                each.close()
            await asyncio.gather(*(each.wait_closed() for each in opened))
        connection.close()
        await connection.wait_closed()
        end = time.monotonic() + 20
        while server.sessions() or (_files(front), _files(forks)) != before:
            assert time.monotonic() < end, (server.sessions(), _files(front), _files(forks), before)
            await asyncio.sleep(0.2)
        assert not [pid for pid, parent, _ in processes() if parent == forks]
        zombies = subprocess.run(["ps", "-eo", "stat,ppid"], capture_output=True, text=True)
        for line in zombies.stdout.splitlines():
            assert not (line.startswith("Z") and line.split()[1] in (str(front), str(forks)))


async def test_that_the_class_cannot_be_kept_is_told_to_its_instructor(tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    keys = tmp_path / "instructor"
    keys.write_bytes(key.export_public_key())
    server = WorkshopServer("--instructor-keys", str(keys))
    (server.state / "workshop.sqlite3").mkdir(parents=True)
    with server:
        for _ in range(2):
            teacher = await learner(server, user="instructor", client_keys=[key], size=(120, 40))
            await teacher.shows("The class is kept until the server ends")
            await teacher.leave()
        assert "kept in memory only" in server.told()
        one = await seated(server, "one")
        code = "".join(re.findall(r"\d", one.client.told[-1]))
        await one.leave()
        again = await learner(server, JOIN_CODE, "one", code, command=LESSON)
        await again.shows(TITLE)
        assert "kept until the server ends" not in again.text
        await again.leave()


def _files(pid: int) -> list[str]:
    """What a process has open, numbers of sockets and pipes aside."""
    found = []
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(re.sub(r"\d+", "", os.readlink(f"/proc/{pid}/fd/{descriptor}")))
        except OSError:
            continue
    return sorted(found)


@pytest.mark.skipif(os.geteuid() != 0, reason="a full disk of one's own needs root")
async def test_on_a_full_disk_the_class_goes_on_and_the_loss_is_said() -> None:
    with WorkshopServer() as server:
        server.stop()
        shutil.rmtree(server.state)
        server.state.mkdir()
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=6m,mode=711", "tmpfs", str(server.state)],
            check=True,
        )
        try:
            server.start()
            one = await seated(server, "one")
            with open(server.state / "filler", "wb", buffering=0) as filler:
                for size in (1 << 16, 1 << 12):
                    with contextlib.suppress(OSError):
                        while filler.write(b"x" * size):
                            pass
            for _ in range(8):
                one.press("\r")
                await one.settled(0.2)
            await one.shows("could not be written", within=15)
            two = await learner(server, JOIN_CODE, "two", command=LESSON)
            await two.read(10)
            await two.leave()
            await one.leave()
            server.stop()
        finally:
            subprocess.run(["umount", "-l", str(server.state)], check=True)
