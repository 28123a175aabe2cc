"""Keeps Python's cycle collector from walking a cluster again and again while it is built."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """No cyclic garbage collection inside; it goes on afterwards if it was on before.

    Loading a cluster, rendering its rules and wiring its pods makes a million objects and next
    to no garbage: the collector would only look at all of them over and over, for half of the
    time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            _age()
            gc.enable()


def _age() -> None:
    """Count all that lives as old: else the collector looks at what was just made at once.

    Not where objects were kept for good: they could not be told from the others.
    """
    if not _KEPT:
        gc.freeze()
        gc.unfreeze()


_KEPT: list[bool] = []


def keep_for_good() -> None:
    """All that lives now lives as long as the program: the collector looks at it no more.

    Once; what is garbage at a later time should be found.
    """
    if not _KEPT:
        _KEPT.append(True)
        gc.freeze()


_RARELY = 50_000
"""Objects more than there were: some seventy steps of a packet with all that they draw."""
_NEVER = 1_000_000
"""More collections of the young than there will be: the old is not looked through by itself."""


def leave_the_old_alone() -> None:
    """Only what is young is looked through by itself from now on, and rarely.

    `collect_all` does the rest.
    """
    _young, middle, _old = gc.get_threshold()
    gc.set_threshold(_RARELY, middle, _NEVER)


def collect_all() -> None:
    """Look through everything, for whoever knows a good time for it."""
    if gc.isenabled():
        gc.collect()
