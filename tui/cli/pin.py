"""`--pin`: an endpoint that chance must take is one that chance can take."""

from __future__ import annotations

from collections.abc import Iterable

from tui.cli import UsageError
from tui.cli.streams import tell
from tui.sim.engine import Injection, PlaceError, State, World, outcomes
from tui.sim.model.shown import some_of
from tui.sim.trace import Trace


def check_pin(
    pin: str | None, found: Iterable[Trace], world: World, state: State, injection: Injection
) -> None:
    """Refuse a pin that no rule offers; tell where there was nothing to choose.

    Raises UsageError that lists the endpoints.
    """
    if pin is None or any(_kept(pin, trace) for trace in found):
        return
    known = _endpoints(world, state, injection)
    if known is None:
        raise UsageError(f"--pin {pin}: no rule leads there")
    if known:
        raise UsageError(
            f"--pin {pin}: no rule leads there; the packet can go to: {some_of(known)}"
        )
    tell(f"note: --pin {pin}: no rule chooses an endpoint for this packet, so it changes nothing")


def _kept(pin: str, trace: Trace) -> bool:
    """Whether the pin decided something, or the packet went there anyway."""
    outcome = trace.outcomes[0]
    chances = (step.chance for leg in outcome.legs for _, step in leg.steps())
    return outcome.destination == pin or any(c is not None and c.pinned for c in chances)


def _endpoints(world: World, state: State, injection: Injection) -> list[str] | None:
    """Where a Service's rules can lead the packet; None if that is too much to list."""
    try:
        found = outcomes(world, state, injection).outcomes
    except PlaceError:
        return None
    return [*dict.fromkeys(o.destination for o in found if o.dnat and o.destination is not None)]
