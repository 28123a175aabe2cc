"""`k8snet-tui look`: what `ip`, `bridge` and the other tools print on a node or in a pod."""

from __future__ import annotations

from argparse import Namespace

from tui.cli import DELIVERED
from tui.cli.settings import world_of
from tui.cli.streams import put
from tui.sim.engine.look import commands, place_view, told


def look(asked: Namespace) -> int:
    """Print what one command prints, or what all of them do."""
    world = world_of(asked)
    view = place_view(world, asked.place)
    words = " ".join(asked.words).split()
    if words:
        put(told(world, view, words), end="")
        return DELIVERED
    for number, command in enumerate(commands(world, view)):
        put(f"{chr(10) if number else ''}$ {command}")
        put(told(world, view, command.split()), end="")
    return DELIVERED
