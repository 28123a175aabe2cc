"""The learner's moment: one immutable value that every widget mirrors.

A session holds the world, the state before and after the last packet, its trace, and a
cursor into it. Every move gives a new session; nothing in here draws or reads a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from tui.sim import engine
from tui.sim.engine.cleanup import cleaned
from tui.sim.engine.injection import Choices, Injection
from tui.sim.engine.readdressed import same_choices, same_packet
from tui.sim.engine.state import State
from tui.sim.engine.world import World
from tui.sim.model.connection import ConntrackEntry, ConntrackOp
from tui.sim.model.packet import Packet
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace, value
from tui.sim.trace import Hop, Leg, Step, StepKind, Trace


class Unit(StrEnum):
    """How far one key press goes."""

    STEP = "step"
    CHAIN = "chain"
    HOOK = "hook"
    HOP = "hop"
    REWRITE = "rewrite"
    END = "end"


class Milestone(StrEnum):
    """Places that every mode and plugin passes, by which traces are aligned."""

    SENT = "sent"
    LEFT_POD = "left-pod"
    TRANSLATED = "translated"
    ROUTED = "routed"
    ENCAPSULATED = "encapsulated"
    ENDED = "ended"


@value
class Moment:
    """One step with all that surrounds it."""

    leg_number: int
    """Index of the leg in the outcome."""
    hop_number: int
    """Index of the hop in the leg."""
    leg: Leg
    """The leg."""
    hop: Hop
    """The hop."""
    step: Step
    """The step."""


@dataclass(frozen=True)
class Session:
    """World, states, injection, trace and cursor."""

    world: World
    """The cluster, its settings and its plugin."""
    before: State = field(default_factory=State)
    """State before the last packet."""
    after: State = field(default_factory=State)
    """State after the last packet; the next one starts from here."""
    injection: Injection | None = None
    """The last packet asked for."""
    choices: Choices = field(default_factory=Choices)
    """The endpoint that was pinned, or the seed."""
    trace: Trace | None = None
    """What became of it: one outcome."""
    position: int = 0
    """Index of the current moment."""
    previous: Session | None = None
    """What undo goes back to."""

    # ------------------------------------------------------------ looking

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """Every step of every leg, in order."""
        if self.trace is None:
            return ()
        legs = self.trace.outcomes[0].legs
        return tuple(
            Moment(i, j, leg, hop, step)
            for i, leg in enumerate(legs)
            for j, hop in enumerate(leg.hops)
            for step in hop.steps
        )

    @property
    def moment(self) -> Moment | None:
        """The moment under the cursor."""
        return self.moments[self.position] if self.moments else None

    @property
    def packet_before(self) -> Packet | None:
        """The packet as the step before left it; the leg's packet at its first step."""
        now = self.moment
        if now is None:
            return None
        if self.position and self.moments[self.position - 1].leg_number == now.leg_number:
            return self.moments[self.position - 1].step.packet
        return now.leg.packet

    @property
    def at_end(self) -> bool:
        """Whether there is nothing left to step to."""
        return self.position >= len(self.moments) - 1

    @cached_property
    def conntrack(self) -> Mapping[str, tuple[ConntrackEntry, ...]]:
        """The conntrack table of every host at this moment, by namespace name."""
        tables = {name: list(host.conntrack) for name, host in self.before.hosts.items()}
        for moment in self.moments[: self.position + 1]:
            for change in moment.step.conntrack:
                table = tables.setdefault(change.host, [])
                table[:] = [e for e in table if e.original != change.entry.original]
                if change.op is not ConntrackOp.DESTROYED:
                    table.append(change.entry)
        return {name: tuple(entries) for name, entries in tables.items() if entries}

    @cached_property
    def all_outcomes(self) -> Trace | None:
        """Every outcome that the last packet could have had, with probabilities."""
        if self.injection is None:
            return None
        return engine.outcomes(self.world, self.before, self.injection)

    # ------------------------------------------------------------ moving

    def moved(self, unit: Unit, direction: int) -> Session:
        """The session one unit further (direction 1) or back (-1)."""
        return self._at(self._target(unit, direction))

    def rewrite_from(self, direction: int) -> int | None:
        """The position of the next rewrite (direction 1) or the last one (-1); None without."""
        step, end = (1, len(self.moments)) if direction > 0 else (-1, -1)
        found = range(self.position + step, end, step)
        return next((at for at in found if self._starts(Unit.REWRITE, at)), None)

    def moved_to(self, position: int) -> Session:
        """The session with the cursor at a moment, held inside the trace."""
        last = max(len(self.moments) - 1, 0)
        return self._at(min(max(position, 0), last))

    def _at(self, position: int) -> Session:
        """The session with the cursor at a moment; what the cursor does not change is kept."""
        moved = replace(self, position=position)
        known = {name: found for name, found in vars(self).items() if name in _OF_THE_TRACE}
        vars(moved).update(known)
        return moved

    def _target(self, unit: Unit, direction: int) -> int:
        last = max(len(self.moments) - 1, 0)
        if unit is Unit.END:
            return last if direction > 0 else 0
        if unit is Unit.STEP:
            return min(max(self.position + direction, 0), last)
        position = self.position + direction
        while 0 <= position <= last and not self._starts(unit, position):
            position += direction
        return min(max(position, 0), last)

    def _starts(self, unit: Unit, position: int) -> bool:
        now = self.moments[position]
        if unit is Unit.REWRITE:
            return bool(now.step.rewrites or now.step.pushed or now.step.popped)
        if position == 0:
            return True
        return _region(unit, now) != _region(unit, self.moments[position - 1])

    # ------------------------------------------------------------ acting

    def injected(self, injection: Injection, choices: Choices | None = None) -> Session:
        """Send a packet from the state that the last one left. Raises PlaceError."""
        picked = choices if choices is not None else Choices(seed=self.choices.seed)
        return self._sent(self.world, self.after, injection, picked, previous=self)

    def replayed(self, choices: Choices) -> Session:
        """The last packet again, from the state before it, with other choices."""
        return self._again(self.world, choices)

    def with_mode(self, mode: ProxyMode) -> Session:
        """Another kube-proxy mode; the last packet takes its new way."""
        return self._again(self.world.with_mode(mode), self._pinned())

    def with_plugin(self, cni: str) -> Session:
        """Another CNI plugin; the last packet takes its new way."""
        return self._again(self.world.with_plugin(cni), self._pinned())

    def with_world(self, world: World, synced: bool = True) -> Session:
        """Another cluster or other settings; conntrack stays, as on a node.

        Once kube-proxy has synced, it deletes stale UDP entries; before that they are used.
        """
        kept = cleaned(world, self.after) if synced else self.after
        return replace(
            self,
            world=world,
            before=kept,
            after=kept,
            trace=None,
            injection=None,
            position=0,
            previous=self,
        )

    def waited(self, seconds: float) -> Session:
        """Let time pass: conntrack entries and affinity grow old."""
        later = self.after.at(self.after.now + seconds)
        return replace(
            self, before=later, after=later, trace=None, injection=None, position=0, previous=self
        )

    def undone(self) -> Session:
        """Back to before the last packet, switch or wait."""
        return self.previous if self.previous is not None else self

    def _pinned(self) -> Choices:
        """The endpoint that chance took is kept by its address across a switch."""
        if self.choices.pin or self.trace is None:
            return self.choices
        outcome = self.trace.outcomes[0]
        if outcome.dnat and outcome.destination:
            return replace(self.choices, pin=outcome.destination)
        return self.choices

    def _again(self, world: World, choices: Choices) -> Session:
        choices = same_choices(choices, self.world, world)
        if self.injection is None:
            return replace(self, world=world, choices=choices, previous=self)
        injection = same_packet(self.injection, self.world, world)
        fresh = self._sent(world, self.before, injection, choices, previous=self)
        return fresh.moved_to(fresh._position_of(self._milestone()))

    @staticmethod
    def _sent(
        world: World, state: State, injection: Injection, choices: Choices, previous: Session
    ) -> Session:
        trace, after = engine.send(world, state, injection, choices)
        return Session(world, state, after, injection, choices, trace, 0, previous)

    def _milestone(self) -> Milestone:
        """The last milestone passed at the cursor."""
        passed = Milestone.SENT
        for moment in self.moments[: self.position + 1]:
            passed = milestone_of(moment) or passed
        return passed

    def _position_of(self, milestone: Milestone) -> int:
        if milestone is Milestone.SENT:
            return 0
        for position, moment in enumerate(self.moments):
            if milestone_of(moment) is milestone:
                return position
        return 0


def milestone_of(moment: Moment) -> Milestone | None:
    """The milestone that a step is, if it is one of the request's."""
    step, hop = moment.step, moment.hop
    if step.kind.final:
        return Milestone.ENDED
    if step.kind is StepKind.ENCAPSULATED:
        return Milestone.ENCAPSULATED
    rewritten = any(change.field in ("destination", "dport") for change in step.changes)
    if rewritten and step.packet.inner is None:
        return Milestone.TRANSLATED
    if step.kind is StepKind.ROUTED and hop.namespace.startswith("node/"):
        return Milestone.ROUTED
    if step.kind is StepKind.SENT and hop.namespace.startswith("pod/"):
        return Milestone.LEFT_POD
    return None


def _region(unit: Unit, moment: Moment) -> tuple[object, ...]:
    """What must change for a unit to be over."""
    place = moment.step.place
    hop = (moment.leg_number, moment.hop_number)
    hook = (*hop, place.hook if place else None)
    if unit is Unit.HOP:
        return hop
    if unit is Unit.HOOK:
        return hook
    return (*hook, place.table if place else None, place.chain if place else None)


_OF_THE_TRACE = ("moments", "all_outcomes")
"""What is worked out once for a trace, wherever the cursor is."""
