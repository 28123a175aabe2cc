"""Why something cannot be a learner's name."""

from __future__ import annotations

from enum import StrEnum

WIDEST = 24
"""Cells of a name at most; a Hangul syllable takes two."""
MARKS_EACH = 3
"""Marks of one letter at most; a tower of them covers the lines above."""


class Unfit(StrEnum):
    """Why something cannot be a name."""

    NOTHING = "nothing"
    WIDE = "wide"
    SIGNS = "signs"
    """It has signs that are neither letters nor digits, nor fit between these."""
    MARKS = "marks"
    """A letter has so many marks that they would cover other lines."""
    RESERVED = "reserved"


class UnfitName(ValueError):  # noqa: N818 - it is no failure of anything
    """Something cannot be a name."""

    def __init__(self, why: Unfit, name: str = "") -> None:
        """For a reason; with the name, where it is one that can be shown."""
        super().__init__(why)
        self.why = why
        self.name = name
