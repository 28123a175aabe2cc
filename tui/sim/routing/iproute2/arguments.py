"""The words of a command, read as iproute2 reads them: any beginning of a word will do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.sim.model.shown import printable, shown, some_of
from tui.sim.model.value import value


class CommandError(ValueError):
    """A command that cannot be answered, or whose answer is an error; its text is one line."""

    def __init__(self, problem: str) -> None:
        super().__init__(printable(problem))


@value
class Options:
    """What stands before the object: `ip -4 -d link`."""

    version: int | None = None
    """`-4` or `-6`; None for both."""
    details: bool = False
    """`-d`."""
    brief: bool = False
    """`-br`."""
    oneline: bool = False
    """`-o`."""


class Arguments:
    """Words that are taken one by one."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [*words]

    def __bool__(self) -> bool:
        return bool(self._words)

    @property
    def next(self) -> str:
        """The next word, which stays; empty at the end."""
        return self._words[0] if self._words else ""

    def take(self) -> str:
        """The next word."""
        return self._words.pop(0)

    def value_of(self, name: str) -> str:
        """The word after a keyword. Raises CommandError at the end."""
        if not self._words:
            raise CommandError(f"{name}: expected a value")
        return self.take()

    def keyword(self, known: Sequence[str], what: str) -> str:
        """The next word as one of those known. Raises CommandError."""
        given = self.take()
        found = matching(given, known)
        if found is None:
            raise unknown(given, what, known)
        return found


def matching(given: str, known: Iterable[str]) -> str | None:
    """The first word that begins so, as iproute2's `matches` finds it."""
    return next((word for word in known if given and word.startswith(given)), None)


def unknown(given: str, what: str, known: Iterable[str]) -> CommandError:
    """What is said of a word that is not known."""
    return CommandError(f"{shown(given)}: there is no such {what} here; known are: "
                        f"{some_of(known, 20)}")  # fmt: skip
