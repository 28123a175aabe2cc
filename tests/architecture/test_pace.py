"""A pilot that asks the loop misses nothing that one who sleeps would have seen."""

import asyncio
import threading
import time

from textual.app import App
from textual.widgets import Label

from tests.pace import SOON


class Busy(App[None]):
    """Does something in its own way at each key, and notes what is done."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.held = threading.Event()

    def on_key(self, event: object) -> None:
        self.run_worker(getattr(self, f"do_{event.key}")())  # type: ignore[attr-defined]

    async def do_m(self) -> None:
        """Message after message, each from the one before."""
        await self.mount(Label("one"))
        self.call_later(self.call_after_refresh, self.done.append, "messages")

    async def do_t(self) -> None:
        """A timer that rings soon."""
        self.set_timer(SOON / 2, lambda: self.done.append("timer"))

    async def do_c(self) -> None:
        """A thread that computes for longer than a pilot sleeps at a time."""
        await asyncio.to_thread(_compute, 5 * SOON)
        self.done.append("thread")

    async def do_h(self) -> None:
        """A thread that a test holds back."""
        await asyncio.to_thread(self.held.wait)
        self.done.append("held")


def _compute(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(1000))


async def test_what_a_key_sets_going_is_done_after_a_pause() -> None:
    async with Busy().run_test() as pilot:
        for key, done in (("m", "messages"), ("t", "timer"), ("c", "thread")):
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(pilot.app, Busy)
            assert pilot.app.done.pop() == done


async def test_a_thread_that_is_held_back_holds_nobody_up() -> None:
    app = Busy()
    async with app.run_test() as pilot:
        began = time.thread_time()
        await pilot.press("h")
        await pilot.pause()
        assert app.done == []
        assert time.thread_time() - began < 0.5
        app.held.set()
        await pilot.app.workers.wait_for_complete()
        assert app.done == ["held"]
