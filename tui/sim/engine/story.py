"""A packet and everything that follows from it: lookups before, the answer after.

The request is walked first. Whoever gets it answers with an ordinary packet that takes its
own way back, through conntrack or astray; a refusal sends an ICMP error. What the client
feels follows from what reaches it.
"""

from __future__ import annotations

from tui.sim.engine.connect import REFUSED_AT_CONNECT, calls_a_service
from tui.sim.engine.scene import Scene
from tui.sim.engine.sockets import socket_reason
from tui.sim.engine.walk import TOO_BIG, UNTOLD, End, Walk
from tui.sim.model.address import IPAddress
from tui.sim.model.connection import ConnState
from tui.sim.model.packet import Icmp, Packet, Protocol
from tui.sim.model.value import value
from tui.sim.netfilter.conntrack import Direction, Tracked
from tui.sim.netfilter.hooks import Manip
from tui.sim.routing.network import FABRIC, Namespace
from tui.sim.trace import (
    Connection,
    Leg,
    Outcome,
    Reason,
    ReasonCode,
    Role,
    StepKind,
    Verdict,
)

_IP_HEADER = {4: 20, 6: 40}
_ICMP_HEADER = 8
_LARGEST_ERROR = {4: 576, 6: 1280}
"""Bytes that an ICMP error may have: as much is quoted as fits (RFC 1812, RFC 4443)."""
_TCP_HEADER = 20
_SYN_OPTIONS = 20
"""Bytes of options that Linux puts on SYN and SYN,ACK; a RST has none."""


@value
class Exchange:
    """A request, what came back, and what its sender made of it."""

    legs: tuple[Leg, ...]
    """The request and its answer."""
    end: End
    """Where the request ended."""
    connection: Connection
    """What the sender felt."""


def exchange(
    scene: Scene,
    namespace: str,
    packet: Packet,
    role: Role = Role.REQUEST,
    said: Reason | None = None,
    process: str = "",
) -> Exchange:
    """Send a packet from a namespace and follow what it brings about.

    `said` is what the receiver answers, where that is more than that it is there; `process`
    names the sender where that is more than its namespace.
    """

    def heard(space: Namespace, arrived: Packet) -> Reason:
        reason = socket_reason(scene.world, space, arrived)
        if reason.code is ReasonCode.SOCKET_LISTENS and said is not None and said.code in UNTOLD:
            return said
        return reason

    walk = Walk(scene, role, packet, heard)
    calls = calls_a_service(scene.world, scene.namespace(namespace), packet)
    code = ReasonCode.SOCKET_CALLED if calls else ReasonCode.SOCKET_SENT
    reason = Reason.of(code, process=process or namespace, destination=packet.to_text)
    leg = walk.run(namespace, reason)
    assert walk.end is not None
    called = packet.to_text if walk.sent is not packet else ""
    client = _Client(scene, namespace, walk.sent, said, called)
    back, connection = client.answered(walk.end, leg.end.reason)
    return Exchange((leg, *back), walk.end, connection)


def outcome_of(scene: Scene, before: tuple[Leg, ...], told: Exchange, sent: Packet) -> Outcome:
    """The outcome that an exchange amounts to."""
    end = told.end
    verdict = _VERDICTS[end.kind]
    delivered = verdict is Verdict.DELIVERED
    final = end.packet
    moved = (final.destination, final.dport) != (sent.destination, sent.dport)
    return Outcome(
        verdict=verdict,
        connection=told.connection,
        legs=(*before, *told.legs),
        destination=final.to_text if delivered else None,
        dnat=delivered and moved,
        snat=str(final.source) if delivered and final.source != sent.source else None,
        probability=scene.dice.probability,
        choices=tuple(scene.dice.branches),
    )


_VERDICTS = {
    StepKind.DELIVERED: Verdict.DELIVERED,
    StepKind.REJECTED: Verdict.REJECTED,
    StepKind.DROPPED: Verdict.DROPPED,
    StepKind.UNKNOWN: Verdict.UNKNOWN,
}


