"""A class for pictures: seats in every state, questions with and without a lesson."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from textual.pilot import Pilot

from tui.app import K8sNetApp
from tui.screens.explorer import ExplorerScreen
from tui.workshop.channel import Channel
from tui.workshop.hosting import Workshop
from tui.workshop.messages import ClassView, Message, Question, Seat, line_of

_NAMES = ("carol", "choi.minsu", "dave", "frank", "heidi", "ivan", "judy", "olivia", "jeong", "yan")
_AT = (("service", "chains"), ("container", "neighbour"), ("typo", "mend"), ("conntrack", "same"))


def _seat(number: int, name: str) -> Seat:
    lesson, step = _AT[number % len(_AT)]
    here = number < 8
    return Seat(
        name=name,
        here=here,
        lesson=lesson,
        step=step,
        minutes=number + 0.4 if here else 0.0,
        done=31 - number,
        missed=number % 4,
        hints=number % 3,
        follows=here and number % 2 == 0,
    )


GATHERED = ClassView(
    seats=(
        Seat(name="kim", here=True, lesson="service", step="hook", minutes=14.2, stuck=True,
             done=4, missed=3, follows=True),
        Seat(name="a name of 24 cells in all", here=True, lesson="typo", step="mend",
             minutes=7.0, stuck=True, done=120, missed=11, hints=12),
        *(_seat(number, name) for number, name in enumerate(_NAMES)),
    ),
    questions=(
        Question(lesson="service", step="hook", asked=12, missed=9, wrong=(("FORWARD", 7),)),
        Question(lesson="conntrack", step="same", asked=9, missed=4, wrong=(("1/3", 3),)),
        Question(lesson="service", step="nobody", asked=12, missed=2, wrong=(("timeout", 2),)),
    ),
)  # fmt: skip
EMPTY = ClassView(seats=(), questions=())


async def take_part(
    pilot: Pilot[Any], screen: ExplorerScreen, *messages: Message, instructor: bool
) -> None:
    """Make a session one of a workshop that says some things and then nothing."""
    app = pilot.app
    assert isinstance(app, K8sNetApp)
    line, other = socket.socketpair()
    with other:
        app.workshop = Workshop(Channel(line), instructor=instructor, name="kim")
        screen.attend()
        for message in messages:
            other.sendall(line_of(message))
    await asyncio.sleep(0.05)
    await pilot.pause()
