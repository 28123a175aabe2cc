"""What a workshop is measured against: asyncssh, and a fresh Python process for each attendee."""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
import subprocess
import sys
import termios

import asyncssh

COMMAND = [sys.executable, "-m", "tui.cli"]


class Open(asyncssh.SSHServer):
    """Lets everybody in."""

    def begin_auth(self, username: str) -> bool:
        """Nothing is asked."""
        return False


async def attend(process: asyncssh.SSHServerProcess[bytes]) -> None:
    """Join a client to a process on a terminal of its own."""
    ours, theirs = os.openpty()
    columns, rows = process.term_size[:2]
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    child = subprocess.Popen(
        [*COMMAND, *(process.command or "").split()],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, env=environment,
    )  # fmt: skip
    os.close(theirs)
    loop = asyncio.get_running_loop()

    def draw() -> None:
        try:
            process.stdout.write(os.read(ours, 1 << 16))
        except OSError:
            loop.remove_reader(ours)

    loop.add_reader(ours, draw)
    try:
        while data := await process.stdin.read(4096):
            os.write(ours, data)
    except asyncssh.BreakReceived:
        pass
    finally:
        loop.remove_reader(ours)
        child.kill()
        child.wait()
        os.close(ours)
        process.exit(0)


async def main(port: int) -> None:
    """Serve until somebody ends it."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    await asyncssh.listen(
        "127.0.0.1", port, server_factory=Open, server_host_keys=[key], encoding=None,
        line_editor=False, process_factory=attend, backlog=256,
    )  # fmt: skip
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
