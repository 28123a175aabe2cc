"""The rows of the map's swim lanes, from the pods down to the world."""

from __future__ import annotations

from tui.sim.model.value import value


@value
class Rows:
    """The rows of one swim lane each."""

    names: int
    """The first row of pods without a box, where there are any."""
    pods: int
    flat: bool
    """Pods are names on one row, not boxes."""
    cable: int
    bridge: int
    stack: int
    devices: int
    bottom: int
    tunnel: int
    fabric: int
    outside: int


def rows_of(
    height: int, *, tunnels: bool, outside: bool, names: int = 0, flat: bool = False
) -> Rows:
    """Roomy where the pane is high enough, else without the gaps.

    Where that is still too high, the devices stand on the node's border, which they lead through.
    """
    height -= names
    gap = 1 if height >= 15 else 0
    pods, cable = 1, 2 if flat else 4
    bridge = cable + 1
    stack = bridge + 1 + gap
    devices = stack + 1 + gap
    between = 1 + tunnels + outside
    bottom = devices + 1 if devices + 1 + between < height else devices
    tunnel = bottom + 1 if tunnels else bottom
    fabric = tunnel + 1
    below = (cable, bridge, stack, devices, bottom, tunnel, fabric, fabric + 1)
    return Rows(1, pods + names, flat, *(row + names for row in below))
