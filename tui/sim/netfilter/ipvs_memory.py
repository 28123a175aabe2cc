"""What IPVS of one host remembers between packets: connections, persistence, whose turn it is.

IPVS keeps connections of its own beside conntrack's: conntrack sees the client call the virtual
address, IPVS knows which real server that means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from tui.sim.model.address import IPNetwork
from tui.sim.model.connection import ConnTuple
from tui.sim.model.value import replace, value

if TYPE_CHECKING:
    from tui.sim.netfilter.ipvs import Address


@value
class IpvsConnection:
    """One line of `ipvsadm -Lnc`."""

    asked: ConnTuple
    """From the client to the virtual server, as the client's packets come."""
    served: ConnTuple
    """From the client to the real server, as they go on."""
    state: str
    """`SYN_RECV`, `ESTABLISHED`, `UDP`, ..."""
    expires: float
    """Time, in seconds of the simulation's clock, at which it is forgotten."""

    @property
    def active(self) -> bool:
        """Whether a scheduler counts it as active; only TCP connections ever are."""
        return self.state in ("SYN_RECV", "ESTABLISHED")


@value
class Template:
    """A client that sticks to a real server, as session affinity wants it."""

    virtual: Address
    """The virtual server."""
    clients: IPNetwork
    """The client, or all that stick together."""
    real: str
    """The real server, as `ip:port`."""
    expires: float
    """Time at which it is forgotten."""


@value
class Turn:
    """The place in a round robin that was served last."""

    place: int
    """Index in the round."""
    real: str
    """The real server there, as `ip:port`; if another stands there, the place is unknown."""


@value
class IpvsMemory:
    """What IPVS of one host remembers between packets."""

    connections: tuple[IpvsConnection, ...] = ()
    """Connections, oldest first."""
    templates: tuple[Template, ...] = ()
    """Clients that stick to a real server."""
    turns: Mapping[Address, Turn] = field(default_factory=dict)
    """Whose turn it was last, by virtual server."""

    def at(self, now: float) -> IpvsMemory:
        """The same at a later time, without what has timed out."""
        return replace(
            self,
            connections=tuple(c for c in self.connections if c.expires > now),
            templates=tuple(t for t in self.templates if t.expires > now),
        )
