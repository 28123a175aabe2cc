"""IPVS: virtual servers inside the kernel, each with the real servers behind it.

These are values only. Their text is in `ipvs_text`, which real server a new connection gets in
`ipvs_schedulers`, what lasts in `ipvs_memory`, and what happens to a packet in `ipvs_hook`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tui.sim.model.address import Family, IPAddress, endpoint_text, family_of
from tui.sim.model.packet import Protocol
from tui.sim.model.value import value


class Forwarding(StrEnum):
    """How a packet gets to a real server, by ipvsadm's option."""

    MASQUERADING = "-m"
    """Its destination is rewritten, and the answer's source on its way back (NAT)."""
    DIRECT = "-g"
    """Only its MAC address changes; the real server holds the virtual address itself."""
    TUNNEL = "-i"
    """It travels inside another IP packet."""


@value
class RealServer:
    """One server behind a virtual one."""

    ip: IPAddress
    """Address."""
    port: int
    """Port."""
    weight: int = 1
    """Share of new connections; 0 takes no new ones."""
    forwarding: Forwarding = Forwarding.MASQUERADING
    """How packets get there."""

    @property
    def text(self) -> str:
        """`10.244.0.5:8080`."""
        return endpoint_text(self.ip, self.port)


Address = tuple[Protocol, IPAddress, int]
"""What a virtual server is found by: protocol, address, port."""


@dataclass(frozen=True, slots=True)
class VirtualServer:
    """An address and port that stand for real servers."""

    protocol: Protocol
    """Protocol."""
    ip: IPAddress
    """Address."""
    port: int
    """Port."""
    scheduler: str = "rr"
    """Who gets the next connection: `rr`, `lc`, `sh`, ..."""
    persistence: int = 0
    """Seconds for which a client sticks to its real server; 0 if it does not."""
    prefix: int | None = None
    """Clients with so many leading bits in common stick together; None means each by itself."""
    one_packet: bool = False
    """Every UDP packet is scheduled anew."""
    flags: tuple[str, ...] = ()
    """Flags of the scheduler: `mh-port`."""
    servers: tuple[RealServer, ...] = ()
    """Real servers in the order in which they were added."""
    owner: str | None = field(default=None, compare=False)
    """The Kubernetes object behind it: `Service shop/web`."""

    @property
    def address(self) -> Address:
        """What it is found by."""
        return (self.protocol, self.ip, self.port)

    @property
    def text(self) -> str:
        """`10.96.0.11:80`."""
        return endpoint_text(self.ip, self.port)

    @property
    def family(self) -> Family:
        """Family of its address."""
        return family_of(self.ip)
