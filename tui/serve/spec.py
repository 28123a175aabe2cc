"""What the front asks the fork server for, and what that answers: JSON, with descriptors beside."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tui.sim.model.value import value

LARGEST = 64 * 1024
"""Bytes of a request or an answer at most."""


@value
class SessionSpec:
    """One session that is to be opened."""

    number: int
    """By which the answer is told from others."""
    name: str
    """The learner's, as people read it."""
    instructor: bool
    words: tuple[str, ...]
    """The command, such as `lesson service`; none for the course."""
    environment: Mapping[str, str]
    """All of it."""
    home: str
    """The learner's own folder."""
    user: int | None
    """User and group id to take; None to stay who one is."""
    memory: int
    """Bytes of memory that it can ask for."""


def spec_text(spec: SessionSpec) -> bytes:
    """The request as it is sent."""
    return json.dumps(
        {
            "number": spec.number,
            "name": spec.name,
            "instructor": spec.instructor,
            "words": list(spec.words),
            "environment": dict(spec.environment),
            "home": spec.home,
            "user": spec.user,
            "memory": spec.memory,
        }
    ).encode()


def spec_of(text: bytes) -> SessionSpec:
    """The request that was sent; only the front sends any."""
    found = json.loads(text)
    return SessionSpec(**{**found, "words": tuple(found["words"])})
