"""What a reader of a plugin's settings gives back."""

from __future__ import annotations

from tui.sim.cni import Plugin
from tui.sim.model.value import value


@value
class LoadedPlugin:
    """A plugin with its settings, and what in their file is none."""

    plugin: Plugin
    """The plugin, ready to be given to a world."""
    notes: tuple[str, ...] = ()
    """English sentences: settings that are not simulated, or unknown."""
