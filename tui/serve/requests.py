"""What an SSH client may ask a workshop to run: nothing, or a place in the program."""

from __future__ import annotations

import re
import shlex

from tui.words import Words

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
_VALUED = frozenset({"--step", "--lang", "--theme", "--proxy-mode", "--cni"})
_SWITCHES = frozenset({"--ascii", "--no-mouse", "--no-tour"})
_SCREENS = ("lesson", "sandbox")
LONGEST = 400
"""Characters of a command."""
ALLOWED = "lesson NAME [--step STEP], sandbox [--proxy-mode MODE] [--cni NAME]"
"""What may be asked for, as it is told."""


class RefusedError(ValueError):
    """A command that is not allowed."""

    def sentence(self, words: Words) -> str:
        """What may be asked for, in one line."""
        return words(
            "this workshop runs k8snet-tui and nothing else. It may be asked for: {allowed}",
            allowed=ALLOWED,
        )


def words_of(command: str | None) -> tuple[str, ...]:
    """The words of an allowed command; none for the course. Raises RefusedError."""
    if command is None or not command.strip():
        return ()
    try:
        words = shlex.split(command) if len(command) <= LONGEST else []
    except ValueError:
        words = []
    if not words or words[0] not in _SCREENS or not _plain(words[1:]):
        raise RefusedError(command)
    return tuple(words)


def _plain(words: list[str]) -> bool:
    """Whether all are names and known options; none can be a path."""
    rest = iter(words)
    for word in rest:
        name, equals, given = word.partition("=")
        if name in _VALUED:
            value = given if equals else next(rest, "")
            if not _WORD.fullmatch(value):
                return False
        elif word not in _SWITCHES and not _WORD.fullmatch(word):
            return False
    return True
