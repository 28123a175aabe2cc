"""What was read from the program's own lessons, kept so that the next start need not read it again.

A file that has been checked once is kept as the values that it became, under a name made of
its very content and of the code that read it. Only plain values of known modules are
read back, so a file that somebody tampered with can hold nothing that runs. Whatever goes
wrong here costs time only: the lessons are then read as if there were no cache.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from tui import __version__

T = TypeVar("T")

_VALUE_MODULES = ("tui.course.", "tui.sim.model.", "tui.sim.engine.injection")
_OTHERS = {
    "ipaddress": {"IPv4Address", "IPv4Network", "IPv6Address", "IPv6Network"},
    "pathlib": {"Path", "PosixPath", "PurePosixPath", "WindowsPath"},
    "builtins": {"frozenset", "set"},
}
_KEPT_FILES = 64
_IN_MEMORY: dict[str, Any] = {}
_STAYS: list[bool] = []
_PROGRAM = Path(__file__).resolve().parents[1]
_READERS = ("course", "formats", "sim/engine", "sim/model")


def cache_folder(environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Path:
    """The folder's place by the XDG base directory specification."""
    cache = Path(environment.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():
        cache = (home if home is not None else Path.home()) / ".cache"
    return cache / "k8snet-tui"


def remembered(kind: str, contents: Iterable[bytes], make: Callable[[], T]) -> T:
    """What `make` gives, from the cache if these very contents were seen before.

    What `make` raises passes through, and nothing is kept then.
    """
    key = f"{kind}-{_key(contents)}"
    if key in _IN_MEMORY:
        known: T = _IN_MEMORY[key]
        return known
    found = _found(key, make)
    if _STAYS:
        _IN_MEMORY[key] = found
    return found


def keep_in_memory() -> None:
    """Whatever is read from now on stays, for the processes that will be forked from this one.

    They may have user ids that can read no file of this one's cache.
    """
    _STAYS.append(True)


def _found(key: str, make: Callable[[], T]) -> T:
    try:
        file = cache_folder() / key
    except RuntimeError:  # there is no home directory
        return make()
    with suppress(Exception):  # a file can be wrong in any way at all
        kept: T = _read(file)
        return kept
    made = make()
    with suppress(OSError, pickle.PicklingError):
        _write(file, made)
    return made


def _key(contents: Iterable[bytes]) -> str:
    digest = sha256(f"{__version__} {sys.version} {_code()}".encode())
    for content in contents:
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()[:32]


def _code() -> str:
    """When the modules that read files and make values were last written, and how long they are.

    A checkout changes under one version, and a value of yesterday's fields is none of today's.
    """
    stamps = []
    for package in _READERS:
        with os.scandir(_PROGRAM / package) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if entry.name.endswith(".py"):
                    known = entry.stat()
                    stamps.append(f"{entry.path} {known.st_mtime_ns} {known.st_size}")
    return "\n".join(stamps)


def _read(file: Path) -> Any:  # noqa: ANN401 - whoever wrote it knows its type
    if file.stat().st_uid != os.getuid():
        raise PermissionError(f"{file} belongs to somebody else")
    return _ValuesOnly(io.BytesIO(file.read_bytes())).load()


def _write(file: Path, value: object) -> None:
    """Write beside and rename, so that nobody ever reads half a file."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in sorted(file.parent.iterdir(), key=lambda f: f.stat().st_mtime)[:-_KEPT_FILES]:
        old.unlink(missing_ok=True)
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.write_bytes(pickle.dumps(value, protocol=5))
    beside.replace(file)


class _ValuesOnly(pickle.Unpickler):
    """Reads the program's own values and nothing else; it can call no function."""

    def find_class(self, module: str, name: str) -> type:
        """A class of a module of values. Raises UnpicklingError for anything else."""
        if name in _OTHERS.get(module, ()) or f"{module}.".startswith(_VALUE_MODULES):
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value of this program")
