"""`k8snet-tui serve --forced`: the one command of an account behind one's own OpenSSH server.

sshd runs it as ForceCommand, whatever a client asks for. What that was stands in
SSH_ORIGINAL_COMMAND, and by which key the client logged in in the file that SSH_USER_AUTH names.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from tui.cli import UsageError
from tui.serve.requests import RefusedError, words_of
from tui.serve.spec import SessionSpec
from tui.words import preferred, use


def forced(folder: str | None, environment: Mapping[str, str] = os.environ) -> int:
    """Open the explorer for whoever has logged in. Raises UsageError."""
    from tui.cli.hosted import explorer

    if os.geteuid() == 0:
        raise UsageError("serve --forced: use an account of its own; sessions never run as root")
    try:
        words = words_of(environment.get("SSH_ORIGINAL_COMMAND"))
    except RefusedError as problem:
        raise UsageError(problem.sentence(use(preferred(environment)))) from None
    home = _home(learner_id(environment))
    for name in ("STATE", "DATA", "CONFIG"):
        os.environ[f"XDG_{name}_HOME"] = str(home)
    # the class is somewhere else, or nowhere: nobody listens at the other end of this line
    line, other = socket.socketpair()
    other.close()
    spec = SessionSpec(0, "", False, words, {}, str(home), None, 0)
    return explorer(spec, line, folder)


def learner_id(environment: Mapping[str, str]) -> str:
    """An id made of the key that sshd has seen. Raises UsageError."""
    try:
        lines = Path(environment["SSH_USER_AUTH"]).read_text(encoding="ascii").splitlines()
    except (KeyError, OSError, UnicodeDecodeError):
        lines = []
    for line in lines:
        method, _, key = line.partition(" ")
        if method == "publickey" and key.strip():
            return hashlib.sha256(key.encode()).hexdigest()[:20]
    raise UsageError(
        "serve --forced: sshd does not say who has logged in; it needs `ExposeAuthInfo yes` "
        "and public keys"
    )


def _home(learner: str) -> Path:
    """The learner's own folder in the account's state. Raises UsageError."""
    from tui.store.sqlite import progress_file

    home = progress_file().parent / "learners" / learner
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"serve --forced: {home}: {error.strerror}") from None
    return home
