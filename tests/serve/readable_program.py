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
_COMMAND = "import sys; from tui.cli import main; sys.exit(main())"


class ReadableProgram:
    """A virtual environment, and the mounts that fill it."""

    def __init__(self, folder: Path) -> None:
        self._site, self._source = folder / "site", folder / "source"
        self._venv = folder / "program"
        self.python = self._venv / "bin" / "python3"
        self.command = self._venv / "bin" / "k8snet-tui"

    def make(self) -> None:
        subprocess.run([str(PYTHON), "-m", "venv", "--without-pip", str(self._venv)], check=True)
        for folder in (self._site, self._source):
            folder.mkdir(mode=0o755)
        (packages,) = self._venv.glob("lib/python3*/site-packages")
        (packages / "bound.pth").write_text(f"{self._site}\n{self._source}\n")
        self.command.write_text(f"#!{self.python}\n{_COMMAND}\n")
        self.command.chmod(0o755)

    def mounts(self) -> list[str]:
        """Shell commands for a mount namespace of its own."""
        return [
            "mount --make-rprivate /",
            f"mount --bind {_SITE} {self._site}",
            f"mount --bind {_ROOT} {self._source}",
        ]


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
