"""Predictions that were missed come back: soon at first, then after longer and longer times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.store.progress import Answer, Place

MINUTE, DAY = 60.0, 86_400.0
WAITS = (10 * MINUTE, DAY, 3 * DAY, 7 * DAY, 21 * DAY)
"""Seconds until a missed prediction is asked again, by how often it was right since; one that
was right after each of them is known."""


def due(answers: Mapping[Place, Sequence[Answer]], now: float) -> tuple[Place, ...]:
    """What is to be asked again by now, the longest overdue first."""
    times = ((again_at(given), place) for place, given in answers.items())
    waiting = sorted(
        (at, place.lesson, place.step) for at, place in times if at is not None and at <= now
    )
    return tuple(Place(lesson, step) for _at, lesson, step in waiting)


def again_at(given: Sequence[Answer]) -> float | None:
    """When a prediction is to be asked again; None if it was never missed, or is known by now."""
    missed = [number for number, answer in enumerate(given) if not answer.right]
    if not missed:
        return None
    since = len(given) - 1 - missed[-1]
    return given[-1].at + WAITS[since] if since < len(WAITS) else None
