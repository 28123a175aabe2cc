"""IPVS at a hook: a packet to a virtual server gets its real one, an answer its old source.

Follows ip_vs_in_hook, ip_vs_out_hook and ip_vs_leave in net/netfilter/ipvs/ip_vs_core.c, and
ip_vs_nat_xmit in ip_vs_xmit.c, of Linux 6.1 with net.ipv4.vs.conntrack=1, as kube-proxy sets it:
conntrack then learns where the answer will come from (ip_vs_update_conntrack), but nothing in
it says DNAT, and conntrack does not translate the answer back. IPVS does that itself.
"""

from __future__ import annotations

from tui.sim.model.connection import ConntrackChange, ConntrackOp
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.value import replace
from tui.sim.netfilter.ipvs import Forwarding, VirtualServer
from tui.sim.netfilter.ipvs_memory import IpvsConnection
from tui.sim.netfilter.ipvs_schedulers import is_known
from tui.sim.netfilter.ipvs_table import Choice, How, IpvsTable
from tui.sim.netfilter.passage import ACCEPTED, NO_COST, Fate, Passage, Ruling
from tui.sim.trace import Chance, Cost, Reason, ReasonCode, RulePlace, StepKind

_REFUSAL = {4: "icmp-port-unreachable", 6: "icmp6-port-unreachable"}
_LOOKUP = Cost(lookups=1)
_LOOKUPS = Cost(lookups=2)


class IpvsHook:
    """IPVS looking at one packet at one hook."""

    def __init__(self, passage: Passage) -> None:
        assert passage.host.ipvs is not None, "IPVS hangs on the hooks of a host without it"
        self.passage = passage
        self.skb = passage.skb
        self.table: IpvsTable = passage.host.ipvs
        self.place = RulePlace(passage.hook)

    # -------------------------------------------------- requests

    def request(self) -> Ruling:
        """A packet from a client: find its connection, or schedule one (ip_vs_in_hook)."""
        packet = self.skb.packet
        if self.skb.scheduled is not None or packet.icmp is not None:
            return ACCEPTED
        known = self.table.request(packet)
        if known is not None and self.table.is_served(known):
            return self._continued(known)
        if known is not None and self._forgotten(known):
            reason = Reason.of(ReasonCode.IPVS_TOO_LATE, virtual=packet.to_text)
            return self._ends(Fate.DROPPED, reason)
        virtual = self.table.virtual(packet)
        if virtual is None or not _opens(packet):
            return ACCEPTED
        return self._scheduled(virtual)

    def _continued(self, known: IpvsConnection) -> Ruling:
        connection = self.table.refresh(known, self.skb.packet, reply=False)
        reason = Reason.of(
            ReasonCode.IPVS_KNOWN, virtual=self.skb.packet.to_text, real=_real(connection)
        )
        self._note(StepKind.SCHEDULED, reason, _LOOKUP)
        return self._sent_on(connection)

    def _forgotten(self, known: IpvsConnection) -> bool:
        """Forget a connection whose real server is gone (expire_nodest_conn).

        A packet that conntrack knows from before still means the old connection: True.
        """
        self.table.forget(known)
        tracked = self.skb.tracked
        if tracked is None or not tracked.confirmed:
            return False
        host = self.passage.host
        host.conntrack.drop(tracked.entry)
        change = ConntrackChange(host.name, ConntrackOp.DESTROYED, tracked.entry)
        reason = Reason.of(
            ReasonCode.IPVS_SERVER_GONE, virtual=self.skb.packet.to_text, real=_real(known)
        )
        self.passage.add(
            StepKind.SCHEDULED, reason, self.place, conntrack=(change,), cost=_LOOKUP,
            owner=self._owner,
        )  # fmt: skip
        return True

    def _scheduled(self, virtual: VirtualServer) -> Ruling:
        """A new connection (ip_vs_schedule); without a real server it is refused (ip_vs_leave)."""
        if not is_known(virtual.scheduler):
            return self._unknown(f"scheduler {virtual.scheduler}")
        found = self.table.schedule(virtual, self.skb.packet, self.passage.dice)
        if found is None:
            reason = Reason.of(ReasonCode.IPVS_REFUSED, virtual=virtual.text)
            return self._ends(Fate.REJECTED, reason, _REFUSAL[virtual.ip.version])
        connection, choice = found
        if choice.real.forwarding is not Forwarding.MASQUERADING:
            return self._unknown(f"forwarding method {choice.real.forwarding}")
        chance = None
        if choice.how is How.DRAWN:
            chance = Chance(1 / choice.ways, choice.way, choice.ways, choice.pinned)
        self._note(StepKind.SCHEDULED, _choice_reason(virtual, choice), _LOOKUPS, chance)
        return self._sent_on(connection)

    def _sent_on(self, connection: IpvsConnection) -> Ruling:
        """Towards the real server (ip_vs_nat_xmit).

        If that is on this host, the packet goes on where it is; else IPVS sends it itself. What
        comes from a loopback address must not leave (crosses_local_route_boundary).
        """
        real, packet = connection.served, self.skb.packet
        if self.passage.host.is_local(real.destination):
            self.skb.scheduled = connection
            translate(self.passage, packet.ttl)
            return ACCEPTED
        if packet.source.is_loopback:
            reason = Reason.of(
                ReasonCode.IPVS_LOOPBACK, address=packet.source, real=_real(connection)
            )
            return self._ends(Fate.DROPPED, reason)
        self.skb.scheduled = connection
        return Ruling(Fate.TAKEN)

    # -------------------------------------------------- answers

    def reply(self) -> Ruling:
        """An answer of a real server, or an error about it: it gets the virtual server's address.

        An error is rewritten outside and in the packet that it quotes (ip_vs_nat_icmp).
        """
        before = self.skb.packet
        found = self.table.reply(before) if self.skb.scheduled is None else None
        if found is None:
            return ACCEPTED
        if before.icmp is None:
            found = self.table.refresh(found, before, reply=True)
        self.skb.scheduled = found
        self.skb.packet = _answered(before, found)
        reason = Reason.of(
            ReasonCode.IPVS_UNDONE, old=before.from_text, new=self.skb.packet.from_text
        )
        self._note(StepKind.TRANSLATED, reason, _LOOKUP)
        return ACCEPTED

    # -------------------------------------------------- trace

    @property
    def _owner(self) -> str | None:
        return self.passage.host.owner_of(self.skb)

    def _note(
        self, kind: StepKind, reason: Reason, cost: Cost = NO_COST, chance: Chance | None = None
    ) -> None:
        self.passage.add(kind, reason, self.place, chance=chance, cost=cost, owner=self._owner)

    def _ends(self, fate: Fate, reason: Reason, message: str = "") -> Ruling:
        return Ruling(fate, reason, message, self.place, self._owner)

    def _unknown(self, what: str) -> Ruling:
        return self._ends(Fate.UNKNOWN, Reason.of(ReasonCode.IPVS_UNKNOWN, what=what))


