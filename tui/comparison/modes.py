"""One packet through every mode, side by side from milestone to milestone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.session import Milestone, Moment, milestone_of
from tui.sim.engine import Choices, Injection, State, World, send
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace, value
from tui.sim.trace import Cost, Outcome, Trace, Verdict


@value
class Passage:
    """How the request came to a milestone in one mode."""

    milestone: Milestone
    """Which one."""
    number: int
    """Number of the step that is the milestone, in the request, from 1."""
    moment: Moment
    """That step, with what surrounds it."""
    cost: Cost
    """What was done since the milestone passed before, this step included."""


@value
class Way:
    """The packet's way in one mode."""

    mode: ProxyMode
    """kube-proxy's mode."""
    trace: Trace
    """What became of the packet: one outcome."""
    passages: tuple[Passage, ...]
    """Milestones in the order in which they were passed; the last one is where it ended."""

    @property
    def outcome(self) -> Outcome:
        """The trace's one outcome."""
        return self.trace.outcomes[0]

    @property
    def total(self) -> Cost:
        """What the whole request cost."""
        return sum((passage.cost for passage in self.passages), Cost())

    @property
    def source_seen(self) -> str | None:
        """The source address that the receiver saw; None if nobody received the packet."""
        if self.outcome.verdict is not Verdict.DELIVERED:
            return None
        return self.outcome.snat or str(self.outcome.request.packet.source)

    def passage(self, milestone: Milestone) -> Passage | None:
        """How a milestone was passed; None if it was not."""
        return next((each for each in self.passages if each.milestone is milestone), None)


@value
class Comparison:
    """The same packet in every mode."""

    injection: Injection
    """What was asked for."""
    pin: str | None
    """The endpoint (`ip:port`) that chance had to take in every mode, where it could."""
    ways: tuple[Way, ...]
    """One for each mode."""

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        """The milestones that any mode passed, in their usual order."""
        passed = {passage.milestone for way in self.ways for passage in way.passages}
        return tuple(milestone for milestone in Milestone if milestone in passed)


def compare(
    world: World,
    state: State,
    injection: Injection,
    choices: Choices | None = None,
    modes: Sequence[ProxyMode] = tuple(ProxyMode),
) -> Comparison:
    """Send a packet through each mode, each time from the same state.

    Chance falls in every mode as it falls in the world's own: the endpoint taken there is
    pinned for the others. Raises PlaceError if a place is not there.
    """
    own, _ = send(world, state, injection, choices)
    pinned = _pinned(choices or Choices(), own.outcomes[0])
    ways = tuple(_way(world, state, injection, pinned, mode) for mode in modes)
    return Comparison(injection, pinned.pin, ways)


def _pinned(choices: Choices, outcome: Outcome) -> Choices:
    """The choices, and in them the endpoint that an outcome led to."""
    if choices.pin is None and outcome.dnat and outcome.destination is not None:
        return replace(choices, pin=outcome.destination, branches=())
    return choices


def _way(
    world: World, state: State, injection: Injection, choices: Choices, mode: ProxyMode
) -> Way:
    there = world if world.proxy.mode is mode else world.with_mode(mode)
    return way_in(there, state, injection, choices)


def way_in(world: World, state: State, injection: Injection, choices: Choices) -> Way:
    """The packet's way in a world. Raises PlaceError."""
    trace, _ = send(world, state, injection, choices)
    return Way(world.proxy.mode, trace, tuple(_passages(trace.outcomes[0])))


def _passages(outcome: Outcome) -> Iterator[Passage]:
    """Milestones where they are first passed; every step's cost goes to the one it leads to."""
    passed: set[Milestone] = set()
    cost = Cost()
    for number, moment in enumerate(_moments(outcome), 1):
        cost += moment.step.cost
        milestone = Milestone.SENT if number == 1 else milestone_of(moment)
        if milestone is not None and milestone not in passed:
            passed.add(milestone)
            yield Passage(milestone, number, moment, cost)
            cost = Cost()


def _moments(outcome: Outcome) -> Iterator[Moment]:
    """Every step of the request."""
    leg = outcome.request
    leg_number = outcome.legs.index(leg)
    for hop_number, hop in enumerate(leg.hops):
        for step in hop.steps:
            yield Moment(leg_number, hop_number, leg, hop, step)
