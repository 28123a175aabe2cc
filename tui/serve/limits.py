"""What a workshop allows for; each can be set by name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import field, fields

from tui.sim.model.value import replace, value


def _processors() -> int:
    return len(os.sched_getaffinity(0))


class LimitError(ValueError):
    """A limit that is none; the text is one line."""


@value
class Limits:
    """All limits. Numbers are whole and at least 1."""

    sessions: int = 100
    """Sessions at once."""
    sessions_each: int = 3
    """Sessions of one learner at once."""
    logins: int = 100
    """Connections at once that are not logged in yet."""
    login_seconds: int = 120
    """Time to log in: people type a code and a name."""
    failures: int = 60
    """Wrong codes from one address, in `failure_minutes`; a class often has one address."""
    guesses: int = 5
    """Wrong return codes for one name, in `failure_minutes`."""
    failure_minutes: int = 10
    """Minutes for which a wrong code counts."""
    starts: int = field(default_factory=_processors)
    """Sessions that start at once; the others wait in a queue and are told so.

    One for each processor: more make nobody's start shorter, and the log-ins of the others longer.
    """
    idle_seconds: int = 3600
    """Time without a key after which a learner's session ends."""
    session_seconds: int = 28800
    """Time after which a session ends."""
    memory_mib: int = 256
    """Memory that a session can ask for."""
    columns: int = 300
    """Columns of a terminal; a larger one is used in part."""
    rows: int = 100
    """Rows of a terminal."""
    unsent_kib: int = 256
    """Output that waits for a slow client; its session waits too when there is more."""
    unread_seconds: int = 60
    """Seconds for which a client may leave output unread."""


def limits_of(settings: Iterable[str], limits: Limits | None = None) -> Limits:
    """The limits with some set, each by `name=number`. Raises LimitError."""
    found = limits if limits is not None else Limits()
    known = [each.name for each in fields(Limits)]
    for setting in settings:
        name, _, number = setting.partition("=")
        if name not in known:
            raise LimitError(f"{setting}: expected one of {', '.join(known)}")
        if not number.isascii() or not number.isdigit() or not 1 <= int(number[:8]) <= 1_000_000:
            raise LimitError(f"{setting}: expected {name}=NUMBER, from 1 to 1,000,000")
        found = replace(found, **{name: int(number)})
    return found
