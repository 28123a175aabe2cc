"""Names that learners choose, as they are shown to others."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len

from tui.workshop.unfit import MARKS_EACH, WIDEST, Unfit, UnfitName

LONGEST = 48
"""Characters of a name at most; marks above and below a letter take no cells."""
RESERVED = frozenset({"class", "instructor", "root"})
_MARKS = frozenset({"Mn", "Mc"})
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
"""Letters and marks that show nothing, beside the selectors of variations."""


def name_of(text: str) -> str:
    """A name as it is kept. Raises UnfitName."""
    if len(text) > 4 * LONGEST:
        raise UnfitName(Unfit.WIDE)
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise UnfitName(Unfit.NOTHING)
    if not all(_fits(sign) for sign in name) or not name[0].isalnum():
        raise UnfitName(Unfit.SIGNS)
    if cell_len(name) > WIDEST or len(name) > LONGEST:
        raise UnfitName(Unfit.WIDE)
    if "M" * (MARKS_EACH + 1) in "".join("M" if _is_mark(sign) else "L" for sign in name):
        raise UnfitName(Unfit.MARKS)
    if key_of(name) in RESERVED:
        raise UnfitName(Unfit.RESERVED, name)
    return name


def _fits(sign: str) -> bool:
    if sign in _INVISIBLE or "VARIATION SELECTOR" in unicodedata.name(sign, ""):
        return False
    return sign.isalnum() or sign in " ._-" or _is_mark(sign)


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign) in _MARKS


def key_of(name: str) -> str:
    """What two names that people take for the same have in common."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
