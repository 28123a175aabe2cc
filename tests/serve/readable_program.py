"""The program where every user can read it, as an administrator would install it.

The Python of the tests may lie in a home that other users cannot pass. Debian's lies in /usr, and
with the same minor version it runs what is installed here: that and the checkout are bound
into a folder, in a mount namespace of whoever starts the program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

import pytest

PYTHON = Path("/usr/bin/python3")
_ROOT = Path(__file__).resolve().parents[2]
_SITE = Path(sysconfig.get_path("platlib"))
_COMMAND = """\
#!/bin/sh
exec "$(dirname "$0")/python3" -m tui.cli "$@"
"""


class ReadableProgram:
    """A folder with the command in `bin`; it works wherever it is bound to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.command = folder / "bin" / "k8snet-tui"
        self._bound = {folder / "site": _SITE, folder / "source": _ROOT}

    def make(self) -> None:
        subprocess.run([str(PYTHON), "-m", "venv", "--without-pip", str(self.folder)], check=True)
        (packages,) = self.folder.glob("lib/python3*/site-packages")
        for folder in self._bound:
            folder.mkdir(mode=0o755)
        paths = [os.path.relpath(folder, packages) for folder in self._bound]
        (packages / "bound.pth").write_text("\n".join(paths))
        self.command.write_text(_COMMAND)
        self.command.chmod(0o755)

    def mounts(self) -> list[str]:
        """Shell commands that fill it, for a mount namespace of its own."""
        bound = [f"mount --bind {there} {here}" for here, there in self._bound.items()]
        return ["mount --make-rprivate /", *bound]


@cache
def _missing() -> str:
    """Why there can be no such program here, if so."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return "needs root and unshare, to run as another user"
    if not PYTHON.exists():
        return f"needs {PYTHON}: apt-get install python3"
    asked = subprocess.run(
        [str(PYTHON), "-c", "import sys, venv; print(*sys.version_info[:2])"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if asked.stdout.split() != [str(number) for number in sys.version_info[:2]]:
        return f"needs {PYTHON} with venv, and of the version that runs the tests"
    if not all(file.stat().st_mode & 0o004 for file in (_SITE, _ROOT, Path(__file__))):
        return "needs a checkout that every user can read"
    return ""


needs_readable_program = pytest.mark.skipif(bool(_missing()), reason=_missing())
