"""The words of the field: what each means, and how to find them in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tui.course.problem import CourseError
from tui.course.texts import ENGLISH
from tui.sim.model.value import value
from tui.store.cache import remembered

FOLDER = "glossary"
"""The folder of a course that holds its glossary, a file for each language."""


@value
class Term:
    """A word, and what it means."""

    id: str
    """Its name in `teaches` of lesson.toml."""
    forms: tuple[str, ...]
    """How it is written; the first is the one shown."""
    body: str
    """Markdown, a short paragraph."""

    @property
    def word(self) -> str:
        """How it is shown."""
        return self.forms[0]


def load_glossary(root: Path, lang: str = ENGLISH) -> tuple[Term, ...]:
    """The words of a course, in the file's order; none where it has no glossary."""
    folder = root / FOLDER
    try:
        content = [
            file.read_bytes() for file in (folder / f"{ENGLISH}.md", folder / f"{lang}.md")
            if file.is_file()
        ]  # fmt: skip
    except OSError:
        return ()
    if not content:
        return ()
    return remembered("glossary", [str(folder).encode(), *content], lambda: _read(folder, lang))


def _read(folder: Path, lang: str) -> tuple[Term, ...]:
    from tui.course.reader import load_texts

    try:
        sections = load_texts(folder, lang).sections
    except CourseError:
        return ()
    return tuple(
        Term(name, tuple(part.strip() for part in section.heading.split(",")), section.body)
        for name, section in sections.items()
    )


def found_in(text: str, terms: tuple[Term, ...]) -> Iterator[Term]:
    """The terms that a text uses, in the glossary's order; a plural is the same word."""
    return (term for term in terms if any(_is_in(form, text) for form in term.forms))


def _is_in(form: str, text: str) -> bool:
    """Whether a word stands in a text by itself; letters of other scripts may follow it."""
    flags = 0 if any(char.isupper() for char in form) else re.IGNORECASE
    return bool(re.search(rf"(?<![\w-]){re.escape(form)}(?:e?s)?(?![A-Za-z0-9_-])", text, flags))
