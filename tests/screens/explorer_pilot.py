"""The explorer in the hands of a pilot: opened, given keys, looked at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot
from textual.widgets import Input

from tui.app import K8sNetApp
from tui.screens.explorer import ExplorerScreen
from tui.screens.injector import Injector
from tui.session import Session
from tui.widgets.lesson_page import Page


@asynccontextmanager
async def explorer_at(
    session: Session, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Pilot[None]]:
    """The explorer at a moment of a session."""
    async with K8sNetApp(world=session.world).run_test(size=size) as pilot:
        await pilot.pause()
        screen(pilot).session = session
        await pilot.pause()
        yield pilot


# ---------------------------------------------------------------- what is pressed


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Keys one after the other, each with what comes of it."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def send(pilot: Pilot[None], source: str, destination: str) -> None:
    """Fill in the dialog and send."""
    await press(pilot, "i")
    dialog = pilot.app.screen
    assert isinstance(dialog, Injector)
    dialog.query_one("#source", Input).value = source
    await press(pilot, "enter")
    dialog.query_one("#destination", Input).value = destination
    await press(pilot, "enter")


async def to_service(pilot: Pilot[None]) -> None:
    """From the client of the smallest cluster to its Service."""
    await send(pilot, "pod/default/client", "svc/default/web:80")


# ---------------------------------------------------------------- what is there


def screen(pilot: Pilot[None]) -> ExplorerScreen:
    """The explorer, whatever dialog stands before it."""
    found = pilot.app.screen_stack[0]
    assert isinstance(found, ExplorerScreen)
    return found


def page(pilot: Pilot[None]) -> Page:
    """The page of the lesson that is open."""
    found = screen(pilot).page
    assert found is not None
    return found


def session(pilot: Pilot[None]) -> Session:
    """The session at its moment."""
    found = screen(pilot).session
    assert found is not None
    return found


def shown(pilot: Pilot[None]) -> str:
    """Everything on the terminal, as text."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def notices(pilot: Pilot[None]) -> list[str]:
    """What was said, the oldest first."""
    return [notice.message for notice in pilot.app._notifications]
