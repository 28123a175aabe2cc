"""IPVS of one host while packets pass: it looks up connections, and schedules new ones.

The table is the working copy of one `send`; what lasts is the `IpvsMemory` that `frozen()` gives
back.

A round robin that nobody has seen turn stands anywhere: a node has other traffic than ours. So on
a fresh state the real server of a new connection is left to chance, one place of the round as
likely as the next, and all outcomes list each real server with its share. Once a packet of ours
has been scheduled, the place is known, and the next connection gets the next in turn, whatever
the dice say. Schedulers that count connections count those that are simulated, no others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import partial

from tui.sim.model.address import IPNetwork, network
from tui.sim.model.connection import ConnTuple
from tui.sim.model.packet import Icmp, Packet, Protocol
from tui.sim.model.value import replace, value
from tui.sim.netfilter.dice import Dice
from tui.sim.netfilter.ipvs import Address, RealServer, VirtualServer
from tui.sim.netfilter.ipvs_memory import IpvsConnection, IpvsMemory, Template, Turn
from tui.sim.netfilter.ipvs_schedulers import ROUND_ROBINS, Load, pick, round_of

TCP_TIMEOUTS = {"SYN_RECV": 60.0, "ESTABLISHED": 900.0, "CLOSE": 10.0}
"""Seconds that a TCP connection of each state lives without traffic (ip_vs_proto_tcp.c)."""

_TIMEOUTS = {Protocol.UDP: 300.0, Protocol.SCTP: 60.0}


class How(StrEnum):
    """How a real server was found."""

    DRAWN = "drawn"
    """By chance: the round robin stands anywhere."""
    TURN = "turn"
    """It is the next in turn."""
    PICKED = "picked"
    """By a hash, or because it has the fewest connections."""
    STUCK = "stuck"
    """The client sticks to it."""


@value
class Choice:
    """A real server for a new connection."""

    real: RealServer
    """The real server."""
    how: How
    """How it was found."""
    ways: int = 1
    """How many places of the round chance could choose from."""
    way: int = 0
    """Which one it chose."""
    pinned: bool = False
    """The learner's pin chose."""


