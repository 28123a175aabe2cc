"""The program in a real terminal: a pty, the true driver, and pyte to see what stands there."""

import os
import pty
import re
import select
import signal
import struct
import subprocess
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
    """A terminal of so many cells with the program inside, perhaps `broken` by some code first."""

    def __init__(
        self,
        arguments: list[str],
        width: int,
        height: int,
        broken: str = "",
        **environment: str,
    ) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self.modes: dict[bytes, bool] = {}
        self.copied: list[str] = []
        self.child, self.master = pty.fork()
        if self.child == 0:
            # a copy: readline puts LINES and COLUMNS into the environment behind Python's back
            kept = {k: v for k, v in os.environ.items() if k not in ("LINES", "COLUMNS")}
            kept |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
            code = f"{broken}\nimport sys\nfrom tui.cli import main\nsys.exit(main())"
            os.execve(sys.executable, [sys.executable, "-c", code, *arguments], kept)
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Another size; the program is told by SIGWINCH."""
        ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.screen.resize(height, width)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    @property
    def text(self) -> str:
        """What stands on the screen; a letter of two cells is there once."""
        rows, columns = range(self.screen.lines), range(self.screen.columns)
        # pyte's own `display` trips over half a wide letter that was painted over
        return "\n".join("".join(self.screen.buffer[y][x].data for x in columns) for y in rows)

    def see(self, wanted: str | Callable[[str], bool]) -> str:
        """Wait until the screen shows something, and give the screen."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self._read(0.1)
            text = self.text
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


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_the_main_path_in_a_usual_window(two_nodes: Path, width: int, height: int) -> None:
    terminal = Terminal(["sandbox", "--cluster", str(two_nodes)], width, height)
    send(terminal)
    terminal.press("\x1b[C")
    terminal.see(lambda text: re.search(r"\b2/\d+", text) is not None)
    terminal.press("\x1b[F")
    terminal.see("The client has its answer")
    terminal.press("\x1b[H")
    terminal.see(lambda text: re.search(r"\b1/\d+", text) is not None)
    terminal.press("m")
    terminal.see("kube-proxy's mode")
    terminal.press("2")
    terminal.see("[nftables]")
    terminal.press("m")
    terminal.see("kube-proxy's mode")
    terminal.press("3")
    terminal.see("[ipvs]")
    terminal.press("q")
    assert terminal.leave() == 0
    assert not is_drawn_on(terminal)
    terminal.close()


def is_drawn_on(terminal: Terminal) -> bool:
    """Whether a program has the terminal for itself."""
    alternate_screen, cursor, mouse, paste = b"1049", b"25", b"1000", b"2004"
    on = {alternate_screen: True, cursor: False, mouse: True, paste: True}
    off = {mode: not state for mode, state in on.items()}
    modes = terminal.modes
    assert modes in ({**modes, **on}, {**modes, **off}), "all of it, or nothing"
    return modes[alternate_screen]


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
    before = termios.tcgetattr(sandbox.master)
    sandbox.see("node-b")
    assert is_drawn_on(sandbox)
    assert termios.tcgetattr(sandbox.master) != before
    sandbox.press("q")
    assert sandbox.leave() == 0
    assert not is_drawn_on(sandbox)


# ---------------------------------------------------------------- other endings


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_in_order(sandbox: Terminal, number: signal.Signals) -> None:
    sandbox.see("node-b")
    os.kill(sandbox.child, number)
    assert sandbox.leave() == 128 + number
    assert not is_drawn_on(sandbox)
    assert "Traceback" not in "\n".join(sandbox.screen.display)


def test_ctrl_c_is_a_key_that_leaves_the_terminal_alone(sandbox: Terminal) -> None:
    sandbox.see("node-b")
    sandbox.press("\x03")
    sandbox.press("q")
    assert sandbox.leave() == 0
    assert not is_drawn_on(sandbox)


