"""The program in a real terminal: a pty, the true driver, and pyte to see what stands there."""

import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from fcntl import ioctl
from pathlib import Path

import pyte
import pytest

PATIENCE = 20.0
"""Seconds until a screen that should come is given up; a busy machine needs some."""
UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]|\x1b\[[0-9;]*\$p|\x1bP.*?\x1b\\")
CLIPBOARD = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
MODES = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")


class Terminal:
    """A terminal of so many cells with the program inside."""

    def __init__(self, arguments: list[str], width: int, height: int, **environment: str) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self.modes: dict[bytes, bool] = {}
        self.copied: list[str] = []
        self.child, self.master = pty.fork()
        if self.child == 0:
            # a copy: readline puts LINES and COLUMNS into the environment behind Python's back
            kept = {k: v for k, v in os.environ.items() if k not in ("LINES", "COLUMNS")}
            kept |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
            os.execve(sys.executable, [sys.executable, "-m", "tui.cli", *arguments], kept)
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Another size; the program is told by SIGWINCH."""
        ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.screen.resize(height, width)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    def see(self, wanted: str | Callable[[str], bool]) -> str:
        """Wait until the screen shows something, and give the screen."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self._read(0.1)
            text = "\n".join(self.screen.display)
            if wanted in text if isinstance(wanted, str) else wanted(text):
                return text
        pytest.fail(f"never saw {wanted!r}; the screen was\n{text}")

    def _read(self, wait: float) -> bool:
        if not select.select([self.master], [], [], wait)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        for names, sign in MODES.findall(data):
            self.modes.update(dict.fromkeys(names.split(b";"), sign == b"h"))
        self.copied += [b64decode(text).decode() for text in CLIPBOARD.findall(data)]
        self._stream.feed(UNKNOWN_TO_PYTE.sub(b"", data))
        return bool(data)

    def leave(self) -> int:
        """Wait for the program's end; its exit status."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._read(0.1):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])

    def close(self) -> None:
        """Whatever happened, nothing stays behind."""
        try:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.master)


@pytest.fixture
def sandbox(two_nodes: Path) -> Iterator[Terminal]:
    terminal = Terminal(["sandbox", "--cluster", str(two_nodes)], 120, 40)
    yield terminal
    terminal.close()


pytestmark = pytest.mark.slow


def send(terminal: Terminal) -> None:
    """A packet from the client to the Service, typed into the dialog."""
    terminal.see("node-b")
    terminal.press("i")
    terminal.see("Where from")
    terminal.press("pod/default/client\r")
    terminal.see("Where to")
    terminal.press("svc/default/web:80")
    terminal.see("svc/default/web:80 ")
    terminal.press("\r")
    terminal.see("writes to a socket")


def test_inject_walk_switch_and_leave(sandbox: Terminal) -> None:
    sandbox.see("node-b")
    send(sandbox)
    sandbox.press("\x1b[C")
    sandbox.see("step 2/")
    sandbox.press("\x1b[F")
    sandbox.see("The client has its answer")
    sandbox.press("\x1b[H")
    sandbox.see("step 1/")

    sandbox.press("m")
    sandbox.see("kube-proxy's mode")
    sandbox.press("\x1b")
    sandbox.see(lambda text: "kube-proxy's mode" not in text)
    sandbox.press("c")
    sandbox.see("CNI plugin")
    sandbox.press("2")
    sandbox.see(lambda text: "│ bridge" in text and "flannel.1" not in text)

    sandbox.press("q")
    assert sandbox.leave() == 0


def test_y_puts_the_rule_on_the_clipboard_of_the_terminal(sandbox: Terminal) -> None:
    send(sandbox)
    sandbox.press("y")
    sandbox.see("Copied: packet IP 10.244.0.7")
    sandbox.press("x")
    sandbox.see("is rewritten to")
    sandbox.press("y")
    sandbox.see("Copied: rule -A KUBE-SEP-")
    packet, rule = sandbox.copied
    assert packet.startswith("IP 10.244.0.7.")
    assert " > 10.96.31.7.80: Flags [S], seq 0, " in packet
    assert re.fullmatch(r"-A KUBE-SEP-\S+ -p tcp .* -j DNAT --to-destination \S+:8080", rule)
    sandbox.press("q")
    assert sandbox.leave() == 0


def test_the_terminal_comes_back_as_it_was(sandbox: Terminal) -> None:
    sandbox.see("node-b")
    during = dict(sandbox.modes)
    sandbox.press("q")
    assert sandbox.leave() == 0
    alternate_screen, cursor, mouse, paste = b"1049", b"25", b"1000", b"2004"
    assert during == {**during, alternate_screen: True, cursor: False, mouse: True, paste: True}
    after = sandbox.modes
    assert after == {**after, alternate_screen: False, cursor: True, mouse: False, paste: False}


def test_resizing_while_a_packet_plays(sandbox: Terminal) -> None:
    sandbox.see("node-b")
    send(sandbox)
    sandbox.press(" ")
    for width, height in ((80, 24), (50, 15), (70, 22), (132, 43), (120, 40)):
        sandbox.resize(width, height)
        sandbox.see("60 x 20" if width < 60 else "k8snet")
    sandbox.see("Journey")
    sandbox.press("q")
    assert sandbox.leave() == 0


def test_the_tour_is_given_once_and_can_be_left_out(two_nodes: Path) -> None:
    arguments = ["sandbox", "--cluster", str(two_nodes)]
    for more, wanted in ((["--no-tour"], False), ([], True), ([], False)):
        terminal = Terminal([*arguments, *more], 80, 24, K8SNET_NO_TOUR="")
        try:
            if wanted:
                terminal.see("Map · 1/5")
                terminal.press("\r")
                terminal.see("Chain · 2/5")
                terminal.press("\x1b")
            terminal.see(lambda text: "node-b" in text and "/5 ━" not in text)
            terminal.press("5")  # no digit does anything in the tour
            terminal.see("Press i to send one")
            terminal.press("q")
            assert terminal.leave() == 0
        finally:
            terminal.close()


def test_a_lesson_opens_in_ascii() -> None:
    terminal = Terminal(["lesson", "service", "--ascii"], 120, 40, LANG="C.UTF-8")
    try:
        text = terminal.see("Lesson")
        assert "+- Map" in text
        assert not set(text) & set("─│╭╮╰╯━┃┄┊●◐○→")
        terminal.press("q")
        assert terminal.leave() == 0
    finally:
        terminal.close()