def translate(passage: Passage, ttl: int) -> None:
    """Rewrite the destination to the real server's; conntrack learns of a new connection."""
    skb, connection = passage.skb, passage.skb.scheduled
    assert connection is not None, "only a scheduled packet has a real server"
    before, real = skb.packet, connection.served
    skb.packet = replace(before, destination=real.destination, dport=real.dport, ttl=ttl)
    tracked = skb.tracked
    if tracked is not None and not tracked.confirmed:
        entry = tracked.entry
        answer = replace(entry.reply, source=real.destination, sport=real.dport)
        tracked.entry = replace(entry, reply=answer)
    reason = Reason.of(ReasonCode.IPVS_TRANSLATED, old=before.to_text, new=skb.packet.to_text)
    owner = passage.host.owner_of(skb)
    passage.add(StepKind.TRANSLATED, reason, RulePlace(passage.hook), owner=owner)


def _opens(packet: Packet) -> bool:
    """Whether a packet may begin a connection: of TCP only a SYN may (tcp_conn_schedule)."""
    return packet.protocol is not Protocol.TCP or "SYN" in packet.flags


def _real(connection: IpvsConnection) -> str:
    return str(connection.served).partition(" -> ")[2]


def _choice_reason(virtual: VirtualServer, choice: Choice) -> Reason:
    return Reason.of(
        ReasonCode.IPVS_SCHEDULED,
        virtual=virtual.text,
        scheduler=virtual.scheduler,
        real=choice.real.text,
        servers=len(virtual.servers),
        how=choice.how,
    )


def _answered(packet: Packet, connection: IpvsConnection) -> Packet:
    asked = connection.asked
    if packet.icmp is None:
        return replace(packet, source=asked.destination, sport=asked.dport)
    quoted = replace(packet.icmp, destination=asked.destination, dport=asked.dport)
    return replace(packet, source=asked.destination, icmp=quoted)
