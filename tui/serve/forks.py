"""The fork server: the whole program loaded, one thread, and a fork for each session.

It speaks with the front over one socket of packets. A request brings the session's terminal and
its line to the workshop; the answer brings a descriptor of the new process, so that the front
can wait for it and end it even after this server is gone.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import threading

from tui.serve.child import Explorer, become_session
from tui.serve.spec import LARGEST, SessionSpec, spec_of


def serve_forks(front: socket.socket, explorer: Explorer) -> None:
    """Fork a session for each request until the front is gone."""
    if threading.active_count() != 1:
        raise RuntimeError("a process with threads must not fork sessions")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    # what every session shares is never written to by its garbage collector
    gc.collect()
    gc.disable()
    gc.freeze()
    _answer(front, json.dumps({"ready": os.getpid()}).encode())
    while True:
        ready, _, _ = select.select([front.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
        _tell_ended(front)
        if front.fileno() in ready and not _serve_one(front, explorer):
            return


def _serve_one(front: socket.socket, explorer: Explorer) -> bool:
    """Answer a request; False once there is no front."""
    try:
        text, given, _flags, _address = socket.recv_fds(front, LARGEST, 2)
    except ConnectionResetError:
        return False
    if not text:
        return False
    spec, (terminal, line) = spec_of(text), given
    try:
        pid = os.fork()
    except OSError as error:
        _answer(front, json.dumps({"number": spec.number, "problem": str(error)}).encode())
    else:
        if pid == 0:
            _be_child(front, spec, terminal, line, explorer)
        _tell_forked(front, spec, pid)
    os.close(terminal)
    os.close(line)
    return True


def _be_child(
    front: socket.socket, spec: SessionSpec, terminal: int, line: int, explorer: Explorer
) -> None:
    front.detach()
    become_session(spec, terminal, socket.socket(fileno=line), explorer)


def _tell_forked(front: socket.socket, spec: SessionSpec, pid: int) -> None:
    handle = os.pidfd_open(pid)
    _answer(front, json.dumps({"number": spec.number, "pid": pid}).encode(), handle)
    os.close(handle)


def _tell_ended(front: socket.socket) -> None:
    """Let no process become a zombie, and say how each has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        code = os.waitstatus_to_exitcode(status)
        _answer(front, json.dumps({"ended": pid, "code": code}).encode())


def _answer(front: socket.socket, text: bytes, *handles: int) -> None:
    try:
        socket.send_fds(front, [text], list(handles))
    except (BrokenPipeError, ConnectionResetError):
        raise SystemExit(0) from None
