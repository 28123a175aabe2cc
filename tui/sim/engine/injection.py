"""What a learner asks for: a packet between two places, and how chance shall fall."""

from __future__ import annotations

from tui.sim.model.address import Family
from tui.sim.model.packet import Protocol
from tui.sim.model.shown import printable
from tui.sim.model.value import value


class PlaceError(ValueError):
    """A place that is not there, or that a packet cannot be sent from or to.

    Its text is one sentence that names the place and what was expected, on one line.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(printable(problem))


@value
class Injection:
    """A packet to send."""

    source: str
    """A place: `pod/NS/NAME[/CONTAINER]`, `node/NAME`, `external/IP` or an address."""
    destination: str
    """A place as above, `svc/NS/NAME:PORT`, a DNS name, or `IP:PORT`."""
    protocol: Protocol = Protocol.TCP
    """Layer-4 protocol."""
    dport: int | None = None
    """Destination port, where the destination names none."""
    sport: int | None = None
    """Source port; chosen from the ephemeral range if None."""
    size: int = 60
    """Length of the IP packet in bytes."""
    node: str | None = None
    """Where something from outside enters the cluster; the first node if None."""
    family: Family | None = None
    """The IP family to use where both ends have two."""


@value
class Choices:
    """How chance falls."""

    pin: str | None = None
    """Endpoint (`ip:port`) that chance must take wherever it can."""
    seed: int = 0
    """Decides what no pin decides; the same seed gives the same trace."""
    branches: tuple[int, ...] = ()
    """Branches to take first, in order, before pin and seed count."""
