"""The explorer's run, after which the terminal is as it was, whatever ended it.

The terminal program restores its terminal itself where it ends in order. So a signal asks it to
end; if it cannot, or if it has broken down, the terminal is restored from here.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
import termios
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePath
from types import FrameType
from typing import TYPE_CHECKING

from tui import __version__
from tui.cli.streams import complain
from tui.serve.terminal import RESET
from tui.store.crashes import save_crash

if TYPE_CHECKING:
    from tui.app import K8sNetApp

CRASHED = 70
"""Exit code of a crash: EX_SOFTWARE of sysexits.h."""
PATIENCE = 3.0
"""Seconds that the program has to end in order after a signal."""
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def run(app: K8sNetApp, go: Callable[[], object] | None = None, *, mouse: bool = True) -> int:
    """Run the explorer, or let one go on; give its exit code.

    A crash leaves a log and one line on the terminal.
    """
    had_terminal = _attributes() is not None
    with _terminal_kept(), _ended_by_signals(app), _ended_without_terminal(app):
        try:
            app.run(mouse=mouse) if go is None else go()
        except Exception as error:
            app.fail(error)
            _reset()
    if app.failure is None:
        return app.return_code or 0
    if had_terminal and _attributes() is None:
        # whatever failed, it was for want of a terminal
        return 128 + signal.SIGHUP
    complain(_told(app.failure, app.scene, hosted=app.workshop is not None))
    return CRASHED


# ---------------------------------------------------------------- the terminal


@contextmanager
def _terminal_kept() -> Iterator[None]:
    """How the terminal treats its lines stays what it was."""
    was = _attributes()
    try:
        yield
    finally:
        _restore(was)


def _attributes() -> list[object] | None:
    try:
        return termios.tcgetattr(0)
    except (termios.error, OSError):
        return None


def _restore(was: list[object] | None) -> None:
    if was is not None:
        with suppress(termios.error, OSError):
            termios.tcsetattr(0, termios.TCSANOW, was)  # type: ignore[arg-type]


def _reset() -> None:
    """Undo what is drawn and reported; there may be no terminal any more."""
    with suppress(OSError):
        os.write(2, RESET.encode())


# ---------------------------------------------------------------- signals


@contextmanager
def _ended_by_signals(app: K8sNetApp) -> Iterator[None]:
    """A signal ends the program as `q` does; its exit code is that of a program it kills."""
    was = _attributes()

    def end(number: int, _frame: FrameType | None) -> None:
        code = 128 + number
        if not app.leave(code):
            raise SystemExit(code)
        _patience(code, was)

    before = {each: signal.signal(each, end) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _patience(code: int, was: list[object] | None) -> None:
    watch = threading.Timer(PATIENCE, _end_at_once, (code, was))
    watch.daemon = True
    watch.start()


@contextmanager
def _ended_without_terminal(app: K8sNetApp) -> Iterator[None]:
    """Not every terminal that goes sends a signal, and there is nothing left to be done."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(PATIENCE):
            if _attributes() is None and app.leave(128 + signal.SIGHUP):
                _patience(128 + signal.SIGHUP, None)
                return

    if _attributes() is not None:
        threading.Thread(target=look, daemon=True, name="terminal").start()
    try:
        yield
    finally:
        over.set()


def _end_at_once(code: int, was: list[object] | None) -> None:
    """The program hangs, perhaps in writing to a terminal that is gone."""
    _reset()
    _restore(was)
    os._exit(code)


# ---------------------------------------------------------------- crashes


def _told(error: BaseException, scene: dict[str, str], *, hosted: bool) -> str:
    """Write the log; say where it is, and what to do. A workshop's guests have no use for it."""
    what = f"{type(error).__name__}: {error}"
    try:
        file = save_crash(_log(error, scene), time.time())
    except (OSError, RuntimeError) as problem:
        if hosted:
            return "crashed; please tell the instructor, and connect again"
        return f"crashed ({what}); no log could be written: {problem}"
    if hosted:
        return f"crashed; please tell the instructor of {file.name}, and connect again"
    return f"crashed; please report it with {file}, and start again: your progress is saved"


def _log(error: BaseException, scene: dict[str, str]) -> str:
    facts = {
        "k8snet-tui": __version__,
        "python": platform.python_version(),
        "textual": _textual(),
        "system": f"{platform.system()} {platform.release()}",
        "terminal": os.environ.get("TERM", ""),
        **scene,
    }
    rows = [f"{name:<12} {text}" for name, text in facts.items()]
    return "\n".join((*rows, "", *_traceback(error), ""))


def _textual() -> str:
    from importlib.metadata import version

    return version("textual")


def _traceback(error: BaseException) -> Iterator[str]:
    """The traceback, its files named from their package on: where they lie is nobody's business."""
    trace = traceback.TracebackException.from_exception(error)
    todo: traceback.TracebackException | None = trace
    while todo is not None:
        for frame in todo.stack:
            frame.filename = _inside(frame.filename)
        todo = todo.__cause__ or todo.__context__
    yield from "".join(trace.format()).splitlines()


def _inside(file: str) -> str:
    """`tui/widgets/pane.py`, whatever folders that is in."""
    folders = sorted((entry for entry in sys.path if entry), key=len, reverse=True)
    for folder in folders:
        if PurePath(file).is_relative_to(folder):
            return str(PurePath(file).relative_to(folder))
    return PurePath(file).name
