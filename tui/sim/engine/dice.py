"""Chance as data: pinned, seeded, or told branch by branch."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from tui.sim.engine.injection import Choices
from tui.sim.netfilter.examine import Endpoints

TAKE_FIRST = -1
"""A seed for which every chance that is not told or pinned is taken, of many ways the first."""


class SeededDice:
    """Answers each chance from a list of branches, then from a pin, then from a seed."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.branches: list[int] = []
        """Branches taken so far: of one rule, 1 for taken and 0 for passed over; of a number
        drawn, the number."""
        self.probability = 1.0
        """Probability that chance falls just so."""
        self._untried: list[tuple[int, ...]] = []

    def take(self, probability: float, here: Endpoints, chain: Endpoints) -> tuple[bool, bool]:
        """Whether a branch is taken, and whether a pin decided."""
        taken, pinned = self._taken(probability, here, chain)
        self._note(int(taken), (1, 0), probability if taken else 1 - probability)
        return taken, pinned

    def draw(self, ways: Sequence[Endpoints]) -> tuple[int, bool]:
        """Which of several ways, all equally likely, is gone, and whether a pin decided."""
        branch, pinned = self._drawn(ways)
        self._note(branch, tuple(range(len(ways))), 1 / len(ways))
        return branch, pinned

    @property
    def following(self) -> tuple[int, ...] | None:
        """The next way in which chance can fall, depth first; None after the last one.

        What comes after the branch that differs is open.
        """
        for position in reversed(range(len(self.branches))):
            if self._untried[position]:
                return (*self.branches[:position], self._untried[position][0])
        return None

    def _note(self, branch: int, order: tuple[int, ...], probability: float) -> None:
        self.branches.append(branch)
        self._untried.append(order[order.index(branch) + 1 :])
        self.probability *= probability

    def _told(self) -> int | None:
        """The branch that was told, if one was."""
        told, position = self.choices.branches, len(self.branches)
        return told[position] if position < len(told) else None

    def _taken(self, probability: float, here: Endpoints, chain: Endpoints) -> tuple[bool, bool]:
        told, pin = self._told(), self.choices.pin
        if told is not None:
            return bool(told), False
        if pin is not None and pin in chain():
            return pin in here(), True
        if self.choices.seed == TAKE_FIRST:
            return True, False
        return self._fraction < probability, False

    def _drawn(self, ways: Sequence[Endpoints]) -> tuple[int, bool]:
        told, pin = self._told(), self.choices.pin
        if told is not None:
            return told % len(ways), False
        if pin is not None:
            for branch, leads_to in enumerate(ways):
                if pin in leads_to():
                    return branch, True
        if self.choices.seed == TAKE_FIRST:
            return 0, False
        return int(self._fraction * len(ways)), False

    @property
    def _fraction(self) -> float:
        """A number from 0 to 1 that follows from the seed and the place in the sequence."""
        digest = sha256(f"{self.choices.seed}/{len(self.branches)}".encode()).digest()
        return int.from_bytes(digest[:7], "big") / 2**56
