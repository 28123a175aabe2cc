"""A packet as one device sees it: addresses, ports, mark, and what it carries inside a tunnel."""

from __future__ import annotations

from enum import StrEnum

from tui.sim.model.address import Family, IPAddress, endpoint_text, family_of
from tui.sim.model.value import value


class Protocol(StrEnum):
    """A layer-4 protocol, spelt as a Service's `protocol` field spells it."""

    TCP = "TCP"
    UDP = "UDP"
    SCTP = "SCTP"
    ICMP = "ICMP"
    IPIP = "IPIP"
    """Protocol 4: an IPv4 packet in another one."""

    @property
    def lower(self) -> str:  # type: ignore[override]
        """The spelling of iptables: `tcp`, and `ipencap` for protocol 4."""
        return "ipencap" if self is Protocol.IPIP else str.lower(self)

    @property
    def has_ports(self) -> bool:
        """Whether packets of this protocol carry port numbers."""
        return self not in (Protocol.ICMP, Protocol.IPIP)


SENDABLE = (Protocol.TCP, Protocol.UDP, Protocol.SCTP, Protocol.ICMP)
"""What a process sends; the others are made by tunnels."""


def protocol_named(text: str) -> Protocol:
    """A protocol by the name that iptables or Kubernetes gives it. Raises ValueError."""
    for protocol in Protocol:
        if text.lower() in (protocol.lower, protocol.value.lower()):
            return protocol
    raise ValueError(f"unknown protocol {text}")


@value
class Ethernet:
    """The link-layer header of one wire."""

    source: str
    """MAC address of the sender on this wire."""
    destination: str
    """MAC address of the receiver on this wire."""


@value
class Tunnel:
    """What a packet that carries another one says about the tunnel."""

    kind: str
    """`vxlan`, `geneve` or `ipip`."""
    identifier: int
    """Network identifier; 0 in IPIP, which has none."""
    overhead: int
    """Bytes that the tunnel adds to the IP packet inside."""


@value
class Icmp:
    """An ICMP error and the packet it complains about."""

    message: str
    """As iptables spells it: `icmp-port-unreachable`."""
    source: IPAddress
    """Source of the packet that was refused."""
    destination: IPAddress
    """Destination of the packet that was refused."""
    protocol: Protocol
    """Its protocol."""
    sport: int
    """Its source port."""
    dport: int
    """Its destination port."""


@value
class Packet:
    """One IP packet at one place of its way."""

    source: IPAddress
    """Source address."""
    destination: IPAddress
    """Destination address."""
    protocol: Protocol
    """Layer-4 protocol."""
    sport: int = 0
    """Source port; 0 where the protocol has none."""
    dport: int = 0
    """Destination port; 0 where the protocol has none."""
    flags: str = ""
    """TCP flags, `SYN` or `SYN,ACK` or `RST,ACK`; empty otherwise."""
    ttl: int = 64
    """Time to live."""
    size: int = 60
    """Length of the IP packet in bytes, its own header included."""
    mark: int = 0
    """The kernel's fwmark. It lives beside the packet in one namespace, never on a wire."""
    ethernet: Ethernet | None = None
    """The frame's header on the last wire; None before the first."""
    icmp: Icmp | None = None
    """The error that an ICMP packet carries."""
    tunnel: Tunnel | None = None
    """Set on the outer packet of a tunnel."""
    inner: Packet | None = None
    """The packet carried inside; set together with `tunnel`."""

    @property
    def family(self) -> Family:
        """The packet's IP family."""
        return family_of(self.destination)

    @property
    def from_text(self) -> str:
        """Source as `10.1.1.1:41532`."""
        return _end(self.source, self.sport, self.protocol)

    @property
    def to_text(self) -> str:
        """Destination as `10.1.1.1:80`."""
        return _end(self.destination, self.dport, self.protocol)

    @property
    def innermost(self) -> Packet:
        """The packet that the application sent, whatever it travels in."""
        packet = self
        while packet.inner is not None:
            packet = packet.inner
        return packet


def _end(ip: IPAddress, port: int, protocol: Protocol) -> str:
    return endpoint_text(ip, port) if protocol.has_ports else str(ip)
