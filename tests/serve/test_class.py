"""The instructor over SSH: sees the class live, speaks to it, leads it, and takes its results."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import asyncssh
import pytest

from tests.serve.workshop_server import JOIN_CODE, Learner, WorkshopServer, learner

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]

WIDE = (120, 40)


def results(server: WorkshopServer, how: str) -> str:
    got = subprocess.run(
        [sys.executable, "-m", "tui.cli", "serve", "--results", how, "--state", str(server.state)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert got.returncode == 0, got.stderr
    return got.stdout


async def instructor(server: WorkshopServer, key: asyncssh.SSHKey) -> Learner:
    one = await learner(server, user="instructor", client_keys=[key], size=WIDE)
    await one.shows("The class")
    return one


async def test_the_class_is_seen_spoken_to_and_led(tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    keys = tmp_path / "instructor"
    keys.write_bytes(key.export_public_key())
    with WorkshopServer("--instructor-keys", str(keys)) as server:
        teacher = await instructor(server, key)
        kim = await learner(
            server, JOIN_CODE, "kim", command="lesson service --no-tour --step hook", size=WIDE
        )
        await kim.shows("Before the route")
        await teacher.shows("kim", "A Service and its address")
        kim.press("2")
        await kim.settled()
        await teacher.shows("1 of 1")

        teacher.press("m")
        await teacher.settled()
        teacher.press("coffee at ten\r")
        await kim.shows("coffee at ten")

        kim.press("P")
        await kim.shows("follow")
        await teacher.shows("1 follow")
        teacher.press("l")
        await teacher.settled()
        teacher.press("\x1b")
        await teacher.settled()
        teacher.press("n")
        await teacher.settled()
        await kim.shows("2 of")
        await kim.leave()
        await teacher.leave()

        found = json.loads(results(server, "json"))
        assert [(each["name"], each["missed"]) for each in found["learners"]] == [("kim", 1)]
        assert [(each["step"], each["missed"]) for each in found["questions"]] == [("hook", 1)]
        assert "kim" in results(server, "csv")
        assert "hook" in results(server, "questions")


def test_the_dashboard_on_the_servers_machine(workshop: WorkshopServer) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS="100", LINES="30")
        os.execv(
            sys.executable,
            [sys.executable, "-m", "tui.cli", "serve", "--dashboard",
             "--state", str(workshop.state)],
        )  # fmt: skip
    seen, end = b"", time.monotonic() + 30
    while b"class" not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 1 << 16)
    os.write(terminal, b"\x11")
    os.close(terminal)
    os.waitpid(pid, 0)
    assert b"class" in seen


def test_where_no_workshop_is_a_sentence_says_so(tmp_path: Path) -> None:
    for option in ("--dashboard", "--results=json"):
        got = subprocess.run(
            [sys.executable, "-m", "tui.cli", "serve", option, "--state", str(tmp_path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert got.returncode == 2
        assert got.stderr.count("\n") == 1
        assert "no workshop" in got.stderr
