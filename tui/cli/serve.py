"""`k8snet-tui serve`: a workshop over SSH, its dashboard on this machine, and its results."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli import DELIVERED, UsageError
from tui.cli.forced import forced
from tui.cli.settings import course_of
from tui.cli.streams import put, tell

if TYPE_CHECKING:
    from tui.serve.host import Settings
    from tui.store.workshop import WorkshopStore

_USERS = range(70_000, 80_000)
"""User ids of learners where root serves: above what Debian assigns (to 64999) and systemd's
dynamic users (to 65519), below subordinate ids (from 100000) and containers (from 524288)."""
_CLASS = "workshop.sqlite3"
"""The class, in the folder of a workshop."""
_ROOTS = Path("/var/lib/k8snet-tui")
"""Where root keeps a workshop."""


def serve(asked: Namespace) -> int:
    """Serve a workshop, or look at one."""
    if asked.forced:
        return forced(asked.course_folder)
    if asked.results is not None:
        return _results(asked)
    if asked.dashboard:
        return _dashboard(asked)
    if not sys.platform.startswith("linux"):
        raise UsageError("serve needs Linux: sessions are forked and watched by its own means")
    try:
        import asyncssh  # noqa: F401 - whether it is there
    except ImportError:
        raise UsageError("serve needs asyncssh: pip install 'k8snet-tui[ssh]'") from None
    from tui.serve.fork_server import ForkError
    from tui.serve.gathering import Gathering
    from tui.serve.host import serve as run
    from tui.store.class_memory import remembered

    settings = _settings(asked)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("asyncssh").setLevel(logging.CRITICAL)
    os.umask(0o077)
    store = _store(settings.folder)
    try:
        asyncio.run(run(settings, store, Gathering(store, remembered(store))))
    except ForkError as problem:
        raise UsageError(str(problem)) from None
    except OSError as error:
        raise UsageError(f"--host {asked.host} --port {asked.port}: {error.strerror}") from None
    finally:
        store.close()
    return DELIVERED


def _settings(asked: Namespace) -> Settings:
    """What the options say. Raises UsageError."""
    from tui.serve.host import Settings
    from tui.serve.hostkey import host_key, join_code
    from tui.serve.limits import LimitError, limits_of

    course_of(asked)  # a course that cannot be read is better known before the class comes
    folder = _folder(asked, make=True)
    try:
        limits = limits_of(asked.limit)
        key, code = host_key(folder), asked.join_code or join_code(folder)
    except LimitError as error:
        raise UsageError(f"--limit {error}") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"--state {folder}: {error}") from None
    lessons = str(Path(asked.course_folder).resolve()) if asked.course_folder else ""
    return Settings(
        folder=folder,
        address=asked.host,
        port=asked.port,
        limits=limits,
        join_code=code,
        host_key=key,
        learner_keys=_keys(asked.keys, "--keys"),
        instructor_keys=_keys(asked.instructor_keys, "--instructor-keys"),
        users=_USERS if os.geteuid() == 0 else None,
        fork_command=(sys.executable, "-m", "tui.cli.forks", lessons),
        language=f"{asked.lang}.UTF-8" if asked.lang else "",
    )


def _folder(asked: Namespace, *, make: bool = False) -> Path:
    """Where the workshop is kept. Raises UsageError."""
    folder = Path(asked.state).resolve() if asked.state else _usual_folder()
    try:
        if make:
            # learners have user ids of their own, and folders in it
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o711)
            _can_be_reached(folder)
        elif not folder.is_dir():
            raise UsageError(f"--state {folder}: there is no such folder")
    except OSError as error:
        raise UsageError(f"--state {folder}: {error.strerror}") from None
    return folder


def _usual_folder() -> Path:
    """The folder of a service that systemd gives, root's, or the user's own."""
    from tui.store.sqlite import progress_file

    given = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given)
    return _ROOTS if os.geteuid() == 0 else progress_file().with_name("workshop")


def _can_be_reached(folder: Path) -> None:
    """Whether learners with user ids of their own come to their folders. Raises UsageError."""
    if os.geteuid() != 0:
        return
    shut = _shut(folder)
    if shut is not None:
        raise UsageError(
            f"--state {folder}: learners cannot pass {shut}; choose another folder, "
            "or `chmod o+x` that one"
        )
    library = Path(os.__file__)
    shut = _shut(library)
    if shut is not None:
        tell(
            f"note: learners' user ids cannot pass {shut}, where Python is; what is loaded late "
            "will be missing: install k8snet-tui for everybody, or serve as another user"
        )


def _shut(file: Path) -> Path | None:
    """The topmost folder above a file that other users cannot pass, if there is one."""
    shut = [each for each in file.parents if not each.stat().st_mode & 0o001]
    return shut[-1] if shut else None


def _keys(file: str | None, option: str) -> Mapping[str, str]:
    """Fingerprints in a file like authorized_keys, each with its comment. Raises UsageError."""
    if file is None:
        return {}
    import asyncssh

    found: dict[str, str] = {}
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{option} {file}: {error}") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            key = asyncssh.import_public_key(line)
        except (asyncssh.KeyImportError, ValueError):
            problem = "expected a public key, as in ~/.ssh/id_ed25519.pub"
            raise UsageError(f"{option} {file}:{number}: {problem}") from None
        comment = key.get_comment() or ""
        found[key.get_fingerprint()] = comment.partition("@")[0]
    if not found:
        raise UsageError(f"{option} {file}: there is no public key in it")
    return found


def _store(folder: Path) -> WorkshopStore:
    from tui.store.workshop_sqlite import open_workshop

    return open_workshop(folder / _CLASS)


def _results(asked: Namespace) -> int:
    """Print what the class has done."""
    from tui.store.class_memory import remembered
    from tui.store.progress import TroubleCode
    from tui.workshop.results import as_csv, as_json, questions_as_csv

    file = _folder(asked) / _CLASS
    if not file.exists():
        raise UsageError(f"{file}: no workshop was kept here")
    store = _store(file.parent)
    try:
        room, trouble = remembered(store), store.trouble
    finally:
        store.close()
    if trouble is not None and trouble.code is not TroubleCode.READ_ONLY:
        raise UsageError(f"{file}: {trouble.code}: {trouble.detail}")
    write = {"json": as_json, "csv": as_csv, "questions": questions_as_csv}[asked.results]
    put(write(room), end="")
    return DELIVERED


def _dashboard(asked: Namespace) -> int:
    """The instructor's explorer, on this machine."""
    from tui.cli.explore import course
    from tui.workshop.channel import Channel
    from tui.workshop.hosting import Workshop

    file = _folder(asked) / "dashboard"
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(file))
    except OSError as error:
        raise UsageError(f"{file}: no workshop runs here: {error.strerror}") from None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the dashboard needs a terminal; `serve --results json` gives text")
    asked.workshop = Workshop(Channel(line), instructor=True, name="")
    return course(asked)
