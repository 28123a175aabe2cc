"""Send one packet through the world; list all that can become of it.

`send` and `outcomes` are functions of their arguments: the same world, state, injection and
choices give the same trace.
"""

from tui.sim.engine.injection import Choices, Injection, PlaceError
from tui.sim.engine.send import outcomes, send
from tui.sim.engine.state import State
from tui.sim.engine.world import BUILT_MODES, NotBuiltError, World

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