def test_a_program_that_hangs_gives_the_terminal_back(two_nodes: Path) -> None:
    arguments = ["sandbox", "--cluster", str(two_nodes)]
    hangs = """
import time
from tui.screens.explorer import ExplorerScreen
ExplorerScreen.action_help = lambda self: time.sleep(1000)
"""
    terminal = Terminal(arguments, 120, 40, broken=hangs)
    try:
        before = termios.tcgetattr(terminal.master)
        terminal.see("node-b")
        terminal.press("?")
        time.sleep(0.5)
        os.kill(terminal.child, signal.SIGTERM)
        assert terminal.leave() == 128 + signal.SIGTERM
        assert not is_drawn_on(terminal)
        assert termios.tcgetattr(terminal.master) == before
    finally:
        terminal.close()


def test_without_its_terminal_it_ends(sandbox: Terminal) -> None:
    sandbox.see("node-b")
    os.close(sandbox.master)
    end = time.monotonic() + PATIENCE
    status = (0, 0)
    while status[0] == 0 and time.monotonic() < end:
        status = os.waitpid(sandbox.child, os.WNOHANG)
        time.sleep(0.05)
    sandbox.master = os.open(os.devnull, os.O_RDWR)
    assert status[0] == sandbox.child
    assert os.waitstatus_to_exitcode(status[1]) == 128 + signal.SIGHUP


def test_without_its_terminal_it_ends_even_if_no_signal_says_so(two_nodes: Path) -> None:
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    command = [sys.executable, "-m", "tui.cli", "sandbox", "--cluster", str(two_nodes)]
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=environment
    ) as program:
        os.close(slave)
        shown = b""
        while b"node-b" not in shown:
            assert select.select([master], [], [], PATIENCE)[0]
            shown += os.read(master, 65536)
        os.close(master)
        try:
            assert program.wait(PATIENCE) == 128 + signal.SIGHUP
        finally:
            program.kill()


BREAKS = {
    "in a widget": "TopologyMap.lines = fail",
    "in a handler": "ExplorerScreen.action_help = fail",
    "in a worker": "ExplorerScreen.action_help = lambda self: self.run_worker(fails())",
    "in the screen's own start": "ExplorerScreen.compose = fail",
}


@pytest.mark.parametrize("where", BREAKS)
def test_a_crash_leaves_a_log_and_one_line(where: str, tmp_path: Path) -> None:
    broken = f"""
from tui.screens.explorer import ExplorerScreen
from tui.widgets.topology_map import TopologyMap
def fail(*_):
    raise ZeroDivisionError("of a test")
async def fails():
    fail()
{BREAKS[where]}
"""
    arguments, state = ["lesson", "service"], str(tmp_path / "state")
    terminal = Terminal(arguments, 120, 40, broken=broken, XDG_STATE_HOME=state)
    try:
        if "action_help" in broken:
            terminal.see("node-b")
            terminal.press("?")
        assert terminal.leave() == 70
        assert not is_drawn_on(terminal)
        [log] = (tmp_path / "state" / "k8snet-tui").glob("crash-*.log")
        shown = "".join(row.rstrip() for row in terminal.screen.display)
        assert shown.startswith("k8snet-tui: crashed; please report it with")
        assert log.name in shown
        assert "Traceback" not in shown
        text = log.read_text()
        assert "ZeroDivisionError: of a test" in text
        assert "size         120 x 40" in text
        assert "textual " in text
        if "action_help" in broken:
            assert "lesson       service, step" in text
        for folder in {str(Path.home()), str(Path(__file__).parents[2]), sys.prefix} - {"/"}:
            assert folder not in text
    finally:
        terminal.close()


def test_no_mouse_leaves_the_mouse_to_the_terminal(two_nodes: Path) -> None:
    terminal = Terminal(["sandbox", "--cluster", str(two_nodes), "--no-mouse"], 80, 24)
    try:
        terminal.see("node-b")
        assert b"1000" not in terminal.modes
        assert b"1003" not in terminal.modes
        terminal.press("q")
        assert terminal.leave() == 0
    finally:
        terminal.close()


def test_a_storm_of_resizes_ends_in_the_last_size(sandbox: Terminal) -> None:
    sandbox.see("node-b")
    send(sandbox)
    for i in range(120):
        sandbox.resize(40 + (i * 37) % 160, 10 + (i * 13) % 50)
    sandbox.resize(120, 40)
    sandbox.see("Journey")
    sandbox.see("step ")
    sandbox.press("q")
    assert sandbox.leave() == 0
    assert not is_drawn_on(sandbox)


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