class IpvsTable:
    """The virtual servers of one host, and the connections through them."""

    def __init__(
        self, servers: Mapping[Address, VirtualServer], memory: IpvsMemory, now: float = 0.0
    ) -> None:
        self.servers = servers
        self.now = now
        kept = memory.at(now)
        self._asked = {each.asked: each for each in kept.connections}
        self._served = {each.served.reversed: each.asked for each in kept.connections}
        self._templates = {(each.virtual, each.clients): each for each in kept.templates}
        self._turns = dict(kept.turns)

    def frozen(self) -> IpvsMemory:
        """What is remembered from here on."""
        return IpvsMemory(
            tuple(self._asked.values()), tuple(self._templates.values()), dict(self._turns)
        )

    # -------------------------------------------------- looking up

    def virtual(self, packet: Packet) -> VirtualServer | None:
        """The virtual server that a packet is addressed to."""
        return self.servers.get((packet.protocol, packet.destination, packet.dport))

    def request(self, packet: Packet) -> IpvsConnection | None:
        """The connection that a packet from a client belongs to."""
        return self._asked.get(ConnTuple.of(packet))

    def reply(self, packet: Packet) -> IpvsConnection | None:
        """The connection that an answer of a real server, or an error about it, belongs to."""
        key = ConnTuple.of(packet) if packet.icmp is None else _quoted(packet.icmp).reversed
        asked = self._served.get(key)
        return self._asked[asked] if asked is not None else None

    def is_served(self, connection: IpvsConnection) -> bool:
        """Whether the connection's real server is still there."""
        asked, served = connection.asked, connection.served
        virtual = self.servers.get((asked.protocol, asked.destination, asked.dport))
        place = (served.destination, served.dport)
        return virtual is not None and place in {(r.ip, r.port) for r in virtual.servers}

    # -------------------------------------------------- new connections

    def schedule(
        self, virtual: VirtualServer, packet: Packet, dice: Dice
    ) -> tuple[IpvsConnection, Choice] | None:
        """Give a new connection its real server; None if there is none (ip_vs_schedule).

        Raises KeyError for a scheduler that is not known here.
        """
        choice = self._stuck(virtual, packet) or self._choose(virtual, packet, dice)
        if choice is None:
            return None
        if virtual.persistence:
            self._stick(virtual, packet, choice.real)
        asked = ConnTuple.of(packet)
        served = replace(asked, destination=choice.real.ip, dport=choice.real.port)
        state = _STATES.get(packet.protocol, "SYN_RECV")
        made = IpvsConnection(asked, served, state, self.now + _timeout(packet.protocol, state))
        if not (virtual.one_packet and packet.protocol is Protocol.UDP):
            self._put(made)
        return made, choice

    def _choose(self, virtual: VirtualServer, packet: Packet, dice: Dice) -> Choice | None:
        if virtual.scheduler in ROUND_ROBINS:
            return self._turn(virtual, dice)
        real = pick(virtual, packet, partial(self._load, virtual))
        return Choice(real, How.PICKED) if real is not None else None

    def _turn(self, virtual: VirtualServer, dice: Dice) -> Choice | None:
        servers = round_of(virtual)
        if not servers:
            return None
        last = self._turns.get(virtual.address)
        if last is not None and last.place < len(servers) and servers[last.place].text == last.real:
            place = (last.place + 1) % len(servers)
            choice = Choice(servers[place], How.TURN)
        else:
            place, choice = _drawn(servers, dice)
        self._turns[virtual.address] = Turn(place, choice.real.text)
        return choice

    def _load(self, virtual: VirtualServer, real: RealServer) -> Load:
        ours = [
            each.active
            for each in self._asked.values()
            if (each.asked.protocol, each.asked.destination, each.asked.dport) == virtual.address
            and (each.served.destination, each.served.dport) == (real.ip, real.port)
        ]
        return Load(sum(ours), len(ours) - sum(ours))

    # -------------------------------------------------- persistence

    def _stuck(self, virtual: VirtualServer, packet: Packet) -> Choice | None:
        """The real server that the client had last, if it still takes connections.

        kube-proxy sets expire_quiescent_template, so a server of weight 0 frees its clients.
        """
        held = self._templates.get((virtual.address, _clients(virtual, packet)))
        if not virtual.persistence or held is None:
            return None
        found = (r for r in virtual.servers if r.text == held.real and r.weight > 0)
        real = next(found, None)
        return Choice(real, How.STUCK) if real is not None else None

    def _stick(self, virtual: VirtualServer, packet: Packet, real: RealServer) -> None:
        """Each new connection lets the client stick for the whole time again."""
        clients = _clients(virtual, packet)
        expires = self.now + virtual.persistence
        self._templates[virtual.address, clients] = Template(
            virtual.address, clients, real.text, expires
        )

    # -------------------------------------------------- known connections

    def refresh(self, connection: IpvsConnection, packet: Packet, reply: bool) -> IpvsConnection:
        """Let a packet of a connection move its state on."""
        state = _moved(connection.state, packet, reply)
        expires = self.now + _timeout(packet.protocol, state)
        updated = replace(connection, state=state, expires=expires)
        self._put(updated)
        return updated

    def forget(self, connection: IpvsConnection) -> None:
        """Drop a connection whose real server is gone (expire_nodest_conn)."""
        self._asked.pop(connection.asked, None)
        self._served.pop(connection.served.reversed, None)

    def _put(self, connection: IpvsConnection) -> None:
        self._asked[connection.asked] = connection
        self._served[connection.served.reversed] = connection.asked


_STATES = {Protocol.UDP: "UDP", Protocol.SCTP: "INIT1"}


def _timeout(protocol: Protocol, state: str) -> float:
    return TCP_TIMEOUTS[state] if protocol is Protocol.TCP else _TIMEOUTS.get(protocol, 300.0)


def _moved(state: str, packet: Packet, reply: bool) -> str:
    """The TCP state after a packet (the part of tcp_states_dos that lessons show)."""
    if packet.protocol is not Protocol.TCP:
        return state
    if "RST" in packet.flags:
        return "CLOSE"
    if not reply and packet.flags == "SYN":
        return "SYN_RECV" if state == "CLOSE" else state
    if not reply and state == "SYN_RECV" and "ACK" in packet.flags:
        return "ESTABLISHED"
    return state


def _drawn(servers: Sequence[RealServer], dice: Dice) -> tuple[int, Choice]:
    """A place of the round by chance; where there is but one, nothing is drawn."""
    if len(servers) == 1:
        return 0, Choice(servers[0], How.TURN)
    place, pinned = dice.draw([partial(_one, real.text) for real in servers])
    return place, Choice(servers[place], How.DRAWN, len(servers), place, pinned)


def _one(text: str) -> tuple[str]:
    return (text,)


def _clients(virtual: VirtualServer, packet: Packet) -> IPNetwork:
    bits = virtual.prefix if virtual.prefix is not None else packet.source.max_prefixlen
    return network(f"{packet.source}/{bits}")


def _quoted(icmp: Icmp) -> ConnTuple:
    return ConnTuple(icmp.source, icmp.destination, icmp.protocol, icmp.sport, icmp.dport)