@value
class _Client:
    """The sender, waiting."""

    scene: Scene
    namespace: str
    packet: Packet
    said: Reason | None = None
    called: str = ""
    """What the process called, where a program connected its socket to somebody else."""

    def answered(self, end: End, reason: Reason) -> tuple[tuple[Leg, ...], Connection]:
        """What comes back after a request has ended, and what the client feels."""
        match end.kind:
            case StepKind.UNKNOWN:
                return (), Connection.UNKNOWN
            case StepKind.DROPPED:
                felt = _FELT_WHEN_DROPPED.get(reason.code, Connection.TIMEOUT)
                return (), felt
            case StepKind.REJECTED if end.message == REFUSED_AT_CONNECT:
                return (), Connection.REFUSED
            case StepKind.REJECTED:
                return self._refused_by(end)
        return self._heard_from(end, reason.code)

    # -------------------------------------------------- refusals

    def _refused_by(self, end: End) -> tuple[tuple[Leg, ...], Connection]:
        """A host refused the packet and tells its sender."""
        if end.message == "tcp-reset":
            reset = _reset(end.packet)
            leg, arrived = self._send(end.namespace, reset, Role.REPLY, tracked=_about(end))
            return (leg,), Connection.REFUSED if arrived else Connection.TIMEOUT
        error = self._error(end.namespace, end.packet, end.message)
        if error is None:
            return (), Connection.TIMEOUT
        leg, arrived = self._send(end.namespace, error, Role.ICMP, tracked=_about(end))
        return (leg,), self._felt_of(end.message) if arrived else Connection.TIMEOUT

    def _felt_of(self, message: str) -> Connection:
        """What an ICMP error means to the client.

        TCP sends again what was too big, in smaller packets; a datagram is gone.
        """
        if "unreachable" in message:
            return Connection.REFUSED
        smaller = message == TOO_BIG and self.packet.protocol is Protocol.TCP
        return Connection.ESTABLISHED if smaller else Connection.TIMEOUT

    def _error(self, namespace: str, about: Packet, message: str) -> Packet | None:
        """The ICMP error; its source is the address towards the sender (icmp_send)."""
        routing = self.scene.routing(namespace)
        if about.destination in {own.ip for own in self.scene.namespace(namespace).addresses}:
            source: IPAddress | None = about.destination
        else:
            source = routing.source_for(about.source)
        if source is None:
            return None
        quoted = Icmp(
            message, about.source, about.destination, about.protocol, about.sport, about.dport
        )
        size = _IP_HEADER[source.version] + _ICMP_HEADER + about.size
        size = min(size, _LARGEST_ERROR[source.version])
        return Packet(source, about.source, Protocol.ICMP, size=size, icmp=quoted)

    # -------------------------------------------------- answers

    def _heard_from(self, end: End, code: ReasonCode) -> tuple[tuple[Leg, ...], Connection]:
        """Somebody got the packet: does a socket listen, and does the answer come home?"""
        space = end.namespace
        if code is ReasonCode.SOCKET_UNKNOWN:
            return (), Connection.UNKNOWN
        if code is ReasonCode.WORLD_NOBODY:
            return (), Connection.TIMEOUT
        if code in (ReasonCode.SOCKET_LISTENS, ReasonCode.WORLD_REACHED):
            if space == FABRIC:
                return (), Connection.UNKNOWN
            leg, arrived = self._send(space, _answer(end.packet), Role.REPLY, self.said)
            return (leg,), Connection.ESTABLISHED if arrived else Connection.TIMEOUT
        return self._closed_port(end)

    def _closed_port(self, end: End) -> tuple[tuple[Leg, ...], Connection]:
        """Nobody listens: TCP answers with a reset, others with an ICMP error."""
        if end.packet.protocol is Protocol.TCP:
            leg, arrived = self._send(end.namespace, _reset(end.packet), Role.REPLY)
            return (leg,), Connection.REFUSED if arrived else Connection.TIMEOUT
        v6 = end.packet.destination.version == 6
        message = "icmp6-port-unreachable" if v6 else "icmp-port-unreachable"
        error = self._error(end.namespace, end.packet, message)
        if error is None:
            return (), Connection.TIMEOUT
        leg, arrived = self._send(end.namespace, error, Role.ICMP)
        return (leg,), Connection.REFUSED if arrived else Connection.TIMEOUT

    def _send(
        self, namespace: str, packet: Packet, role: Role, said: Reason | None = None,
        tracked: Tracked | None = None,
    ) -> tuple[Leg, bool]:  # fmt: skip
        """Walk an answer home; whether it reached the very socket that waits for it."""
        walk = Walk(self.scene, role, packet, self._at_home)
        plain = Reason.of(
            ReasonCode.SOCKET_ANSWERED, port=packet.sport, protocol=packet.protocol.value
        )
        kind = StepKind.RESOLVED if said is not None else StepKind.ORIGINATED
        leg = walk.run(namespace, said or plain, kind, tracked)
        good = (ReasonCode.REPLY_MATCHED, ReasonCode.REPLY_BEHIND, ReasonCode.ICMP_RECEIVED)
        return leg, leg.end.reason.code in good

    def _at_home(self, space: Namespace, packet: Packet) -> Reason:
        """What the client's kernel thinks of a packet that arrives."""
        if packet.icmp is not None:
            if space.name == self.namespace and self._about_us(packet.icmp):
                return Reason.of(ReasonCode.ICMP_RECEIVED, message=packet.icmp.message)
            return Reason.of(
                ReasonCode.REPLY_ASTRAY, source=packet.from_text, expected=self.packet.to_text
            )
        sent = self.packet
        wanted = (sent.destination, sent.dport, sent.source, sent.sport)
        found = (packet.source, packet.sport, packet.destination, packet.dport)
        if space.name == self.namespace and found == wanted:
            if self.called:
                return Reason.of(
                    ReasonCode.REPLY_BEHIND, source=packet.from_text, called=self.called
                )
            return Reason.of(ReasonCode.REPLY_MATCHED, source=packet.from_text)
        return Reason.of(ReasonCode.REPLY_ASTRAY, source=packet.from_text, expected=sent.to_text)

    def _about_us(self, icmp: Icmp) -> bool:
        sent = self.packet
        quoted = (icmp.source, icmp.sport, icmp.destination, icmp.dport)
        return quoted == (sent.source, sent.sport, sent.destination, sent.dport)


