"""What the program says: reasons become sentences, names become explanations, in any language.

English sentences are their own keys. A file `locale/LANG.po` is a language; no Python
changes with it. Widgets hold one `Words` value; the functions here are the same for a line.
"""

from tui.course.spelling import chain_family, share
from tui.sim.trace import Reason
from tui.words.language import ENGLISH, languages, preferred
from tui.words.words import Words, use

__all__ = [
    "ENGLISH",
    "Words",
    "chain_family",
    "chain_words",
    "languages",
    "mismatch",
    "preferred",
    "sentence",
    "share",
    "use",
]


def sentence(reason: Reason, lang: str = ENGLISH) -> str:
    """What happened and why, as one or two sentences."""
    return use(lang).sentence(reason)


def chain_words(name: str, lang: str = ENGLISH) -> str:
    """What a chain is for."""
    return use(lang).chain(name)


def mismatch(field: str, wanted: str, found: str, negated: bool, lang: str = ENGLISH) -> str:
    """Why a rule did not match: `destination 10.96.0.1 wanted, found 10.96.31.7`."""
    return use(lang).mismatch(field, wanted, found, negated)
