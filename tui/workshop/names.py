"""Names that learners choose, as they are shown to others."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len

WIDEST = 24
"""Cells of a name at most; a Hangul syllable takes two."""
RESERVED = frozenset({"class", "instructor", "root"})


class UnfitName(ValueError):  # noqa: N818 - it is no failure of anything
    """Why something cannot be a name, in one line."""


def name_of(text: str) -> str:
    """A name as it is kept. Raises UnfitName."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise UnfitName("a name is needed")
    if not all(_fits(sign) for sign in name) or not name[0].isalnum():
        raise UnfitName("a name is made of letters and digits, and of . _ - and blanks inside")
    if cell_len(name) > WIDEST:
        raise UnfitName(f"a name has {WIDEST} cells at most")
    if key_of(name) in RESERVED:
        raise UnfitName(f"{name} is not a learner's name")
    return name


def _fits(sign: str) -> bool:
    return sign.isalnum() or sign in " ._-" or unicodedata.category(sign) in ("Mn", "Mc")


def key_of(name: str) -> str:
    """What two names that people take for the same have in common."""
    return unicodedata.normalize("NFKC", name).casefold()