_FELT_WHEN_DROPPED = {
    ReasonCode.ROUTE_MISSING: Connection.REFUSED,
}
"""A missing route is told to the process at once: 'Network is unreachable'."""


def _about(end: End) -> Tracked | None:
    """The connection that a refusal carries: the refused packet's, seen from its other end.

    The kernel hands it over (nf_ct_attach), so a refusal is translated as an answer would be,
    even while the connection is not in the table.
    """
    refused = end.tracked
    if refused is None or refused.state is ConnState.INVALID:
        return None
    back = Direction.REPLY if refused.direction is Direction.ORIGINAL else Direction.ORIGINAL
    return Tracked(refused.entry, ConnState.RELATED, back, refused.confirmed, set(Manip))


def _reversed(packet: Packet, flags: str) -> Packet:
    return Packet(
        source=packet.destination,
        destination=packet.source,
        protocol=packet.protocol,
        sport=packet.dport,
        dport=packet.sport,
        flags=flags,
        size=packet.size if packet.protocol is not Protocol.TCP else _segment_size(packet, flags),
    )


def _segment_size(packet: Packet, flags: str) -> int:
    """The size of what TCP answers a packet with."""
    options = _SYN_OPTIONS if "SYN" in flags else 0
    return _IP_HEADER[packet.source.version] + _TCP_HEADER + options


def _answer(packet: Packet) -> Packet:
    return _reversed(packet, "SYN,ACK" if packet.protocol is Protocol.TCP else "")


def _reset(packet: Packet) -> Packet:
    return _reversed(packet, "RST,ACK")
