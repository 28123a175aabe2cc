"""Chance, as rules ask for it: a branch taken or passed over, or one of many drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tui.sim.netfilter import examine
from tui.sim.netfilter.examine import Endpoints


class Dice(examine.Dice, Protocol):
    """What decides wherever rules leave something to chance."""

    def draw(self, ways: Sequence[Endpoints]) -> tuple[int, bool]:
        """Which of several ways, all equally likely, is gone, and whether a pin decided.

        Each way tells which endpoints (`ip:port`) it leads to.
        """
