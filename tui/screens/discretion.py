"""What a guest is told of the machine that runs the program: files by name only."""

from __future__ import annotations

import re

_FOLDERS = re.compile(r"(?<![\w./:~])~?/(?:[^\s/'\":]+/)+(?=[^\s/'\":])")
"""The folders of an absolute path; no address with its prefix length, and no place like pod/a/b."""


def without_folders(text: str) -> str:
    """A sentence in which every file goes by its last name."""
    return _FOLDERS.sub("", text)
