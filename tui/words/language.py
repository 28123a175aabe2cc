"""Languages: an English sentence is its own key; a .po file beside this module translates it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from tui.words.po import read_po

ENGLISH = "en"
LOCALE = Path(__file__).parent / "locale"
"""Where `LANG.po` files live; a new one is a new language."""


def _(message: str) -> str:
    """Mark a sentence for translation without translating it."""
    return message


class Catalogue(NullTranslations):
    """gettext's interface over one .po file; what it does not have stays English."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        """A catalogue of translations by English text."""
        super().__init__()
        self._messages = messages

    def gettext(self, message: str) -> str:
        """The translation, or the English text itself."""
        return self._messages.get(message) or super().gettext(message)


@lru_cache(maxsize=16)
def catalogue(lang: str, folder: Path = LOCALE) -> NullTranslations:
    """The translations of a language; English where there is no file for it."""
    file = folder / f"{lang}.po"
    if lang == ENGLISH or not file.is_file():
        return NullTranslations()
    return Catalogue(read_po(file.read_text(encoding="utf-8")))


def languages(folder: Path = LOCALE) -> tuple[str, ...]:
    """Every language there are words in, English first."""
    return (ENGLISH, *sorted(file.stem for file in folder.glob("*.po")))


def preferred(environment: Mapping[str, str], known: tuple[str, ...] | None = None) -> str:
    """The language that the environment asks for, as gettext looks for it, else English."""
    choice = known if known is not None else languages()
    asked = environment.get("LANGUAGE", "").split(":")
    asked += [environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    for text in asked:
        lang = text.split(".")[0].split("@")[0].split("_")[0].lower()
        if lang in ("c", "posix"):
            return ENGLISH
        if lang in choice:
            return lang
    return ENGLISH
