"""`python -m tui.cli.forks SOCKET [LESSONS]`: the fork server of a workshop. Nobody types this."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from functools import partial

from tui.serve.forks import serve_forks


def main(arguments: list[str]) -> None:
    """Load the program and fork sessions for the front behind a socket."""
    from tui.cli.hosted import explorer, load_everything

    folder, descriptor = arguments[0] or None, arguments[1]
    waiting = load_everything(folder)
    front = socket.socket(fileno=int(descriptor))
    with suppress(SystemExit):
        serve_forks(front, partial(explorer, folder=folder, waiting=waiting))
    # the explorers that wait have tasks which nobody will ever run to their end
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
