"""Chance as data: pinned, seeded, or told branch by branch."""

from __future__ import annotations

from hashlib import sha256

from tui.sim.engine.injection import Choices
from tui.sim.netfilter.examine import Endpoints

TAKE_FIRST = -1
"""A seed for which every chance that is not told or pinned is taken."""


class SeededDice:
    """Answers each chance from a list of branches, then from a pin, then from a seed."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.branches: list[int] = []
        """Branches taken so far: 1 for a rule taken, 0 for one passed over."""
        self.shares: list[float] = []
        """Probability that a rule is taken, at each chance so far."""

    @property
    def probability(self) -> float:
        """Probability that chance falls just so."""
        product = 1.0
        for branch, share in zip(self.branches, self.shares, strict=True):
            product *= share if branch else 1 - share
        return product

    def take(self, probability: float, here: Endpoints, chain: Endpoints) -> tuple[bool, bool]:
        """Whether a branch is taken, and whether a pin decided."""
        taken, pinned = self._decide(probability, here, chain)
        self.branches.append(int(taken))
        self.shares.append(probability)
        return taken, pinned

    def _decide(self, probability: float, here: Endpoints, chain: Endpoints) -> tuple[bool, bool]:
        told = self.choices.branches
        position = len(self.branches)
        if position < len(told):
            return bool(told[position]), False
        pin = self.choices.pin
        if pin is not None and pin in chain():
            return pin in here(), True
        if self.choices.seed == TAKE_FIRST:
            return True, False
        return _fraction(self.choices.seed, position) < probability, False


def _fraction(seed: int, position: int) -> float:
    """A number from 0 to 1 that follows from the seed and the place in the sequence."""
    digest = sha256(f"{seed}/{position}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56
