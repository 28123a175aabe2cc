"""Apps under test without the time that only passes: what is waited for, and parsed, each time.

Textual's pilot sleeps 20 ms twice after each key and once in each pause, and longer for as long as
the process computes. The event loop knows better: nobody is ready to run, no timer rings within
those 20 ms, no thread computes.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from time import process_time
from typing import Any
from unittest.mock import patch

# Only this process: a program that a test starts paints as often as anywhere.
with patch.dict(os.environ, TEXTUAL_FPS="1000"):
    import textual.app
    import textual.pilot
    from textual.css.model import RuleSet
    from textual.css.stylesheet import Stylesheet

SOON = 1 / 50
"""What Textual's pilot sleeps at least, in seconds: a timer that is due within it may ring."""
COMPUTING = SOON / 20
"""Seconds of work within those; a thread that does less is held up by somebody else."""


# ---------------------------------------------------------------- waiting


def pilots_ask_the_loop() -> None:
    """From now on, for every app of this process."""
    for module in (textual.app, textual.pilot):
        patch.object(module, "wait_for_idle", nothing_left).start()


async def nothing_left(min_sleep: float = SOON, max_sleep: float = 1) -> None:
    """Wait until nothing moves any more, or for as long as Textual would wait at most."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + max_sleep
    while loop.time() < ends:
        await _all_have_run(loop, ends)
        if _busy_threads(loop):
            if not await _computing():
                return
        elif (rest := _until_next_timer(loop)) > SOON:
            return
        else:
            await asyncio.sleep(rest)


async def _all_have_run(loop: Any, ends: float) -> None:
    """Wait until nobody is ready, and still nobody when sockets and timers have been looked at."""
    quiet = 0
    while quiet < 2 and loop.time() < ends:
        await asyncio.sleep(0)
        quiet = 0 if loop._ready else quiet + 1


def _until_next_timer(loop: Any) -> float:
    """Seconds."""
    now: float = loop.time()
    due = (each.when() - now for each in loop._scheduled if not each.cancelled())
    return max(0.0, min(due, default=1.0))


def _busy_threads(loop: Any) -> bool:
    """Whether something is done in a thread; what is done there has told the loop already."""
    threads: ThreadPoolExecutor | None = loop._default_executor
    return threads is not None and threads._idle_semaphore._value < len(threads._threads)


async def _computing() -> bool:
    """Whether a thread works, and does not wait for what a test holds back."""
    before = process_time()
    await asyncio.sleep(SOON)
    return process_time() - before >= COMPUTING


# ---------------------------------------------------------------- starting


def apps_start_sooner() -> None:
    """A stylesheet is parsed once, however many apps of this process it belongs to.

    Nobody changes what comes out of it: within one app, all widgets of a class share it as well.
    """
    patch.object(Stylesheet, "_parse_rules", _rules).start()


def _rules(sheet: Stylesheet, *source: Any, **options: Any) -> list[RuleSet]:
    return _parsed(tuple(sheet._variables.items()), source, tuple(options.items()))


_parse_rules = Stylesheet._parse_rules


@lru_cache(maxsize=4096)
def _parsed(variables: Any, source: Any, options: Any) -> list[RuleSet]:
    return _parse_rules(Stylesheet(variables=dict(variables)), *source, **dict(options))
