"""What a forked session does before it is the learner's explorer."""

from __future__ import annotations

import ctypes
import fcntl
import gc
import os
import resource
import signal
import socket
import sys
import termios
from collections.abc import Callable
from contextlib import suppress

from tui.serve.spec import SessionSpec

Explorer = Callable[[SessionSpec, socket.socket], int]
"""Runs the explorer on standard input and output, with its line to the workshop; exit code."""

FAILED = 71
"""Exit code where a session could not be prepared: EX_OSERR of sysexits.h."""
_NO_NEW_PRIVILEGES = 38
_FILES = 64
_THREADS = 64
"""Processes and threads of one learner, where each has a user id of their own."""
_GIVES_WAY = 5
"""A session gives way to the front, through which everybody's keys and screens go."""
_LARGEST_FILE = 64 * 1024 * 1024


def become_session(
    spec: SessionSpec, terminal: int, line: socket.socket, explorer: Explorer
) -> None:
    """Turn this process, a fresh fork, into a session. Never returns."""
    code = FAILED
    try:
        _take_terminal(terminal)
        _close_all_but(line)
        _drop_privileges(spec)
        _limit(spec)
        _settle(spec)
        gc.enable()
        code = explorer(spec, line)
    except BaseException as error:
        code = error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else code
        if not isinstance(error, SystemExit):
            with suppress(OSError):
                os.write(2, f"\r\nthis session could not be opened: {error}\r\n".encode())
    finally:
        with suppress(Exception):
            sys.stdout.flush()
        os._exit(code)


def _take_terminal(terminal: int) -> None:
    """A session of its own, whose signals the terminal's keys and its end send."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(terminal, number)
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(each, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)


def _close_all_but(line: socket.socket) -> None:
    """Nothing of the fork server's stays open here."""
    kept = line.fileno()
    os.closerange(3, kept)
    os.closerange(kept + 1, _highest())


def _highest() -> int:
    return max(int(name) for name in os.listdir("/proc/self/fd")) + 1


def _drop_privileges(spec: SessionSpec) -> None:
    """Be the learner's user id for good; a session never runs as root."""
    os.umask(0o077)
    os.chdir(spec.home)
    if spec.user is not None:
        os.setgroups([])
        os.setresgid(spec.user, spec.user, spec.user)
        os.setresuid(spec.user, spec.user, spec.user)
    if os.getuid() == 0 or os.geteuid() == 0:
        raise PermissionError("it would run as root")
    ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def _limit(spec: SessionSpec) -> None:
    os.nice(_GIVES_WAY)
    limits = {
        resource.RLIMIT_DATA: spec.memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _FILES,
        resource.RLIMIT_FSIZE: _LARGEST_FILE,
    }
    if spec.user is not None:
        # the kernel counts by user id: where all sessions share one it would count the class
        limits[resource.RLIMIT_NPROC] = _THREADS
    for what, most in limits.items():
        resource.setrlimit(what, (most, most))


def _settle(spec: SessionSpec) -> None:
    """The learner's environment, and streams on the new terminal."""
    os.environ.clear()
    os.environ.update(spec.environment)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115
