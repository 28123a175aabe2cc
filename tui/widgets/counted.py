"""Numbers with their noun, in the singular where it is one."""

from __future__ import annotations

from tui.words import Words


def counted(words: Words, count: int, one: str, many: str) -> str:
    """`1 rule examined`, `3,000 rules examined`; both texts are English keys with `{count}`."""
    return words(one if count == 1 else many, count=f"{count:,}")
