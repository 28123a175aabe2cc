"""Send one packet through the world; list all that can become of it.

`send` and `outcomes` are functions of their arguments: the same world, state, injection and
choices give the same trace.
"""

from typing import TYPE_CHECKING, Any

from tui.sim.engine.injection import Choices, Injection, PlaceError
from tui.sim.engine.state import State
from tui.sim.engine.world import BUILT_MODES, NotBuiltError, World

if TYPE_CHECKING:
    from tui.sim.engine.run import outcomes, send

__all__ = [
    "BUILT_MODES",
    "Choices",
    "Injection",
    "NotBuiltError",
    "PlaceError",
    "State",
    "World",
    "outcomes",
    "send",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute is anything
    """The walking part loads with the first packet: a cluster is shown before one is sent."""
    if name in ("outcomes", "send"):
        from tui.sim.engine import run

        found = getattr(run, name)
        globals()[name] = found
        return found
    raise AttributeError(f"module {__name__} has no attribute {name}")
